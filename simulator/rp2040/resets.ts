/**
 * The reset controller (RP2040 datasheet 2.14): a peripheral put into reset forgets its registers, and nobody may use it
 * until it is released.
 */
import { RegisterBlock } from './register-block.js';

const RESET = 0x0;
const WDSEL = 0x4;
const RESET_DONE = 0x8;
const ALL = 0x01ffffff;

/** Bits of the peripherals. */
export const RESET_BIT = {
  ADC: 0,
  BUSCTRL: 1,
  DMA: 2,
  I2C0: 3,
  I2C1: 4,
  IO_BANK0: 5,
  IO_QSPI: 6,
  PADS_BANK0: 8,
  PADS_QSPI: 9,
  PIO0: 10,
  PIO1: 11,
  PLL_SYS: 12,
  PLL_USB: 13,
  PWM: 14,
  RTC: 15,
  SPI0: 16,
  SPI1: 17,
  SYSCFG: 18,
  SYSINFO: 19,
  TBMAN: 20,
  TIMER: 21,
  UART0: 22,
  UART1: 23,
} as const;

/** What the boot ROM leaves held when it starts an image: all but the flash's pins. */
const HELD_AT_START = ALL & ~((1 << RESET_BIT.IO_QSPI) | (1 << RESET_BIT.PADS_QSPI));

export class Resets extends RegisterBlock {
  /** Told of the bits that are held. */
  onHeld: (held: number) => void = () => {};
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
    this.hold(value & ALL);
    for (const [bit, peripheral] of this.peripherals) if ((newly & (1 << bit)) !== 0) peripheral.reset();
  }

  /** The whole chip, as the boot ROM leaves it. */
  resetAll(): void {
    this.watchdogSelect = 0;
    for (const peripheral of this.peripherals.values()) peripheral.reset();
    this.hold(HELD_AT_START);
  }

  private hold(held: number): void {
    this.held = held;
    this.onHeld(held);
  }
}
