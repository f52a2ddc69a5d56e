/**
 * Text as UTF-8 bytes (RFC 3629), made once at start: reading a string's characters allocates on XS, its bytes do not.
 */

/** UTF-8 of the text; an unpaired surrogate becomes U+FFFD. */
export function createText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    let c = text.codePointAt(i) as number;
    if (c > 0xffff) i++;
    if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
    if (c < 0x80) bytes.push(c);
    else if (c < 0x800) bytes.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) bytes.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    else bytes.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(bytes);
}

/** Texts as UTF-8 in one buffer: an array of its own costs each of them 100 bytes on XS. */
export class TextTable {
  readonly bytes: Uint8Array;
  /** Where each text ends; where the one before it ends it begins. */
  readonly ends: Uint16Array;

  /** @offStep once at start. */
  constructor(texts: readonly string[]) {
    this.bytes = createText(texts.join(''));
    this.ends = new Uint16Array(texts.length);
    let end = 0;
    for (let i = 0; i < texts.length; i++) {
      end += createText(texts[i]).length;
      this.ends[i] = end;
    }
  }

  /** Where text i begins. */
  startOf(i: number): number {
    return i === 0 ? 0 : this.ends[i - 1];
  }

  /** Bytes of text i. */
  lengthOf(i: number): number {
    return this.ends[i] - this.startOf(i);
  }
}
