/** Variable-length integers (LEB128) of packed evidence. */

/** Reads them one after the other; throws behind the end. */
export function varints(bytes: Uint8Array): { next(): number; isAtEnd(): boolean } {
  let at = 0;
  return {
    next() {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        if (at >= bytes.length || factor > 2 ** 28) throw new Error('evidence: the points are cut short');
        const byte = bytes[at++];
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    },
    isAtEnd: () => at === bytes.length,
  };
}
