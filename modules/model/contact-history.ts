/**
 * State of every contact in the rows of the models, and for how many rows it has lasted. A contact is closed when it
 * was high for more than half of the row. Where fewer than a tenth of the states learned were shorter than eight rows,
 * a state of a single row is a glitch: a state counts from its second row on. Shared by the detectors of contacts; the
 * first of them advances it. 72 bytes per contact, and 128 for the modes seen.
 */
import { keepStates } from '../base/kernels.js';
import { QUALITY_GOOD } from '../condition/quality.js';
import type { Archive } from './archive.js';
import type { ModelRow } from './model-row.js';

/** No state: nothing was sampled, or not yet. */
export const STATE_UNKNOWN = -1;
const CLOSED_SHARE = 0.5;
const SHORT_ROWS = 8;
const SHORT_SHARE = 0.1;
const STATES_MIN = 3;
/** Joint states of all contacts that are told apart while learning; more count as these. */
const MODES_MAX = 32;
/** Of each contact: whether its state was seen to begin, whether a new one waits for its second row, states that ended
 * while learning and how many of them were short (both up to 65535). */
const FIELDS = 4;
const IS_BEGINNING_SEEN = 0;
const IS_WAITING = 1;
const STATES = 2;
const SHORT = 3;

/** What the contacts did up to the row under way. */
export class ContactHistory {
  readonly contacts: number;
  /** Input of the first contact in the row: the number of analog channels. */
  readonly firstInput: number;
  /** 0 open, 1 closed, STATE_UNKNOWN. */
  readonly state: number[] = [];
  /** State in the row before; STATE_UNKNOWN when this row does not continue it. */
  readonly before: number[] = [];
  /** Rows for which the state has lasted, this one included. */
  readonly lasted: number[] = [];
  /** Rows for which the state before lasted that ended in this row; 0 when none did or its beginning was not seen. */
  readonly ended: number[] = [];
  /** Contacts whose state in this row is not what it was in the row before, or was not known then. */
  changes = 0;
  /** Joint states of the contacts, each known, that were seen while learning: modes of the plant, MODES_MAX at most. */
  modes = 0;
  private readonly modesSeen = new Uint32Array(MODES_MAX);
  /** What is kept of each contact, FIELDS numbers. */
  readonly kept: Uint16Array;

  /** `analogs` channels and then `contacts` are the inputs of a row. */
  constructor(analogs: number, contacts: number) {
    this.firstInput = analogs;
    this.contacts = contacts;
    this.kept = new Uint16Array(FIELDS * contacts);
    for (let i = 0; i < contacts; i++) {
      this.state.push(STATE_UNKNOWN);
      this.before.push(STATE_UNKNOWN);
      this.lasted.push(0);
      this.ended.push(0);
    }
  }

  /** Takes the row in. */
  advance(row: ModelRow, isLearning: boolean): void {
    const { firstInput, state, before, lasted, ended, kept } = this;
    const { values, qualities } = row;
    if (row.isFresh) this.restart();
    this.changes = 0;
    if (keepStates(values, qualities, firstInput, state, before, lasted, ended, kept) > 0) this.take(row, isLearning);
    if (isLearning && this.changes > 0 && this.modes < MODES_MAX) this.noteMode();
  }

  /** Takes the contacts that are not in the state in which they were. */
  private take(row: ModelRow, isLearning: boolean): void {
    const { contacts, firstInput, before, lasted } = this;
    const { values, qualities } = row;
    for (let i = 0; i < contacts; i++) {
      const was = before[i];
      const at = firstInput + i;
      const is = qualities[at] !== QUALITY_GOOD ? STATE_UNKNOWN : values[at] > CLOSED_SHARE ? 1 : 0;
      if (is === was) continue;
      if (this.isGlitch(i, was, is)) lasted[i]++;
      else this.change(i, was, is, isLearning);
    }
  }

  /** Beyond 32 contacts two modes may count as one. */
  private noteMode(): void {
    const { contacts, state, modesSeen } = this;
    let mode = 0;
    for (let i = 0; i < contacts; i++) {
      if (state[i] < 0) return;
      mode = ((mode << 1) | (mode >>> 31)) ^ state[i];
    }
    mode >>>= 0;
    for (let i = 0; i < this.modes; i++) if (modesSeen[i] === mode) return;
    modesSeen[this.modes++] = mode;
  }

  /** True for the first row of a state where single rows are glitches. */
  private isGlitch(i: number, was: number, is: number): boolean {
    const { kept } = this;
    const at = FIELDS * i;
    const states = kept[at + STATES];
    if (was < 0 || is < 0 || states < STATES_MIN || kept[at + SHORT] >= SHORT_SHARE * states) return false;
    if (kept[at + IS_WAITING] === 1) return false;
    kept[at + IS_WAITING] = 1;
    return true;
  }

  private change(i: number, was: number, is: number, isLearning: boolean): void {
    const { kept, lasted } = this;
    const at = FIELDS * i;
    const isEdge = was >= 0 && is >= 0;
    if (isEdge && kept[at + IS_BEGINNING_SEEN] === 1) {
      this.ended[i] = lasted[i];
      if (isLearning && kept[at + STATES] < 65535) {
        kept[at + STATES]++;
        if (lasted[i] < SHORT_ROWS) kept[at + SHORT]++;
      }
    }
    kept[at + IS_WAITING] = 0;
    kept[at + IS_BEGINNING_SEEN] = isEdge ? 1 : 0;
    this.state[i] = is;
    lasted[i] = 1;
    this.changes++;
  }

  /** True when contact i opened or closed in this row. */
  hasSwitched(i: number): boolean {
    return this.before[i] >= 0 && this.state[i] >= 0 && this.before[i] !== this.state[i];
  }

  /** Rows for which contact i has been in its state; 0 when the beginning was not seen. */
  dwell(i: number): number {
    return this.kept[FIELDS * i + IS_BEGINNING_SEEN] === 1 ? this.lasted[i] : 0;
  }

  /** After a gap: states and their beginnings are not known. */
  restart(): void {
    const { contacts, state, before, kept } = this;
    for (let i = 0; i < contacts; i++) {
      state[i] = STATE_UNKNOWN;
      before[i] = STATE_UNKNOWN;
      kept[FIELDS * i + IS_BEGINNING_SEEN] = 0;
      kept[FIELDS * i + IS_WAITING] = 0;
    }
  }

  /** Carries what tells glitches of contact i. */
  archive(i: number, archive: Archive): void {
    const { kept } = this;
    const at = FIELDS * i;
    kept[at + STATES] = archive.uint16(kept[at + STATES]);
    kept[at + SHORT] = archive.uint16(kept[at + SHORT]);
  }
}
