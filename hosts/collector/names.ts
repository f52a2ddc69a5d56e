/** Names of channels and order/execution pairs: stated by the wiring, or learned from signed readings frames. */
import type { Configuration } from '../../modules/config/configuration.js';
import { KIND_BOOT, KIND_READINGS } from '../../modules/frame/kinds.js';
import type { Frame, LabelMap } from './verify.js';

const BOOT_DEVICE_ID = 1;
const READINGS_PACK = 1;
const READINGS_FIRST_CHANNEL = 2;
const SENML_NAME = 0;
const RECORDS_PER_CHANNEL = 3;
const CHANNELS_LIMIT = 1024;

/** What is known of one device's names. */
export class Names {
  /** The device id in hexadecimal, once a boot frame has said it; the key identifier until then. */
  device: string;
  private readonly channels: string[] = [];
  private readonly units: string[] = [];
  private pairs: readonly { readonly name: string; readonly order: number; readonly execution: number }[] = [];

  constructor(keyId: string) {
    this.device = keyId;
  }

  /** Takes the names from the wiring. */
  useConfiguration(configuration: Pick<Configuration, 'analog' | 'digital' | 'pairs'>): void {
    [...configuration.analog, ...configuration.digital].forEach(({ name }, i) => {
      this.channels[i] = name;
    });
    configuration.analog.forEach(({ unit }, i) => {
      this.units[i] = unit;
    });
    this.pairs = configuration.pairs;
  }

  /** Takes what a frame says of names. */
  learn({ kind, body }: Frame): void {
    if (kind === KIND_BOOT) {
      const id = body.get(BOOT_DEVICE_ID);
      if (id instanceof Uint8Array) this.device = Buffer.from(id).toString('hex');
    }
    if (kind === KIND_READINGS) this.learnReadings(body);
  }

  private learnReadings(body: LabelMap): void {
    const pack = body.get(READINGS_PACK);
    const first = body.get(READINGS_FIRST_CHANNEL);
    if (!Array.isArray(pack) || !Number.isSafeInteger(first)) return;
    for (let i = 0; i * RECORDS_PER_CHANNEL < pack.length; i++) {
      const record: unknown = pack[i * RECORDS_PER_CHANNEL];
      const channel = (first as number) + i;
      if (!(record instanceof Map) || channel < 0 || channel >= CHANNELS_LIMIT) continue;
      const [name, unit] = [record.get(SENML_NAME), record.get(1)];
      if (typeof name === 'string') this.channels[channel] = printable(name);
      if (typeof unit === 'string') this.units[channel] = printable(unit);
    }
  }

  channel(channel: unknown): string {
    return this.channels[channel as number] ?? `channel ${channel}`;
  }

  /** Unit of a channel, or '' when it is not known. */
  unit(channel: unknown): string {
    return this.units[channel as number] ?? '';
  }

  /** `order -> execution` of a pair, by the names of its channels. */
  pair(pair: unknown): string {
    const known = this.pairs[pair as number];
    return known === undefined ? `pair ${pair}` : `${this.channel(known.order)} -> ${this.channel(known.execution)}`;
  }
}

/** Text of a frame without what could steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
