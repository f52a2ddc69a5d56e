/**
 * Pairs proposed from learning data where the wiring states none: contact j answers contact i when nearly every edge of
 * i is followed by one of j, of constant sense, after a steady delay, and j has hardly an edge of its own.
 *
 *     answers >= 0.95 edges(i),  answers >= 0.95 edges(j),  longest - shortest <= longest / 4 + 20 ms,  longest <= 3 s
 *
 * Edges are counted in the first half of learning; what is proposed then learns its delays in the second. Each contact
 * answers one order, that with the shortest delay. 7 bytes per two contacts while it counts.
 */
import type { ContactSignal } from '../condition/contact-signal.js';
import { PAIRS_PROPOSED_MAX } from '../limits.js';
import type { Archive, Archived } from '../model/archive.js';
import { ContactPair } from './contact-pair.js';

const EDGES_MIN = 6;
const SHARE_MIN = 0.95;
const STEADY_SHARE = 0.25;
const STEADY_MS = 20;
const WINDOW_MS = 3000;
const COUNTED = 0.5;
const SAME = 1;
const OPPOSITE = 2;

/** Counts which contact answers which. */
export class PairProposal implements Archived {
  readonly archiveUnits = 1;
  /** What was proposed. */
  readonly pairs: ContactPair[] = [];
  /** Enough has been counted. */
  isOver = false;
  private readonly contacts: readonly ContactSignal[];
  private readonly firstContact: number;
  private readonly sampleUs: number;
  // per contact, and for each contact i and its answer j at i * contacts + j
  private readonly edges: Uint16Array;
  private readonly lastUs: Float64Array;
  private readonly answers: Uint16Array;
  private readonly shortestMs: Uint16Array;
  private readonly longestMs: Uint16Array;
  private readonly senses: Uint8Array;

  constructor(contacts: readonly ContactSignal[], firstContact: number, sampleUs: number) {
    const n = contacts.length;
    this.contacts = contacts;
    this.firstContact = firstContact;
    this.sampleUs = sampleUs;
    this.edges = new Uint16Array(n);
    this.lastUs = new Float64Array(n).fill(-1);
    this.answers = new Uint16Array(n * n);
    this.shortestMs = new Uint16Array(n * n).fill(WINDOW_MS);
    this.longestMs = new Uint16Array(n * n);
    this.senses = new Uint8Array(n * n);
  }

  /** Takes a block of learning in which a debounced level has changed. True when pairs have just been proposed. */
  count(progress: number): boolean {
    if (progress >= COUNTED) {
      this.isOver = true;
      this.createPairs();
      return this.pairs.length > 0;
    }
    const { contacts, edges, lastUs } = this;
    for (let j = 0; j < contacts.length; j++) {
      if (contacts[j].hasChanged === 0) continue;
      this.countAnswer(j);
      if (edges[j] < 65535) edges[j]++;
    }
    for (let j = 0; j < contacts.length; j++) if (contacts[j].hasChanged === 1) lastUs[j] = contacts[j].changedAtUs;
    return false;
  }

  /** Contact j has changed: it may answer every contact that has changed since it did last. */
  private countAnswer(j: number): void {
    const { contacts, lastUs, answers, shortestMs, longestMs, senses } = this;
    const n = contacts.length;
    const atUs = contacts[j].changedAtUs;
    for (let i = 0; i < n; i++) {
      if (i === j) continue;
      const isNew = contacts[i].hasChanged === 1 && contacts[i].changedAtUs <= atUs;
      const orderUs = isNew ? contacts[i].changedAtUs : lastUs[i];
      const delayMs = (atUs - orderUs) / 1000;
      if (orderUs < 0 || orderUs < lastUs[j] || delayMs < 0 || delayMs > WINDOW_MS) continue;
      const at = i * n + j;
      if (answers[at] < 65535) answers[at]++;
      if (delayMs < shortestMs[at]) shortestMs[at] = delayMs;
      if (delayMs > longestMs[at]) longestMs[at] = delayMs;
      senses[at] |= contacts[i].level === contacts[j].level ? SAME : OPPOSITE;
    }
  }

  private createPairs(): void {
    const n = this.contacts.length;
    for (let j = 0; j < n && this.pairs.length < PAIRS_PROPOSED_MAX; j++) {
      let best = -1;
      for (let i = 0; i < n; i++)
        if (this.isPair(i, j) && (best < 0 || this.longestMs[i * n + j] < this.longestMs[best * n + j])) best = i;
      if (best >= 0) this.createPair(best, j, this.senses[best * n + j] === OPPOSITE);
    }
  }

  private isPair(i: number, j: number): boolean {
    const { edges, answers, longestMs, shortestMs, senses } = this;
    const at = i * this.contacts.length + j;
    const most = edges[i] > edges[j] ? edges[i] : edges[j];
    if (i === j || edges[i] < EDGES_MIN || answers[at] < SHARE_MIN * most) return false;
    if (senses[at] !== SAME && senses[at] !== OPPOSITE) return false;
    // two contacts that move in one moment answer each other: neither is the order
    if (longestMs[at] === 0) return false;
    return longestMs[at] - shortestMs[at] <= STEADY_SHARE * longestMs[at] + STEADY_MS;
  }

  private createPair(order: number, execution: number, isInverted: boolean): void {
    const { firstContact: first, pairs } = this;
    const wiring = { name: '', order: first + order, execution: first + execution, isInverted };
    pairs.push(new ContactPair(wiring, pairs.length, first, this.sampleUs));
  }

  /** The proposed pairs and what they learned. */
  archive(_unit: number, archive: Archive): void {
    const { pairs, firstContact: first, contacts } = this;
    const last = contacts.length - 1;
    const count = countOf(archive, pairs.length, PAIRS_PROPOSED_MAX);
    for (let i = 0; i < count; i++) {
      const known = i < pairs.length ? pairs[i] : null;
      const order = countOf(archive, known === null ? 0 : known.order - first, last);
      const execution = countOf(archive, known === null ? 0 : known.execution - first, last);
      const isInverted = archive.uint16(known === null ? 0 : known.inversion) === 1;
      if (known === null) this.createPair(order, execution, isInverted);
      pairs[i].archive(0, archive);
    }
    if (archive.isLoading) this.isOver = true;
  }
}

/** A number up to `most`; a model in which it is larger is refused. */
function countOf(archive: Archive, value: number, most: number): number {
  const count = archive.uint16(value);
  if (count <= most) return count;
  archive.refuse();
  return 0;
}
