/**
 * The instructions of ARMv6-M (Architecture Reference Manual A5, A6), each a function that answers its cycles
 * (Cortex-M0+ TRM table 3-1; the RP2040 multiplies in one). Loads and stores take two cycles, one at SIO (RP2040
 * datasheet 2.3.1), three and four at the peripherals behind the APB bridge.
 */
import type { CortexM0 } from './cortex-m0.js';

export type Handler = (cpu: CortexM0, opcode: number) => number;

/** One entry per upper ten bits of an instruction. */
export const HANDLERS: Handler[] = new Array<Handler>(1024).fill((cpu, opcode) =>
  cpu.stop(`undefined instruction 0x${opcode.toString(16)}`),
);

/** Instructions whose upper bits are `pattern`, a string of 0, 1 and anything else for "don't care". */
function define(pattern: string, handler: Handler): void {
  const bits = pattern.padEnd(10, 'x');
  for (let i = 0; i < 1024; i++) {
    const index = i.toString(2).padStart(10, '0');
    let fits = true;
    for (let k = 0; k < 10; k++) fits &&= (bits[k] !== '0' && bits[k] !== '1') || bits[k] === index[k];
    if (fits) HANDLERS[i] = handler;
  }
}

function setNz(cpu: CortexM0, value: number): void {
  cpu.negative = value;
  cpu.zero = value;
}

/** Of an instruction that sets N and Z by its result. */
function setResult(cpu: CortexM0, register: number, value: number): void {
  cpu.r[register] = value;
  setNz(cpu, value);
}

/** A2.2.1 AddWithCarry. */
function add(cpu: CortexM0, a: number, b: number, carryIn: number): number {
  const result = (a + b + carryIn) | 0;
  cpu.carry = (a >>> 0) + (b >>> 0) + carryIn > 0xffffffff;
  cpu.overflow = ((a ^ result) & (b ^ result)) < 0;
  cpu.negative = result;
  cpu.zero = result;
  return result;
}

function accessCycles(address: number, isWrite: boolean): number {
  const top = address >>> 28;
  if (top === 0xd) return 1;
  if (top === 4) return isWrite ? 5 : 4;
  return 2;
}

// --- shifts, add, subtract, move and compare of the low registers ---

define('00000', (cpu, op) => {
  const shift = (op >>> 6) & 31;
  const value = cpu.r[(op >>> 3) & 7];
  if (shift !== 0) cpu.carry = ((value >>> (32 - shift)) & 1) !== 0;
  setResult(cpu, op & 7, value << shift);
  return 1;
});

define('00001', (cpu, op) => {
  const shift = (op >>> 6) & 31;
  const value = cpu.r[(op >>> 3) & 7];
  cpu.carry = ((value >>> (shift === 0 ? 31 : shift - 1)) & 1) !== 0;
  setResult(cpu, op & 7, shift === 0 ? 0 : value >>> shift);
  return 1;
});

define('00010', (cpu, op) => {
  const shift = (op >>> 6) & 31;
  const value = cpu.r[(op >>> 3) & 7];
  cpu.carry = ((value >> (shift === 0 ? 31 : shift - 1)) & 1) !== 0;
  setResult(cpu, op & 7, value >> (shift === 0 ? 31 : shift));
  return 1;
});

define('0001100', (cpu, op) => {
  cpu.r[op & 7] = add(cpu, cpu.r[(op >>> 3) & 7], cpu.r[(op >>> 6) & 7], 0);
  return 1;
});

define('0001101', (cpu, op) => {
  cpu.r[op & 7] = add(cpu, cpu.r[(op >>> 3) & 7], ~cpu.r[(op >>> 6) & 7], 1);
  return 1;
});

define('0001110', (cpu, op) => {
  cpu.r[op & 7] = add(cpu, cpu.r[(op >>> 3) & 7], (op >>> 6) & 7, 0);
  return 1;
});

define('0001111', (cpu, op) => {
  cpu.r[op & 7] = add(cpu, cpu.r[(op >>> 3) & 7], ~((op >>> 6) & 7), 1);
  return 1;
});

define('00100', (cpu, op) => {
  setResult(cpu, (op >>> 8) & 7, op & 0xff);
  return 1;
});

define('00101', (cpu, op) => {
  add(cpu, cpu.r[(op >>> 8) & 7], ~(op & 0xff), 1);
  return 1;
});

define('00110', (cpu, op) => {
  const rd = (op >>> 8) & 7;
  cpu.r[rd] = add(cpu, cpu.r[rd], op & 0xff, 0);
  return 1;
});

define('00111', (cpu, op) => {
  const rd = (op >>> 8) & 7;
  cpu.r[rd] = add(cpu, cpu.r[rd], ~(op & 0xff), 1);
  return 1;
});

// --- data processing ---

type Operation = (cpu: CortexM0, a: number, b: number) => number;

/** A shift by a register: `shift` gives the result and the carry of shifts by 1 to 31. */
function byRegister(long: Operation, short: Operation): Operation {
  return (cpu, value, amount) => {
    const shift = amount & 0xff;
    if (shift === 0) return value;
    return shift < 32 ? short(cpu, value, shift) : long(cpu, value, shift);
  };
}

function carryOf(cpu: CortexM0, bit: number): void {
  cpu.carry = (bit & 1) !== 0;
}

const shiftLeft = byRegister(
  (cpu, value, shift) => {
    carryOf(cpu, shift === 32 ? value : 0);
    return 0;
  },
  (cpu, value, shift) => {
    carryOf(cpu, value >>> (32 - shift));
    return value << shift;
  },
);

const shiftRight = byRegister(
  (cpu, value, shift) => {
    carryOf(cpu, shift === 32 ? value >>> 31 : 0);
    return 0;
  },
  (cpu, value, shift) => {
    carryOf(cpu, value >>> (shift - 1));
    return value >>> shift;
  },
);

const shiftArithmetic = byRegister(
  (cpu, value) => {
    carryOf(cpu, value >>> 31);
    return value >> 31;
  },
  (cpu, value, shift) => {
    carryOf(cpu, value >> (shift - 1));
    return value >> shift;
  },
);

const rotate: Operation = (cpu, value, amount) => {
  if ((amount & 0xff) === 0) return value;
  const shift = amount & 31;
  const result = shift === 0 ? value : (value >>> shift) | (value << (32 - shift));
  carryOf(cpu, result >>> 31);
  return result;
};

/** Rd := Rd operation Rm, setting N and Z. */
function defineProcessing(code: string, operation: Operation): void {
  define(`010000${code}`, (cpu, op) => {
    setResult(cpu, op & 7, operation(cpu, cpu.r[op & 7], cpu.r[(op >>> 3) & 7]));
    return 1;
  });
}

defineProcessing('0000', (_cpu, a, b) => a & b);
defineProcessing('0001', (_cpu, a, b) => a ^ b);
defineProcessing('0010', shiftLeft);
defineProcessing('0011', shiftRight);
defineProcessing('0100', shiftArithmetic);
defineProcessing('0101', (cpu, a, b) => add(cpu, a, b, cpu.carry ? 1 : 0));
defineProcessing('0110', (cpu, a, b) => add(cpu, a, ~b, cpu.carry ? 1 : 0));
defineProcessing('0111', rotate);
defineProcessing('1001', (cpu, _a, b) => add(cpu, 0, ~b, 1));
defineProcessing('1100', (_cpu, a, b) => a | b);
defineProcessing('1101', (_cpu, a, b) => Math.imul(a, b));
defineProcessing('1110', (_cpu, a, b) => a & ~b);
defineProcessing('1111', (_cpu, _a, b) => ~b);

define('0100001000', (cpu, op) => {
  setNz(cpu, cpu.r[op & 7] & cpu.r[(op >>> 3) & 7]);
  return 1;
});

define('0100001010', (cpu, op) => {
  add(cpu, cpu.r[op & 7], ~cpu.r[(op >>> 3) & 7], 1);
  return 1;
});

define('0100001011', (cpu, op) => {
  add(cpu, cpu.r[op & 7], cpu.r[(op >>> 3) & 7], 0);
  return 1;
});

// --- high registers and branches to registers ---

/** A register as an operand: the PC reads as this instruction's address + 4. */
function operand(cpu: CortexM0, register: number): number {
  return register === 15 ? cpu.r[15] + 2 : cpu.r[register];
}

function setRegister(cpu: CortexM0, register: number, value: number): number {
  if (register === 15) {
    cpu.r[15] = value & ~1;
    return 2;
  }
  cpu.r[register] = register === 13 ? value & ~3 : value;
  return 1;
}

const highRegister = (op: number) => ((op >>> 4) & 8) | (op & 7);

define('01000100', (cpu, op) => {
  const rd = highRegister(op);
  return setRegister(cpu, rd, operand(cpu, rd) + operand(cpu, (op >>> 3) & 15));
});

define('01000101', (cpu, op) => {
  add(cpu, cpu.r[highRegister(op)], ~operand(cpu, (op >>> 3) & 15), 1);
  return 1;
});

define('01000110', (cpu, op) => setRegister(cpu, highRegister(op), operand(cpu, (op >>> 3) & 15)));

/** BXWritePC. */
function branchTo(cpu: CortexM0, address: number): void {
  if (cpu.isHandler && address >>> 28 === 0xf) {
    cpu.exceptionReturn(address);
    return;
  }
  if ((address & 1) === 0) cpu.stop(`branch to 0x${(address >>> 0).toString(16)}, which is not Thumb`);
  cpu.r[15] = address & ~1;
}

define('010001110', (cpu, op) => {
  branchTo(cpu, operand(cpu, (op >>> 3) & 15));
  return 2;
});

define('010001111', (cpu, op) => {
  const address = cpu.r[(op >>> 3) & 15];
  cpu.r[14] = cpu.r[15] | 1;
  branchTo(cpu, address);
  return 2;
});

// --- loads and stores ---

define('01001', (cpu, op) => {
  const address = ((cpu.r[15] + 2) & ~3) + ((op & 0xff) << 2);
  cpu.r[(op >>> 8) & 7] = cpu.bus.read32(address);
  return 2;
});

type Access = (cpu: CortexM0, register: number, address: number) => number;

const storeWord: Access = (cpu, register, address) => {
  cpu.bus.write32(address, cpu.r[register]);
  return accessCycles(address, true);
};
const storeHalf: Access = (cpu, register, address) => {
  cpu.bus.write16(address, cpu.r[register] & 0xffff);
  return accessCycles(address, true);
};
const storeByte: Access = (cpu, register, address) => {
  cpu.bus.write8(address, cpu.r[register] & 0xff);
  return accessCycles(address, true);
};
const loadWord: Access = (cpu, register, address) => {
  cpu.r[register] = cpu.bus.read32(address);
  return accessCycles(address, false);
};
const loadHalf: Access = (cpu, register, address) => {
  cpu.r[register] = cpu.bus.read16(address);
  return accessCycles(address, false);
};
const loadByte: Access = (cpu, register, address) => {
  cpu.r[register] = cpu.bus.read8(address);
  return accessCycles(address, false);
};
const loadSignedHalf: Access = (cpu, register, address) => {
  cpu.r[register] = (cpu.bus.read16(address) << 16) >> 16;
  return accessCycles(address, false);
};
const loadSignedByte: Access = (cpu, register, address) => {
  cpu.r[register] = (cpu.bus.read8(address) << 24) >> 24;
  return accessCycles(address, false);
};

function defineRegisterOffset(code: string, access: Access): void {
  define(`0101${code}`, (cpu, op) => access(cpu, op & 7, (cpu.r[(op >>> 3) & 7] + cpu.r[(op >>> 6) & 7]) | 0));
}

defineRegisterOffset('000', storeWord);
defineRegisterOffset('001', storeHalf);
defineRegisterOffset('010', storeByte);
defineRegisterOffset('011', loadSignedByte);
defineRegisterOffset('100', loadWord);
defineRegisterOffset('101', loadHalf);
defineRegisterOffset('110', loadByte);
defineRegisterOffset('111', loadSignedHalf);

function defineImmediateOffset(code: string, scale: number, access: Access): void {
  define(code, (cpu, op) => access(cpu, op & 7, (cpu.r[(op >>> 3) & 7] + (((op >>> 6) & 31) << scale)) | 0));
}

defineImmediateOffset('01100', 2, storeWord);
defineImmediateOffset('01101', 2, loadWord);
defineImmediateOffset('01110', 0, storeByte);
defineImmediateOffset('01111', 0, loadByte);
defineImmediateOffset('10000', 1, storeHalf);
defineImmediateOffset('10001', 1, loadHalf);

define('10010', (cpu, op) => storeWord(cpu, (op >>> 8) & 7, cpu.r[13] + ((op & 0xff) << 2)));
define('10011', (cpu, op) => loadWord(cpu, (op >>> 8) & 7, cpu.r[13] + ((op & 0xff) << 2)));

define('10100', (cpu, op) => {
  cpu.r[(op >>> 8) & 7] = ((cpu.r[15] + 2) & ~3) + ((op & 0xff) << 2);
  return 1;
});

define('10101', (cpu, op) => {
  cpu.r[(op >>> 8) & 7] = cpu.r[13] + ((op & 0xff) << 2);
  return 1;
});

define('101100000', (cpu, op) => {
  cpu.r[13] += (op & 0x7f) << 2;
  return 1;
});

define('101100001', (cpu, op) => {
  cpu.r[13] -= (op & 0x7f) << 2;
  return 1;
});

define('1011010', (cpu, op) => {
  let count = 0;
  for (let bits = op & 0x1ff; bits !== 0; bits &= bits - 1) count++;
  let address = cpu.r[13] - 4 * count;
  cpu.r[13] = address;
  for (let i = 0; i < 8; i++) {
    if ((op & (1 << i)) === 0) continue;
    cpu.bus.write32(address, cpu.r[i]);
    address += 4;
  }
  if ((op & 0x100) !== 0) cpu.bus.write32(address, cpu.r[14]);
  return 1 + count;
});

define('1011110', (cpu, op) => {
  let address = cpu.r[13];
  let count = 0;
  for (let i = 0; i < 8; i++) {
    if ((op & (1 << i)) === 0) continue;
    cpu.r[i] = cpu.bus.read32(address);
    address += 4;
    count++;
  }
  if ((op & 0x100) === 0) {
    cpu.r[13] = address;
    return 1 + count;
  }
  cpu.r[13] = address + 4;
  branchTo(cpu, cpu.bus.read32(address));
  return 4 + count;
});

define('11000', (cpu, op) => {
  const rn = (op >>> 8) & 7;
  let address = cpu.r[rn];
  let count = 0;
  for (let i = 0; i < 8; i++) {
    if ((op & (1 << i)) === 0) continue;
    cpu.bus.write32(address, cpu.r[i]);
    address += 4;
    count++;
  }
  cpu.r[rn] = address;
  return 1 + count;
});

define('11001', (cpu, op) => {
  const rn = (op >>> 8) & 7;
  let address = cpu.r[rn];
  let count = 0;
  for (let i = 0; i < 8; i++) {
    if ((op & (1 << i)) === 0) continue;
    cpu.r[i] = cpu.bus.read32(address);
    address += 4;
    count++;
  }
  if ((op & (1 << rn)) === 0) cpu.r[rn] = address;
  return 1 + count;
});

// --- extend, reverse ---

define('1011001000', (cpu, op) => {
  cpu.r[op & 7] = (cpu.r[(op >>> 3) & 7] << 16) >> 16;
  return 1;
});
define('1011001001', (cpu, op) => {
  cpu.r[op & 7] = (cpu.r[(op >>> 3) & 7] << 24) >> 24;
  return 1;
});
define('1011001010', (cpu, op) => {
  cpu.r[op & 7] = cpu.r[(op >>> 3) & 7] & 0xffff;
  return 1;
});
define('1011001011', (cpu, op) => {
  cpu.r[op & 7] = cpu.r[(op >>> 3) & 7] & 0xff;
  return 1;
});

const swapBytes = (value: number) => ((value & 0x00ff00ff) << 8) | ((value >>> 8) & 0x00ff00ff);

define('1011101000', (cpu, op) => {
  const swapped = swapBytes(cpu.r[(op >>> 3) & 7]);
  cpu.r[op & 7] = (swapped << 16) | (swapped >>> 16);
  return 1;
});
define('1011101001', (cpu, op) => {
  cpu.r[op & 7] = swapBytes(cpu.r[(op >>> 3) & 7]);
  return 1;
});
define('1011101011', (cpu, op) => {
  cpu.r[op & 7] = (swapBytes(cpu.r[(op >>> 3) & 7]) << 16) >> 16;
  return 1;
});

// --- branches ---

const CONDITIONS: readonly ((cpu: CortexM0) => boolean)[] = [
  (cpu) => cpu.zero === 0,
  (cpu) => cpu.zero !== 0,
  (cpu) => cpu.carry,
  (cpu) => !cpu.carry,
  (cpu) => cpu.negative < 0,
  (cpu) => cpu.negative >= 0,
  (cpu) => cpu.overflow,
  (cpu) => !cpu.overflow,
  (cpu) => cpu.carry && cpu.zero !== 0,
  (cpu) => !cpu.carry || cpu.zero === 0,
  (cpu) => cpu.negative < 0 === cpu.overflow,
  (cpu) => cpu.negative < 0 !== cpu.overflow,
  (cpu) => cpu.zero !== 0 && cpu.negative < 0 === cpu.overflow,
  (cpu) => cpu.zero === 0 || cpu.negative < 0 !== cpu.overflow,
];

CONDITIONS.forEach((holds, condition) => {
  define(`1101${condition.toString(2).padStart(4, '0')}`, (cpu, op) => {
    if (!holds(cpu)) return 1;
    cpu.r[15] += ((op << 24) >> 23) + 2;
    return 2;
  });
});

define('11011111', (cpu) => {
  cpu.isSvcallPending = true;
  cpu.mayInterrupt = true;
  return 1;
});

define('11100', (cpu, op) => {
  cpu.r[15] += ((op << 21) >> 20) + 2;
  return 2;
});

// --- the 32-bit instructions, hints, PRIMASK ---

function branchLink(cpu: CortexM0, op: number, second: number): number {
  const sign = (op >>> 10) & 1;
  const i1 = 1 - (sign ^ ((second >>> 13) & 1));
  const i2 = 1 - (sign ^ ((second >>> 11) & 1));
  const offset = (-sign << 24) | (i1 << 23) | (i2 << 22) | ((op & 0x3ff) << 12) | ((second & 0x7ff) << 1);
  cpu.r[14] = (cpu.r[15] + 2) | 1;
  cpu.r[15] += 2 + offset;
  return 3;
}

function readSpecial(cpu: CortexM0, number: number): number {
  if (number < 8) return ((number & 4) === 0 ? cpu.flags : 0) | ((number & 1) !== 0 ? cpu.ipsr : 0);
  if (number === 8) return cpu.usesProcessStack ? cpu.bankedSp : cpu.r[13];
  if (number === 9) return cpu.usesProcessStack ? cpu.r[13] : cpu.bankedSp;
  if (number === 16) return cpu.isMasked ? 1 : 0;
  if (number === 20) return cpu.usesProcessStack ? 2 : 0;
  return cpu.stop(`MRS of special register ${number}`);
}

function writeSpecial(cpu: CortexM0, number: number, value: number): void {
  if (number < 4) cpu.setFlags(value);
  else if (number === 8 || number === 9) {
    if ((number === 9) === cpu.usesProcessStack) cpu.r[13] = value & ~3;
    else cpu.bankedSp = value & ~3;
  } else if (number === 16) setPrimask(cpu, (value & 1) !== 0);
  else if (number === 20) {
    if (!cpu.isHandler) cpu.setStack((value & 2) !== 0);
  } else cpu.stop(`MSR of special register ${number}`);
}

function setPrimask(cpu: CortexM0, isMasked: boolean): void {
  cpu.isMasked = isMasked;
  cpu.mayInterrupt = true;
}

define('11110', (cpu, op) => {
  const second = cpu.bus.fetch(cpu.r[15]);
  if ((second & 0xd000) === 0xd000) return branchLink(cpu, op, second);
  cpu.r[15] += 2;
  if ((op & 0xfff0) === 0xf380 && (second & 0xff00) === 0x8800) writeSpecial(cpu, second & 0xff, cpu.r[op & 15]);
  else if (op === 0xf3ef && (second & 0xf000) === 0x8000) {
    cpu.r[(second >>> 8) & 15] = readSpecial(cpu, second & 0xff);
  } else if (op !== 0xf3bf || (second & 0xffc0) !== 0x8f40) {
    cpu.stop(`undefined instruction 0x${op.toString(16)} 0x${second.toString(16)}`);
  }
  return 3;
});

define('1011011001', (cpu, op) => {
  if ((op & 0xffef) !== 0xb662) cpu.stop(`undefined instruction 0x${op.toString(16)}`);
  setPrimask(cpu, (op & 0x10) !== 0);
  return 1;
});

define('10111110', (cpu, op) => {
  cpu.onBreak(op & 0xff);
  return 1;
});

define('10111111', (cpu, op) => {
  if (op === 0xbf20) cpu.startSleep('wfe');
  else if (op === 0xbf30) cpu.startSleep('wfi');
  else if (op === 0xbf40) cpu.isEventSet = true;
  return op === 0xbf20 || op === 0xbf30 ? 2 : 1;
});
