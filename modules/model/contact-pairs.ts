/**
 * Which states of two contacts were seen together, and in which state of one the other opens and closes. Entry a C + b
 * is a byte: bits 2 sa + sb of the low half (a < b) joint states seen, bits 4 + 2 sa + sb of the high half: a went to
 * sa while b was in sb. What was never seen is strange when it should have been, were the contacts independent:
 *
 *   joint state   p_a(sa) p_b(sb) min(switchings of a, of b) >= 3
 *   switching     p_b(sb) min(a's switchings to sa, b's switchings) >= 8
 *
 * A joint state is learned when it ends, so that while learning all of it is new. C + 32 bytes per contact.
 */
import type { Archive } from './archive.js';
import type { ContactHistory } from './contact-history.js';

const STATES_MIN = 3;
const SWITCHINGS_MIN = 8;
const ORDER_BITS = 4;
const SWITCHED = 2;

/** Pairs of contacts. */
export class ContactPairs {
  private readonly history: ContactHistory;
  private readonly seen: Uint8Array;
  /** Entry 4 q + v: rows in which the contact was in state v; 4 q + 2 + v: its switchings to state v. */
  private readonly counts: Float64Array;
  /** Joint states and switchings of the row that were never seen although they should have been. */
  strangeStates = 0;
  strangeSwitchings = 0;
  /** Contacts in a state in which they never were. */
  newStates = 0;
  /** The pair told last. */
  first = 0;
  second = 0;

  constructor(history: ContactHistory) {
    const { contacts } = history;
    this.history = history;
    this.seen = new Uint8Array(contacts * contacts);
    this.counts = new Float64Array(4 * contacts);
  }

  /** A contact has changed: what was counted of the row before is void. */
  begin(): void {
    this.strangeStates = 0;
    this.strangeSwitchings = 0;
    this.newStates = 0;
  }

  /** Counts what is strange of contact `a` with those after it, of its switching with all, in a row with changes. */
  compare(a: number): void {
    const { history, counts } = this;
    const { contacts, state } = history;
    const sa = state[a];
    if (sa < 0) return;
    if (counts[4 * a + sa] === 0) {
      this.newStates++;
      this.first = a;
      this.second = a;
      return;
    }
    for (let b = a + 1; b < contacts; b++) if (this.isStrange(a, sa, b, state[b])) this.strangeStates++;
    if (!history.hasSwitched(a)) return;
    for (let b = 0; b < contacts; b++) if (this.isStrangeSwitching(a, sa, b)) this.strangeSwitchings++;
  }

  private isStrange(a: number, sa: number, b: number, sb: number): boolean {
    if (sb < 0 || (this.seen[a * this.history.contacts + b] & (1 << (2 * sa + sb))) !== 0) return false;
    const most = this.moves(a) < this.moves(b) ? this.moves(a) : this.moves(b);
    if (this.part(a, sa) * this.part(b, sb) * most < STATES_MIN) return false;
    this.first = a;
    this.second = b;
    return true;
  }

  private isStrangeSwitching(a: number, sa: number, b: number): boolean {
    const { history, counts } = this;
    const sb = history.state[b];
    // only b at rest tells in which state of it a switches
    if (b === a || sb < 0 || history.before[b] !== sb) return false;
    if ((this.seen[a * history.contacts + b] & (1 << (ORDER_BITS + 2 * sa + sb))) !== 0) return false;
    const own = counts[4 * a + SWITCHED + sa];
    const most = own < this.moves(b) ? own : this.moves(b);
    if (this.part(b, sb) * most < SWITCHINGS_MIN) return false;
    this.first = a;
    this.second = b;
    return true;
  }

  private moves(q: number): number {
    return this.counts[4 * q + SWITCHED] + this.counts[4 * q + SWITCHED + 1];
  }

  /** Part of the rows in which contact q was in state v. */
  private part(q: number, v: number): number {
    const { counts } = this;
    return counts[4 * q + v] / (counts[4 * q] + counts[4 * q + 1]);
  }

  /** Learns the joint state that has ended with this row's changes, and the switching of `a`. */
  learnChange(a: number): void {
    const { history, seen, counts } = this;
    const { contacts, before, state } = history;
    const was = before[a];
    if (was < 0) return;
    const at = a * contacts;
    for (let b = a + 1; b < contacts; b++) if (before[b] >= 0) seen[at + b] |= 1 << (2 * was + before[b]);
    if (!history.hasSwitched(a)) return;
    counts[4 * a + SWITCHED + state[a]]++;
    for (let b = 0; b < contacts; b++)
      if (b !== a && state[b] >= 0 && before[b] === state[b])
        seen[at + b] |= 1 << (ORDER_BITS + 2 * state[a] + state[b]);
  }

  /** Counts the row of every contact. A state's first stay counts once it has ended. */
  learnRow(): void {
    const { history, counts } = this;
    const { contacts, state, before } = history;
    for (let q = 0; q < contacts; q++) {
      const v = state[q];
      if (before[q] >= 0 && before[q] !== v && counts[4 * q + before[q]] === 0) counts[4 * q + before[q]] = 1;
      if (v >= 0 && (counts[4 * q + v] > 0 || counts[4 * q + 1 - v] === 0)) counts[4 * q + v]++;
    }
  }

  /** Learns the joint state under way: learning is over. */
  freeze(): void {
    const { history, seen, counts } = this;
    const { contacts, state } = history;
    for (let a = 0; a < contacts; a++) {
      if (state[a] >= 0 && counts[4 * a + state[a]] === 0) counts[4 * a + state[a]] = 1;
      for (let b = a + 1; b < contacts; b++)
        if (state[a] >= 0 && state[b] >= 0) seen[a * contacts + b] |= 1 << (2 * state[a] + state[b]);
    }
  }

  /** Carries what scores need of contact a. */
  archive(a: number, archive: Archive): void {
    const { history, seen, counts } = this;
    const { contacts } = history;
    for (let i = 4 * a; i < 4 * a + 4; i++) counts[i] = archive.number(counts[i]);
    for (let i = a * contacts; i < (a + 1) * contacts; i++) seen[i] = archive.uint16(seen[i]);
  }
}
