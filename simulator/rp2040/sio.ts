/** The single-cycle IO block (RP2040 datasheet 2.3.1): rp2040js's, with the pins and the other core's FIFO put right. */
import type { RPSIO } from './foreign.js';
import { FUNCTION_SIO, type PinBank } from './pins.js';

const GPIO_IN = 0x004;
const GPIO_OUT = 0x010;
const GPIO_OE_XOR = 0x02c;
const FIFO_ST = 0x050;
const FIFO_WR = 0x054;
const FIFO_RD = 0x058;
const DIV_UDIVIDEND = 0x060;
const DIV_SDIVISOR = 0x06c;
const DIV_QUOTIENT = 0x070;
const DIV_REMAINDER = 0x074;

/** There is no second core here: nothing to read, room to write. */
const FIFO_READY = 2;

export class Sio {
  private readonly sio: RPSIO;
  private readonly pins: PinBank;
  private dividend = 0;
  private divisor = 0;

  constructor(sio: RPSIO, pins: PinBank) {
    this.sio = sio;
    this.pins = pins;
  }

  readUint32(offset: number): number {
    if (offset === GPIO_IN) return this.pins.inputs;
    if (offset === FIFO_ST) return FIFO_READY;
    if (offset === FIFO_RD) return 0;
    return this.sio.readUint32(offset);
  }

  writeUint32(offset: number, value: number): void {
    if (offset === FIFO_WR || offset === FIFO_ST) return;
    if (offset >= DIV_UDIVIDEND && offset <= DIV_SDIVISOR) this.divide(offset, value);
    else this.sio.writeUint32(offset, value);
    if (offset >= GPIO_OUT && offset <= GPIO_OE_XOR) {
      this.pins.drive(FUNCTION_SIO, this.sio.gpioValue, this.sio.gpioOutputEnable);
    }
  }

  /** 2.3.1.5: by zero, the quotient is all ones, or 1 for a negative dividend; results are integers. */
  private divide(offset: number, value: number): void {
    this.sio.writeUint32(offset, value);
    if ((offset & 4) === 0) this.dividend = value;
    else this.divisor = value;
    const isSigned = (offset & 8) !== 0;
    const a = isSigned ? this.dividend | 0 : this.dividend >>> 0;
    const b = isSigned ? this.divisor | 0 : this.divisor >>> 0;
    this.sio.writeUint32(DIV_QUOTIENT, b === 0 ? (a < 0 ? 1 : -1) : Math.trunc(a / b) | 0);
    this.sio.writeUint32(DIV_REMAINDER, b === 0 ? a : (a % b) | 0);
  }
}
