/**
 * Where commands are judged, one at a time, in idle time: read -> addressed to us, by a known key, new, valid now ->
 * signature -> its number is kept -> it takes effect -> it waits to be answered by a command result frame.
 *
 * Everything cheap comes before the signature, and what fails there is only counted, by reason: who can send but not
 * sign gets no answer and costs no flash. After a signature that does not verify there is one verification in each
 * VERIFY_SLICE_US: of one command, drawn by lot among those that came in it, so that forgers cannot hold the door, only
 * take part in the draw. RAM: COMMAND_BYTES_MAX and about 1 KB.
 */
import { getUint32 } from '../base/little-endian.js';
import type { Digest, FlashPort, Verifier } from '../board.js';
import { CborReader } from '../cbor/reader.js';
import {
  COMMAND_BYTES_MAX,
  COMMAND_PART_US,
  COMMAND_PAUSE_US,
  MAINTENANCE_MS_MAX,
  TIME_UNCERTAINTY_MS_MAX,
  VALIDITY_MS_MAX,
  VERIFY_SLICE_US,
  VERIFY_US_MAX,
} from '../limits.js';
import { VERIFIER_BUSY, VERIFIER_GOOD } from '../sign/verifier-state.js';
import {
  COMMAND_FEEDBACK,
  COMMAND_IDENTIFY,
  COMMAND_MAINTENANCE,
  COMMAND_ROTATE_KEY,
  COMMAND_SET_CONFIGURATION,
  COMMAND_SET_TIME,
  Command,
  DEVICE_ID_BYTES,
  glanceAtCommand,
  KEY_ID_AT,
  READING,
  SIGNED_BEFORE,
  UNPROTECTED_AT,
} from './command.js';
import {
  CONFIGURATION_DIGEST_BYTES,
  ConfigurationStore,
  PART_LAST,
  PART_NOT_KEPT,
  PART_REFUSED,
} from './configuration-store.js';
import { Operators, PUBLIC_KEY_BYTES } from './operators.js';
import {
  COMMAND_ARGUMENTS,
  COMMAND_FOR_OTHERS,
  COMMAND_FORGED,
  COMMAND_NOT_KEPT,
  COMMAND_NOT_SUPPORTED,
  COMMAND_NOT_VALID,
  COMMAND_OF_UNKNOWN_KEY,
  COMMAND_OVERSIZED,
  COMMAND_REPLAYED,
  COMMAND_TOO_SOON,
  COMMAND_UNKNOWN,
  COMMAND_WHILE_BUSY,
  COMMAND_WITHOUT_TIME,
  CONFIGURATION_KEPT,
  FEEDBACK_MAX,
  RESULT_ACCEPTED,
  RESULT_CODES,
} from './results.js';
import { SequenceStore } from './sequence-store.js';
import { UNIX_MS_MAX, UNIX_MS_MIN, WallClock } from './wall-clock.js';

const NONE = -1;
const COUNT_MAX = 65535;
/** Places in the inbox: the message's key id, and the operator's key. */
export const COMMAND_KEY_ID_AT = SIGNED_BEFORE + KEY_ID_AT;
const PUBLIC_KEY_AT = SIGNED_BEFORE + COMMAND_BYTES_MAX;
/** `"Signature1"` in the array of 4 that is signed (RFC 9052 section 4.4): what stands before the protected header. */
const SIGNED_HEAD = Object.freeze([0x84, 0x6a, 0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31]);
const EMPTY_BYTES = 0x40;

const STATE_FREE = 0;
/** A command is in the inbox, and another may still be drawn in its place. */
const STATE_DRAWN = 1;
/** It is read, a part a block; then it is judged, then verified. */
const STATE_CAME = 2;
const STATE_READ = 3;
const STATE_JUDGED = 4;
const STATE_VERIFYING = 5;
const STATE_DONE = 6;
/** Of 2^32 by the golden ratio: mixes the draw. */
const MIX = 0x9e3779b1;
const TWO_32 = 4294967296;

/** What carries out the commands that are the sensor's. */
export interface CommandTarget {
  /** RESULT_ACCEPTED, or why not. */
  carryOut(code: number, first: number, second: number, third: number): number;
}

/** The desk of one board. */
export class CommandDesk {
  readonly clock = new WallClock();
  readonly operators: Operators;
  readonly configurations: ConfigurationStore;
  /** Refused since boot, by reason; 65535 and more are one. */
  readonly refused = new Uint16Array(RESULT_CODES);
  /** The command under way; its result once `isAnswerDue`. */
  readonly command = new Command();
  result = RESULT_ACCEPTED;
  /** The message from SIGNED_BEFORE on; before it room for what is signed; then the operator's key. */
  readonly inbox = new Uint8Array(PUBLIC_KEY_AT + PUBLIC_KEY_BYTES);
  /** For what flash gives and takes. */
  readonly scratch = new Uint8Array(PUBLIC_KEY_BYTES);
  /** What a configuration frame is due to tell: CONFIGURATION_*, -1 nothing. */
  configurationNews = NONE;
  isRotationDue = false;
  /** Set by whoever lets the desk work: commands arrive at this time. */
  nowUs = 0;
  private readonly target: CommandTarget;
  private readonly deviceId: Uint8Array;
  private readonly verifier: Verifier | null;
  private readonly canRotate: boolean;
  private readonly sequences: SequenceStore;
  /**
   * Start of the SHA-256 of this boot's boot frame, as two numbers: commands can be bound to it. -1 until it is known.
   */
  private challengeLow = NONE;
  private challengeHigh = NONE;
  private state = STATE_FREE;
  private operator = 0;
  private startedUs = 0;
  private readAfterUs = 0;
  private workAfterUs = 0;
  /** After a forged command: until when the next is drawn, among how many so far, and the state of the draw. */
  private sliceEndUs = 0;
  private drawnFrom = 0;
  private draw = 1;
  /** What is in the inbox, to be read once more when it was drawn. */
  private readonly inboxReader: CborReader;
  private inboxBytes = 0;

  /** `settings`: SETTINGS_SECTORS sectors. `verifier` null: this board takes no commands. */
  constructor(
    target: CommandTarget,
    settings: FlashPort,
    digest: Digest,
    verifier: Verifier | null,
    deviceId: Uint8Array,
    canRotate: boolean,
  ) {
    this.target = target;
    this.verifier = verifier;
    this.deviceId = deviceId;
    this.canRotate = canRotate;
    this.operators = new Operators(settings, digest);
    this.sequences = new SequenceStore(settings, this.operators, this.scratch);
    this.configurations = new ConfigurationStore(settings, this.scratch);
    this.inboxReader = new CborReader(this.inbox);
  }

  /** True while a command waits for its command result frame. */
  get isAnswerDue(): boolean {
    return this.state === STATE_DONE;
  }

  /** `hash`: SHA-256 of this boot's boot frame. */
  takeChallenge(hash: Uint8Array): void {
    this.challengeLow = getUint32(hash, 0);
    this.challengeHigh = getUint32(hash, 4);
  }

  /** False while a command is worked on, and for a while after one that was refused. */
  get isOpen(): boolean {
    return this.state <= STATE_DRAWN && this.nowUs >= this.readAfterUs;
  }

  /** Counts one that came while the desk was not open. */
  refuseUnread(): void {
    this.count(COMMAND_WHILE_BUSY);
  }

  /** Counts a command that was longer than COMMAND_BYTES_MAX. */
  refuseOversized(): void {
    this.count(COMMAND_OVERSIZED);
  }

  private count(reason: number): void {
    if (this.refused[reason] < COUNT_MAX) this.refused[reason]++;
  }

  /** Takes the message of `length` bytes at `at` (up to SIGNED_BEFORE) of the reader's buffer if it begins rightly. */
  take(reader: CborReader, at: number, length: number): void {
    const { nowUs, inbox } = this;
    const isReady = this.isOpen;
    // a slice that is over lasts until the desk has taken what was drawn: who comes last must not displace it
    const isDraw = nowUs < this.sliceEndUs || this.state === STATE_DRAWN;
    let reason = isReady ? this.glance(reader.buffer, at, length) : COMMAND_WHILE_BUSY;
    if (isReady && (isDraw || reason !== RESULT_ACCEPTED)) this.readAfterUs = nowUs + COMMAND_PAUSE_US;
    if (reason === RESULT_ACCEPTED && isDraw) {
      // of two one is not looked at: this one, or the one that it takes the place of
      if (this.drawnFrom > 0) this.count(COMMAND_TOO_SOON);
      if (!this.isDrawn(reader.buffer, at + length)) reason = COMMAND_TOO_SOON;
    } else if (reason !== RESULT_ACCEPTED) this.count(reason);
    if (reason !== RESULT_ACCEPTED) return;
    // all of the buffer in one move: what stands before and behind the message is written anew before it is verified
    inbox.set(reader.buffer, SIGNED_BEFORE - at);
    this.inboxBytes = length;
    this.command.part = 0;
    this.state = isDraw ? STATE_DRAWN : STATE_CAME;
  }

  /**
   * True with a chance of one in as many commands as came in this slice, so that each has the same. When exactly a
   * message arrives, and what came before it, decides: nobody can foresee that, and nothing secret depends on it.
   */
  private isDrawn(bytes: Uint8Array, end: number): boolean {
    let draw = this.draw ^ (this.nowUs % TWO_32) ^ getUint32(bytes, end - 4);
    draw = Math.imul(draw ^ (draw >>> 16), MIX);
    draw = Math.imul(draw ^ (draw >>> 13), MIX);
    this.draw = (draw ^ (draw >>> 16)) >>> 0;
    return this.draw % ++this.drawnFrom === 0;
  }

  /** The little that is looked at when a command comes: how it begins, and whose key it names. */
  private glance(bytes: Uint8Array, at: number, length: number): number {
    if (this.verifier === null) return COMMAND_NOT_SUPPORTED;
    const reason = glanceAtCommand(bytes, at, length);
    if (reason !== RESULT_ACCEPTED) return reason;
    return this.operators.find(bytes, at + KEY_ID_AT) < 0 ? COMMAND_OF_UNKNOWN_KEY : RESULT_ACCEPTED;
  }

  /** Of the command that was read in the inbox. */
  private judge(): number {
    const { command, inbox } = this;
    this.operator = this.operators.find(inbox, COMMAND_KEY_ID_AT);
    if (!this.isForUs(inbox, SIGNED_BEFORE)) return COMMAND_FOR_OTHERS;
    if (command.sequence <= this.sequences.lastOf(this.operator)) return COMMAND_REPLAYED;
    return this.judgeValidity(inbox, SIGNED_BEFORE);
  }

  private isForUs(bytes: Uint8Array, at: number): boolean {
    const { command, deviceId } = this;
    const { deviceAt, code } = command;
    if (deviceAt > 0) return isEqual(bytes, at + deviceAt, deviceId, DEVICE_ID_BYTES);
    const isForOne = code === COMMAND_SET_TIME || code === COMMAND_SET_CONFIGURATION || code === COMMAND_ROTATE_KEY;
    return command.group > 0 && command.group === this.operators.group && !isForOne;
  }

  /**
   * By the wall clock the whole of what its time may be lies in the validity; by the uptime of the boot that it names.
   */
  private judgeValidity(bytes: Uint8Array, at: number): number {
    const { command, clock, nowUs } = this;
    const { fromMs, toMs, challengeAt } = command;
    if (toMs < fromMs || toMs - fromMs > VALIDITY_MS_MAX) return COMMAND_NOT_VALID;
    if (challengeAt > 0) {
      const isOurs =
        getUint32(bytes, at + challengeAt) === this.challengeLow &&
        getUint32(bytes, at + challengeAt + 4) === this.challengeHigh;
      return isOurs && nowUs >= fromMs * 1000 && nowUs <= toMs * 1000 ? RESULT_ACCEPTED : COMMAND_NOT_VALID;
    }
    if (!clock.isSet) return COMMAND_WITHOUT_TIME;
    const unixMs = clock.unixMs(nowUs);
    const uncertaintyMs = clock.uncertaintyMs(nowUs);
    const isValid = unixMs - uncertaintyMs >= fromMs && unixMs + uncertaintyMs <= toMs;
    return isValid ? RESULT_ACCEPTED : COMMAND_NOT_VALID;
  }

  /** One bounded piece of work; false when there is none, or the verifier is busy. */
  idle(nowUs: number): boolean {
    this.nowUs = nowUs;
    if (this.state === STATE_VERIFYING) return this.pollVerifier(nowUs);
    if (nowUs < this.workAfterUs) return false;
    if (this.state === STATE_DRAWN && nowUs >= this.sliceEndUs) this.state = STATE_CAME;
    if (this.state !== STATE_CAME && this.state !== STATE_READ && this.state !== STATE_JUDGED) return false;
    // so that a block has one part of it: all that is known of its sender is that he knows a key's id
    this.workAfterUs = nowUs + COMMAND_PART_US;
    if (this.state === STATE_CAME) this.readOn();
    else if (this.state === STATE_READ) this.endReading();
    else this.startVerifying(nowUs);
    return true;
  }

  private readOn(): void {
    const answer = this.command.read(this.inboxReader, SIGNED_BEFORE, this.inboxBytes);
    if (answer === RESULT_ACCEPTED) this.state = STATE_READ;
    else if (answer !== READING) this.refuse(answer);
  }

  private endReading(): void {
    const reason = this.judge();
    if (reason === RESULT_ACCEPTED) this.state = STATE_JUDGED;
    else this.refuse(reason);
  }

  /** Of what was not verified: then none is read for a while. */
  private refuse(reason: number): void {
    this.readAfterUs = this.nowUs + COMMAND_PAUSE_US;
    this.drop(reason);
  }

  /** Makes the Sig_structure in place: another head, and an empty byte string where the empty map was. */
  private startVerifying(nowUs: number): void {
    const { inbox, scratch, command, verifier } = this;
    if (verifier === null) return;
    this.operators.readKey(this.operator, scratch);
    inbox.set(scratch, PUBLIC_KEY_AT);
    for (let i = 0; i < SIGNED_HEAD.length; i++) inbox[i] = SIGNED_HEAD[i];
    inbox[SIGNED_BEFORE + UNPROTECTED_AT] = EMPTY_BYTES;
    const signedBytes = SIGNED_BEFORE + command.payloadEnd;
    this.startedUs = nowUs;
    this.state = STATE_VERIFYING;
    // after the payload the head of the signature, 2 bytes
    if (!verifier.start(inbox, signedBytes, signedBytes + 2, PUBLIC_KEY_AT)) this.drop(COMMAND_NOT_SUPPORTED);
  }

  private pollVerifier(nowUs: number): boolean {
    const answer = this.verifier === null ? VERIFIER_BUSY : this.verifier.poll();
    if (answer === VERIFIER_BUSY) {
      if (nowUs - this.startedUs > VERIFY_US_MAX) this.drop(COMMAND_NOT_SUPPORTED);
      return false;
    }
    if (answer !== VERIFIER_GOOD) {
      this.sliceEndUs = this.startedUs + VERIFY_SLICE_US;
      this.drawnFrom = 0;
      this.drop(COMMAND_FORGED);
      return true;
    }
    this.result = this.sequences.keep(this.operator, this.command.sequence) ? this.carryOut(nowUs) : COMMAND_NOT_KEPT;
    if (this.result !== RESULT_ACCEPTED) this.count(this.result);
    this.state = STATE_DONE;
    return true;
  }

  private drop(reason: number): void {
    this.count(reason);
    this.state = STATE_FREE;
  }

  /** The result frame is in the log: the next command may come. */
  answered(): void {
    this.state = STATE_FREE;
  }

  private carryOut(nowUs: number): number {
    const { command, target } = this;
    const { code, numbers, strings, first, second, third } = command;
    if (code > COMMAND_IDENTIFY) return COMMAND_UNKNOWN;
    if (code === COMMAND_SET_CONFIGURATION) return this.takeConfiguration();
    if (numbers !== numbersOf(code) || strings > 0) return COMMAND_ARGUMENTS;
    if (code === COMMAND_SET_TIME) return this.setTime(nowUs);
    if (code === COMMAND_MAINTENANCE && !(first > 0 && first <= MAINTENANCE_MS_MAX)) return COMMAND_ARGUMENTS;
    if (code === COMMAND_FEEDBACK && third > FEEDBACK_MAX) return COMMAND_ARGUMENTS;
    if (code === COMMAND_ROTATE_KEY) {
      this.isRotationDue = this.canRotate;
      return this.canRotate ? RESULT_ACCEPTED : COMMAND_NOT_SUPPORTED;
    }
    return target.carryOut(code, first, second, third);
  }

  /**
   * The operator signed after it saw a frame of uptime `fromMs`, and what it said reached us only now: the time is from
   * what it says to as much later as has passed since. Held back on the way, a command makes time less certain, never
   * wrong.
   */
  private setTime(nowUs: number): number {
    const { command, clock } = this;
    const { first: unixMs, second: uncertaintyMs, challengeAt, fromMs } = command;
    if (!(unixMs >= UNIX_MS_MIN && unixMs <= UNIX_MS_MAX && uncertaintyMs <= TIME_UNCERTAINTY_MS_MAX))
      return COMMAND_ARGUMENTS;
    if (challengeAt === 0) return COMMAND_NOT_VALID;
    const laterMs = nowUs / 1000 - fromMs;
    clock.set(nowUs, unixMs + laterMs / 2, uncertaintyMs + laterMs / 2);
    return RESULT_ACCEPTED;
  }

  private takeConfiguration(): number {
    const { command, configurations, inbox } = this;
    const { numbers, strings, digestBytes, first, second, third } = command;
    if (numbers !== 3 || strings !== 2 || digestBytes !== CONFIGURATION_DIGEST_BYTES) return COMMAND_ARGUMENTS;
    const partAt = SIGNED_BEFORE + command.partAt;
    const digestAt = SIGNED_BEFORE + command.digestAt;
    const answer = configurations.take(first, second, third, inbox, partAt, command.partBytes, digestAt);
    if (answer === PART_REFUSED) return COMMAND_ARGUMENTS;
    if (answer === PART_NOT_KEPT) return COMMAND_NOT_KEPT;
    if (answer === PART_LAST) this.configurationNews = CONFIGURATION_KEPT;
    return RESULT_ACCEPTED;
  }
}

/** Arguments of a command. */
function numbersOf(code: number): number {
  if (code === COMMAND_MAINTENANCE) return 1;
  if (code === COMMAND_SET_TIME) return 2;
  if (code === COMMAND_FEEDBACK) return 3;
  return 0;
}

function isEqual(bytes: Uint8Array, at: number, other: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== other[i]) return false;
  return true;
}
