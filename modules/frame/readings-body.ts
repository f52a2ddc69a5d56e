/**
 * Body of a readings frame (kind 4): a SenML pack (RFC 8428, CBOR labels) of each analog channel's mean, min and max
 * since the last one: the signed second opinion to hold against what SCADA shows. A frame of its own tells the verdicts
 * on the orders of each pair, so that an auditor sees orders executed, not only failures.
 */
import { READING_COUNT, READING_FIELDS, READING_MAX, READING_MIN, READING_SUM } from '../base/kernel-fields.js';
import { TextTable } from '../cbor/text.js';
import type { CborWriter } from '../cbor/writer.js';
import type { AnalogConfiguration } from '../config/configuration.js';
import type { Pair } from '../orders/pair.js';

const SENML_NAME = 0;
const SENML_UNIT = 1;
const SENML_VALUE = 2;

/** Extremes and mean of one channel since the last readings frame. Engineering units. */
export class Reading {
  /** Decimal places of its values. */
  readonly decimals: number;
  /** What `addToReadings` of base/kernels.ts adds up, READING_* from `at` on. */
  private readonly numbers: Float64Array;
  private readonly at: number;

  /** Reading `index` of those that share `numbers`. */
  constructor(c: AnalogConfiguration, numbers: Float64Array = new Float64Array(READING_FIELDS), index = 0) {
    this.decimals = decimalsOf(c.resolution);
    this.numbers = numbers;
    this.at = index * READING_FIELDS;
  }

  /** Usable blocks, and the sum of their means. */
  get count(): number {
    return this.numbers[this.at + READING_COUNT];
  }

  get sum(): number {
    return this.numbers[this.at + READING_SUM];
  }

  /** Smallest and largest sample. */
  get min(): number {
    return this.numbers[this.at + READING_MIN];
  }

  get max(): number {
    return this.numbers[this.at + READING_MAX];
  }

  restart(): void {
    this.numbers[this.at + READING_COUNT] = 0;
    this.numbers[this.at + READING_SUM] = 0;
  }
}

/** Decimal places that show a step of `resolution`, with one place more: 0 to 12; 6 when it is not known. */
export function decimalsOf(resolution: number): number {
  if (!(resolution > 0)) return 6;
  let decimals = 1;
  while (resolution < 1 && decimals < 12) {
    resolution *= 10;
    decimals++;
  }
  return decimals;
}

/** Names and units of the channels, and what SenML names end in: mean, smallest, largest. */
export class ReadingTexts extends TextTable {
  /** Places of the first unit and of the suffixes. */
  readonly units: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;

  /** @offStep once at start. */
  constructor(channels: readonly AnalogConfiguration[]) {
    const names = channels.map(({ name }) => name);
    const units = channels.map(({ unit }) => unit);
    super([...names, ...units, '', '/min', '/max']);
    this.units = channels.length;
    this.mean = 2 * channels.length;
    this.min = this.mean + 1;
    this.max = this.mean + 2;
  }
}

/** Writes the body for channels `first` to `end` - 1. */
export function writeReadingsBody(
  writer: CborWriter,
  readings: readonly Reading[],
  texts: ReadingTexts,
  first: number,
  end: number,
): void {
  writer.map(2);
  writer.uint(1);
  writer.array(3 * (end - first));
  for (let i = first; i < end; i++) {
    const reading = readings[i];
    const { units, mean, min, max } = texts;
    writeRecord(writer, reading, texts, i, mean, units + i, reading.count > 0 ? reading.sum / reading.count : 0);
    writeRecord(writer, reading, texts, i, min, mean, reading.min);
    writeRecord(writer, reading, texts, i, max, mean, reading.max);
  }
  writer.uint(2);
  writer.uint(first);
}

/** Writes the body that tells the verdicts of the `told` pairs that have any. */
export function writeVerdictsBody(writer: CborWriter, pairs: readonly Pair[], told: number): void {
  let pooled = 0;
  for (let i = 0; i < pairs.length; i++) if (hasPooled(pairs[i])) pooled++;
  writer.map(pooled > 0 ? 2 : 1);
  writer.uint(3);
  writer.array(told);
  for (let i = 0; i < pairs.length; i++) {
    const { verdicts } = pairs[i];
    if (!pairs[i].hasVerdicts()) continue;
    writer.array(1 + verdicts.length);
    writer.uint(i);
    for (let v = 0; v < verdicts.length; v++) writer.uint(verdicts[v]);
  }
  if (pooled > 0) writePooled(writer, pairs, pooled);
}

function hasPooled(pair: Pair): boolean {
  return pair.operating !== null && pair.operating.pooledOrders > 0 && pair.hasVerdicts();
}

/** Orders in a mode hardly learned, of the `count` pairs that had any. */
function writePooled(writer: CborWriter, pairs: readonly Pair[], count: number): void {
  writer.uint(4);
  writer.array(count);
  for (let i = 0; i < pairs.length; i++) {
    const { operating } = pairs[i];
    if (operating === null || !hasPooled(pairs[i])) continue;
    writer.array(2);
    writer.uint(i);
    writer.uint(operating.pooledOrders);
  }
}

/** The record of a channel: its name with a suffix; `unit`: the place of an empty text where it has none. */
function writeRecord(
  writer: CborWriter,
  reading: Reading,
  texts: ReadingTexts,
  name: number,
  suffix: number,
  unit: number,
  value: number,
): void {
  const hasValue = reading.count > 0;
  const hasUnit = texts.lengthOf(unit) > 0;
  writer.map(1 + (hasUnit ? 1 : 0) + (hasValue ? 1 : 0));
  writer.uint(SENML_NAME);
  writer.textOf(texts, name, suffix);
  if (hasUnit) {
    writer.uint(SENML_UNIT);
    writer.textAt(texts, unit);
  }
  if (hasValue) {
    writer.uint(SENML_VALUE);
    writer.decimal(value, reading.decimals);
  }
}
