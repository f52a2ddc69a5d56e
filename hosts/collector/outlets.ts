/** Where what the collector finds goes on to, as the options ask: MQTT, syslog, metrics, and the cross-check. */
import { CrossCheck } from './cross-check/cross-check.js';
import { ModbusReader } from './cross-check/modbus-reader.js';
import { ReportedLog } from './cross-check/reported-log.js';
import { MqttForward } from './forward/mqtt-forward.js';
import { SyslogForward } from './forward/syslog-forward.js';
import type { KeySet } from './keys.js';
import type { Listener } from './listener.js';
import type { NameBook } from './name-book.js';
import type { Options } from './options.js';
import type { Store } from './store/store.js';

export interface Surroundings {
  readonly keys: KeySet;
  readonly book: NameBook;
  readonly store: Store | undefined;
  /** Everybody who listens, the outlets among them. */
  readonly all: Required<Listener>;
  /** Pieces of input that were no link message. */
  refused(): number;
}

export class Outlets {
  private readonly options: Options;
  private readonly surroundings: Surroundings;
  private readonly brokers: MqttForward[] = [];
  private readonly syslogs: SyslogForward[] = [];
  private readonly opened: { close(): Promise<void> }[] = [];

  constructor(options: Options, surroundings: Surroundings) {
    this.options = options;
    this.surroundings = surroundings;
  }

  /** A SourceError when one cannot be opened. */
  async open(): Promise<Listener[]> {
    const { keys, book, store, all } = this.surroundings;
    for (const target of this.options.forward) {
      if ('mqtt' in target) this.brokers.push(await MqttForward.open(target.mqtt, book, store, keys, all.onInfo));
      else this.syslogs.push(new SyslogForward(target.syslog, book, all.onInfo));
    }
    this.opened.push(...this.brokers, ...this.syslogs);
    return [...this.brokers, ...this.syslogs, ...(await this.openMetrics()), ...(await this.openCrossCheck())];
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map((outlet) => outlet.close()));
  }

  private async openMetrics(): Promise<Listener[]> {
    const { metrics: endpoint } = this.options;
    if (endpoint === undefined) return [];
    const { Metrics } = await import('./metrics.js');
    const { keys, store, refused, all } = this.surroundings;
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const metrics = new Metrics(keys, {
      store,
      refused,
      forwardWaiting: () => sum(this.brokers.map(({ outbox }) => outbox.waiting)),
      forwardDropped: () =>
        sum([...this.brokers.map(({ outbox }) => outbox.dropped), ...this.syslogs.map(({ dropped }) => dropped)]),
    });
    const port = await metrics.start(endpoint.host, endpoint.port);
    all.onInfo(`metrics at http://${endpoint.host}:${port}/metrics`);
    this.opened.push(metrics);
    return [metrics];
  }

  private async openCrossCheck(): Promise<Listener[]> {
    const { modbus, crossCheck: path } = this.options;
    if (modbus === undefined || path === undefined) return [];
    const { loadPlan } = await import('./cross-check/plan.js');
    const { book, store, all } = this.surroundings;
    const plan = loadPlan(path);
    const check = new CrossCheck({
      plan,
      book,
      ...(store === undefined ? {} : { log: new ReportedLog(store.directory) }),
      nowMs: () => Date.now(),
      onDifference: all.onDifference,
    });
    const reader = new ModbusReader(modbus.host, modbus.port, plan, {
      onValue: (channel, value) => check.take(channel, value),
      onTrouble: all.onInfo,
    });
    reader.start();
    this.opened.push(reader);
    return [check];
  }
}
