/** The capture port over the board's C. */
import type { Capture } from '../../modules/board.js';
import type { Block } from '../../modules/capture/block.js';
import { captureRead, captureStart } from './natives.js';

export class NativeCapture implements Capture {
  readonly analogChannels: number;
  readonly digitalChannels: number;
  private readonly header: number[] = [0, 0, 0, 0];

  /** Starts at once. Inputs and pins as natives.d.ts says. */
  constructor(analogInputs: readonly number[], digitalInputs: readonly number[], pins: readonly number[]) {
    this.analogChannels = analogInputs.length;
    this.digitalChannels = digitalInputs.length;
    captureStart(analogInputs, digitalInputs, pins);
  }

  read(block: Block): boolean {
    const { header } = this;
    if (!captureRead(header, block.analog, block.digital)) return false;
    block.sequence = header[0];
    block.timeUs = header[1];
    block.lost = header[2];
    block.isFresh = header[3];
    return true;
  }
}
