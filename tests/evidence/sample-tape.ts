/** The samples of a run as they were on the wires, and whether raw evidence has them: no code of the recorder's. */
import type { Simulation } from '../../simulator/simulation.js';

/** What a raw part says, as `rebuildEvidence` and `--json` have it. */
export interface RawPart {
  readonly channel: number;
  readonly periodUs: number;
  readonly fromUs: number;
  readonly minCounts?: readonly (number | null)[];
  readonly level?: readonly (number | null)[];
}

export class SampleTape {
  private readonly analog: number;
  private readonly samples: number[][] = [];
  private current: number[] = [];

  /** Plays the run to its end. */
  constructor(simulation: Simulation, seconds: number) {
    this.analog = simulation.configuration.analog.length;
    for (let i = 0; i < seconds * 1000; i++) simulation.nextSample(this);
  }

  addAnalog(channel: number, counts: number): void {
    this.current[channel] = counts;
  }

  addDigital(channel: number, level: number): void {
    this.current[this.analog + channel] = level;
  }

  endSample(): void {
    this.samples.push(this.current);
    this.current = [];
  }

  /** The first sample of the part that is not as it was, as text; undefined: all are. Sample n begins at n ms. */
  firstWrong({ channel, periodUs, fromUs, minCounts, level }: RawPart): string | undefined {
    const told = minCounts ?? level ?? [];
    if (periodUs !== 1000 || fromUs % 1000 !== 0 || told.length === 0)
      return `${told.length} of ${periodUs} from ${fromUs}`;
    const first = fromUs / 1000;
    const wrong = told.findIndex((value, i) => value !== this.samples[first + i]?.[channel]);
    return wrong < 0 ? undefined : `channel ${channel}, sample ${first + wrong}: ${told[wrong]}`;
  }
}
