/** A pair of wires in memory: what either end writes, both hear, as on RS-485. Bytes arrive in pieces, later. */
import { Duplex } from 'node:stream';
import { crc32c } from '../../modules/base/crc32c.js';
import { cobsDecode, cobsEncode } from '../../modules/link/cobs.js';
import type { SampleLog } from './sample-log.js';

/** The collector's end. `toBoard` hears what it writes; its echo comes back. */
export class SampleWire extends Duplex {
  private readonly toBoard: (bytes: Uint8Array) => void;

  constructor(toBoard: (bytes: Uint8Array) => void) {
    super();
    this.toBoard = toBoard;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.push(chunk); // the echo
    setImmediate(() => this.toBoard(chunk));
    done();
  }

  /** Bytes that the collector hears, in pieces. */
  hear(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 100) this.push(Buffer.from(bytes.subarray(at, at + 100)));
  }
}

/** COBS(address, message, CRC-32C little-endian) and 0x00. */
export function packet(address: number, message: Uint8Array): Uint8Array {
  const plain = Buffer.concat([Buffer.of(address), message, Buffer.alloc(4)]);
  plain.writeUInt32LE(crc32c(plain, 0, plain.length - 4), plain.length - 4);
  const encoded = new Uint8Array(plain.length + 16 + Math.ceil(plain.length / 200));
  const bytes = cobsEncode(plain, plain.length, encoded, 0);
  return encoded.subarray(0, bytes + 1);
}

/** Boards on the wires, by address. `disturb` may change, drop (empty) or prolong what a board sends. */
export function boardsOnWire(
  logs: ReadonlyMap<number, SampleLog>,
  disturb: (packet: Uint8Array) => Uint8Array = (bytes) => bytes,
): SampleWire {
  const wire = new SampleWire((bytes) => {
    const plain = new Uint8Array(bytes.length);
    // a zero before the packet ends whatever was on the line
    const length = cobsDecode(bytes, bytes[0] === 0 ? 1 : 0, bytes.length - 1, plain);
    const log = logs.get(plain[0]);
    if (log === undefined || length < 5) return;
    for (const answer of log.answer(plain.subarray(1, length - 4))) wire.hear(disturb(packet(plain[0], answer)));
  });
  return wire;
}
