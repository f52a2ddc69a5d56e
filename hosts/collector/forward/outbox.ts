/**
 * Frames on their way to one target, each at least once: what was acknowledged is remembered beside the store, so that the
 * next run goes on there; what does not fit in memory is taken from the store when there is room. Without a store what does
 * not fit is lost to the target, and said. Memory: QUEUE_MAX frames.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeySet } from '../keys.js';
import { Runs } from '../runs.js';
import type { Store } from '../store/store.js';
import { type Frame, isRefusal, verifyFrame } from '../verify.js';

const QUEUE_MAX = 4096;
const SENDING_MAX = 64;
const SAVE_MS = 1000;

export interface OutboxOptions {
  /** Names the target: what it has acknowledged is remembered under it. */
  readonly name: string;
  readonly keys: KeySet;
  readonly store: Store | undefined;
  /** Resolves when the target has the frame. */
  send(frame: Frame): Promise<void>;
  onInfo(line: string): void;
}

export class Outbox {
  /** Frames that the target has acknowledged in this run, and that it will never get. */
  acknowledged = 0;
  dropped = 0;
  private readonly options: OutboxOptions;
  private readonly path: string | undefined;
  private readonly done = new Map<string, Runs>();
  private readonly queue: Frame[] = [];
  /** Sequence numbers queued or being sent, by device. */
  private readonly taken = new Map<string, Set<number>>();
  private sending = 0;
  private isBehind: boolean;
  private isChanged = false;
  private isClosed = false;
  private readonly timer: NodeJS.Timeout;

  constructor(options: OutboxOptions) {
    this.options = options;
    const { store, name } = options;
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    this.path = store === undefined ? undefined : join(store.directory, `forwarded-${hash}.json`);
    this.load();
    this.isBehind = store !== undefined;
    this.timer = setInterval(() => this.tick(), SAVE_MS).unref();
  }

  /** Frames in memory, and whether more wait in the store. */
  get waiting(): number {
    return this.queue.length + this.sending;
  }

  offer(frame: Frame): void {
    if (this.queue.length < QUEUE_MAX) {
      if (!this.isTaken(frame.keyId, frame.sequence)) this.put(frame);
    } else if (this.options.store !== undefined) this.isBehind = true;
    else if (this.dropped++ === 0) this.options.onInfo(`${this.options.name}: too slow: frames are not forwarded`);
    this.pump();
  }

  /** Remembers what was acknowledged. */
  close(): void {
    this.isClosed = true;
    clearInterval(this.timer);
    this.save();
  }

  private tick(): void {
    this.save();
    this.pump();
  }

  private put(frame: Frame): void {
    const { keyId, sequence } = frame;
    let taken = this.taken.get(keyId);
    if (taken === undefined) {
      taken = new Set();
      this.taken.set(keyId, taken);
    }
    taken.add(sequence);
    this.queue.push(frame);
  }

  private isTaken(keyId: string, sequence: number): boolean {
    return this.taken.get(keyId)?.has(sequence) === true || this.done.get(keyId)?.has(sequence) === true;
  }

  private pump(): void {
    if (this.queue.length === 0 && this.isBehind) this.refill();
    while (this.sending < SENDING_MAX && !this.isClosed) {
      const frame = this.queue.shift();
      if (frame === undefined) return;
      this.sending++;
      this.options.send(frame).then(
        () => this.settle(frame, true),
        () => this.settle(frame, false),
      );
    }
  }

  private settle({ keyId, sequence }: Frame, isSent: boolean): void {
    this.sending--;
    this.taken.get(keyId)?.delete(sequence);
    if (isSent) {
      let done = this.done.get(keyId);
      if (done === undefined) {
        done = new Runs();
        this.done.set(keyId, done);
      }
      done.add(sequence);
      this.acknowledged++;
      this.isChanged = true;
    } else this.isBehind = this.options.store !== undefined;
    this.pump();
  }

  /** Takes from the store what the target has not acknowledged. */
  private refill(): void {
    const { store, keys } = this.options;
    this.isBehind = false;
    for (const keyId of store?.keyIds ?? [])
      for (const { first, last } of (store as Store).held(keyId).without(this.done.get(keyId) ?? new Runs()))
        for (let sequence = first; sequence <= last; sequence++) {
          if (this.queue.length >= QUEUE_MAX) {
            this.isBehind = true;
            return;
          }
          if (this.isTaken(keyId, sequence)) continue;
          const stored = store?.find(keyId, sequence);
          const verdict = stored === undefined ? undefined : verifyFrame(stored.bytes, keys);
          if (verdict !== undefined && !isRefusal(verdict)) this.put(verdict);
        }
  }

  private load(): void {
    if (this.path === undefined || !existsSync(this.path)) return;
    try {
      const { acknowledged } = JSON.parse(readFileSync(this.path, 'utf8'));
      for (const [keyId, runs] of Object.entries(acknowledged))
        this.done.set(keyId, new Runs((runs as [number, number][]).map(([first, last]) => ({ first, last }))));
    } catch {
      this.options.onInfo(`${this.options.name}: what it acknowledged cannot be read; everything is sent again`);
      this.done.clear();
    }
  }

  private save(): void {
    if (this.path === undefined || !this.isChanged) return;
    const acknowledged = Object.fromEntries(
      [...this.done].map(([keyId, runs]) => [keyId, runs.list().map(({ first, last }) => [first, last])]),
    );
    try {
      writeFileSync(`${this.path}.new`, JSON.stringify({ target: this.options.name, acknowledged }));
      renameSync(`${this.path}.new`, this.path);
      this.isChanged = false;
    } catch {
      // The disk is full: tried again; at worst the target gets frames twice.
    }
  }
}
