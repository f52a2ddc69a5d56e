/** The reset controller (RP2040 datasheet 2.14): a peripheral put into reset forgets its registers. */
import { RegisterBlock } from './register-block.js';

const RESET = 0x0;
const WDSEL = 0x4;
const RESET_DONE = 0x8;
const ALL = 0x01ffffff;

/** Bits of the peripherals that are modelled here. */
export const RESET_BIT = {
  ADC: 0,
  DMA: 2,
  I2C0: 3,
  I2C1: 4,
  IO_BANK0: 5,
  PADS_BANK0: 8,
  PIO0: 10,
  PIO1: 11,
  PWM: 14,
  SPI0: 16,
  SPI1: 17,
  TIMER: 21,
  UART0: 22,
  UART1: 23,
} as const;

export class Resets extends RegisterBlock {
  /** Every modelled peripheral that can be put into reset, by its bit. */
  readonly peripherals = new Map<number, { reset(): void }>();
  private held = 0;
  private watchdogSelect = 0;

  override readUint32(offset: number): number {
    if (offset === RESET) return this.held;
    if (offset === WDSEL) return this.watchdogSelect;
    return offset === RESET_DONE ? ALL & ~this.held : 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === WDSEL) this.watchdogSelect = value & ALL;
    if (offset !== RESET) return;
    const newly = value & ~this.held;
    this.held = value & ALL;
    for (const [bit, peripheral] of this.peripherals) if ((newly & (1 << bit)) !== 0) peripheral.reset();
  }

  /** The whole chip: everything modelled. Out of reset afterwards, as the boot ROM and start-up code leave it. */
  resetAll(): void {
    this.held = 0;
    this.watchdogSelect = 0;
    for (const peripheral of this.peripherals.values()) peripheral.reset();
  }
}
