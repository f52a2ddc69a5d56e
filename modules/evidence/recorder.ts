/**
 * The recorder: from the opening of an incident on it waits until each level has a third of its points after it, then
 * has the stretch of each of the incident's channels packed into a slot, where it waits for its frame. One part is a
 * channel at a level; the fine level first, and before it raw samples where they are wanted. Rings and slots are the
 * board's (rings.ts); here are 0.3 KB of tables. What finds no place, or is overwritten before it does, is counted as
 * lost. Nothing of it outlives a reset.
 */
import { Loss } from '../base/loss.js';
import type { EvidenceMemory } from '../board.js';
import type { Block } from '../capture/block.js';
import type { Configuration } from '../config/configuration.js';
import { firstOf, INCIDENT_OPEN, type Incident, restOf } from '../incident/incident.js';
import type { IncidentTable } from '../incident/incident-table.js';
import {
  CHANNELS_MAX,
  EVIDENCE_LEVEL_BLOCKS,
  EVIDENCE_LEVELS,
  EVIDENCE_RECORDINGS_MAX,
  EVIDENCE_SLOTS,
} from '../limits.js';
import { openRawWindow, type RawWindow } from './raw-window.js';

/** Fields of a recording: incident (0: free), block it opened in, block its next part is due in, that part. */
const INCIDENT = 0;
const OPENED = 1;
const DUE = 2;
const NEXT = 3;
/** How many, then each, in base CHANNEL_BASE. */
const CHANNELS = 4;
const FIELDS = 5;
const CHANNEL_BASE = CHANNELS_MAX;
const RECORDINGS_END = EVIDENCE_RECORDINGS_MAX * FIELDS;

/** Fields of a slot: what it holds, packed (0: free), and when its first point begins. */
const FROM_US = 1;
const SLOT_FIELDS = 2;
/** What a slot holds, as places of one number, lowest first: part, parts, channel, points, incident. */
const PART_BASE = 32;
const CHANNEL_AT = PART_BASE * PART_BASE;
const POINTS_AT = CHANNEL_AT * CHANNEL_BASE;
const POINTS_BASE = 1024;
const INCIDENT_AT = POINTS_AT * POINTS_BASE;

/** The level of raw samples, where they are kept: before the others. */
const LEVEL_RAW = -1;

/** Blocks of a point of a level. */
function blocksOfLevel(level: number): number {
  let blocks = 1;
  for (let i = 0; i < level; i++) blocks *= EVIDENCE_LEVEL_BLOCKS;
  return blocks;
}

/** Watches the incident table and fills the slots; the reporter empties them. */
export class EvidenceRecorder {
  readonly memory: EvidenceMemory;
  /** Parts lost. */
  readonly loss = new Loss();
  private readonly incidents: IncidentTable;
  private readonly blockUs: number;
  /** Null: no raw samples are wanted. */
  private readonly raw: RawWindow | null;
  /** Parts of a channel: levels, and raw samples. */
  private readonly levels: number;
  /** Points after the opening. */
  private readonly after: number;
  /** Recordings, then slots. */
  private readonly table = new Float64Array(RECORDINGS_END + EVIDENCE_SLOTS * SLOT_FIELDS);
  private seen = 0;
  private joinedSeen = 0;
  /** Of all recordings the first to have a part due: its place, and the block. */
  private first = 0;
  private dueBlock = Infinity;

  constructor(memory: EvidenceMemory, incidents: IncidentTable, configuration: Configuration) {
    this.memory = memory;
    this.incidents = incidents;
    this.blockUs = configuration.blockUs;
    this.raw = openRawWindow(configuration, memory.raw);
    this.levels = this.raw === null ? EVIDENCE_LEVELS : EVIDENCE_LEVELS + 1;
    this.after = Math.floor(memory.depth / 3);
  }

  /** After the block's stages: adds it to the rings, and does at most one part. */
  step(block: Block): void {
    this.memory.record(block);
    if (this.incidents.opened !== this.seen) this.begin(block);
    if (this.incidents.joined !== this.joinedSeen) this.beginGained(block);
    if (block.sequence >= this.dueBlock) this.hold(block);
  }

  /** Incidents that opened in this block. */
  private begin(block: Block): void {
    const { incidents, opened } = this.incidents;
    for (let i = 0; i < incidents.length; i++) {
      const incident = incidents[i];
      if (incident.id <= this.seen || incident.state !== INCIDENT_OPEN || incident.channels === 0) continue;
      let channels = 0;
      for (let j = incident.channels - 1; j >= 0; j--) channels = channels * CHANNEL_BASE + incident.channel[j];
      this.open(incident, channels, incident.channels, block);
    }
    this.seen = opened;
    this.findDue();
  }

  /** Channels that incidents have gained in this block: a recording of their own, under the incident's id. */
  private beginGained(block: Block): void {
    const { incidents, joined } = this.incidents;
    for (let i = 0; i < incidents.length; i++) {
      const incident = incidents[i];
      if (incident.fresh === 0) continue;
      let channels = 0;
      let count = 0;
      let place = 1;
      for (let rest = incident.fresh; rest > 0; rest = restOf(rest)) {
        channels += firstOf(rest) * place;
        place *= CHANNEL_BASE;
        count++;
      }
      incident.fresh = 0;
      this.open(incident, channels, count, block);
    }
    this.joinedSeen = joined;
    this.findDue();
  }

  /** Opens a recording of `count` channels, in base CHANNEL_BASE, or counts it as lost. */
  private open(incident: Incident, channels: number, count: number, block: Block): void {
    const at = this.freeRecording();
    if (at < 0) {
      this.loss.add(count * this.levels, incident.onsetUs, block.timeUs);
      return;
    }
    const { table: recordings } = this;
    recordings[at + INCIDENT] = incident.id;
    recordings[at + OPENED] = block.sequence;
    recordings[at + NEXT] = 0;
    recordings[at + CHANNELS] = channels * CHANNEL_BASE + count;
    if (this.raw !== null) this.raw.begin(at / FIELDS, incident.onsetUs, block);
    recordings[at + DUE] = this.dueOf(at);
  }

  private freeRecording(): number {
    const { table: recordings } = this;
    for (let at = 0; at < RECORDINGS_END; at += FIELDS) if (recordings[at + INCIDENT] === 0) return at;
    return -1;
  }

  private levelOf(at: number): number {
    const { table } = this;
    const level = Math.floor(table[at + NEXT] / (table[at + CHANNELS] % CHANNEL_BASE));
    return this.raw === null ? level : level + LEVEL_RAW;
  }

  /** The last point of the next part. */
  private endOf(at: number): number {
    return Math.floor(this.table[at + OPENED] / blocksOfLevel(this.levelOf(at))) + this.after;
  }

  /** The block that completes it. */
  private dueOf(at: number): number {
    const level = this.levelOf(at);
    if (level === LEVEL_RAW && this.raw !== null) return this.raw.dueOf(at / FIELDS);
    return (this.endOf(at) + 1) * blocksOfLevel(level) - 1;
  }

  private findDue(): void {
    const { table: recordings } = this;
    let due = Infinity;
    for (let at = 0; at < RECORDINGS_END; at += FIELDS) {
      if (recordings[at + INCIDENT] === 0 || recordings[at + DUE] >= due) continue;
      due = recordings[at + DUE];
      this.first = at;
    }
    this.dueBlock = due;
  }

  /** The part that is due, if a slot is free; else it waits, and what is overwritten meanwhile is missing from it. */
  private hold(block: Block): void {
    const slot = this.freeSlot();
    if (slot < 0) {
      if (this.isOverwritten(block)) {
        this.loss.add(1, block.timeUs, block.timeUs);
        this.next();
      }
      return;
    }
    const { table, memory, first: at } = this;
    const level = this.levelOf(at);
    const part = table[at + NEXT];
    const channels = table[at + CHANNELS] % CHANNEL_BASE;
    const place = part % channels;
    let rest = Math.floor(table[at + CHANNELS] / CHANNEL_BASE);
    for (let i = 0; i < place; i++) rest = Math.floor(rest / CHANNEL_BASE);
    const channel = rest % CHANNEL_BASE;
    const raw = level === LEVEL_RAW ? this.raw : null;
    const end = this.endOf(at);
    const points =
      raw !== null ? raw.hold(slot, channel, at / FIELDS) : memory.hold(slot, channel, level, end, memory.depth);
    const to = RECORDINGS_END + slot * SLOT_FIELDS;
    if (points === 0) this.loss.add(1, block.timeUs, block.timeUs);
    else {
      table[to] =
        ((table[at + INCIDENT] * POINTS_BASE + points) * CHANNEL_BASE + channel) * CHANNEL_AT +
        channels * this.levels * PART_BASE +
        part;
      const firstBlock = (end - points + 1) * blocksOfLevel(level);
      table[to + FROM_US] =
        raw !== null ? raw.fromUs(points, block) : block.timeUs - (block.sequence - firstBlock + 1) * this.blockUs;
    }
    this.next();
  }

  /** Nothing is left in the ring of the part that is due. */
  private isOverwritten(block: Block): boolean {
    const { first: at, memory } = this;
    if (this.levelOf(at) === LEVEL_RAW && this.raw !== null) return this.raw.isOverwritten(at / FIELDS, block);
    return Math.floor(block.sequence / blocksOfLevel(this.levelOf(at))) - this.endOf(at) >= memory.depth;
  }

  /** On to the next part of the recording that had one due. */
  private next(): void {
    const { table: recordings, first: at } = this;
    recordings[at + NEXT]++;
    if (recordings[at + NEXT] >= (recordings[at + CHANNELS] % CHANNEL_BASE) * this.levels)
      recordings[at + INCIDENT] = 0;
    else recordings[at + DUE] = this.dueOf(at);
    this.findDue();
  }

  private freeSlot(): number {
    const { table } = this;
    for (let i = 0; i < EVIDENCE_SLOTS; i++) if (table[RECORDINGS_END + i * SLOT_FIELDS] === 0) return i;
    return -1;
  }

  /** The slot whose turn it is: the oldest incident's lowest part; -1 when all are free. */
  nextHeld(): number {
    let next = -1;
    let order = Infinity;
    for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
      const incident = this.incidentOf(slot);
      const place = incident * PART_BASE + this.partOf(slot);
      if (incident === 0 || place >= order) continue;
      order = place;
      next = slot;
    }
    return next;
  }

  /** The incident of what a slot holds; 0: it is free. */
  incidentOf(slot: number): number {
    return Math.floor(this.table[RECORDINGS_END + slot * SLOT_FIELDS] / INCIDENT_AT);
  }

  /** Which part it is, from 0 on. */
  partOf(slot: number): number {
    return this.table[RECORDINGS_END + slot * SLOT_FIELDS] % PART_BASE;
  }

  /** Of how many. */
  partsOf(slot: number): number {
    return Math.floor(this.table[RECORDINGS_END + slot * SLOT_FIELDS] / PART_BASE) % PART_BASE;
  }

  channelOf(slot: number): number {
    return Math.floor(this.table[RECORDINGS_END + slot * SLOT_FIELDS] / CHANNEL_AT) % CHANNEL_BASE;
  }

  pointsOf(slot: number): number {
    return Math.floor(this.table[RECORDINGS_END + slot * SLOT_FIELDS] / POINTS_AT) % POINTS_BASE;
  }

  /** Blocks of each of its points. */
  blocksOf(slot: number): number {
    return blocksOfLevel(this.heldLevelOf(slot));
  }

  private heldLevelOf(slot: number): number {
    const level = Math.floor((this.partOf(slot) * this.levels) / this.partsOf(slot));
    return this.raw === null ? level : level + LEVEL_RAW;
  }

  /** The window that a slot's raw samples are of; null: it holds points of blocks. */
  rawOf(slot: number): RawWindow | null {
    return this.heldLevelOf(slot) === LEVEL_RAW ? this.raw : null;
  }

  /** When its first point begins, in microseconds of the board's clock. */
  fromUsOf(slot: number): number {
    return this.table[RECORDINGS_END + slot * SLOT_FIELDS + FROM_US];
  }

  /** A signed frame has told what the slot holds. */
  told(slot: number): void {
    this.table[RECORDINGS_END + slot * SLOT_FIELDS] = 0;
  }
}
