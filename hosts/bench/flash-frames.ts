/** Frames out of a flash, as the board wrote it. */
import { existsSync, readFileSync } from 'node:fs';
import { RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from '../../modules/limits.js';
import { FrameLog } from '../../modules/log/frame-log.js';
import { type FlashShape, SimulatedFlash } from '../../simulator/flash.js';
import { flashParts } from './flash-parts.js';

/** The bench's flash unless a run says otherwise. */
export const MEASURE_FLASH: FlashShape = { size: 1 << 20, eraseBytes: 4096, pageBytes: 256 };

/** Every frame that is still in the log, oldest first. */
export function framesIn(log: FrameLog): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const record = new Uint8Array(RECORD_BYTES_MAX);
  for (let sequence = log.tail; sequence < log.head; sequence++) {
    const bytes = log.read(sequence, record);
    frames.push(record.slice(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + bytes));
  }
  return frames;
}

/** The frames in a flash file of the bench; none when there is no such file. */
export function framesInFile(file: string, shape: FlashShape): Uint8Array[] {
  const flash = new SimulatedFlash(shape, 1);
  if (existsSync(file)) flash.cells.set(readFileSync(file));
  return framesIn(new FrameLog(flashParts(flash).log));
}
