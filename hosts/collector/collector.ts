/**
 * The collector: link messages of a source -> frames -> verified -> in the order of their sequence numbers, per device.
 * What is missing is asked for again by polls until it comes, the board says that it is overwritten, or nobody answers.
 * Everything that arrives is untrusted: only what a signature vouches for moves the chain.
 */
import { MESSAGE_DATA, MESSAGE_IDLE } from '../../modules/link/message.js';
import { Assembler } from './assemble.js';
import { Device } from './device.js';
import { type FrameError, frameError, framesText } from './frame-error.js';
import { FrameStore } from './frame-store.js';
import { followKey } from './key-succession.js';
import type { KeySet } from './keys.js';
import type { DataMessage, IdleMessage, LinkMessage } from './link-message.js';
import { type Source, SourceError } from './source.js';
import type { Store } from './store/store.js';
import { type Frame, isRefusal, verifyFrame } from './verify.js';

/** Peers remembered. */
const PEERS_MAX = 4096;
/** Errors kept in `errors`; all are counted and reported. */
const ERRORS_KEPT_MAX = 1000;
const TICK_MS = 10;
const SEND_TRIES_MAX = 100;
/** An answer has ended when nothing came for this long; a board that never pauses is polled after ANSWER_MS_MAX. */
const QUIET_MS = 25;
const ANSWER_MS_MAX = 1000;
const POLL_MS_DEFAULT = 250;
const RETRY_MS_DEFAULT = 100;
const RETRIES_MAX_DEFAULT = 20;
const CATCH_UP_MS_DEFAULT = 10000;
const FIRST_SEQUENCE = 1;
/** Of a board whose frames are not known yet; and how fast the mean follows. */
const FRAME_BYTES_ABOUT = 250;
const FRAME_BYTES_SHARE = 1 / 8;
/** How often a board is polled while the disk refuses what comes. */
const REFUSING_DISK_MS = 1000;

export interface CollectorOptions {
  readonly keys: KeySet;
  readonly source: Source;
  /** First frame wanted. When absent: the oldest that the board still has; what was before it is no error. */
  readonly from?: number;
  /** Where the verified frames go as received, in the order of their sequence numbers. */
  readonly framesFile?: string;
  /** True to go on at the end of `framesFile`; else it begins anew. */
  readonly isAppending?: boolean;
  /**
   * Keeps every verified frame once, before it is told. What it holds already is not told again; what is missing in it is
   * asked for.
   */
  readonly store?: Store;
  /** False for a one-way link: the collector never speaks. */
  readonly isPolling?: boolean;
  /**
   * One-way: boards hear nothing and send each frame so many times, with as many new ones. Nothing is ever sent, and a
   * frame is lost when so many later ones have come.
   */
  readonly oneWayTimes?: number;
  /** How often a board without news is polled, in milliseconds. */
  readonly pollMs?: number;
  /** How often a missing frame is asked for, in milliseconds, and how many times in vain before it counts as lost. */
  readonly retryMs?: number;
  readonly retriesMax?: number;
  /** The time that polls go by, where it is not the wall's: then whoever owns it calls `tick`. */
  readonly nowMs?: () => number;
  /** A verified frame, in order. */
  onFrame?(frame: Frame): void;
  /** What is missing or forged. */
  onError?(error: FrameError): void;
  /** What a board says of its log: oldest and next sequence number. Not signed, so only a hint. */
  onIdle?(tail: number, head: number): void;
  /** What is worth knowing and no error. */
  onInfo?(line: string): void;
  /** A key frame whose successor is trusted from now on; to be kept before it is needed again. */
  onSuccessor?(frame: Frame): void;
}

interface Peer {
  readonly name: string;
  readonly assembler: Assembler;
  device: Device<Peer> | undefined;
  /** What the board said of its log; not signed, so only a hint. */
  tail: number;
  head: number;
  lastPollMs: number;
  lastDataMs: number;
  lastHeardMs: number;
  /** The last poll may still bring frames. */
  isAwaited: boolean;
  /** Frames came in answer to the last poll: ask for more as soon as they have all come. */
  isAnswering: boolean;
  /** Polls for the same frame in vain. */
  retries: number;
  askedFor: number;
  /** What was damaged on its line when it was polled last; -1 where boards do not share one. */
  noise: number;
  /** Bytes of a frame, about. */
  frameBytes: number;
}

interface Waiter {
  readonly head: number;
  readonly keyId: string | undefined;
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout;
}

export class Collector {
  /** Verified and delivered. */
  framesReceived = 0;
  errorCount = 0;
  /** The first ERRORS_KEPT_MAX of them. */
  readonly errors: FrameError[] = [];
  private readonly options: CollectorOptions;
  private readonly pollMs: number;
  private readonly retryMs: number;
  private readonly retriesMax: number;
  private readonly from: number;
  private readonly nowMs: () => number;
  private readonly isOwnTime: boolean;
  private readonly isPolling: boolean;
  private readonly peers = new Map<string, Peer>();
  private readonly devices = new Map<string, Device<Peer>>();
  private file: FrameStore | undefined;
  private waiters: Waiter[] = [];
  private ticker: NodeJS.Timeout | undefined;
  private refusedHere = 0;

  constructor(options: CollectorOptions) {
    this.options = options;
    this.pollMs = options.pollMs ?? POLL_MS_DEFAULT;
    this.retryMs = options.retryMs ?? RETRY_MS_DEFAULT;
    this.retriesMax = options.retriesMax ?? RETRIES_MAX_DEFAULT;
    this.from = options.from ?? FIRST_SEQUENCE;
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.isOwnTime = options.nowMs === undefined;
    this.isPolling = options.isPolling !== false && options.oneWayTimes === undefined;
  }

  /** Pieces of input that were no link message, or fragments of nothing: noise, counted. */
  get refused(): number {
    let refused = this.refusedHere + this.options.source.refused;
    for (const { assembler } of this.peers.values()) refused += assembler.refused;
    return refused;
  }

  /** A SourceError when the source or the file of frames cannot be opened. */
  async start(): Promise<void> {
    const { source, framesFile, isAppending, onInfo } = this.options;
    if (framesFile !== undefined) this.file = new FrameStore(framesFile, isAppending === true);
    for (const name of source.peers) this.addPeer(name);
    try {
      await source.start(
        (name, message) => this.receive(name, message),
        (line) => onInfo?.(line),
        this.isOwnTime ? () => this.tick() : undefined,
      );
    } catch (error) {
      this.file?.close();
      this.file = undefined;
      throw error;
    }
    if (this.isOwnTime) this.ticker = setInterval(() => this.tick(), TICK_MS);
  }

  /** Sends a message that is no poll to every peer that a verified frame came from, or that is polled anyway. */
  send(message: Uint8Array): void {
    const { source } = this.options;
    for (const peer of this.peers.values())
      if (peer.device?.peer === peer || source.peers.includes(peer.name)) this.sendTo(peer.name, message);
  }

  /** A busy line is tried again: what is sent now and then must not starve between polls. */
  private sendTo(name: string, message: Uint8Array, tries = SEND_TRIES_MAX): void {
    const { source } = this.options;
    if (!this.isPolling || source.send === undefined || source.send(name, message) || tries === 0) return;
    setTimeout(() => this.sendTo(name, message, tries - 1), TICK_MS);
  }

  /**
   * Resolves when every frame before `head` of the device (of every device heard when `keyId` is absent) is verified or
   * declared lost; after `timeoutMs` what has not come is declared lost.
   */
  catchUp(head: number, timeoutMs = CATCH_UP_MS_DEFAULT, keyId?: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.giveUp(waiter), timeoutMs);
      const waiter: Waiter = { head, keyId, resolve, timer };
      this.waiters.push(waiter);
      this.settleWaiters();
    });
  }

  /** Stops receiving. Frames that wait for one missing are delivered, the missing ones reported. */
  async close(): Promise<void> {
    clearInterval(this.ticker);
    await this.options.source.close();
    for (const device of this.devices.values()) {
      this.judgeEarly(device, true);
      if (this.options.store !== undefined) {
        this.reportGaps(device);
        continue;
      }
      for (let first = device.delivery.firstWaiting(); first !== undefined; first = device.delivery.firstWaiting()) {
        this.lose(device, first, 'missing');
        this.deliver(device);
      }
    }
    for (const waiter of this.waiters) {
      clearTimeout(waiter.timer);
      waiter.resolve();
    }
    this.waiters = [];
    this.file?.close();
    this.file = undefined;
  }

  /** What the store waits for: not lost, as the next run asks for it. */
  private reportGaps({ keyId, delivery, seen, isShared }: Device<Peer>): void {
    if (isShared) return;
    for (const { first, last } of seen.gaps(delivery.next))
      this.report({ reason: 'missing so far: the next run asks for it', first, last, keyId });
  }

  private addPeer(name: string): Peer | undefined {
    if (this.peers.size >= PEERS_MAX) {
      const polled = this.options.source.peers;
      const stranger = [...this.peers.values()].find(
        (peer) => peer.device === undefined && !polled.includes(peer.name),
      );
      if (stranger === undefined) return undefined;
      this.refusedHere += stranger.assembler.refused;
      this.peers.delete(stranger.name);
    }
    const peer: Peer = {
      name,
      assembler: new Assembler(),
      device: undefined,
      tail: 0,
      head: 0,
      lastPollMs: Number.NEGATIVE_INFINITY,
      lastDataMs: Number.NEGATIVE_INFINITY,
      lastHeardMs: Number.NEGATIVE_INFINITY,
      isAwaited: false,
      isAnswering: false,
      retries: 0,
      askedFor: 0,
      noise: -1,
      frameBytes: FRAME_BYTES_ABOUT,
    };
    this.peers.set(name, peer);
    return peer;
  }

  /** False when what came could not be kept. */
  private receive(name: string, message: LinkMessage): boolean {
    const peer = this.peers.get(name) ?? this.addPeer(name);
    if (peer !== undefined) peer.lastHeardMs = this.nowMs();
    if (peer === undefined) this.refusedHere++;
    else if (message.type === MESSAGE_DATA) return this.takeData(peer, message);
    else if (message.type === MESSAGE_IDLE) this.takeIdle(peer, message);
    return true;
  }

  private takeData(peer: Peer, message: DataMessage): boolean {
    peer.lastDataMs = this.nowMs();
    const bytes = peer.assembler.take(message);
    if (bytes === undefined) return true;
    return this.takeFrame(peer, bytes);
  }

  private takeFrame(peer: Peer, bytes: Uint8Array): boolean {
    const verdict = verifyFrame(bytes, this.options.keys);
    if (isRefusal(verdict)) {
      const { reason, sequence, keyId, isOfUnknownKey } = verdict;
      if (isOfUnknownKey && sequence !== undefined && keyId !== undefined && peer.device !== undefined)
        if (this.keepEarly(peer.device, keyId, sequence, bytes)) return true;
      this.report(frameError(reason, sequence, keyId));
      return true;
    }
    const device = this.deviceOf(verdict, peer);
    device.newest = Math.max(device.newest, verdict.sequence);
    if (this.options.source.isShared?.(peer.name) === true) return this.takeShared(device, verdict);
    const { store } = this.options;
    const isStored = store?.held(verdict.keyId).has(verdict.sequence) === true;
    if (!isStored && store?.append(verdict) === false) return false;
    if (!device.isContradictedBy(verdict)) this.follow(verdict);
    if (isStored || !device.delivery.offer(verdict)) {
      if (!isStored && store !== undefined) this.tellLate(verdict);
      else this.judgeKnown(device, verdict);
      return true;
    }
    peer.isAnswering = peer.isAwaited;
    peer.frameBytes += (bytes.length - peer.frameBytes) * FRAME_BYTES_SHARE;
    device.peer = peer;
    peer.device = device;
    this.deliver(device);
    return true;
  }

  /** Where collectors share the load each keeps what it gets; what is missing is judged over all their stores. */
  private takeShared(device: Device<Peer>, frame: Frame): boolean {
    const { store } = this.options;
    device.isShared = true;
    if (device.seen.has(frame.sequence)) {
      this.judgeKnown(device, frame);
      return true;
    }
    if (store?.append(frame) === false) return false;
    this.follow(frame);
    device.seen.add(frame.sequence);
    this.framesReceived++;
    this.keep(frame);
    this.options.onFrame?.(frame);
    return true;
  }

  private follow(frame: Frame): void {
    const succession = followKey(frame, this.options.keys);
    if (succession === undefined) return;
    if (!succession.isFollowed) {
      this.report(frameError(succession.line, frame.sequence, frame.keyId));
      return;
    }
    this.options.onInfo?.(`device ${frame.keyId}: ${succession.line}`);
    this.options.onSuccessor?.(frame);
  }

  /** True when it waits for what is before it. The first one that displaces another is told, all are counted. */
  private keepEarly(device: Device<Peer>, keyId: string, sequence: number, bytes: Uint8Array): boolean {
    const before = device.earlyDisplaced;
    const isKept = device.keepEarly(keyId, sequence, bytes);
    if (before === 0 && device.earlyDisplaced > 0)
      this.report(frameError('more frames of unknown keys than can wait: older ones give way', sequence, device.keyId));
    return isKept;
  }

  /** Frames of what was an unknown key when they came; `isEnd`: whatever is left of them. */
  private judgeEarly(device: Device<Peer>, isEnd = false): void {
    for (let bytes = device.takeEarly(isEnd); bytes !== undefined; bytes = device.takeEarly(isEnd)) {
      const verdict = verifyFrame(bytes, this.options.keys);
      if (isRefusal(verdict)) this.report(frameError(verdict.reason, verdict.sequence, verdict.keyId));
      else this.takeFrame(device.peer, bytes);
    }
  }

  /** A frame that was given up and came after all. */
  private tellLate(frame: Frame): void {
    this.framesReceived++;
    this.options.onInfo?.(`frame ${frame.sequence} of ${frame.keyId} came after all`);
    this.options.onFrame?.(frame);
  }

  /** A frame whose sequence number came before: the same again, or another in its place. */
  private judgeKnown(device: Device<Peer>, frame: Frame): void {
    if (device.isContradictedBy(frame))
      this.report(frameError('a second, different frame has this sequence number', frame.sequence, frame.keyId));
  }

  private takeIdle(peer: Peer, { tail, head }: IdleMessage): void {
    peer.tail = tail;
    peer.head = head;
    peer.isAwaited = false;
    if (peer.noise >= 0) peer.isAnswering = head > (peer.device?.delivery.next ?? this.from);
    this.options.onIdle?.(tail, head);
  }

  private deviceOf({ keyId }: Frame, peer: Peer): Device<Peer> {
    const known = this.devices.get(keyId);
    if (known !== undefined) return known;
    const { keys, store } = this.options;
    const device = new Device(keyId, peer, this.from, keys, store, (sequence) =>
      this.report(frameError('stored, but damaged since', sequence, keyId)),
    );
    peer.device ??= device;
    this.devices.set(keyId, device);
    return device;
  }

  private deliver(device: Device<Peer>): void {
    for (let frame = device.delivery.take(); frame !== undefined; frame = device.delivery.take()) {
      device.hasDelivered = true;
      this.framesReceived++;
      this.keep(frame);
      this.options.onFrame?.(frame);
      for (const error of device.chain.add(frame).errors) this.report(error);
    }
    this.judgeEarly(device);
    this.settleWaiters();
  }

  private keep(frame: Frame): void {
    try {
      this.file?.append(frame.bytes);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.report(frameError(`not stored: ${error.message}`, frame.sequence, frame.keyId));
    }
  }

  /** Gives up the frames before `next`. Before the first frame of a device it is no error: the collector came late. */
  private lose(device: Device<Peer>, next: number, reason: string): void {
    const first = device.delivery.next;
    if (next <= first) return;
    const isLate = !device.hasDelivered && this.options.from === undefined;
    device.delivery.skipTo(next);
    this.options.store?.lose(device.keyId, first, next - 1, reason);
    if (isLate) this.options.onInfo?.(`begins with frame ${next}: ${framesText(first, next - 1)} ${reason}`);
    else {
      if (device.hasDelivered) device.chain.skip(first, next - 1);
      this.report({ reason, first, last: next - 1, keyId: device.keyId });
    }
  }

  private report(error: FrameError): void {
    this.errorCount++;
    if (this.errors.length < ERRORS_KEPT_MAX) this.errors.push(error);
    this.options.onError?.(error);
  }

  /** Asks whom it is time to ask; by the collector itself where the time is the wall's. */
  tick(): void {
    const nowMs = this.nowMs();
    // whoever is asked goes to the end, so that on a line that boards share everyone's turn comes
    for (const peer of [...this.peers.values()]) {
      const { device } = peer;
      if (device?.isShared === true) continue;
      if (device === undefined ? !this.options.source.peers.includes(peer.name) : device.peer !== peer) continue;
      this.ask(peer, nowMs);
    }
  }

  /** Polls when it is time; gives up what cannot come any more. */
  private ask(peer: Peer, nowMs: number): void {
    const { device } = peer;
    const { source, store } = this.options;
    const { isPolling } = this;
    const next = device === undefined ? this.from : device.delivery.next;
    const isHinted = peer.head > next || device?.delivery.hasWaiting === true;
    const isBehind = isHinted || this.isWanted(next, device);
    const isRefusing = store?.trouble !== undefined;
    const noise = source.noiseOf?.(peer.name);
    const hasTurns = noise !== undefined;
    const isAtOnce = peer.isAnswering || (hasTurns && isHinted && peer.retries < this.retriesMax);
    const waitMs = isRefusing ? REFUSING_DISK_MS : isAtOnce ? 0 : isBehind ? this.retryMs : this.pollMs;
    const sincePollMs = nowMs - peer.lastPollMs;
    // a line that boards share is busy until the answer is over
    const isQuiet = hasTurns || nowMs - peer.lastDataMs >= QUIET_MS || sincePollMs >= ANSWER_MS_MAX;
    if (sincePollMs < waitMs || !isQuiet) return;
    if (isPolling && !source.poll(peer.name, next, this.bytesWanted(peer, next, noise))) return;
    this.peers.delete(peer.name);
    this.peers.set(peer.name, peer);
    // Silence says nothing about what the board has, nor what was damaged on the way: only an answer without the frame
    // counts as in vain.
    const isHeard = peer.lastHeardMs >= peer.lastPollMs && (noise === undefined || noise === peer.noise);
    const isInVain = isHeard || !isPolling;
    peer.lastPollMs = nowMs;
    peer.noise = noise ?? -1;
    peer.isAnswering = false;
    peer.isAwaited = isPolling;
    if (!isBehind || isRefusing || next !== peer.askedFor) peer.retries = 0;
    else if (isInVain) peer.retries++;
    peer.askedFor = next;
    if (device !== undefined && !isRefusing) this.judgeGap(peer, device);
  }

  /**
   * A gap before frames that are here already is asked for alone, once and as long as its line is disturbed: that it did
   * not come may also be because it is longer than we think. Undefined: as much as may come.
   */
  private bytesWanted(peer: Peer, next: number, noise: number | undefined): number | undefined {
    const { device, frameBytes, askedFor } = peer;
    const gap = (device?.delivery.firstWaiting() ?? next) - next;
    const isDisturbed = noise !== undefined && noise !== peer.noise;
    if (gap === 0 || (next === askedFor && !isDisturbed)) return undefined;
    return Math.min(Math.ceil(gap * frameBytes), this.options.source.answerBytesMax);
  }

  private isWanted(next: number, device: Device<Peer> | undefined): boolean {
    return this.waiters.some(
      ({ head, keyId }) => head > next && (keyId === undefined || device === undefined || keyId === device.keyId),
    );
  }

  /**
   * Frames are lost when a later one has come and the board says that they are overwritten, or does not send them.
   * What the board says is not signed: without a later, verified frame it moves nothing.
   */
  private judgeGap(peer: Peer, device: Device<Peer>): void {
    const { delivery } = device;
    const firstWaiting = delivery.firstWaiting();
    if (firstWaiting === undefined) return;
    const { oneWayTimes } = this.options;
    if (oneWayTimes !== undefined) {
      const gone = Math.min(device.newest - oneWayTimes + 1, firstWaiting);
      this.lose(device, gone, 'missing: no copy of it came');
    } else if (peer.tail > delivery.next)
      this.lose(device, Math.min(peer.tail, firstWaiting), 'overwritten on the board');
    else if (peer.retries >= this.retriesMax) this.lose(device, firstWaiting, 'missing: asked for in vain');
    this.deliver(device);
  }

  private concerned({ keyId }: Waiter): Device<Peer>[] {
    return [...this.devices.values()].filter((device) => keyId === undefined || device.keyId === keyId);
  }

  private settleWaiters(): void {
    const isSettled = (waiter: Waiter) => {
      const devices = this.concerned(waiter);
      const isEmpty = waiter.head <= this.from && devices.length === 0;
      return isEmpty || (devices.length > 0 && devices.every(({ delivery }) => delivery.next >= waiter.head));
    };
    const settled = this.waiters.filter(isSettled);
    if (settled.length === 0) return;
    this.waiters = this.waiters.filter((waiter) => !settled.includes(waiter));
    for (const { timer, resolve } of settled) {
      clearTimeout(timer);
      resolve();
    }
  }

  private giveUp(waiter: Waiter): void {
    const devices = this.concerned(waiter);
    if (devices.length === 0)
      this.report({
        reason: 'missing: no board was heard',
        first: this.from,
        last: waiter.head - 1,
        keyId: waiter.keyId,
      });
    for (const device of devices) {
      const { delivery } = device;
      while (delivery.next < waiter.head) {
        this.lose(
          device,
          Math.min(delivery.firstWaiting() ?? waiter.head, waiter.head),
          'missing: did not come in time',
        );
        this.deliver(device);
      }
    }
    this.waiters = this.waiters.filter((w) => w !== waiter);
    waiter.resolve();
  }
}
