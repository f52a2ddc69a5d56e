/**
 * Lines made up from a seed, any number of them: half loops that follow three common processes and one of their own
 * (AR(1), tau 1 s; all have neighbours), half contacts: orders that toggle every 2 to 8 s, each on its own, and behind each
 * of them the contact that answers 50 ms later.
 */
import { ANALOG_FIELDS, type Block, DIGITAL_FIELDS } from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import type { BlockSource } from '../../simulator/block-stream.js';
import { Random } from '../../simulator/random.js';

const BLOCK_US = 10_000;
const SAMPLES = 10;
const COMMON = 3;
/** Of a block: exp(-10 ms / 1 s), and the rest of a variance of one. */
const KEPT = 0.99;
const NEW = Math.sqrt(1 - KEPT * KEPT);
const OWN = 0.3;
const MIDDLE = 2400;
const SPREAD = 150;
const NOISE = 3;
const TOGGLE_MIN_BLOCKS = 200;
const TOGGLE_MAX_BLOCKS = 800;
const ANSWER_BLOCKS = 5;

export class SyntheticLines implements BlockSource {
  readonly configuration: Configuration;
  private readonly random: Random;
  private readonly common: number[] = [];
  private readonly own: number[] = [];
  private readonly shares: number[][] = [];
  private readonly levels: number[] = [];
  private readonly toggleAt: number[] = [];
  private block = 0;

  /** `channels`: half of them analog; `learnRows` of 100 ms. */
  constructor(channels: number, seed: number, learnRows: number, neighboursMax: number) {
    const analogs = channels >> 1;
    this.random = new Random(seed, 'lines');
    for (let k = 0; k < COMMON; k++) this.common.push(this.random.gaussian());
    for (let i = 0; i < analogs; i++) {
      this.own.push(this.random.gaussian());
      this.shares.push(this.common.map(() => this.random.between(-1, 1)));
    }
    for (let i = 0; i < channels - analogs; i++) {
      this.levels.push(0);
      this.toggleAt.push(this.random.below(TOGGLE_MAX_BLOCKS));
    }
    this.configuration = configurationOf(analogs, channels - analogs, learnRows, neighboursMax);
  }

  nextBlock(block: Block): void {
    const { random, common, own, levels } = this;
    block.sequence = this.block;
    block.timeUs = ++this.block * BLOCK_US;
    block.lost = 0;
    block.isFresh = this.block === 1 ? 1 : 0;
    for (let k = 0; k < COMMON; k++) common[k] = KEPT * common[k] + NEW * random.gaussian();
    for (let i = 0; i < own.length; i++) {
      own[i] = KEPT * own[i] + NEW * random.gaussian();
      this.sample(block, i);
    }
    for (let i = 0; i < levels.length; i++) this.toggle(block, i);
  }

  private sample(block: Block, i: number): void {
    const { random, common, own, shares } = this;
    const level = shares[i].reduce((sum, share, k) => sum + share * common[k], OWN * own[i]);
    let min = Infinity;
    let max = -Infinity;
    let sum = 0;
    let squares = 0;
    for (let n = 0; n < SAMPLES; n++) {
      const counts = Math.round(MIDDLE + SPREAD * level + NOISE * random.gaussian());
      min = Math.min(min, counts);
      max = Math.max(max, counts);
      sum += counts;
      squares += counts * counts;
    }
    block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, SAMPLES, min, max, sum, squares);
  }

  private toggle(block: Block, i: number): void {
    const { random, levels, toggleAt } = this;
    const isAnswer = i % 2 === 1;
    const isEdge = this.block === (isAnswer ? toggleAt[i - 1] + ANSWER_BLOCKS : toggleAt[i]);
    if (isEdge) levels[i] = 1 - levels[i];
    // the answer comes before the next order
    if (isAnswer && isEdge) toggleAt[i - 1] += random.below(TOGGLE_MAX_BLOCKS - TOGGLE_MIN_BLOCKS) + TOGGLE_MIN_BLOCKS;
    const edge = isEdge ? 0 : -1;
    const high = levels[i] * SAMPLES;
    block.digital.splice(i * DIGITAL_FIELDS, DIGITAL_FIELDS, levels[i], isEdge ? 1 : 0, high, edge, edge);
  }
}

function configurationOf(analogs: number, contacts: number, learnRows: number, neighboursMax: number): Configuration {
  return {
    analog: Array.from({ length: analogs }, (_, i) => ({
      name: `loop ${i}`,
      kind: 'current',
      unit: '%',
      countsLow: 800,
      countsHigh: 4000,
      low: 0,
      high: 100,
      resolution: 100 / 3200,
      lowLimit: null,
      highLimit: null,
    })),
    digital: Array.from({ length: contacts }, (_, i) => ({ name: `contact ${i}`, kind: 'contact', debounceMs: 20 })),
    pairs: Array.from({ length: contacts >> 1 }, (_, i) => ({
      name: `pair ${i}`,
      order: analogs + 2 * i,
      execution: analogs + 2 * i + 1,
      isInverted: false,
    })),
    cycleStart: null,
    blockUs: BLOCK_US,
    blockSamples: SAMPLES,
    modelBlocks: 10,
    learnBlocks: 10 * learnRows,
    falseAlarmsPerDay: 1,
    neighboursMax,
    hasOccupancy: false,
    heartbeatMs: 10000,
    readingsMs: 60000,
    address: 1,
  };
}
