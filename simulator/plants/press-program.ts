/** The PLC's program for the press: feed a part, clamp it, press it and hold, let go, feed the next. */
import type { InputImage, Program } from '../plc.js';
import { SCAN_MS } from '../plc.js';
import * as line from './press-lines.js';

type Step = 'feed' | 'clamp' | 'press' | 'hold' | 'raise' | 'release' | 'clear';

/** How long a step stays once its condition is met. */
const DWELL_MS: Readonly<Record<Step, number>> = {
  feed: 120,
  clamp: 200,
  press: 0,
  hold: 800,
  raise: 0,
  release: 100,
  clear: 0,
};
const NEXT: Readonly<Record<Step, Step>> = {
  feed: 'clamp',
  clamp: 'press',
  press: 'hold',
  hold: 'raise',
  raise: 'release',
  release: 'clear',
  clear: 'feed',
};

export class PressProgram implements Program {
  private step: Step = 'feed';
  private metMs = -1;

  scan({ levels }: InputImage, outputs: number[]): void {
    if (this.metMs < 0 && this.isMet(levels)) this.metMs = 0;
    else if (this.metMs >= 0) this.metMs += SCAN_MS;
    if (this.metMs >= DWELL_MS[this.step]) {
      this.step = NEXT[this.step];
      this.metMs = -1;
    }
    const { step } = this;
    outputs[line.CONVEYOR_ORDER] = step === 'feed' || step === 'clear' ? 1 : 0;
    outputs[line.CLAMP_ORDER] = step === 'clamp' || step === 'press' || step === 'hold' || step === 'raise' ? 1 : 0;
    outputs[line.RAM_ORDER] = step === 'press' || step === 'hold' ? 1 : 0;
  }

  private isMet(levels: readonly number[]): boolean {
    switch (this.step) {
      case 'feed':
        return levels[line.PART_PRESENT] === 1;
      case 'clamp':
        return levels[line.CLAMPED] === 1;
      case 'press':
        return levels[line.RAM_DOWN] === 1;
      case 'raise':
        return levels[line.RAM_UP] === 1;
      case 'release':
        return levels[line.CLAMPED] === 0;
      case 'clear':
        return levels[line.PART_PRESENT] === 0;
      default:
        return true;
    }
  }
}
