/** Hand-assembled programs for the emulated chip, and registers poked from a test while the CPU spins. */
import { Rp2040, type Rp2040Options } from '../../../simulator/rp2040/rp2040.js';

export const SPIN = 0xe7fe;
export const FLASH = 0x10000000;
export const SRAM = 0x20000000;
/** Where `call` comes back to. */
const RETURN_AT = 0x20030000;
const STACK = 0x20020000;

/** An image in flash: vectors, then `code` at FLASH + 0xc0. */
export function image(code: readonly number[], vectors: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = new Uint8Array(0xc0 + 2 * code.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, STACK, true);
  view.setUint32(4, FLASH + 0xc1, true);
  for (const [number, address] of Object.entries(vectors)) view.setUint32(4 * Number(number), address | 1, true);
  code.forEach((halfword, i) => {
    view.setUint16(0xc0 + 2 * i, halfword, true);
  });
  return bytes;
}

/** Code for `image` that writes words to addresses, one after the other, and then sleeps for good. */
export function pokes(writes: readonly (readonly [address: number, value: number])[]): number[] {
  const code: number[] = [];
  for (const [address, value] of writes) {
    // ldr r0, [pc, #4]; ldr r1, [pc, #8]; str r1, [r0]; b over the two words
    code.push(0x4801, 0x4902, 0x6001, 0xe003);
    code.push(address & 0xffff, address >>> 16, value & 0xffff, value >>> 16);
  }
  return [...code, 0xbf30, 0xe7fd];
}

/** Takes every peripheral out of reset. */
export const RELEASE_ALL = [0x4000c000, 0] as const;

/** A chip that has started `code`. */
export function started(code: readonly number[], options?: Rp2040Options, vectors?: Record<number, number>): Rp2040 {
  const chip = new Rp2040(options);
  chip.loadBinary(image(code, vectors));
  chip.powerOn();
  return chip;
}

/** A chip whose CPU does nothing, for tests that poke registers themselves. */
export function spinning(options?: Rp2040Options): Rp2040 {
  const chip = started([SPIN], options);
  chip.bus.write32(...RELEASE_ALL);
  return chip;
}

export function run(chip: Rp2040, us: number): void {
  chip.runUntilUs(chip.nowUs + us);
}

/** Puts halfwords into RAM. */
export function putCode(chip: Rp2040, address: number, code: readonly number[]): void {
  code.forEach((halfword, i) => {
    chip.bus.write16(address + 2 * i, halfword);
  });
}

/** Calls a function with r0 to r3; answers r0. */
export function call(chip: Rp2040, address: number, ...registers: number[]): number {
  const { cpu } = chip;
  registers.forEach((value, i) => {
    cpu.r[i] = value;
  });
  putCode(chip, RETURN_AT, [SPIN]);
  cpu.r[13] = STACK;
  cpu.r[14] = RETURN_AT | 1;
  cpu.r[15] = address & ~1;
  let hasReturned = false;
  chip.onAddress(RETURN_AT, () => {
    hasReturned = true;
    chip.stop();
  });
  run(chip, 10_000_000);
  if (!hasReturned) throw new Error('the function did not return');
  return cpu.r[0];
}

/** A function or table of the boot ROM, found as the SDK finds it; 0: there is none. */
export function romEntry(chip: Rp2040, table: 'function' | 'data', code: string): number {
  const { bus } = chip;
  const start = bus.read16(table === 'function' ? 0x14 : 0x16);
  return call(chip, bus.read16(0x18), start, code.charCodeAt(0) | (code.charCodeAt(1) << 8));
}
