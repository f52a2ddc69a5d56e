/**
 * The PLC's program for the packaging machine: bring a box to the photo-cell, push it off the belt past the glue nozzle,
 * close and press its lid, clear the beam. The glue's heater is a PI control, 5 %/K and 600 s, once a second.
 */
import type { InputImage, Program } from '../plc.js';
import * as line from './packaging-lines.js';

type Step = 'feed' | 'push' | 'return' | 'seal' | 'hold' | 'raise' | 'clear';

/** How long a step stays once its condition is met. */
const DWELL_MS: Readonly<Record<Step, number>> = {
  feed: 150,
  push: 100,
  return: 50,
  seal: 0,
  hold: 700,
  raise: 50,
  clear: 0,
};
const NEXT: Readonly<Record<Step, Step>> = {
  feed: 'push',
  push: 'return',
  return: 'seal',
  seal: 'hold',
  hold: 'raise',
  raise: 'clear',
  clear: 'feed',
};
const GLUE_C = 165;
const GAIN_PER_K = 5;
const INTEGRAL_S = 600;
const START_PERCENT = 45;
const CONTROL_MS = 1000;

export class PackagingProgram implements Program {
  private step: Step = 'feed';
  private metMs = -1;
  private controlMs = 0;
  private integral = START_PERCENT;
  private power = START_PERCENT;

  scan(inputs: InputImage, outputs: number[], commands: number[]): void {
    const { scanMs, levels } = inputs;
    if (this.metMs < 0 && this.isMet(levels)) this.metMs = 0;
    else if (this.metMs >= 0) this.metMs += scanMs;
    if (this.metMs >= DWELL_MS[this.step]) {
      this.step = NEXT[this.step];
      this.metMs = -1;
    }
    const { step } = this;
    outputs[line.CONVEYOR_ORDER] = step === 'feed' || step === 'clear' ? 1 : 0;
    outputs[line.PUSHER_ORDER] = step === 'push' ? 1 : 0;
    outputs[line.SEAL_ORDER] = step === 'seal' || step === 'hold' ? 1 : 0;
    this.controlMs += scanMs;
    if (this.controlMs >= CONTROL_MS) this.control(inputs);
    commands[line.HEATER_POWER] = this.power;
  }

  private control(inputs: InputImage): void {
    this.controlMs -= CONTROL_MS;
    const { low, high } = line.PACKAGING_LOOPS[line.GLUE_TEMPERATURE];
    const celsius = low + ((inputs.currentsMa[line.GLUE_TEMPERATURE] - 4) / 16) * (high - low);
    const error = GLUE_C - celsius;
    this.integral = limited(this.integral + (GAIN_PER_K * error) / INTEGRAL_S);
    this.power = limited(this.integral + GAIN_PER_K * error);
  }

  private isMet(levels: readonly number[]): boolean {
    switch (this.step) {
      case 'feed':
        return levels[line.BOX_PRESENT] === 1;
      case 'push':
        return levels[line.PUSHER_OUT] === 1;
      case 'return':
        return levels[line.PUSHER_BACK] === 1;
      case 'seal':
        return levels[line.SEAL_DOWN] === 1;
      case 'raise':
        return levels[line.SEAL_DOWN] === 0;
      case 'clear':
        return levels[line.BOX_PRESENT] === 0;
      default:
        return true;
    }
  }
}

function limited(percent: number): number {
  return Math.min(Math.max(percent, 0), 100);
}
