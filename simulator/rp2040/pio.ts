/** A PIO block (RP2040 datasheet 3): instruction memory, four state machines, FIFOs, flags, pins and interrupts. */
import type { VirtualClock } from './clock.js';
import type { Dma } from './dma.js';
import { DREQ, IRQ, type SetInterrupt } from './interrupts.js';
import { FUNCTION_PIO0, type PinBank } from './pins.js';
import { StateMachine } from './pio-machine.js';
import { RegisterBlock } from './register-block.js';

const CTRL = 0x000;
const FSTAT = 0x004;
const FDEBUG = 0x008;
const FLEVEL = 0x00c;
const TXF0 = 0x010;
const RXF0 = 0x020;
const IRQ_FLAGS = 0x030;
const IRQ_FORCE = 0x034;
const INPUT_SYNC_BYPASS = 0x038;
const DBG_PADOUT = 0x03c;
const DBG_PADOE = 0x040;
const DBG_CFGINFO = 0x044;
const INSTR_MEM0 = 0x048;
const SM0 = 0x0c8;
const SM_BYTES = 0x18;
const SM_END = SM0 + 4 * SM_BYTES;
const INTR = 0x128;
const INTE0 = 0x12c;
const INTF0 = 0x130;
const INTS0 = 0x134;
const INTE1 = 0x138;
const INTF1 = 0x13c;
const INTS1 = 0x140;

const DEBUG_TX_STALL = 24;
const DEBUG_TX_OVER = 16;
const DEBUG_RX_UNDER = 8;
const DEBUG_RX_STALL = 0;
const MACHINES = 4;

export class Pio extends RegisterBlock {
  readonly instructions = new Uint16Array(32);
  /** The eight IRQ flags. */
  flags = 0;
  readonly machines: readonly StateMachine[];
  private readonly pins: PinBank;
  private readonly dma: Dma;
  private readonly index: number;
  private readonly setInterrupt: SetInterrupt;
  private values = 0;
  private directions = 0;
  private debug = 0;
  private bypass = 0;
  private wasUsed = false;
  private readonly enables = [0, 0];
  private readonly forces = [0, 0];

  constructor(index: number, clock: VirtualClock, pins: PinBank, dma: Dma, setInterrupt: SetInterrupt) {
    super();
    this.index = index;
    this.pins = pins;
    this.dma = dma;
    this.setInterrupt = setInterrupt;
    this.machines = Array.from({ length: MACHINES }, (_, i) => new StateMachine(this, clock, i));
    for (let i = 0; i < MACHINES; i++) this.fifoChanged(i);
  }

  reset(): void {
    for (const machine of this.machines) machine.reset();
    this.instructions.fill(0);
    this.flags = this.values = this.directions = this.debug = this.bypass = 0;
    this.enables.fill(0);
    this.forces.fill(0);
    for (let i = 0; i < MACHINES; i++) this.fifoChanged(i);
    this.drivePins();
  }

  get inputs(): number {
    return this.pins.inputs;
  }

  /** An input of the chip changed. */
  pinChanged(pin: number): void {
    for (const machine of this.machines) if (machine.stall === 'pin' && machine.stallPin === pin) machine.poke('pin');
  }

  setFlags(flags: number): void {
    if (flags === this.flags) return;
    this.flags = flags;
    for (const machine of this.machines) machine.poke('irq');
    this.update();
  }

  /** A state machine waits for its FIFO. */
  stalled(machine: number, stall: string): void {
    if (stall === 'tx') this.debug |= 1 << (DEBUG_TX_STALL + machine);
    else if (stall === 'rx') this.debug |= 1 << (DEBUG_RX_STALL + machine);
  }

  /** Levels or directions of `count` pins from `base`, wrapping after pin 31. */
  writePins(isDirection: boolean, value: number, base: number, count: number): void {
    if (count === 0) return;
    const mask = rotateLeft(count >= 32 ? -1 : (1 << count) - 1, base);
    const bits = rotateLeft(value, base) & mask;
    if (isDirection) this.directions = (this.directions & ~mask) | bits;
    else this.values = (this.values & ~mask) | bits;
  }

  drivePins(): void {
    this.pins.drive(FUNCTION_PIO0 + this.index, this.values, this.directions);
  }

  fifoChanged(i: number): void {
    const machine = this.machines[i];
    const base = this.index * 8 + i;
    this.dma.setRequest(DREQ.PIO0_TX0 + base, machine.tx.length < machine.txDepth);
    this.dma.setRequest(DREQ.PIO0_RX0 + base, machine.rx.length > 0);
    this.update();
  }

  override readUint32(offset: number): number {
    if (offset >= SM0 && offset < SM_END) {
      return this.machines[Math.floor((offset - SM0) / SM_BYTES)].readRegister((offset - SM0) % SM_BYTES);
    }
    if (offset >= RXF0 && offset < RXF0 + 16) return this.readFifo((offset - RXF0) >> 2);
    switch (offset) {
      case CTRL:
        return this.collect((machine) => machine.enabled);
      case FSTAT:
        return this.status();
      case FDEBUG:
        return this.debug;
      case FLEVEL:
        return this.machines.reduce(
          (bits, { tx, rx }, i) => bits | (tx.length << (8 * i)) | (rx.length << (8 * i + 4)),
          0,
        );
      case IRQ_FLAGS:
        return this.flags;
      case INPUT_SYNC_BYPASS:
        return this.bypass;
      case DBG_PADOUT:
        return this.values;
      case DBG_PADOE:
        return this.directions;
      case DBG_CFGINFO:
        return 0x200404;
      case INTR:
        return this.raw;
      default:
        return this.readInterrupt(offset);
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= INSTR_MEM0 && offset < SM0) this.instructions[(offset - INSTR_MEM0) >> 2] = value;
    else if (offset >= SM0 && offset < SM_END) {
      this.machines[Math.floor((offset - SM0) / SM_BYTES)].writeRegister((offset - SM0) % SM_BYTES, value);
    } else if (offset >= TXF0 && offset < TXF0 + 16) this.writeFifo((offset - TXF0) >> 2, value);
    else if (offset === CTRL) this.writeControl(value);
    else if (offset === FDEBUG) this.clearDebug();
    else if (offset === IRQ_FLAGS) this.setFlags(this.flags & ~this.written);
    else if (offset === IRQ_FORCE) this.setFlags(this.flags | (value & 0xff));
    else if (offset === INPUT_SYNC_BYPASS) this.bypass = value;
    else this.writeInterrupt(offset, value & 0xfff);
  }

  private writeControl(value: number): void {
    this.machines.forEach((machine, i) => {
      if ((value & (1 << (4 + i))) !== 0) machine.restart();
      if ((value & (1 << (8 + i))) !== 0) machine.restartDivider();
      machine.setEnabled((value & (1 << i)) !== 0);
    });
  }

  /** Written bits are cleared; a machine that still is stalled sets its bit again. */
  private clearDebug(): void {
    this.debug &= ~this.written;
    this.machines.forEach((machine, i) => {
      this.stalled(i, machine.stall);
    });
  }

  private collect(holds: (machine: StateMachine) => boolean): number {
    return this.machines.reduce((bits, machine, i) => bits | (holds(machine) ? 1 << i : 0), 0);
  }

  private status(): number {
    return (
      this.collect(({ rx, rxDepth }) => rx.length >= rxDepth) |
      (this.collect(({ rx }) => rx.length === 0) << 8) |
      (this.collect(({ tx, txDepth }) => tx.length >= txDepth) << 16) |
      (this.collect(({ tx }) => tx.length === 0) << 24)
    );
  }

  private readFifo(i: number): number {
    const machine = this.machines[i];
    const word = machine.rx.shift();
    if (word === undefined) {
      this.debug |= 1 << (DEBUG_RX_UNDER + i);
      return 0;
    }
    this.fifoChanged(i);
    machine.poke('rx');
    return word >>> 0;
  }

  private writeFifo(i: number, value: number): void {
    const machine = this.machines[i];
    if (machine.tx.length >= machine.txDepth) {
      this.debug |= 1 << (DEBUG_TX_OVER + i);
      return;
    }
    machine.tx.push(value | 0);
    if (machine.stall === 'none') machine.refill();
    this.fifoChanged(i);
    machine.poke('tx');
  }

  private get raw(): number {
    return (
      this.collect(({ rx }) => rx.length > 0) |
      (this.collect(({ tx, txDepth }) => tx.length < txDepth) << 4) |
      ((this.flags & 15) << 8)
    );
  }

  private readInterrupt(offset: number): number {
    if (offset === INTE0) return this.enables[0];
    if (offset === INTF0) return this.forces[0];
    if (offset === INTS0) return (this.raw & this.enables[0]) | this.forces[0];
    if (offset === INTE1) return this.enables[1];
    if (offset === INTF1) return this.forces[1];
    return offset === INTS1 ? (this.raw & this.enables[1]) | this.forces[1] : 0;
  }

  private writeInterrupt(offset: number, value: number): void {
    if (offset === INTE0) this.enables[0] = value;
    else if (offset === INTF0) this.forces[0] = value;
    else if (offset === INTE1) this.enables[1] = value;
    else if (offset === INTF1) this.forces[1] = value;
    this.update();
  }

  private update(): void {
    const { enables, forces } = this;
    const isUsed = (enables[0] | enables[1] | forces[0] | forces[1]) !== 0;
    if (!isUsed && !this.wasUsed) return;
    this.wasUsed = isUsed;
    const { raw } = this;
    const irq = IRQ.PIO0_0 + 2 * this.index;
    this.setInterrupt(irq, ((raw & this.enables[0]) | this.forces[0]) !== 0);
    this.setInterrupt(irq + 1, ((raw & this.enables[1]) | this.forces[1]) !== 0);
  }
}

function rotateLeft(value: number, bits: number): number {
  return bits === 0 ? value : (value << bits) | (value >>> (32 - bits));
}
