/** What a readings frame says, channel by channel: its SenML records come in threes, mean, smallest and largest. */
import type { Spread } from './listener.js';
import { printable } from './names.js';
import type { Frame } from './verify.js';

const PACK = 1;
const FIRST_CHANNEL = 2;
const SENML_NAME = 0;
const SENML_UNIT = 1;
const SENML_VALUE = 2;
const RECORDS_PER_CHANNEL = 3;

export interface ChannelReading {
  readonly channel: number;
  readonly name: string;
  readonly unit: string;
  /** Undefined when the quality was bad all along. */
  readonly spread: Spread | undefined;
}

export function readingsOf({ body }: Frame): ChannelReading[] {
  const pack = body.get(PACK);
  const first = body.get(FIRST_CHANNEL);
  if (!Array.isArray(pack) || !Number.isSafeInteger(first)) return [];
  const readings: ChannelReading[] = [];
  for (let i = 0; i + RECORDS_PER_CHANNEL <= pack.length; i += RECORDS_PER_CHANNEL) {
    const records: unknown[] = pack.slice(i, i + RECORDS_PER_CHANNEL);
    const [mean, min, max] = records.map((record) => (record instanceof Map ? record.get(SENML_VALUE) : undefined));
    const head = records[0];
    const name = head instanceof Map ? head.get(SENML_NAME) : undefined;
    if (typeof name !== 'string') continue;
    const unit = (head as Map<unknown, unknown>).get(SENML_UNIT);
    readings.push({
      channel: (first as number) + i / RECORDS_PER_CHANNEL,
      name: printable(name),
      unit: typeof unit === 'string' ? printable(unit) : '',
      spread:
        typeof mean === 'number' && typeof min === 'number' && typeof max === 'number' ? { mean, min, max } : undefined,
    });
  }
  return readings;
}
