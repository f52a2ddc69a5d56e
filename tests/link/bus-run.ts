/**
 * The collector on a simulated bus, in the bus's own time: the same Collector and SerialSource as over a device. What it
 * says and hears passes through an adapter that takes its time, a millisecond each way.
 */
import { Duplex } from 'node:stream';
import { Collector } from '../../hosts/collector/collector.js';
import { SerialSource } from '../../hosts/collector/serial.js';
import type { Frame } from '../../hosts/collector/verify.js';
import type { BusNode } from '../../simulator/bus/serial-bus.js';
import { BusMembers, type BusPlan } from './bus-plan.js';

const US = 1e6;
const STEP_US = 1000;
const ADAPTER_US = 1000;
const RING = 1 << 16;
/** Time that a run has after the bus is quiet and no more frames come. */
const GRACE_S = 600;

/** The collector's adapter: what is written is on the wires a little later, what is on the wires is read a little later. */
class Adapter extends Duplex {
  private readonly node: BusNode;
  private readonly bytes = new Uint8Array(RING);
  private readonly writing: [number, Uint8Array][] = [];
  private readonly reading: [number, Uint8Array][] = [];
  nowUs = 0;

  constructor(node: BusNode) {
    super();
    this.node = node;
  }

  override _read(): void {}

  override _write(piece: Uint8Array, _encoding: string, done: () => void): void {
    this.writing.push([this.nowUs + ADAPTER_US, Uint8Array.from(piece)]);
    done();
  }

  step(nowUs: number): void {
    this.nowUs = nowUs;
    while (this.writing.length > 0 && this.writing[0][0] <= nowUs)
      this.node.send((this.writing.shift() as [number, Uint8Array])[1]);
    const heard = this.node.receive(this.bytes);
    if (heard > 0) this.reading.push([nowUs + ADAPTER_US, this.bytes.slice(0, heard)]);
    while (this.reading.length > 0 && this.reading[0][0] <= nowUs)
      this.emit('data', (this.reading.shift() as [number, Uint8Array])[1]);
  }
}

export interface BusResult {
  readonly frames: number;
  readonly delivered: number;
  /** Frames that came in another order than their numbers, or with other bytes than were signed. */
  readonly outOfOrder: number;
  readonly changed: number;
  readonly errors: readonly string[];
  /** Pieces that the collector heard damaged. */
  readonly refused: number;
  /** When the last frame was here, and when there was a first one of every board. */
  readonly doneS: number;
  readonly firstS: number;
  /** Share of the time in which the boards and the collector talk, undisturbed, while there is something to say. */
  readonly utilisation: number;
  /** Share of what the bus could carry meanwhile that are bytes of frames, each counted once. */
  readonly useful: number;
  readonly framesPerS: number;
  /** From a frame's signature to the collector's word that it is verified and in order. */
  readonly latencyMs: { readonly median: number; readonly p95: number; readonly max: number };
  readonly collided: number;
  readonly jabbered: number;
  readonly spoilt: number;
  /** Of the boards' ends: what was no packet. */
  readonly boardNoise: number;
}

class Tally {
  delivered = 0;
  outOfOrder = 0;
  changed = 0;
  bytes = 0;
  firstUs = 0;
  readonly errors: string[] = [];
  readonly latenciesMs: number[] = [];
  private readonly next = new Map<string, number>();
  private readonly members: BusMembers;
  private readonly byKey: Map<string, number>;

  constructor(members: BusMembers) {
    this.members = members;
    this.byKey = new Map(members.members.map(({ sample }, i) => [sample.key.keyId, i]));
  }

  take(frame: Frame, nowUs: number): void {
    const { log, madeUs } = this.members.members[this.byKey.get(frame.keyId) as number];
    const due = this.next.get(frame.keyId) ?? log.tail;
    if (!this.next.has(frame.keyId)) this.firstUs = nowUs;
    if (frame.sequence !== due) this.outOfOrder++;
    this.next.set(frame.keyId, frame.sequence + 1);
    if (Buffer.compare(frame.bytes, log.frames.get(frame.sequence) ?? new Uint8Array(0)) !== 0) this.changed++;
    this.delivered++;
    this.bytes += frame.bytes.length;
    this.latenciesMs.push((nowUs - madeUs[frame.sequence]) / 1000);
  }
}

/** Marks of the counts at the beginning and the end of what is measured. */
interface Mark {
  readonly passed: number;
  readonly orderly: number;
  readonly bytes: number;
  readonly delivered: number;
}

/** Utilisation is measured from `fromS` to `toS`; absent: over all until the last frame is here. */
export async function runBus(plan: BusPlan, window?: { fromS: number; toS: number }): Promise<BusResult> {
  const members = new BusMembers(plan);
  const { bus } = members;
  const adapter = new Adapter(bus.attach(true, RING));
  const tally = new Tally(members);
  const nowMs = () => adapter.nowUs / 1000;
  const addresses = members.members.map(({ board }) => board.address);
  const source = new SerialSource(adapter, addresses, { baud: plan.baud, nowMs });
  const collector = new Collector({
    keys: new Map(members.members.flatMap(({ sample }) => [...sample.keys])),
    source,
    nowMs,
    ...(plan.overwritten > 0 ? {} : { from: 1 }),
    onFrame: (frame) => tally.take(frame, adapter.nowUs),
    onError: ({ reason, first }) => tally.errors.push(`frame ${first}: ${reason}`),
  });
  await collector.start();
  const endUs = (Math.max(plan.quietAtS, plan.growsUntilS) + GRACE_S) * US;
  const mark = (): Mark => ({ ...bus.counts, bytes: tally.bytes, delivered: tally.delivered });
  let [from, to] = [mark(), mark()];
  let nowUs = 0;
  while (nowUs < endUs && !(nowUs >= plan.growsUntilS * US && tally.delivered === members.frames)) {
    nowUs += STEP_US;
    members.step(nowUs);
    adapter.step(nowUs);
    collector.tick();
    if (nowUs === (window?.fromS ?? 0) * US) from = mark();
    if (window === undefined || nowUs <= window.toS * US) to = mark();
  }
  await collector.close();
  return resultOf(plan, members, tally, from, to, nowUs, source.refused);
}

function resultOf(
  plan: BusPlan,
  members: BusMembers,
  tally: Tally,
  from: Mark,
  to: Mark,
  nowUs: number,
  refused: number,
): BusResult {
  const { counts } = members.bus;
  const passed = to.passed - from.passed;
  const latencies = tally.latenciesMs.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor(share * (latencies.length - 1))] ?? 0);
  return {
    frames: members.frames,
    delivered: tally.delivered,
    outOfOrder: tally.outOfOrder,
    changed: tally.changed,
    errors: tally.errors,
    refused,
    doneS: nowUs / US,
    firstS: tally.firstUs / US,
    utilisation: (to.orderly - from.orderly) / passed,
    useful: (to.bytes - from.bytes) / passed,
    framesPerS: ((to.delivered - from.delivered) * plan.baud) / 10 / passed,
    latencyMs: { median: at(0.5), p95: at(0.95), max: at(1) },
    collided: counts.collided,
    jabbered: counts.jabbered,
    spoilt: counts.spoilt,
    boardNoise: members.members.reduce((sum, { board }) => sum + board.link.noise, 0),
  };
}
