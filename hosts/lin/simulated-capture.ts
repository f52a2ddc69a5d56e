/** The capture of this host: blocks of the simulated plant, each handed over when its time has come. */
import type { Capture } from '../../modules/board.js';
import type { Block } from '../../modules/capture/block.js';
import type { Simulation } from '../../simulator/simulation.js';
import type { Pace } from './pace.js';

/** So many blocks are handed over in a row; then none is ready for once, and the firmware has time for its slow work. */
const BURST_BLOCKS = 32;

export class SimulatedCapture implements Capture {
  readonly analogChannels: number;
  readonly digitalChannels: number;
  private readonly simulation: Simulation;
  private readonly pace: Pace;
  private readonly endUs: number;
  private timeUs = 0;
  private burst = 0;
  private onEvent: ((timeUs: number) => void) | null;
  private onEnd: (() => void) | null;

  /** `seconds` of plant time, then `onEnd` is called; `onEvent` when the scenario's event begins. */
  constructor(
    simulation: Simulation,
    pace: Pace,
    seconds: number,
    onEvent: (timeUs: number) => void,
    onEnd: () => void,
  ) {
    this.analogChannels = simulation.configuration.analog.length;
    this.digitalChannels = simulation.configuration.digital.length;
    this.simulation = simulation;
    this.pace = pace;
    this.endUs = seconds * 1e6;
    this.onEvent = onEvent;
    this.onEnd = onEnd;
  }

  read(block: Block): boolean {
    const { simulation, pace } = this;
    const timeUs = this.timeUs + simulation.configuration.blockUs;
    if (timeUs > this.endUs) {
      const { onEnd } = this;
      this.onEnd = null;
      if (onEnd !== null) onEnd();
      return false;
    }
    if (this.burst === BURST_BLOCKS || !pace.isDue(timeUs)) {
      this.burst = 0;
      return false;
    }
    this.burst++;
    simulation.nextBlock(block);
    this.timeUs = timeUs;
    pace.skipTo(timeUs);
    if (this.onEvent !== null && simulation.truth.onsetUs !== null) {
      this.onEvent(simulation.truth.onsetUs);
      this.onEvent = null;
    }
    return true;
  }
}
