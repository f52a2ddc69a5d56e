/**
 * The SSI between the chip and its flash (RP2040 datasheet 4.10), the QSPI pins' chip select (2.19.6.2) and the XIP
 * cache's control (2.6.3): enough for boot2, for the boot ROM's functions and for code that talks to the flash itself.
 *
 * The flash is readable in place while the SSI is enabled in the mode that XIP needs (CTRLR0.TMOD = 3, EEPROM read).
 */
import { BasePeripheral, type RP2040 } from 'rp2040js';
import type { Bus } from './bus.js';
import type { FlashChip } from './flash-chip.js';

const CTRLR0 = 0x00;
const SSIENR = 0x08;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const IDR = 0x58;
const VERSION_ID = 0x5c;
const DR0 = 0x60;

const SR_TFNF = 2;
const SR_TFE = 4;
const SR_RFNE = 8;
const TMOD_SHIFT = 8;
const TMOD_TX_AND_RX = 0;
const TMOD_EEPROM_READ = 3;
const FIFO_WORDS = 16;

export class XipSsi extends BasePeripheral {
  private readonly registers = new Map<number, number>();
  private readonly bus: Bus;
  private readonly chip: FlashChip;
  private readonly fifo: number[] = [];
  private isEnabled = false;
  private mode = TMOD_TX_AND_RX;
  /** The override of the chip select: true while software drives it low or high itself. */
  private isSelectForced = false;

  constructor(rp2040: RP2040, bus: Bus, chip: FlashChip) {
    super(rp2040, 'SSI');
    this.bus = bus;
    this.chip = chip;
  }

  /** What the boot ROM's flash_enter_cmd_xip does. */
  enterXip(): void {
    this.configure(TMOD_EEPROM_READ, true);
  }

  /** What its flash_exit_xip does: the SSI in plain SPI mode, whatever command was open ended by the select going high. */
  exitXip(): void {
    this.chip.deselect();
    this.configure(TMOD_TX_AND_RX, true);
  }

  /** GPIO_QSPI_SS_CTRL.OUTOVER: 2 drives the select low, 3 high, 0 leaves it to the SSI. */
  overrideSelect(outover: number): void {
    this.isSelectForced = outover >= 2;
    if (outover === 2) this.chip.select();
    else this.chip.deselect();
  }

  private configure(mode: number, isEnabled: boolean): void {
    this.mode = mode;
    this.isEnabled = isEnabled;
    if (!isEnabled) this.fifo.length = 0;
    this.bus.isXipOn = isEnabled && mode === TMOD_EEPROM_READ;
  }

  override readUint32(offset: number): number {
    switch (offset) {
      case SSIENR:
        return this.isEnabled ? 1 : 0;
      case TXFLR:
        return 0;
      case RXFLR:
        return this.fifo.length;
      case SR:
        return SR_TFNF | SR_TFE | (this.fifo.length > 0 ? SR_RFNE : 0);
      case IDR:
        return 0x51535049;
      case VERSION_ID:
        return 0x3430312a;
      case DR0:
        return this.fifo.shift() ?? 0;
      default:
        return this.registers.get(offset) ?? 0;
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === DR0) this.transmit(value);
    else if (offset === SSIENR) this.configure(this.mode, (value & 1) !== 0);
    else {
      this.registers.set(offset, value);
      if (offset === CTRLR0) this.configure((value >>> TMOD_SHIFT) & 3, this.isEnabled);
    }
  }

  /** A frame is sent at once: the select is low from the first byte until the FIFO has been read empty, or as forced. */
  private transmit(value: number): void {
    if (!this.isEnabled || this.mode !== TMOD_TX_AND_RX) return;
    if (!this.isSelectForced && this.fifo.length === 0) {
      this.chip.deselect();
      this.chip.select();
    }
    const answer = this.chip.exchange(value & 0xff);
    if (this.fifo.length < FIFO_WORDS) this.fifo.push(answer);
  }
}

/** IO_BANK for the QSPI pins: only the chip select's override means something here. */
export class QspiPins extends BasePeripheral {
  private readonly control = new Uint32Array(6).fill(0x1f);
  private readonly ssi: XipSsi;

  constructor(rp2040: RP2040, ssi: XipSsi) {
    super(rp2040, 'IO_QSPI');
    this.ssi = ssi;
  }

  override readUint32(offset: number): number {
    return offset < 0x30 && (offset & 4) !== 0 ? this.control[offset >>> 3] : 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= 0x30 || (offset & 4) === 0) return;
    this.control[offset >>> 3] = value;
    if (offset >>> 3 === 1) this.ssi.overrideSelect((value >>> 8) & 3);
  }
}

/** XIP_CTRL: the cache is not modelled, so a flush is done at once. */
export class XipControl extends BasePeripheral {
  private control = 3;

  constructor(rp2040: RP2040) {
    super(rp2040, 'XIP_CTRL');
  }

  override readUint32(offset: number): number {
    if (offset === 0) return this.control;
    // STAT: FIFO empty, flush ready.
    return offset === 8 ? 6 : 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === 0) this.control = value;
  }
}
