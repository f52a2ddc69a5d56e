/**
 * The recorder: from the opening of an incident on it waits until each level has a third of its points after it, then
 * has the stretch of each of the incident's channels packed into a slot, where it waits for its frame. One part is a
 * channel at a level; the fine level first. Rings and slots are the board's (rings.ts); here are 0.9 KB of tables.
 * What finds no place, or is overwritten before it does, is counted as lost. Nothing of it outlives a reset.
 */
import { Loss } from '../base/loss.js';
import type { EvidenceMemory } from '../board.js';
import type { Block } from '../capture/block.js';
import { INCIDENT_OPEN } from '../incident/incident.js';
import type { IncidentTable } from '../incident/incident-table.js';
import {
  EVIDENCE_LEVEL_BLOCKS,
  EVIDENCE_LEVELS,
  EVIDENCE_RECORDINGS_MAX,
  EVIDENCE_SLOTS,
  INCIDENT_CHANNELS_MAX,
} from '../limits.js';

/** Fields of a recording: incident (0: free), block it opened in, block its next part is due in, that part, channels. */
const INCIDENT = 0;
const OPENED = 1;
const DUE = 2;
const NEXT = 3;
const CHANNELS = 4;
const CHANNEL = 5;
const FIELDS = CHANNEL + INCIDENT_CHANNELS_MAX;

/** Fields of a slot: incident (0: free), part, parts, channel, level, when its first point begins, points. */
export const HELD_INCIDENT = 0;
export const HELD_PART = 1;
export const HELD_PARTS = 2;
export const HELD_CHANNEL = 3;
export const HELD_LEVEL = 4;
export const HELD_FROM_US = 5;
export const HELD_POINTS = 6;
export const HELD_FIELDS = 7;

/** Blocks of a point of a level. */
export function blocksOfLevel(level: number): number {
  let blocks = 1;
  for (let i = 0; i < level; i++) blocks *= EVIDENCE_LEVEL_BLOCKS;
  return blocks;
}

/** Watches the incident table and fills the slots; the reporter empties them. */
export class EvidenceRecorder {
  readonly memory: EvidenceMemory;
  /** HELD_* of every slot. */
  readonly held = new Float64Array(EVIDENCE_SLOTS * HELD_FIELDS);
  /** Parts lost. */
  readonly loss = new Loss();
  private readonly table: IncidentTable;
  private readonly blockUs: number;
  /** Points after the opening. */
  private readonly after: number;
  private readonly recordings = new Float64Array(EVIDENCE_RECORDINGS_MAX * FIELDS);
  private seen = 0;
  /** Of all recordings the first to have a part due: its place, and the block. */
  private first = 0;
  private dueBlock = Infinity;

  constructor(memory: EvidenceMemory, table: IncidentTable, blockUs: number) {
    this.memory = memory;
    this.table = table;
    this.blockUs = blockUs;
    this.after = Math.floor(memory.depth / 3);
  }

  /** After the block's stages: adds it to the rings, and does at most one part. */
  step(block: Block): void {
    this.memory.record(block);
    if (this.table.opened !== this.seen) this.begin(block);
    if (block.sequence >= this.dueBlock) this.hold(block);
  }

  /** Incidents that opened in this block. */
  private begin(block: Block): void {
    const { incidents, opened } = this.table;
    for (let i = 0; i < incidents.length; i++) {
      const incident = incidents[i];
      if (incident.id <= this.seen || incident.state !== INCIDENT_OPEN) continue;
      const at = this.freeRecording();
      if (at < 0) {
        this.loss.add(incident.channels * EVIDENCE_LEVELS, incident.onsetUs, block.timeUs);
        continue;
      }
      const { recordings } = this;
      recordings[at + INCIDENT] = incident.id;
      recordings[at + OPENED] = block.sequence;
      recordings[at + NEXT] = 0;
      recordings[at + CHANNELS] = incident.channels;
      for (let j = 0; j < incident.channels; j++) recordings[at + CHANNEL + j] = incident.channel[j];
      recordings[at + DUE] = this.dueOf(at);
    }
    this.seen = opened;
    this.findDue();
  }

  private freeRecording(): number {
    const { recordings } = this;
    for (let at = 0; at < recordings.length; at += FIELDS) if (recordings[at + INCIDENT] === 0) return at;
    return -1;
  }

  private levelOf(at: number): number {
    const { recordings } = this;
    return Math.floor(recordings[at + NEXT] / recordings[at + CHANNELS]);
  }

  /** The last point of the next part. */
  private endOf(at: number): number {
    return Math.floor(this.recordings[at + OPENED] / blocksOfLevel(this.levelOf(at))) + this.after;
  }

  /** The block that completes it. */
  private dueOf(at: number): number {
    return (this.endOf(at) + 1) * blocksOfLevel(this.levelOf(at)) - 1;
  }

  private findDue(): void {
    const { recordings } = this;
    let due = Infinity;
    for (let at = 0; at < recordings.length; at += FIELDS) {
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
    const { recordings, held, memory, first: at } = this;
    const level = this.levelOf(at);
    const channel = recordings[at + CHANNEL + (recordings[at + NEXT] % recordings[at + CHANNELS])];
    const end = this.endOf(at);
    const points = memory.hold(slot, channel, level, end, memory.depth);
    const to = slot * HELD_FIELDS;
    if (points === 0) this.loss.add(1, block.timeUs, block.timeUs);
    else {
      const firstBlock = (end - points + 1) * blocksOfLevel(level);
      held[to + HELD_INCIDENT] = recordings[at + INCIDENT];
      held[to + HELD_PART] = recordings[at + NEXT];
      held[to + HELD_PARTS] = recordings[at + CHANNELS] * EVIDENCE_LEVELS;
      held[to + HELD_CHANNEL] = channel;
      held[to + HELD_LEVEL] = level;
      held[to + HELD_FROM_US] = block.timeUs - (block.sequence - firstBlock + 1) * this.blockUs;
      held[to + HELD_POINTS] = points;
    }
    this.next();
  }

  /** Nothing is left in the ring of the part that is due. */
  private isOverwritten(block: Block): boolean {
    const { first: at, memory } = this;
    return Math.floor(block.sequence / blocksOfLevel(this.levelOf(at))) - this.endOf(at) >= memory.depth;
  }

  /** On to the next part of the recording that had one due. */
  private next(): void {
    const { recordings, first: at } = this;
    recordings[at + NEXT]++;
    if (recordings[at + NEXT] >= recordings[at + CHANNELS] * EVIDENCE_LEVELS) recordings[at + INCIDENT] = 0;
    else recordings[at + DUE] = this.dueOf(at);
    this.findDue();
  }

  private freeSlot(): number {
    const { held } = this;
    for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) if (held[slot * HELD_FIELDS + HELD_INCIDENT] === 0) return slot;
    return -1;
  }

  /** The slot whose turn it is: the oldest incident's lowest part; -1 when all are free. */
  nextHeld(): number {
    const { held } = this;
    let next = -1;
    let order = Infinity;
    for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
      const at = slot * HELD_FIELDS;
      const place = held[at + HELD_INCIDENT] * EVIDENCE_LEVELS * INCIDENT_CHANNELS_MAX + held[at + HELD_PART];
      if (held[at + HELD_INCIDENT] === 0 || place >= order) continue;
      order = place;
      next = slot;
    }
    return next;
  }

  /** A signed frame has told what the slot holds. */
  told(slot: number): void {
    this.held[slot * HELD_FIELDS + HELD_INCIDENT] = 0;
  }
}
