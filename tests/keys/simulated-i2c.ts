/** An I2C bus of ECMA-419 with one simulated ATECC608 on it, in virtual time, with faults that a test asks for. */
import type { I2c, I2cOptions } from '../../hosts/keys/atecc608.js';
import type { SimulatedAtecc608 } from '../../simulator/atecc608.js';

const BITS_A_BYTE = 9;

export class SimulatedI2c {
  nowUs = 0;
  /** Null: nothing is connected. */
  part: SimulatedAtecc608 | null = null;
  /** Transfers to come whose last byte but one is damaged. */
  damagedWrites = 0;
  damagedReads = 0;
  /** Transfers, in either direction, that go well before those. */
  transfersBeforeDamage = 0;
  /** Buses opened and not closed. */
  opened = 0;
  readonly address: number;

  constructor(address = 0x60) {
    this.address = address;
  }

  /** Looking at the clock takes a little time, so that waiting for it ends. */
  readonly clock = (): number => {
    this.nowUs += 50;
    return this.nowUs;
  };

  /** The constructor that the driver's options take. */
  get io(): new (
    options: I2cOptions,
  ) => I2c {
    const bus = this;
    return class implements I2c {
      private readonly options: I2cOptions;

      constructor(options: I2cOptions) {
        this.options = options;
        bus.opened++;
      }

      write(bytes: Uint8Array): void {
        if (!bus.write(this.options, bytes)) throw new Error('write failed');
      }

      read(count: number): ArrayBuffer {
        const bytes = bus.read(this.options, count);
        if (bytes === null) throw new Error('read failed');
        return bytes.slice().buffer;
      }

      close(): void {
        bus.opened--;
      }
    };
  }

  private write({ address, hz }: I2cOptions, bytes: Uint8Array): boolean {
    const bitUs = 1e6 / hz;
    // Only the zero bits of the address are sent where nobody acknowledges it.
    if (address === 0) {
      this.part?.holdLow(8 * bitUs);
      this.nowUs += BITS_A_BYTE * bitUs;
      return false;
    }
    this.nowUs += (bytes.length + 1) * BITS_A_BYTE * bitUs;
    if (address !== this.address) return false;
    const isDamaged = bytes.length > 1 && this.transfersBeforeDamage-- <= 0 && this.damagedWrites-- > 0;
    return this.part?.write(damaged(bytes, isDamaged)) === true;
  }

  private read({ address, hz }: I2cOptions, count: number): Uint8Array | null {
    const bytes = address === this.address ? (this.part?.read(count) ?? null) : null;
    this.nowUs += ((bytes === null ? 0 : count) + 1) * BITS_A_BYTE * (1e6 / hz);
    return bytes && damaged(bytes, this.transfersBeforeDamage-- <= 0 && this.damagedReads-- > 0);
  }
}

function damaged(bytes: Uint8Array, isDamaged: boolean): Uint8Array {
  const copy = bytes.slice();
  if (isDamaged) copy[copy.length - 2] ^= 0x04;
  return copy;
}
