/**
 * A collector on the emulated board's line, in the line's own time: polls, verifies, keeps the frames. The key is the one
 * that the board's first boot frame states.
 */
import { Assembler } from '../collector/assemble.js';
import { Collector } from '../collector/collector.js';
import { keyOf, keySet, writeKey } from '../collector/keys.js';
import type { DataMessage, LinkMessage } from '../collector/link-message.js';
import type { Printer } from '../collector/printer.js';
import { SerialSource } from '../collector/serial.js';
import type { OnMessage, Source } from '../collector/source.js';
import type { LineStream } from './line-stream.js';
import { statedKey } from './stated-key.js';

export interface LineCollectorOptions {
  readonly stream: LineStream;
  readonly address: number;
  readonly framesFile: string | undefined;
  /** Where device.cose_key goes. */
  readonly keysFolder: string | undefined;
  readonly printer: Printer;
  readonly nowMs: () => number;
}

/** Hands messages on, and looks at each frame for the key that it states before the collector verifies it. */
class KeyReader implements Source {
  private readonly source: SerialSource;
  private readonly assembler = new Assembler();
  private readonly onFrame: (bytes: Uint8Array) => void;

  constructor(source: SerialSource, onFrame: (bytes: Uint8Array) => void) {
    this.source = source;
    this.onFrame = onFrame;
  }

  get peers(): readonly string[] {
    return this.source.peers;
  }

  get answerBytesMax(): number {
    return this.source.answerBytesMax;
  }

  get refused(): number {
    return this.source.refused;
  }

  start(onMessage: OnMessage, onTrouble: (line: string) => void, onFree?: () => void): Promise<void> {
    const read = (peer: string, message: LinkMessage) => {
      if ('bytes' in message) this.look(message as DataMessage);
      onMessage(peer, message);
    };
    return this.source.start(read, onTrouble, onFree);
  }

  poll(peer: string, from: number, maxBytes?: number): boolean {
    return this.source.poll(peer, from, maxBytes);
  }

  noiseOf(): number {
    return this.source.noiseOf();
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private look(message: DataMessage): void {
    const frame = this.assembler.take(message);
    if (frame !== undefined) this.onFrame(frame);
  }
}

export function createLineCollector(options: LineCollectorOptions): Collector {
  const { stream, address, framesFile, keysFolder, printer, nowMs } = options;
  const keys = keySet();
  const source = new KeyReader(new SerialSource(stream, [address], { nowMs }), (bytes) => {
    if (keys.size > 0) return;
    const point = statedKey(bytes);
    if (point === undefined) return;
    const key = keyOf(point.x, point.y);
    keys.set(key.keyId, key);
    if (keysFolder !== undefined) writeKey(keysFolder, point.x, point.y);
  });
  return new Collector({ keys, source, from: 1, framesFile, ...printer.handlers() });
}
