/** A simulated part that takes and gives whole messages, byte by byte on an I2C controller's wires. */
import type { I2cPart } from './i2c.js';

export interface MessagePart {
  /** SDA was held low for this long. */
  holdLow(us: number): void;
  /** What was written to the part's address; false where it does not acknowledge. No bytes: the address alone. */
  write(bytes: Uint8Array): boolean;
  /** The next `count` bytes; null where it does not acknowledge. */
  read(count: number): Uint8Array | null;
}

const NOTHING = new Uint8Array(0);

/** The part acknowledges every byte of a message whose address it acknowledged, and gets the message at its end. */
export class I2cMessages implements I2cPart {
  readonly address: number;
  private readonly part: MessagePart;
  private message: number[] = [];

  constructor(address: number, part: MessagePart) {
    this.address = address;
    this.part = part;
  }

  start(isRead: boolean): boolean {
    this.stop();
    return isRead ? this.part.read(0) !== null : this.part.write(NOTHING);
  }

  write(byte: number): boolean {
    this.message.push(byte);
    return true;
  }

  read(): number {
    return this.part.read(1)?.[0] ?? 0xff;
  }

  stop(): void {
    if (this.message.length === 0) return;
    this.part.write(Uint8Array.from(this.message));
    this.message = [];
  }

  wake(lowUs: number): void {
    this.part.holdLow(lowUs);
  }
}
