/**
 * A press in cycles, one row a block: an axis goes out and back, a clamp holds pressure meanwhile, the motor draws power
 * while the axis moves. Moves begin a little early or late in every cycle. An order contact starts each cycle, or a gap.
 */
import { ANALOG_FIELDS, DIGITAL_FIELDS } from '../../modules/capture/block.js';
import { CYCLE_AT_GAP } from '../../modules/config/configuration.js';
import { Random } from '../../simulator/random.js';
import { contact, direct, sampleConfiguration } from '../sensor/sample-configuration.js';
import { Witness } from '../sensor/witness.js';

export const CYCLE_ROWS = 120;
const ROW_US = 100_000;
const ORDER_ROWS = 5;
const OUT_AT = 20;
const BACK_AT = 75;
const STROKE_MM = 200;
const MM_PER_ROW = 10;

/** What is wrong with a cycle. */
export interface Fault {
  /** The axis goes out this many rows late. */
  readonly lateRows?: number;
  /** The axis stops this far before its end, in millimetres. */
  readonly shortMm?: number;
  /** The motor draws this many times its power. */
  readonly power?: number;
  /** The machine stands still from row 60 on for this many rows. */
  readonly hangRows?: number;
  /** The cycle ends after this many rows. */
  readonly endRow?: number;
  /** Blocks lost in the middle of the cycle. */
  readonly lost?: number;
}

export class CyclicMachine {
  readonly witness: Witness;
  /** Rows with an alarm in the last cycle. */
  alarmRows = 0;
  /** First of them; -1 without one. */
  firstAlarm = -1;
  private readonly random: Random;
  private readonly isAtGap: boolean;
  private sequence = 0;
  private level = -1;

  /** `cyclesPerAlarm`: the budget. */
  constructor(seed: number, learnCycles: number, cyclesPerAlarm: number, isAtGap = false, witness?: Witness) {
    this.random = new Random(seed, 'machine');
    this.isAtGap = isAtGap;
    this.witness = witness ?? new Witness(configurationOf(learnCycles, cyclesPerAlarm, isAtGap));
  }

  /** One cycle; true when it alarmed. */
  cycle(fault: Fault = {}): boolean {
    const { random } = this;
    const outAt = OUT_AT + Math.round(1.2 * random.gaussian()) + (fault.lateRows ?? 0);
    const backAt = BACK_AT + Math.round(1.2 * random.gaussian());
    const rows = fault.endRow ?? CYCLE_ROWS + random.below(5) + (fault.hangRows ?? 0);
    const end = STROKE_MM - (fault.shortMm ?? 0);
    let position = 0;
    this.alarmRows = 0;
    this.firstAlarm = -1;
    for (let row = 0; row < rows; row++) {
      const hang = fault.hangRows ?? 0;
      const phase = row < 60 ? row : row < 60 + hang ? 60 : row - hang;
      const target = phase >= outAt && phase < backAt ? end : 0;
      const step =
        target > position ? Math.min(MM_PER_ROW, target - position) : Math.max(-MM_PER_ROW, target - position);
      position += step;
      const power = (step === 0 ? 0.05 : 1.5 + (step > 0 ? 0.8 : 0)) * (fault.power ?? 1) + 0.04 * random.gaussian();
      const clamp = phase >= 10 && phase < 110 ? 60 : 5;
      const lost = row === 60 ? (fault.lost ?? 0) : 0;
      this.feed([position + 0.2 * random.gaussian(), power, clamp + 0.5 * random.gaussian()], row, lost);
      if (!this.witness.sensor.isAlarming) continue;
      this.alarmRows++;
      if (this.firstAlarm < 0) this.firstAlarm = row;
    }
    return this.alarmRows > 0;
  }

  /** Normal cycles until learning is over; a row of learning left over is the next cycle's. */
  learn(): void {
    while (this.witness.sensor.condition.learnedPerMille < 1000) this.cycle();
  }

  private feed(values: readonly number[], row: number, lost: number): void {
    const { block, configuration } = this.witness;
    this.sequence += lost;
    block.sequence = this.sequence++;
    block.timeUs = this.sequence * configuration.blockUs;
    block.lost = lost;
    block.isFresh = lost > 0 || block.sequence === 0 || (this.isAtGap && row === 0) ? 1 : 0;
    values.forEach((v, i) => {
      block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, 1, v, v, v, v * v);
    });
    const level = row < ORDER_ROWS ? 1 : 0;
    const isEdge = this.level >= 0 && level !== this.level;
    if (!this.isAtGap)
      block.digital.splice(0, DIGITAL_FIELDS, level, isEdge ? 1 : 0, level, isEdge ? 0 : -1, isEdge ? 0 : -1);
    this.level = level;
    this.witness.take();
  }
}

function configurationOf(learnCycles: number, cyclesPerAlarm: number, isAtGap: boolean) {
  const analog = [direct('position'), direct('power'), direct('clamp')];
  return sampleConfiguration({
    analog,
    digital: isAtGap ? [] : [contact('order', 0)],
    cycleStart: isAtGap ? CYCLE_AT_GAP : analog.length,
    blockUs: ROW_US,
    blockSamples: 1,
    modelBlocks: 1,
    learnBlocks: learnCycles * (CYCLE_ROWS + 2),
    falseAlarmsPerDay: 86_400e6 / (ROW_US * cyclesPerAlarm * (CYCLE_ROWS + 2)),
    heartbeatMs: 1e9,
    readingsMs: 1e9,
  });
}
