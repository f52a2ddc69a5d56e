/**
 * The tank with a booster pump in the consumer's pipe, another supplier's, that comes and goes as it likes. While it runs
 * the valve's actuator goes in steps, against water hammer: a stroke takes twice as long. The booster's contact is the
 * operating mode of the pairs of the valve. A variant: none of the recorded figures are of it.
 */
import type { Configuration } from '../../modules/config/configuration.js';
import { Random } from '../random.js';
import type { DigitalLine } from '../wires.js';
import { Tank } from './tank.js';
import { TANK_DIGITAL_LINES, TANK_PAIRS, tankConfigurationOf, VALVE_ORDER } from './tank-lines.js';

export const BOOSTER_RUNNING = TANK_DIGITAL_LINES.length;

export const BOOSTER_LINES: readonly DigitalLine[] = [
  ...TANK_DIGITAL_LINES,
  { name: 'booster-running', source: 'contact' },
];

const STEPPING = 2;
/** How long it runs, and how long it does not, in milliseconds. */
const HOLD_MS_MIN = 60_000;
const HOLD_MS_MAX = 150_000;

export class TankBooster extends Tank {
  isRunning = false;
  /** The actuator goes in steps whether the booster runs or not: somebody has set it so. */
  isAlwaysStepping = false;
  private holdMs = 0;
  private readonly demand: Random;

  constructor(seed: number) {
    super(seed);
    this.contacts.push(0);
    this.demand = new Random(seed, 'booster');
  }

  override step(outputs: readonly number[]): void {
    if (--this.holdMs < 0) {
      this.isRunning = !this.isRunning;
      this.holdMs = Math.round(this.demand.between(HOLD_MS_MIN, HOLD_MS_MAX));
    }
    this.contacts[BOOSTER_RUNNING] = this.isRunning ? 1 : 0;
    this.valve.strokeFactor = this.isRunning || this.isAlwaysStepping ? STEPPING : 1;
    super.step(outputs);
  }
}

/** The configuration of the witness at this tank. */
export function boosterConfiguration(): Configuration {
  const pairs = TANK_PAIRS.map((pair) =>
    'order' in pair && pair.order === VALVE_ORDER ? { ...pair, mode: [BOOSTER_RUNNING] } : pair,
  );
  return tankConfigurationOf(BOOSTER_LINES, pairs);
}
