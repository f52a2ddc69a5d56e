/** Metrics for Prometheus, served over HTTP at /metrics. Names begin with wirewitness_. */
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { KIND_HEARTBEAT, KIND_INCIDENT } from '../../modules/frame/kinds.js';
import type { FrameError } from './frame-error.js';
import { bodyJson } from './frame-json.js';
import type { KeySet } from './keys.js';
import type { Difference, Listener } from './listener.js';
import { SourceError, systemReason } from './source.js';
import type { Store } from './store/store.js';
import type { Frame } from './verify.js';
import { kindName } from './vocabulary.js';

const UNKNOWN_DEVICE = 'unknown';
/** Of a heartbeat: name in its JSON, name and help of the metric. */
const HEARTBEAT_GAUGES = [
  ['blocksLost', 'blocks_lost', 'Blocks that the board lost since its boot'],
  ['framesLost', 'frames_lost', 'Frames that the board lost since its boot'],
  ['incidentsOpen', 'incidents_open', 'Incidents that the board holds open'],
  ['freeBytes', 'free_bytes', 'Free memory of the board'],
  ['flashWear', 'flash_wear', 'Largest erase count of a sector of the board'],
  ['messagesRefused', 'messages_refused', 'Link messages that the board refused since its boot'],
] as const;

/** What is read when it is asked for. */
export interface MetricSources {
  readonly store: Store | undefined;
  /** Pieces of input that were no link message. */
  refused(): number;
  /** Frames that wait for the targets they are forwarded to, and lines lost to them. */
  forwardWaiting(): number;
  forwardDropped(): number;
}

export class Metrics implements Listener {
  private readonly registry = new Registry();
  private readonly frames = this.counter('frames_total', 'Verified frames', ['device', 'kind']);
  private readonly errors = this.counter('errors_total', 'Frames missing or forged', ['device', 'what']);
  private readonly incidents = this.counter('incidents_total', 'Incidents opened', ['device', 'class']);
  private readonly differences = this.gauge('reported_differs', '1 while reported differs from wire', [
    'device',
    'channel',
  ]);
  private readonly sequence = this.gauge('last_sequence', 'Sequence number of the last frame', ['device']);
  private readonly lastSeconds = this.gauge('last_frame_timestamp_seconds', 'When the last frame came', ['device']);
  private readonly heartbeat = HEARTBEAT_GAUGES.map(([field, name, help]) => ({
    field,
    gauge: this.gauge(`board_${name}`, help, ['device']),
  }));
  private readonly keys: KeySet;
  private server: Server | undefined;

  constructor(keys: KeySet, sources: MetricSources) {
    this.keys = keys;
    this.read('store_bytes', 'Bytes of frames stored', () => sources.store?.bytes ?? 0);
    this.read('store_refusing', '1 while the disk takes no frames', () =>
      sources.store?.trouble === undefined ? 0 : 1,
    );
    this.read('messages_refused', 'Pieces of input that were no link message', () => sources.refused());
    this.read('forward_waiting', 'Frames waiting for their targets', () => sources.forwardWaiting());
    this.read('forward_dropped', 'Frames and lines lost to their targets', () => sources.forwardDropped());
  }

  /** Serves at this address; a SourceError when it cannot. Port 0: one that is free. */
  start(host: string, port: number): Promise<number> {
    const server = createServer((request, response) => {
      if (request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'Content-Type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(new SourceError(`metrics ${host}:${port}: ${systemReason(error)}`)));
      server.listen(port, host, () => resolve((server.address() as { port: number }).port));
    });
  }

  onFrame({ keyId: device, kind, sequence, body }: Frame): void {
    this.frames.inc({ device, kind: kindName(kind) });
    this.sequence.set({ device }, sequence);
    this.lastSeconds.set({ device }, Date.now() / 1000);
    if (kind !== KIND_HEARTBEAT && kind !== KIND_INCIDENT) return;
    const json = bodyJson(kind, body);
    if (kind === KIND_INCIDENT && json.state === 'open') this.incidents.inc({ device, class: String(json.class) });
    if (kind !== KIND_HEARTBEAT) return;
    for (const { field, gauge } of this.heartbeat) {
      const value = json[field];
      if (typeof value === 'number') gauge.set({ device }, value);
    }
  }

  onError({ keyId, reason, first, last }: FrameError): void {
    const isMissing = reason.startsWith('missing') || reason.startsWith('overwritten');
    const count = first !== undefined && last !== undefined ? last - first + 1 : 1;
    // Who forges may claim any key: only devices that we know become a label.
    const device = keyId !== undefined && this.keys.has(keyId) ? keyId : UNKNOWN_DEVICE;
    this.errors.inc({ device, what: isMissing ? 'missing' : 'forged' }, count);
  }

  onDifference({ keyId, channel, state }: Difference): void {
    this.differences.set({ device: keyId, channel }, state === 'open' ? 1 : 0);
  }

  close(): Promise<void> {
    const { server } = this;
    server?.closeAllConnections();
    return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  private counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name: `wirewitness_${name}`, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  private gauge<T extends string>(name: string, help: string, labelNames: readonly T[]): Gauge<T> {
    return new Gauge({ name: `wirewitness_${name}`, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  private read(name: string, help: string, value: () => number): void {
    const registers = [this.registry];
    new Gauge({
      name: `wirewitness_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  }
}
