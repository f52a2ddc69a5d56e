/** What a collector knows of one device: what is due next, its hash chain, and whom to ask. */
import { Chain } from './chain.js';
import { Delivery } from './delivery.js';
import { EarlyFrames } from './early-frames.js';
import type { KeySet } from './keys.js';
import { Runs } from './runs.js';
import type { Store } from './store/store.js';
import { type Frame, isRefusal, verifyFrame } from './verify.js';

/** With a store the chain need not remember more: the store does. */
const DIGESTS_BESIDE_STORE = 256;

export class Device<Peer> {
  readonly keyId: string;
  readonly delivery: Delivery;
  readonly chain: Chain;
  /** Frames of unknown keys that had to give way to others of such. */
  get earlyDisplaced(): number {
    return this.early.displaced;
  }
  /** Whom to ask: the peer that last brought a new frame. */
  peer: Peer;
  /** Largest sequence number of a verified frame in this run. */
  newest = 0;
  /** False until a frame of it was delivered, in this run or an earlier one. */
  hasDelivered: boolean;
  /** True where collectors share the load: others may have what is missing here. */
  isShared = false;
  /** Sequence numbers that came where collectors share the load, or that the store holds. */
  readonly seen: Runs;
  private readonly early = new EarlyFrames();
  private readonly keys: KeySet;
  private readonly store: Store | undefined;

  /** Goes on after what the store holds. `from`: first frame wanted. `onDamaged`: a stored frame cannot be read again. */
  constructor(
    keyId: string,
    peer: Peer,
    from: number,
    keys: KeySet,
    store: Store | undefined,
    onDamaged: (sequence: number) => void,
  ) {
    this.keyId = keyId;
    this.peer = peer;
    this.keys = keys;
    this.store = store;
    this.seen = store?.openDevice(keyId).held ?? new Runs();
    this.hasDelivered = this.seen.size > 0;
    if (store === undefined) {
      this.delivery = new Delivery(from);
      this.chain = new Chain(keyId);
      return;
    }
    const next = nextAfter(from, this.seen, store.device(keyId)?.losses.runs);
    this.delivery = new Delivery(next, {
      held: this.seen,
      load: (sequence) => this.load(sequence),
      onDamaged,
    });
    this.chain = new Chain(keyId, DIGESTS_BESIDE_STORE);
    const before = next > from ? this.load(next - 1) : undefined;
    if (before !== undefined) this.chain.add(before);
    else if (next > from) this.chain.skip(next - 1, next - 1);
  }

  /** True when another frame with this sequence number was seen or stored. */
  isContradictedBy(frame: Frame): boolean {
    if (this.chain.isContradictedBy(frame)) return true;
    const stored = this.store?.find(this.keyId, frame.sequence);
    return stored !== undefined && stored.digest !== frame.digest;
  }

  /** Keeps a frame of an unknown key until what is before it has come; false when that has. */
  keepEarly(keyId: string, sequence: number, bytes: Uint8Array): boolean {
    if (this.isShared || sequence <= this.delivery.next) return false;
    this.early.keep(keyId, sequence, bytes);
    return true;
  }

  /** One that was kept and whose turn it is, or any when `isEnd`; undefined when there is none. */
  takeEarly(isEnd = false): Uint8Array | undefined {
    return this.early.take(isEnd ? Number.POSITIVE_INFINITY : this.delivery.next);
  }

  private load(sequence: number): Frame | undefined {
    const stored = this.store?.find(this.keyId, sequence);
    const verdict = stored === undefined ? undefined : verifyFrame(stored.bytes, this.keys);
    return verdict === undefined || isRefusal(verdict) ? undefined : verdict;
  }
}

/** The first sequence number from `from` on that is neither held nor lost. */
function nextAfter(from: number, held: Runs, lost: Runs | undefined): number {
  for (let next = from; ; ) {
    const after = lost?.firstMissing(held.firstMissing(next)) ?? held.firstMissing(next);
    if (after === next) return next;
    next = after;
  }
}
