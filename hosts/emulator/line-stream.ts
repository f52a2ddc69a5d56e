/** The other end of the emulated board's RS-485 line as a stream of bytes, for a collector in the same process. */
import { Duplex } from 'node:stream';
import type { Rs485Line } from '../../simulator/rp2040/rs485-line.js';

export class LineStream extends Duplex {
  private readonly line: Rs485Line;

  constructor(line: Rs485Line) {
    super();
    this.line = line;
    line.onByte = (byte) => void this.push(Uint8Array.of(byte));
  }

  override _read(): void {}

  override _write(piece: Uint8Array, _encoding: string, done: () => void): void {
    this.line.send(piece);
    done();
  }
}
