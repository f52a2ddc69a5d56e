/**
 * The boot ROM's floating point functions (RP2040 datasheet 2.8.3.2): single precision (table 'SF') and double ('SD').
 *
 * Computed by JavaScript, charged what the datasheet's tables state as the average of ROM V2/V3. Like the ROM's they read
 * denormals as zero and NaN as infinity, and give neither: what IEEE 754 calls invalid is an infinity; conversions to
 * integers round towards minus infinity and clamp. The transcendental ones differ from the ROM's in the last bits.
 */
import type { CortexM0 } from './cortex-m0.js';

export interface RomFunction {
  /** Bytes from the table's start. */
  readonly offset: number;
  readonly cycles: number;
  run(cpu: CortexM0): void;
}

/** What a format needs: where arguments and results lie, and what the ROM makes of the odd values. */
interface Format {
  get(cpu: CortexM0, argument: number): number;
  put(cpu: CortexM0, value: number): void;
  /** The register of an integer argument that follows a value (the places of a fixed point number). */
  readonly words: 1 | 2;
}

const scratch = new DataView(new ArrayBuffer(8));

/** NaN and infinity are one to the ROM, denormals are zero; the sign stays. */
function orInfinity(value: number, isNegative: boolean): number {
  if (!Number.isNaN(value)) return value;
  return isNegative ? -Infinity : Infinity;
}

function flush(value: number, smallest: number): number {
  return Math.abs(value) < smallest ? value * 0 : value;
}

const SINGLE_SMALLEST = 2 ** -126;
const DOUBLE_SMALLEST = 2 ** -1022;

const SINGLE: Format = {
  words: 1,
  get(cpu, argument) {
    const bits = cpu.r[argument];
    scratch.setInt32(0, bits);
    return flush(orInfinity(scratch.getFloat32(0), bits < 0), SINGLE_SMALLEST);
  },
  put(cpu, value) {
    scratch.setFloat32(0, flush(Math.fround(orInfinity(value, false)), SINGLE_SMALLEST));
    cpu.r[0] = scratch.getInt32(0);
  },
};

const DOUBLE: Format = {
  words: 2,
  get(cpu, argument) {
    scratch.setInt32(0, cpu.r[2 * argument + 1]);
    scratch.setInt32(4, cpu.r[2 * argument]);
    return flush(orInfinity(scratch.getFloat64(0), cpu.r[2 * argument + 1] < 0), DOUBLE_SMALLEST);
  },
  put(cpu, value) {
    scratch.setFloat64(0, flush(orInfinity(value, false), DOUBLE_SMALLEST));
    cpu.r[1] = scratch.getInt32(0);
    cpu.r[0] = scratch.getInt32(4);
  },
};

/** Infinities of both signs make the positive one. */
function add(a: number, b: number): number {
  return Number.isNaN(a + b) ? Infinity : a + b;
}

/** 0 x infinity, 0 / 0 and infinity / infinity make an infinity with the sign that the result would have. */
function signedInfinity(a: number, b: number): number {
  const isNegative = (a < 0 || Object.is(a, -0)) !== (b < 0 || Object.is(b, -0));
  return isNegative ? -Infinity : Infinity;
}

function multiply(a: number, b: number): number {
  return Number.isNaN(a * b) ? signedInfinity(a, b) : a * b;
}

function divide(a: number, b: number): number {
  return Number.isNaN(a / b) ? signedInfinity(a, b) : a / b;
}

const I32 = { low: -0x80000000, high: 0x7fffffff };
const U32 = { low: 0, high: 0xffffffff };
const I64 = { low: -(1n << 63n), high: (1n << 63n) - 1n };
const U64 = { low: 0n, high: (1n << 64n) - 1n };

function toInt32(format: Format, range: { low: number; high: number }, hasPlaces: boolean) {
  return (cpu: CortexM0) => {
    const scaled = Math.floor(format.get(cpu, 0) * 2 ** (hasPlaces ? cpu.r[format.words] : 0));
    cpu.r[0] = Math.min(Math.max(scaled, range.low), range.high) | 0;
  };
}

function toInt64(format: Format, range: { low: bigint; high: bigint }, hasPlaces: boolean) {
  return (cpu: CortexM0) => {
    const scaled = Math.floor(format.get(cpu, 0) * 2 ** (hasPlaces ? cpu.r[format.words] : 0));
    let value = scaled > 0 ? range.high : range.low;
    if (Number.isFinite(scaled)) {
      const exact = BigInt(scaled);
      value = exact < range.low ? range.low : exact > range.high ? range.high : exact;
    }
    cpu.r[0] = Number(BigInt.asIntN(32, value));
    cpu.r[1] = Number(BigInt.asIntN(32, value >> 32n));
  };
}

function fromInt32(format: Format, isSigned: boolean, hasPlaces: boolean) {
  return (cpu: CortexM0) => {
    const value = isSigned ? cpu.r[0] : cpu.r[0] >>> 0;
    format.put(cpu, value * 2 ** (hasPlaces ? -cpu.r[1] : 0));
  };
}

function fromInt64(format: Format, isSigned: boolean, hasPlaces: boolean) {
  return (cpu: CortexM0) => {
    const bits = (BigInt(cpu.r[1]) << 32n) | BigInt(cpu.r[0] >>> 0);
    const value = isSigned ? BigInt.asIntN(64, bits) : BigInt.asUintN(64, bits);
    format.put(cpu, rounded(value, format) * 2 ** (hasPlaces ? -cpu.r[2] : 0));
  };
}

/** A 64-bit integer rounded once: what would be rounded twice on its way to single keeps its tail in one low bit. */
function rounded(value: bigint, format: Format): number {
  if (format === DOUBLE) return Number(value);
  const head = value >> 11n;
  const tail = value & 0x7ffn;
  return Math.fround(Number(tail === 0n ? head : head | 1n)) * 2 ** 11;
}

function unary(format: Format, operation: (x: number) => number) {
  return (cpu: CortexM0) => format.put(cpu, operation(format.get(cpu, 0)));
}

function binary(format: Format, operation: (a: number, b: number) => number) {
  return (cpu: CortexM0) => format.put(cpu, operation(format.get(cpu, 0), format.get(cpu, 1)));
}

function compare(format: Format) {
  return (cpu: CortexM0) => {
    const a = format.get(cpu, 0);
    const b = format.get(cpu, 1);
    cpu.r[0] = a < b ? -1 : a > b ? 1 : 0;
  };
}

/** sin in r0 (r0, r1), cos in r1 (r2, r3). */
function sineAndCosine(format: Format) {
  return (cpu: CortexM0) => {
    const angle = format.get(cpu, 0);
    format.put(cpu, Math.cos(angle));
    const { words } = format;
    const [low, high] = [cpu.r[0], cpu.r[1]];
    format.put(cpu, Math.sin(angle));
    cpu.r[words] = low;
    if (words === 2) cpu.r[3] = high;
  };
}

/** Cycles in the order of `functionsOf`. */
type CycleTable = readonly number[];

/** Datasheet 2.8.3.2.2, table of single precision functions, column V2/V3; sine with cosine: as both together. */
const SINGLE_CYCLES: CycleTable = [
  71, 74, 58, 71, 63, 40, 39, 39, 38, 55, 53, 54, 52, 587, 577, 653, 1100, 524, 789, 25, 667, 62, 60, 58, 57, 54, 53,
  42, 41, 15,
];

/**
 * The same of double precision, or what the same routines took here where that was more: pico-sdk carries them for ROM V1
 * (double_v1_rom_shim_rp2040.S); run on this CPU they gave 90, 94, 152 and 181 for add, subtract, multiply and divide.
 */
const DOUBLE_CYCLES: CycleTable = [
  91, 95, 155, 183, 169, 75, 74, 63, 62, 69, 68, 64, 62, 1617, 1618, 1891, 3000, 804, 480, 39, 2168, 84, 82, 61, 60, 65,
  64, 53, 52, 23,
];

function functionsOf(format: Format, other: Format, cycles: CycleTable): RomFunction[] {
  const entries: [number, (cpu: CortexM0) => void][] = [
    [0x00, binary(format, add)],
    [0x04, binary(format, (a, b) => add(a, -b))],
    [0x08, binary(format, multiply)],
    [0x0c, binary(format, divide)],
    [0x18, unary(format, (x) => (x < 0 ? -Infinity : Math.sqrt(x)))],
    [0x1c, toInt32(format, I32, false)],
    [0x20, toInt32(format, I32, true)],
    [0x24, toInt32(format, U32, false)],
    [0x28, toInt32(format, U32, true)],
    [0x2c, fromInt32(format, true, false)],
    [0x30, fromInt32(format, true, true)],
    [0x34, fromInt32(format, false, false)],
    [0x38, fromInt32(format, false, true)],
    [0x3c, unary(format, Math.cos)],
    [0x40, unary(format, Math.sin)],
    [0x44, unary(format, Math.tan)],
    [0x48, sineAndCosine(format)],
    [0x4c, unary(format, Math.exp)],
    [0x50, unary(format, (x) => (x < 0 ? -Infinity : Math.log(x)))],
    [0x54, compare(format)],
    [0x58, binary(format, Math.atan2)],
    [0x5c, fromInt64(format, true, false)],
    [0x60, fromInt64(format, true, true)],
    [0x64, fromInt64(format, false, false)],
    [0x68, fromInt64(format, false, true)],
    [0x6c, toInt64(format, I64, false)],
    [0x70, toInt64(format, I64, true)],
    [0x74, toInt64(format, U64, false)],
    [0x78, toInt64(format, U64, true)],
    [0x7c, (cpu) => other.put(cpu, format.get(cpu, 0))],
  ];
  return entries.map(([offset, run], i) => ({ offset, cycles: cycles[i], run }));
}

export const SINGLE_FUNCTIONS: readonly RomFunction[] = functionsOf(SINGLE, DOUBLE, SINGLE_CYCLES);
export const DOUBLE_FUNCTIONS: readonly RomFunction[] = functionsOf(DOUBLE, SINGLE, DOUBLE_CYCLES);
/** Bytes of a table. */
export const TABLE_BYTES = 0x80;
