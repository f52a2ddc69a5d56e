/** A witness that has learned the simulated tank, hands on the tank's wires, and what the detectors say of it. */
import { Finding } from '../../modules/detect/finding.js';
import type { RowDetector } from '../../modules/detect/row-detector.js';
import { PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import type { Scenario } from '../../simulator/scenarios/scenario.js';
import { Simulation } from '../../simulator/simulation.js';
import { Witness } from '../sensor/witness.js';

/** Learning takes 300 s, and a little more while neighbours are chosen; then EWMAs settle. */
const LEARN_S = 345;

export class TankRun {
  readonly simulation: Simulation;
  readonly witness: Witness;
  private hand: (ms: number) => void = () => {};
  private ms = 0;

  constructor(seed: number) {
    this.simulation = new Simulation('wire-break', seed, LEARN_S);
    // an event of our own in the place of the scenario's
    const scenario: Scenario = { ...this.simulation.scenario, apply: () => () => this.hand(this.ms++) };
    Object.defineProperty(this.simulation, 'scenario', { value: scenario });
    this.witness = new Witness(this.simulation.configuration);
    this.witness.play(this.simulation, LEARN_S);
    if (this.witness.sensor.condition.phase !== PHASE_WATCHING) throw new Error('the tank was not learned in time');
  }

  /** From now on `hand` does what it wants after each step of the PLC, which has one a millisecond. */
  forge(hand: (ms: number) => void): void {
    this.hand = hand;
    this.ms = 0;
  }

  detector<T extends RowDetector>(id: number): T {
    const found = this.witness.sensor.detectors.find((detector) => detector.id === id);
    if (found === undefined) throw new Error(`no detector ${id}`);
    return found as T;
  }

  /** Goes on until detector `id` is above its threshold, and gives the seconds; -1 when it is not within `seconds`. */
  secondsUntilAlarm(id: number, seconds: number): number {
    const detector = this.detector(id);
    let blocks = 0;
    while (blocks < 100 * seconds && detector.score <= 1) {
      this.witness.play(this.simulation, 0.01);
      blocks++;
    }
    return detector.score > 1 ? blocks / 100 : -1;
  }

  /** What detector `id` says now. */
  explain(id: number): Finding {
    const detector = this.detector(id);
    const finding = new Finding();
    finding.begin(id, 0, 0);
    detector.explain(finding, this.witness.sensor.row);
    return finding;
  }

  /** True while an incident is open, at the end of the row under way: detectors score before it ends. */
  get hasIncident(): boolean {
    this.witness.play(this.simulation, 0.1);
    return this.witness.sensor.table.open > 0;
  }
}
