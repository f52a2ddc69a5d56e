/**
 * Body of a readings frame (kind 4): a SenML pack (RFC 8428, CBOR labels) of each analog channel's mean, min and max
 * since the last one: the signed second opinion to hold against what SCADA shows.
 */
import type { CborWriter } from '../cbor/writer.js';
import type { AnalogConfiguration } from '../config/configuration.js';

const SENML_NAME = 0;
const SENML_UNIT = 1;
const SENML_VALUE = 2;

/** Extremes and mean of one channel since the last readings frame. Engineering units. */
export class Reading {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;

  add(value: number, min: number, max: number): void {
    if (this.count === 0 || min < this.min) this.min = min;
    if (this.count === 0 || max > this.max) this.max = max;
    this.count++;
    this.sum += value;
  }

  restart(): void {
    this.count = 0;
    this.sum = 0;
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

/** Writes the body for channels `first` to `end` - 1. */
export function writeReadingsBody(
  writer: CborWriter,
  channels: readonly AnalogConfiguration[],
  readings: readonly Reading[],
  first: number,
  end: number,
): void {
  writer.map(2);
  writer.uint(1);
  writer.array(3 * (end - first));
  for (let i = first; i < end; i++) {
    const c = channels[i];
    const reading = readings[i];
    const decimals = decimalsOf(c.resolution);
    const hasValue = reading.count > 0;
    writeRecord(writer, c.name, '', c.unit, hasValue, hasValue ? reading.sum / reading.count : 0, decimals);
    writeRecord(writer, c.name, '/min', '', hasValue, reading.min, decimals);
    writeRecord(writer, c.name, '/max', '', hasValue, reading.max, decimals);
  }
  writer.uint(2);
  writer.uint(first);
}

function writeRecord(
  writer: CborWriter,
  name: string,
  suffix: string,
  unit: string,
  hasValue: boolean,
  value: number,
  decimals: number,
): void {
  writer.map(1 + (unit.length > 0 ? 1 : 0) + (hasValue ? 1 : 0));
  writer.uint(SENML_NAME);
  writer.textOf(name, suffix);
  if (unit.length > 0) {
    writer.uint(SENML_UNIT);
    writer.text(unit);
  }
  if (hasValue) {
    writer.uint(SENML_VALUE);
    writer.decimal(value, decimals);
  }
}
