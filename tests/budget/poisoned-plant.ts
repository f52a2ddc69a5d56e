/**
 * A plant one of whose transmitters drifts, in rows of a minute, under the whole firmware: does learning notice, and
 * what is noticed after it. All values in percent of span; the measuring noise is 0.2.
 *
 *   load      moves by 8 within 20 minutes; flow, pressure and power follow it: good neighbours of each other
 *   level     moves by 3 within 20 minutes, related to nothing that is measured
 *   heat      held at 60 by the PLC, which sees what the transmitter tells and moves the valve; load and a disturbance
 *             of its own upset it
 */
import { INCIDENT_CLOSED, INCIDENT_OPEN } from '../../modules/incident/incident.js';
import { SIGNER_DONE } from '../../modules/sign/signer-state.js';
import { Random } from '../../simulator/random.js';
import { direct, sampleConfiguration } from '../sensor/sample-configuration.js';
import { Witness } from '../sensor/witness.js';

const CHANNELS: readonly string[] = ['flow', 'pressure', 'power', 'level', 'heat', 'valve'];
/** The transmitters that drift: with good neighbours, without any, held to a set point by the PLC. */
export const KINDS = ['pressure', 'level', 'heat'] as const;
export type Kind = (typeof KINDS)[number];
/** What the drift does when learning is over. */
export const SEQUELS = ['goes on', 'stops', 'jumps back'] as const;
export type Sequel = (typeof SEQUELS)[number];

const WATCH_HOURS = 72;
const ROWS_PER_HOUR = 60;
const FALSE_ALARMS_PER_DAY = 1;
const NOISE = 0.2;
const CORRELATION = Math.exp(-1 / 20);
const FRESH = Math.sqrt(1 - CORRELATION * CORRELATION);
const LEVEL_SPREAD = 3;
const LOAD_SPREAD = 8;
const UPSET_SPREAD = 2;
/** The heat: its lag in rows, what valve and load do to it, the controller. */
const HEAT = { lag: 5, valve: 0.8, load: 0.3, setPoint: 60, gain: 1.5, integral: 0.3 };

/** Something slow that keeps to itself: spread 1. */
class Wandering {
  private readonly random: Random;
  value = 0;

  constructor(seed: number, name: string) {
    this.random = new Random(seed, name);
  }

  step(): number {
    this.value = CORRELATION * this.value + FRESH * this.random.gaussian();
    return this.value;
  }
}

/** What the transmitters tell, a row at a time. */
class PoisonedPlant {
  private readonly noise: Random;
  private readonly load: Wandering;
  private readonly level: Wandering;
  private readonly upset: Wandering;
  private heat = HEAT.setPoint;
  private integral = 0;

  constructor(seed: number) {
    this.noise = new Random(seed, 'noise');
    this.load = new Wandering(seed, 'load');
    this.level = new Wandering(seed, 'level');
    this.upset = new Wandering(seed, 'upset');
  }

  private measured(value: number): number {
    return value + NOISE * this.noise.gaussian();
  }

  /** The next row while the transmitter of `kind` tells `offset` too much. */
  row(kind: Kind, offset: number): number[] {
    const load = LOAD_SPREAD * this.load.step();
    const flow = this.measured(50 + load);
    const pressure = this.measured(50 + 0.8 * load) + (kind === 'pressure' ? offset : 0);
    const power = this.measured(50 + 0.6 * load);
    const level = this.measured(50 + LEVEL_SPREAD * this.level.step()) + (kind === 'level' ? offset : 0);
    const heat = this.measured(this.heat) + (kind === 'heat' ? offset : 0);
    const error = HEAT.setPoint - heat;
    this.integral += HEAT.integral * error;
    const valve = 50 + HEAT.gain * error + this.integral;
    const drive = HEAT.valve * (valve - 50) - HEAT.load * load + UPSET_SPREAD * this.upset.step();
    this.heat += (HEAT.setPoint + drive - this.heat) / HEAT.lag;
    return [flow, pressure, power, level, heat, this.measured(valve)];
  }
}

export interface PoisonOptions {
  readonly kind: Kind;
  readonly seed: number;
  readonly learnHours: number;
  readonly watchHours: number;
  /** Percent of span an hour while learning, and while watching. */
  readonly learnRate: number;
  readonly watchRate: number;
  /** The offset when watching begins: what learning ended with, or 0. */
  readonly keepsOffset: boolean;
}

/** An incident after learning. */
export interface Noticed {
  /** Since the end of learning. */
  readonly hours: number;
  /** DETECTOR_* when it opened. */
  readonly detector: number;
  /** Names, most telling first. */
  readonly channels: readonly string[];
}

export interface Poisoned {
  /** v of the channel that drifts (of the heat, which is held: of its valve), and the largest of all. */
  readonly ownV: number;
  readonly v: number;
  /** NOT_LEARNED, PROVISIONAL or SUFFICIENT. */
  readonly level: number;
  readonly incidents: readonly Noticed[];
}

/** Channels that a lie of `kind` shows in: all that is predicted from it. Heat and valve follow the load, too. */
function channelsOf(kind: Kind): readonly string[] {
  if (kind === 'heat') return ['heat', 'valve'];
  return kind === 'level' ? ['level'] : ['flow', 'pressure', 'power', 'heat', 'valve'];
}

/** The first incident that names first a channel which the lie shows in. */
export function firstNoticed(kind: Kind, { incidents }: Poisoned): Noticed | undefined {
  return incidents.find(({ channels }) => channelsOf(kind).includes(channels[0]));
}

/** Learns and watches. */
export function poison(options: PoisonOptions): Poisoned {
  const { kind, seed, learnRate, watchRate } = options;
  const learnRows = options.learnHours * ROWS_PER_HOUR;
  const witness = newWitness(learnRows);
  const { sensor } = witness;
  const plant = new PoisonedPlant(seed);
  let offset = 0;
  for (let n = 0; sensor.condition.learnedPerMille < 1000; n++) {
    witness.takeValues(plant.row(kind, offset));
    offset += learnRate / ROWS_PER_HOUR;
    if (n > 2 * learnRows) throw new Error('learning does not end');
  }
  const { model } = sensor;
  const ownV = model.varianceRatioOf(CHANNELS.indexOf(kind === 'heat' ? 'valve' : kind));
  const { varianceRatio: v, level } = model;
  if (!options.keepsOffset) offset = 0;
  const incidents: Noticed[] = [];
  for (let n = 0; n < options.watchHours * ROWS_PER_HOUR; n++) {
    const { opened } = sensor.table;
    witness.takeValues(plant.row(kind, offset));
    offset += watchRate / ROWS_PER_HOUR;
    if (sensor.table.opened !== opened) note(witness, opened, (n + 1) / ROWS_PER_HOUR, incidents);
  }
  return { ownV, v, level, incidents };
}

/** Rows of one block of one sample; keys that sign at once, for what frames say is not looked at. */
function newWitness(learnRows: number): Witness {
  return new Witness(
    sampleConfiguration({
      analog: CHANNELS.map((name) => direct(name, { resolution: 0.02 })),
      blockUs: 3600e6 / ROWS_PER_HOUR,
      blockSamples: 1,
      modelBlocks: 1,
      learnBlocks: learnRows,
      falseAlarmsPerDay: FALSE_ALARMS_PER_DAY,
      neighboursMax: 4,
      heartbeatMs: 1e9,
      readingsMs: 1e9,
    }),
    { signerOver: (signer) => ({ ...signer, start: () => true, poll: () => SIGNER_DONE }) },
  );
}

/** Incidents after the first `before`. */
function note({ sensor }: Witness, before: number, hours: number, incidents: Noticed[]): void {
  for (const { state, id, detector, channel, channels } of sensor.table.incidents) {
    if ((state !== INCIDENT_OPEN && state !== INCIDENT_CLOSED) || id <= before) continue;
    incidents.push({ hours, detector, channels: channel.slice(0, channels).map((at) => CHANNELS[at]) });
  }
}

/** The options of one case: a drift of `rate` through all of learning, and what becomes of it. */
export function poisonedCase(
  kind: Kind,
  seed: number,
  learnHours: number,
  rate: number,
  sequel: Sequel,
): PoisonOptions {
  return {
    ...{ kind, seed, learnHours, watchHours: WATCH_HOURS, learnRate: rate },
    watchRate: sequel === 'goes on' ? rate : 0,
    keepsOffset: sequel !== 'jumps back',
  };
}

/** A drift of `rate` that begins when clean learning ends; 0 for a plant without any. */
export function cleanCase(kind: Kind, seed: number, learnHours: number, rate: number): PoisonOptions {
  return { kind, seed, learnHours, watchHours: WATCH_HOURS, learnRate: 0, watchRate: rate, keepsOffset: true };
}
