/** Rows of three analog channels for the residual models: b follows a, c is on its own; all are noisy and slow. */
import { Random } from '../../simulator/random.js';
import { direct, sampleConfiguration } from '../sensor/sample-configuration.js';
import { Witness } from '../sensor/witness.js';

/** Laid over the plant's values before they reach the wires. */
export type Event = (row: readonly number[], n: number) => number[];

export class AnalogPlant {
  readonly witness: Witness;
  private readonly random: Random;
  private a = 0;
  private c = 0;
  private n = 0;

  /** One row a block; learning takes `learnRows`. */
  constructor(seed: number, learnRows: number, falseAlarmsPerDay: number) {
    this.random = new Random(seed, 'plant');
    this.witness = new Witness(
      sampleConfiguration({
        analog: [direct('a'), direct('b'), direct('c')],
        blockUs: 1_000_000,
        blockSamples: 1,
        modelBlocks: 1,
        learnBlocks: learnRows,
        falseAlarmsPerDay,
        neighboursMax: 2,
        heartbeatMs: 1e9,
        readingsMs: 1e9,
      }),
    );
  }

  /** `rows` rows on; `look` is called after each. */
  run(rows: number, event: Event = (row) => [...row], look: (n: number) => void = () => {}): void {
    const { random, witness } = this;
    for (let i = 0; i < rows; i++) {
      this.a = 0.9 * this.a + random.gaussian();
      this.c = 0.7 * this.c + random.gaussian();
      const row = [this.a, 2 * this.a + 5 + 0.5 * random.gaussian(), this.c];
      witness.takeValues(event(row, this.n++));
      look(i);
    }
  }
}
