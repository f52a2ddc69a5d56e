/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999):
 * a packet without zero bytes, so that 0x00 can end it on a serial line.
 */

/** Bytes that `length` bytes take at most when encoded, without the final 0x00. */
export function cobsBytesMax(length: number): number {
  return length + Math.floor(length / 254) + 1;
}

/** Encodes from[0] to from[length - 1] into into[at] onwards; the number of bytes written, the 0x00 left out. */
export function cobsEncode(from: Uint8Array, length: number, into: Uint8Array, at: number): number {
  let codeAt = at;
  let next = at + 1;
  let code = 1;
  for (let i = 0; i < length; i++) {
    const byte = from[i];
    if (byte !== 0) {
      into[next++] = byte;
      code++;
    }
    if (byte === 0 || (code === 255 && i + 1 < length)) {
      into[codeAt] = code;
      codeAt = next++;
      code = 1;
    }
  }
  into[codeAt] = code;
  return next - at;
}

/** Decodes from[start] to from[end - 1] (the 0x00 left out) into into[0] onwards; bytes, -1 if malformed. */
export function cobsDecode(from: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let written = 0;
  let i = start;
  if (i >= end) return -1;
  while (i < end) {
    const code = from[i++];
    if (code === 0 || i + code - 1 > end || written + code > into.length + 1) return -1;
    for (let j = 1; j < code; j++) {
      if (from[i] === 0) return -1;
      into[written++] = from[i++];
    }
    if (code < 255 && i < end) {
      if (written >= into.length) return -1;
      into[written++] = 0;
    }
  }
  return written;
}
