/**
 * An I2C controller's wires (RP2040 datasheet 4.3) and the parts on them: rp2040js's registers, with every start, byte and
 * stop taking its time at the programmed clock, and an address that no part has answered by NACK.
 */
import type { I2CMode, RPI2C } from 'rp2040js';
import type { VirtualClock } from './clock.js';

/** A part on the bus, byte by byte. */
export interface I2cPart {
  /** 7-bit. */
  readonly address: number;
  /** The master addresses it; false is a NACK (asleep, busy). */
  start(isRead: boolean): boolean;
  /** The master writes a byte; false is a NACK. */
  write(byte: number): boolean;
  /** The master reads a byte. `isLast`: it will not acknowledge it. */
  read(isLast: boolean): number;
  stop(): void;
  /** SDA is held low for this long (a wake pulse): an address that nobody answers does so too. */
  wake?(lowUs: number): void;
}

const READ: I2CMode = 1;
const START_BITS = 1;
const BYTE_BITS = 9;

export class I2cLine {
  private readonly parts: I2cPart[] = [];
  private selected: I2cPart | null = null;

  constructor(i2c: RPI2C, clock: VirtualClock, clkSys: () => number) {
    const bitNs = () => ((i2c.sclHighPeriod + i2c.sclLowPeriod) * 1e9) / clkSys();
    const after = (bits: number, action: () => void) => clock.createAlarm(action).schedule(bits * bitNs());
    i2c.onStart = () => after(START_BITS, () => i2c.completeStart());
    i2c.onConnect = (address: number, mode: I2CMode) => {
      this.selected = null;
      const isAcknowledged = this.select(address, mode === READ, address === 0 ? bitNs() * BYTE_BITS : 0);
      after(BYTE_BITS, () => i2c.completeConnect(isAcknowledged));
    };
    i2c.onWriteByte = (byte: number) => {
      const isAcknowledged = this.selected?.write(byte) ?? false;
      after(BYTE_BITS, () => i2c.completeWrite(isAcknowledged));
    };
    i2c.onReadByte = (isAcknowledged: boolean) => {
      const byte = this.selected?.read(!isAcknowledged) ?? 0xff;
      after(BYTE_BITS, () => i2c.completeRead(byte));
    };
    i2c.onStop = () => {
      this.selected?.stop();
      this.selected = null;
      after(START_BITS, () => i2c.completeStop());
    };
  }

  attach(part: I2cPart): void {
    this.parts.push(part);
  }

  private select(address: number, isRead: boolean, lowNs: number): boolean {
    if (lowNs > 0) for (const part of this.parts) part.wake?.(lowNs / 1000);
    const part = this.parts.find((candidate) => candidate.address === address);
    if (part === undefined || !part.start(isRead)) return false;
    this.selected = part;
    return true;
  }
}
