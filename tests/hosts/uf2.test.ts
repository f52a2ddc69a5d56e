/** UF2 files against the published format (github.com/microsoft/uf2), read by a parser of this test's own. */
import test from 'ava';
import { encodeUf2, FAMILY_RP2040, pagesOfElf } from '../../hosts/moddable/uf2.js';

/** An ELF32 file with these segments: address, bytes. */
function elfOf(segments: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const headBytes = 52 + 32 * segments.length;
  const elf = new Uint8Array(headBytes + segments.reduce((sum, [, bytes]) => sum + bytes.length, 0));
  const view = new DataView(elf.buffer);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 1, 1]);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, segments.length, true);
  let offset = headBytes;
  segments.forEach(([address, bytes], i) => {
    const at = 52 + 32 * i;
    [1, offset, address + 0x10000000, address, bytes.length].forEach((word, k) => {
      view.setUint32(at + 4 * k, word, true);
    });
    elf.set(bytes, offset);
    offset += bytes.length;
  });
  return elf;
}

test('every byte of an ELF segment is at its physical address in the UF2 file, gaps of a page are 0', (t) => {
  const first = Uint8Array.from({ length: 300 }, (_, i) => (i * 7 + 1) & 255);
  const elf = elfOf([
    [0x10000000, first],
    [0x100001f0, Uint8Array.of(0xaa)],
    [0x20000000, new Uint8Array(0)],
  ]);
  const uf2 = encodeUf2(pagesOfElf(elf), FAMILY_RP2040);
  t.is(uf2.length, 2 * 512);
  const view = new DataView(uf2.buffer);
  const memory = new Uint8Array(512);
  for (let at = 0; at < uf2.length; at += 512) {
    const words = Array.from({ length: 8 }, (_, i) => view.getUint32(at + 4 * i, true));
    t.deepEqual(words.slice(0, 3), [0x0a324655, 0x9e5d5157, 0x2000]);
    t.deepEqual(words.slice(4), [256, at / 512, 2, 0xe48bff56]);
    t.is(view.getUint32(at + 508, true), 0x0ab16f30);
    memory.set(uf2.subarray(at + 32, at + 288), words[3] - 0x10000000);
  }
  const expected = new Uint8Array(512);
  expected.set(first);
  expected[0x1f0] = 0xaa;
  t.deepEqual(memory, expected);
});

test('a file that is no 32-bit little-endian ELF is refused', (t) => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(100), Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1)])
    t.throws(() => pagesOfElf(bytes), { message: 'not a 32-bit little-endian ELF file' });
});
