/**
 * What was on every line until now: rings of block extremes at three rates, and slots that hold stretches of them
 * packed for frames. The reference of hosts/native/evidence.c, which keeps the same outside the engine's memory on
 * boards.
 *
 * A point of level 0 is a block, one of level n is 10^n blocks: smallest and largest count of an analog channel (16
 * bits each), level at the end and edges of a contact (a byte; edges held to 126). A point without samples says so.
 * Point k of level n covers the blocks k * 10^n to (k + 1) * 10^n - 1 by their sequence. Memory per point: 4 bytes an
 * analog channel, 1 byte a contact, and as many points of each level as EVIDENCE_RING_BYTES have room for.
 *
 * Packed, of an analog channel, each point: varint(largest - smallest + 1), then varint(zigzag(smallest - smallest of
 * the point with samples before, 0 before the first)); of a point without samples varint(0) only. Of a contact, runs of
 * equal points: varint(points), varint(1 + level + 2 * edges) or varint(0) without samples. A varint is LEB128: 7 bits
 * a byte, lowest first, bit 7 set where more follow; zigzag(n) is 2 n, of a negative n -2 n - 1.
 */
import type { EvidenceMemory, RawMemory } from '../board.js';
import {
  ANALOG_COUNT,
  ANALOG_FIELDS,
  ANALOG_MAX,
  ANALOG_MIN,
  type Block,
  DIGITAL_EDGES,
  DIGITAL_FIELDS,
  DIGITAL_LEVEL,
} from '../capture/block.js';
import type { SampledBlock } from '../capture/sampled-block.js';
import {
  EVIDENCE_DEPTH_MAX,
  EVIDENCE_LEVEL_BLOCKS,
  EVIDENCE_LEVELS,
  EVIDENCE_PART_BYTES_MAX,
  EVIDENCE_RING_BYTES,
  EVIDENCE_SLOTS,
} from '../limits.js';
import { RawRing } from './raw-ring.js';

const COUNTS_MAX = 65535;
const NO_CONTACT = 255;
const EDGES_MAX = 126;
/** Of a packed point, or run. */
const POINT_BYTES_MAX = 6;
/** A stretch too long for its slot loses its oldest points, so many at a time. */
const CUT_POINTS = 16;

class Level {
  /** The first point ever, the one under way, its place in the ring. */
  first = 0;
  entry = 0;
  place = 0;
}

/** The rings and the slots. */
export class EvidenceRings implements EvidenceMemory {
  readonly depth: number;
  private readonly analog: number;
  private readonly digital: number;
  private readonly levels: Level[] = [];
  /** [level][place][channel]: smallest, largest. */
  private readonly extremes: Uint16Array;
  /** [level][place][channel]: level + 2 * edges. */
  private readonly contacts: Uint8Array;
  private readonly slots = new Uint8Array(EVIDENCE_SLOTS * EVIDENCE_PART_BYTES_MAX);
  private readonly slotBytes = new Uint16Array(EVIDENCE_SLOTS);
  readonly raw?: RawMemory;
  private readonly rawRing: RawRing | null;
  private lastSequence = -1;
  /** Where the packer is in its slot. */
  private at = 0;

  /** Keeps samples too where `rawBlockSamples`, those of a block, are above 0: every block is a SampledBlock then. */
  constructor(analogChannels: number, digitalChannels: number, rawBlockSamples: number = 0) {
    this.analog = analogChannels;
    this.digital = digitalChannels;
    const depth = Math.floor(EVIDENCE_RING_BYTES / (EVIDENCE_LEVELS * (4 * analogChannels + digitalChannels)));
    this.depth = depth < EVIDENCE_DEPTH_MAX ? depth : EVIDENCE_DEPTH_MAX;
    for (let i = 0; i < EVIDENCE_LEVELS; i++) this.levels.push(new Level());
    this.extremes = new Uint16Array(EVIDENCE_LEVELS * this.depth * analogChannels * 2);
    this.contacts = new Uint8Array(EVIDENCE_LEVELS * this.depth * digitalChannels);
    this.rawRing = rawBlockSamples > 0 ? new RawRing(analogChannels, digitalChannels, rawBlockSamples) : null;
    if (this.rawRing !== null)
      this.raw = {
        depth: this.rawRing.depth,
        hold: (slot, channel, end, samples) => this.holdRaw(slot, channel, end, samples),
      };
  }

  record(block: Block): void {
    const { sequence } = block;
    let blocks = 1;
    for (let i = 0; i < EVIDENCE_LEVELS; i++) {
      this.advance(i, sequence, blocks);
      this.addAnalog(i, block.analog);
      this.addContacts(i, block.digital);
      blocks *= EVIDENCE_LEVEL_BLOCKS;
    }
    this.lastSequence = sequence;
    const { samples } = block as Partial<SampledBlock>;
    if (this.rawRing !== null && samples !== undefined) this.rawRing.record(sequence, samples);
  }

  /** Points between the one before and that of the block are gaps. */
  private advance(i: number, sequence: number, blocks: number): void {
    const { depth, lastSequence } = this;
    const level = this.levels[i];
    const entry = Math.floor(sequence / blocks);
    const isStart = lastSequence < 0 || sequence <= lastSequence;
    const behind = isStart ? depth : entry - level.entry;
    const gap = behind < depth ? behind : depth;
    if (isStart) level.first = entry;
    level.entry = entry;
    level.place = entry % depth;
    for (let j = 0; j < gap; j++) this.clear(i, (level.place - j + depth) % depth);
  }

  private clear(level: number, place: number): void {
    const { extremes, contacts, analog, digital, depth } = this;
    const at = (level * depth + place) * analog * 2;
    for (let i = 0; i < 2 * analog; i += 2) {
      extremes[at + i] = COUNTS_MAX;
      extremes[at + i + 1] = 0;
    }
    const from = (level * depth + place) * digital;
    contacts.fill(NO_CONTACT, from, from + digital);
  }

  private addAnalog(level: number, fields: readonly number[]): void {
    const { extremes, analog, depth, levels } = this;
    let at = (level * depth + levels[level].place) * analog * 2;
    for (let i = 0; i < analog * ANALOG_FIELDS; i += ANALOG_FIELDS, at += 2) {
      if (fields[i + ANALOG_COUNT] === 0) continue;
      const min = inRange(fields[i + ANALOG_MIN]);
      const max = inRange(fields[i + ANALOG_MAX]);
      if (min < extremes[at]) extremes[at] = min;
      if (max > extremes[at + 1]) extremes[at + 1] = max;
    }
  }

  private addContacts(level: number, fields: readonly number[]): void {
    const { contacts, digital, depth, levels } = this;
    let at = (level * depth + levels[level].place) * digital;
    for (let i = 0; i < digital * DIGITAL_FIELDS; i += DIGITAL_FIELDS, at++) {
      const state = fields[i + DIGITAL_LEVEL];
      if (state < 0) continue;
      const before = contacts[at];
      const edges = (before === NO_CONTACT ? 0 : before >> 1) + fields[i + DIGITAL_EDGES];
      contacts[at] = 2 * (edges < EDGES_MAX ? edges : EDGES_MAX) + state;
    }
  }

  hold(slot: number, channel: number, level: number, end: number, points: number): number {
    const { depth, analog, lastSequence, slotBytes } = this;
    const { first: oldest, entry } = this.levels[level];
    slotBytes[slot] = 0;
    if (lastSequence < 0) return 0;
    let first = end - points + 1;
    const last = end < entry ? end : entry;
    if (first < entry - depth + 1) first = entry - depth + 1;
    if (first < oldest) first = oldest;
    for (; first <= last; first += CUT_POINTS) {
      const count = last - first + 1;
      this.at = slot * EVIDENCE_PART_BYTES_MAX;
      const fits =
        channel < analog
          ? this.packAnalog(level, channel, first, count)
          : this.packContact(level, channel - analog, first, count);
      if (!fits) continue;
      slotBytes[slot] = this.at - slot * EVIDENCE_PART_BYTES_MAX;
      return count;
    }
    return 0;
  }

  private holdRaw(slot: number, channel: number, end: number, samples: number): number {
    const { rawRing, slotBytes } = this;
    slotBytes[slot] = 0;
    if (rawRing === null) return 0;
    const first = rawRing.firstKept(end - samples + 1, end);
    if (first > end) return 0;
    const bytes = rawRing.pack(channel, first, end, this.slots, slot * EVIDENCE_PART_BYTES_MAX);
    if (bytes < 0) return -1;
    slotBytes[slot] = bytes;
    return end - first + 1;
  }

  private packAnalog(level: number, channel: number, first: number, points: number): boolean {
    const { extremes, analog, depth } = this;
    const lastAt = this.at + EVIDENCE_PART_BYTES_MAX - POINT_BYTES_MAX;
    let place = first % depth;
    let before = 0;
    for (let i = 0; i < points; i++) {
      if (this.at > lastAt) return false;
      const from = ((level * depth + place) * analog + channel) * 2;
      const min = extremes[from];
      const width = extremes[from + 1] - min;
      place = place + 1 === depth ? 0 : place + 1;
      if (width < 0) {
        this.varint(0);
        continue;
      }
      this.varint(width + 1);
      this.varint(min < before ? 2 * (before - min) - 1 : 2 * (min - before));
      before = min;
    }
    return true;
  }

  private packContact(level: number, channel: number, first: number, points: number): boolean {
    const { contacts, digital, depth } = this;
    const lastAt = this.at + EVIDENCE_PART_BYTES_MAX - POINT_BYTES_MAX;
    const from = level * depth * digital + channel;
    let place = first % depth;
    let left = points;
    while (left > 0) {
      if (this.at > lastAt) return false;
      const contact = contacts[from + place * digital];
      let run = 0;
      while (left > 0 && contacts[from + place * digital] === contact) {
        place = place + 1 === depth ? 0 : place + 1;
        left--;
        run++;
      }
      this.varint(run);
      this.varint(contact === NO_CONTACT ? 0 : contact + 1);
    }
    return true;
  }

  private varint(value: number): void {
    const { slots } = this;
    let rest = value;
    for (; rest > 127; rest >>= 7) slots[this.at++] = (rest & 127) | 128;
    slots[this.at++] = rest;
  }

  heldBytes(slot: number): number {
    return this.slotBytes[slot];
  }

  take(slot: number, into: Uint8Array, at: number): void {
    const { slots, slotBytes } = this;
    const from = slot * EVIDENCE_PART_BYTES_MAX;
    for (let i = 0; i < slotBytes[slot]; i++) into[at + i] = slots[from + i];
  }
}

function inRange(counts: number): number {
  return counts < 0 ? 0 : counts > COUNTS_MAX ? COUNTS_MAX : counts;
}
