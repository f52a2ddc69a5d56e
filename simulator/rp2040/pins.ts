/**
 * The GPIO pins (RP2040 datasheet 2.19): who drives the pad, what level is on it, what the peripherals read of it.
 *
 * The pad's level comes from the chip's driver, else from outside, else from the pulls; inputs see the pad, so a program
 * that watches a pin which the chip itself drives sees what is sent. Resets of the pads: 0x56 (2.19.6.3).
 */

export const FUNCTION_UART = 2;
export const FUNCTION_PWM = 4;
export const FUNCTION_SIO = 5;
export const FUNCTION_PIO0 = 6;

export const PINS = 30;

const PAD_RESET = 0x56;
const CTRL_RESET = 0x1f;
const PAD_PULL_DOWN = 4;
const PAD_PULL_UP = 8;
const PAD_INPUT = 0x40;
const PAD_OUTPUT_DISABLE = 0x80;

const EDGE_HIGH = 8;
const EDGE_LOW = 4;
const LEVEL_HIGH = 2;
const LEVEL_LOW = 1;

export type LevelListener = (isHigh: boolean) => void;

function override(value: boolean, kind: number): boolean {
  return kind === 0 ? value : kind === 1 ? !value : kind === 3;
}

export class Pin {
  readonly index: number;
  ctrl = CTRL_RESET;
  padValue = PAD_RESET;
  irqEnableMask = 0;
  irqForceMask = 0;
  /** Level on the pad. */
  isHigh = false;
  private edges = 0;
  private external: boolean | null = null;
  private readonly listeners: LevelListener[] = [];
  private readonly bank: PinBank;

  constructor(bank: PinBank, index: number) {
    this.bank = bank;
    this.index = index;
  }

  /** What the world outside drives onto the pin; null: nothing. */
  set(level: boolean | number | null): void {
    this.external = level === null ? null : Boolean(level);
    this.update();
  }

  /** Calls `listener` at every change of the pad's level. */
  onChange(listener: LevelListener): void {
    this.listeners.push(listener);
  }

  get functionSelect(): number {
    return this.ctrl & 0x1f;
  }

  /** True while the chip drives the pad. */
  get isDriven(): boolean {
    const enable = (this.bank.enables[this.functionSelect] & (1 << this.index)) !== 0;
    return override(enable, (this.ctrl >>> 12) & 3) && (this.padValue & PAD_OUTPUT_DISABLE) === 0;
  }

  get output(): boolean {
    return override((this.bank.values[this.functionSelect] & (1 << this.index)) !== 0, (this.ctrl >>> 8) & 3);
  }

  get inputEnable(): boolean {
    return (this.padValue & PAD_INPUT) !== 0;
  }

  get inputValue(): boolean {
    return override(this.isHigh && this.inputEnable, (this.ctrl >>> 16) & 3);
  }

  /** The STATUS register, 2.19.6.1. */
  get status(): number {
    const bit = 1 << this.index;
    const select = this.functionSelect;
    return (
      (this.irqValue ? 1 << 26 : 0) |
      (this.rawInterrupt ? 1 << 24 : 0) |
      (this.inputValue ? 1 << 19 : 0) |
      (this.isHigh && this.inputEnable ? 1 << 17 : 0) |
      (this.isDriven ? 1 << 13 : 0) |
      ((this.bank.enables[select] & bit) !== 0 ? 1 << 12 : 0) |
      (this.output ? 1 << 9 : 0) |
      ((this.bank.values[select] & bit) !== 0 ? 1 << 8 : 0)
    );
  }

  get irqStatus(): number {
    return this.edges | (this.inputValue ? LEVEL_HIGH : LEVEL_LOW);
  }

  get rawInterrupt(): boolean {
    return ((this.irqStatus & this.irqEnableMask) | this.irqForceMask) !== 0;
  }

  get irqValue(): boolean {
    return override(this.rawInterrupt, (this.ctrl >>> 28) & 3);
  }

  /** A write to INTR clears edges. */
  updateIRQValue(bits: number): void {
    this.edges &= ~bits;
    this.bank.onInterrupt();
  }

  checkForUpdates(): void {
    this.update();
  }

  refreshInput(): void {
    this.update();
  }

  reset(): void {
    this.ctrl = CTRL_RESET;
    this.padValue = PAD_RESET;
    this.irqEnableMask = 0;
    this.irqForceMask = 0;
    this.edges = 0;
    this.update();
  }

  /** Works out the pad's level and tells those who look at it. */
  update(): void {
    const isHigh = this.isDriven ? this.output : (this.external ?? this.pull());
    if (isHigh !== this.isHigh) {
      this.isHigh = isHigh;
      for (const listener of this.listeners) listener(isHigh);
    }
    const input = this.inputValue;
    const bit = 1 << this.index;
    if (input === ((this.bank.inputs & bit) !== 0)) return;
    this.bank.inputs ^= bit;
    this.edges |= input ? EDGE_HIGH : EDGE_LOW;
    if (this.irqEnableMask !== 0) this.bank.onInterrupt();
    this.bank.onInput(this.index, input);
  }

  private pull(): boolean {
    const isUp = (this.padValue & PAD_PULL_UP) !== 0;
    const isDown = (this.padValue & PAD_PULL_DOWN) !== 0;
    return isUp && isDown ? this.isHigh : isUp;
  }
}

export class PinBank {
  readonly pins: readonly Pin[];
  /** What the peripherals read: bit n is pin n. */
  inputs = 0;
  /** Per function select: the levels and the output enables that its peripheral asks for. */
  readonly values = new Int32Array(32);
  readonly enables = new Int32Array(32);
  onInterrupt: () => void = () => {};
  onInput: (index: number, isHigh: boolean) => void = () => {};

  constructor() {
    this.pins = Array.from({ length: PINS }, (_, index) => new Pin(this, index));
  }

  reset(): void {
    for (const pin of this.pins) pin.reset();
  }

  /** A peripheral drives its pins. */
  drive(select: number, values: number, enables: number): void {
    let changed = (this.values[select] ^ values) | (this.enables[select] ^ enables);
    this.values[select] = values;
    this.enables[select] = enables;
    while (changed !== 0) {
      const index = 31 - Math.clz32(changed & -changed);
      changed &= changed - 1;
      const pin = this.pins[index];
      if (pin !== undefined && pin.functionSelect === select) pin.update();
    }
  }
}
