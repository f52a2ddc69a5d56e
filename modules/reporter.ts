/**
 * Turns what happened into frames, one at a time, in idle time: compose -> sign -> log. What waits is kept where it
 * arose (incident table, loss counts, readings), so nothing queues up and nothing is dropped while a signature takes
 * its time. Order: boot, incidents, answers to commands, the model, losses (one a second at most), heartbeat, readings,
 * evidence. A heartbeat late by a whole period goes before all but boot: a flood of incidents must not silence it.
 */
import { assert } from './base/assert.js';
import { Loss } from './base/loss.js';
import type { Board } from './board.js';
import { TextTable } from './cbor/text.js';
import type { CborWriter } from './cbor/writer.js';
import { KEY_ID_AT } from './command/command.js';
import { COMMAND_KEY_ID_AT, type CommandDesk } from './command/command-desk.js';
import { PUBLIC_KEY_BYTES } from './command/operators.js';
import { CONFIGURATION_KEPT, RESULT_ACCEPTED } from './command/results.js';
import type { AnalogSignal } from './condition/analog-signal.js';
import type { ContactSignal } from './condition/contact-signal.js';
import type { Configuration } from './config/configuration.js';
import type { EvidenceRecorder } from './evidence/recorder.js';
import { writeBootBody } from './frame/boot-body.js';
import { writeCommandResultBody } from './frame/command-result-body.js';
import { writeConfigurationBody } from './frame/configuration-body.js';
import { writeEvidenceBody } from './frame/evidence-body.js';
import { type Condition, writeHeartbeatBody } from './frame/heartbeat-body.js';
import { writeIncidentBody } from './frame/incident-body.js';
import { readAnnouncedKey, writeKeyBody } from './frame/key-body.js';
import {
  KIND_BOOT,
  KIND_COMMAND_RESULT,
  KIND_CONFIGURATION,
  KIND_EVIDENCE,
  KIND_HEARTBEAT,
  KIND_INCIDENT,
  KIND_KEY,
  KIND_LOSS,
  KIND_MODEL,
  KIND_READINGS,
  LOSS_BLOCKS,
  LOSS_EVIDENCE,
  LOSS_FRAMES,
} from './frame/kinds.js';
import { writeLossBody } from './frame/loss-body.js';
import { writeModelBody } from './frame/model-body.js';
import { beginPayload } from './frame/outline.js';
import { pairsEnd, writePairsBody } from './frame/pairs-body.js';
import { type Reading, ReadingTexts, writeReadingsBody, writeVerdictsBody } from './frame/readings-body.js';
import { TECHNIQUE_IDS } from './incident/attack-techniques.js';
import { type Incident, NEWS_NONE } from './incident/incident.js';
import type { IncidentTable } from './incident/incident-table.js';
import { READINGS_CHANNELS_MAX, RECORD_BYTES_MAX, RECORD_HEAD_BYTES } from './limits.js';
import { FrameLog } from './log/frame-log.js';
import type { ModelRecord } from './model/model-record.js';
import type { ModelStore } from './model/model-store.js';
import type { Pair } from './orders/pair.js';
import { KEY_ID_BYTES } from './sign/cose-key.js';
import { CoseSign1, FRAME_AT } from './sign/cose-sign1.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from './sign/signer-state.js';

const STATE_IDLE = 0;
const STATE_COMPOSED = 1;
const STATE_SIGNING = 2;
/** Times a frame is signed again before it is given up and counted as lost. */
const SIGN_RETRIES = 3;
/** Pause before another try, and how long a signature may take. */
const SIGN_PAUSE_US = 200_000;
const SIGN_US_MAX = 10_000_000;
/** Losses go on adding up between two frames that tell them. */
const LOSS_PERIOD_US = 1_000_000;

/** The way of every frame. */
export class Reporter {
  readonly log: FrameLog;
  readonly blockLoss = new Loss();
  readonly frameLoss = new Loss();
  /** Frames given up since boot. */
  framesLost = 0;
  /** True once the frame that tells of a new configuration is in the log: it is used from the next start on. */
  isRestartDue = false;
  private readonly board: Board;
  private readonly configuration: Configuration;
  private readonly table: IncidentTable;
  private readonly condition: Condition;
  private readonly signals: readonly AnalogSignal[];
  private readonly contacts: readonly ContactSignal[];
  private readonly readings: readonly Reading[];
  private readonly model: ModelRecord;
  private readonly store: ModelStore;
  /** Whose verdicts the readings tell. */
  private readonly pairs: readonly Pair[];
  private readonly evidence: EvidenceRecorder | null;
  private readonly desk: CommandDesk;
  private readonly cose: CoseSign1;
  private readonly hash = new Uint8Array(32);
  private readonly texts: ReadingTexts;
  private readonly techniqueIds = new TextTable(TECHNIQUE_IDS);
  private hasPrevious = false;
  private state = STATE_IDLE;
  private retries = 0;
  /** The frame under way: its kind; of a loss frame what it tells, how many and until when. */
  private kind = KIND_BOOT;
  private toldLoss = LOSS_BLOCKS;
  private toldCount = 0;
  private toldToUs = 0;
  private toldConfiguration = -1;
  private incidentId = 0;
  private toldNews = NEWS_NONE;
  private toldModel = -1;
  /** Where the pairs end that the model frame under way tells of; 0: it tells of the model. */
  private toldPairs = 0;
  private toldSlot = -1;
  /** When the frame under way may be handed to the signer, or was. */
  private tryAtUs = 0;
  private lossDueUs = 0;
  private isBootTold = false;
  private heartbeatDueUs: number;
  private readingsDueUs: number;
  /** First channel of the next readings frame; 0 while none is due. */
  private readingsNext = 0;
  /** The readings frame with the pairs' verdicts is the next. */
  private areVerdictsDue = false;

  constructor(
    board: Board,
    table: IncidentTable,
    condition: Condition,
    signals: readonly AnalogSignal[],
    contacts: readonly ContactSignal[],
    readings: readonly Reading[],
    model: ModelRecord,
    store: ModelStore,
    pairs: readonly Pair[],
    evidence: EvidenceRecorder | null,
    desk: CommandDesk,
  ) {
    assert(RECORD_HEAD_BYTES === FRAME_AT, 'reporter: the log takes frames where COSE leaves them');
    this.board = board;
    this.configuration = board.configuration;
    this.table = table;
    this.condition = condition;
    this.signals = signals;
    this.contacts = contacts;
    this.readings = readings;
    this.model = model;
    this.store = store;
    this.pairs = pairs;
    this.evidence = evidence;
    this.desk = desk;
    this.cose = new CoseSign1(board.signer);
    this.log = new FrameLog(board.flash);
    this.texts = new ReadingTexts(this.configuration.analog);
    this.heartbeatDueUs = this.configuration.heartbeatMs * 1000;
    this.readingsDueUs = this.configuration.readingsMs * 1000;
    this.loadPrevious();
  }

  /** The newest frame of the boot before is what the first of this one chains to. */
  private loadPrevious(): void {
    const record = new Uint8Array(RECORD_BYTES_MAX);
    const bytes = this.log.read(this.log.head - 1, record);
    if (bytes === 0) return;
    record.copyWithin(0, RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + bytes);
    this.board.digest.sha256(record, bytes, this.hash);
    this.hasPrevious = true;
    this.resumeRotation(record, bytes);
  }

  /**
   * The newest frame announced a new key, and power failed before it took its place: no other may sign after it.
   * @offStep at start
   */
  private resumeRotation(frame: Uint8Array, bytes: number): void {
    const { signer } = this.board;
    const publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
    if (signer.rotation === undefined || !readAnnouncedKey(frame, bytes, publicKey)) return;
    for (let i = 0; i < KEY_ID_BYTES; i++) if (frame[KEY_ID_AT + i] !== signer.keyId[i]) return;
    if (signer.rotation.resume(publicKey)) this.cose.takeKey();
  }

  /** One bounded piece of work; false when there is none, or when the signer is busy. */
  idle(nowUs: number): boolean {
    if (this.state === STATE_IDLE) {
      if (!this.compose(nowUs)) return false;
      this.state = STATE_COMPOSED;
      this.tryAtUs = nowUs;
      return true;
    }
    if (this.state === STATE_COMPOSED) {
      if (nowUs < this.tryAtUs) return false;
      if (!this.cose.sign()) return this.isOverdue(nowUs);
      this.state = STATE_SIGNING;
      return true;
    }
    const answer = this.cose.poll();
    if (answer === SIGNER_BUSY) return this.isOverdue(nowUs);
    if (answer === SIGNER_FAILED) this.signAgain(nowUs);
    else this.keep();
    return answer !== SIGNER_FAILED;
  }

  /** A signer that has not answered for too long has failed. Never work done: false. */
  private isOverdue(nowUs: number): boolean {
    if (nowUs - this.tryAtUs > SIGN_US_MAX) this.signAgain(nowUs);
    return false;
  }

  /** Tries again a little later; then the frame is given up and counted, and what it told waits to be told again. */
  private signAgain(nowUs: number): void {
    this.state = STATE_COMPOSED;
    this.tryAtUs = nowUs + SIGN_PAUSE_US;
    if (++this.retries <= SIGN_RETRIES) return;
    this.retries = 0;
    this.giveUp(nowUs);
    this.state = STATE_IDLE;
  }

  private giveUp(nowUs: number): void {
    this.framesLost++;
    this.frameLoss.add(1, nowUs, nowUs);
  }

  /** The signed frame has told these. */
  private settleTold(): void {
    if (this.kind === KIND_BOOT) this.isBootTold = true;
    else if (this.kind === KIND_COMMAND_RESULT) this.desk.answered();
    else if (this.kind === KIND_CONFIGURATION) this.settleConfiguration();
    else if (this.kind === KIND_KEY) this.desk.isRotationDue = false;
    else if (this.kind === KIND_MODEL) this.settleModel();
    else if (this.kind === KIND_LOSS) {
      const loss = this.lossOf(this.toldLoss);
      loss.count -= this.toldCount;
      loss.fromUs = this.toldToUs;
    } else if (this.kind === KIND_EVIDENCE && this.evidence !== null) this.evidence.told(this.toldSlot);
    else if (this.kind === KIND_INCIDENT) this.table.told(this.incidentId, this.toldNews);
  }

  /** The frame goes to the log, its hash into the next one. */
  private keep(): void {
    const { cose, log, hash } = this;
    this.retries = 0;
    this.settleTold();
    log.append(cose.buffer, cose.frameBytes);
    cose.buffer.copyWithin(0, FRAME_AT, FRAME_AT + cose.frameBytes);
    this.board.digest.sha256(cose.buffer, cose.frameBytes, hash);
    this.hasPrevious = true;
    this.state = STATE_IDLE;
    if (this.kind === KIND_BOOT) this.desk.takeChallenge(hash);
    if (this.kind === KIND_KEY && this.board.signer.rotation?.commit() === true) cose.takeKey();
  }

  private settleModel(): void {
    const { model, toldPairs } = this;
    if (toldPairs > 0) model.toldPairs(toldPairs, this.pairs.length);
    else model.told(this.toldModel);
  }

  private settleConfiguration(): void {
    const { desk, toldConfiguration } = this;
    if (toldConfiguration === CONFIGURATION_KEPT) this.isRestartDue = true;
    if (desk.configurationNews === toldConfiguration) desk.configurationNews = -1;
  }

  /** Encodes the payload of the most urgent frame; false when nothing is due. */
  private compose(nowUs: number): boolean {
    const news = this.table.nextNews();
    if (!this.isBootTold) this.composeBoot(nowUs);
    else if (nowUs >= this.heartbeatDueUs + 1000 * this.configuration.heartbeatMs) this.composeHeartbeat(nowUs);
    else if (news !== null) this.composeIncident(news, nowUs);
    else if (this.desk.isAnswerDue) this.composeAnswer(nowUs);
    else if (this.desk.configurationNews >= 0) this.composeConfiguration(nowUs);
    else if (this.desk.isRotationDue) return this.composeKey(nowUs);
    else if (this.model.nextUntold() >= 0) this.composeModel(nowUs);
    else if (nowUs >= this.lossDueUs && this.nextLoss() >= 0) this.composeLoss(this.nextLoss(), nowUs);
    else if (nowUs >= this.heartbeatDueUs) this.composeHeartbeat(nowUs);
    else if (this.model.pairsNext >= 0 && this.composePairs(nowUs)) return true;
    else if ((this.readingsNext > 0 || nowUs >= this.readingsDueUs) && this.composeReadings(nowUs)) return true;
    else if (this.areVerdictsDue && this.composeVerdicts(nowUs)) return true;
    else return this.composeEvidence(nowUs);
    return true;
  }

  /** LOSS_* of what is lost and not told; -1: nothing. */
  private nextLoss(): number {
    if (this.blockLoss.count > 0) return LOSS_BLOCKS;
    if (this.frameLoss.count > 0) return LOSS_FRAMES;
    return this.evidence !== null && this.evidence.loss.count > 0 ? LOSS_EVIDENCE : -1;
  }

  private lossOf(what: number): Loss {
    if (what === LOSS_EVIDENCE && this.evidence !== null) return this.evidence.loss;
    return what === LOSS_BLOCKS ? this.blockLoss : this.frameLoss;
  }

  private begin(kind: number, nowUs: number): CborWriter {
    this.kind = kind;
    const writer = this.cose.begin();
    const { log } = this;
    const { clock } = this.desk;
    const unixMs = clock.isSet ? clock.unixMs(nowUs) : 0;
    const previous = this.hasPrevious ? this.hash : null;
    beginPayload(writer, kind, log.head, log.boot, nowUs, previous, unixMs, clock.uncertaintyMs(nowUs));
    return writer;
  }

  private composeAnswer(nowUs: number): void {
    const { desk } = this;
    const { sequence, code, numbers, first, second, third } = desk.command;
    const { deviceId } = this.board.identity;
    const told = desk.result === RESULT_ACCEPTED ? numbers : 0;
    const writer = this.begin(KIND_COMMAND_RESULT, nowUs);
    writeCommandResultBody(
      writer,
      desk.inbox,
      COMMAND_KEY_ID_AT,
      sequence,
      code,
      desk.result,
      deviceId,
      told,
      first,
      second,
      third,
    );
  }

  private composeConfiguration(nowUs: number): void {
    const { configurations, configurationNews, scratch } = this.desk;
    this.toldConfiguration = configurationNews;
    configurations.readDigest(scratch);
    const writer = this.begin(KIND_CONFIGURATION, nowUs);
    writeConfigurationBody(writer, scratch, configurations.sequence, configurationNews);
  }

  /** A key that cannot be made leaves the old one in place: a frame is lost. @offStep by command only. */
  private composeKey(nowUs: number): boolean {
    const publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
    const answer = this.board.signer.rotation?.prepare(publicKey) ?? SIGNER_FAILED;
    if (answer === SIGNER_DONE) writeKeyBody(this.begin(KIND_KEY, nowUs), publicKey);
    if (answer === SIGNER_FAILED) {
      this.desk.isRotationDue = false;
      this.giveUp(nowUs);
    }
    return answer === SIGNER_DONE;
  }

  private composeBoot(nowUs: number): void {
    const { board, store } = this;
    const writer = this.begin(KIND_BOOT, nowUs);
    const modelDigest = store.hasModel ? store.digest : null;
    writeBootBody(writer, board.identity, board.signer, board.configurationDigest, modelDigest, this.model.runs);
  }

  private composeModel(nowUs: number): void {
    const { model, store, configuration } = this;
    this.toldModel = model.nextUntold();
    this.toldPairs = 0;
    const writer = this.begin(KIND_MODEL, nowUs);
    writeModelBody(writer, this.toldModel, model, store.digest, configuration.falseAlarmsPerDay);
  }

  /** What a few pairs have learned; false where there are none. */
  private composePairs(nowUs: number): boolean {
    const { model, store, pairs, readings } = this;
    const first = model.pairsNext;
    const end = pairsEnd(pairs, first);
    if (end === first) {
      model.pairsNext = -1;
      return false;
    }
    this.toldPairs = end;
    writePairsBody(this.begin(KIND_MODEL, nowUs), model.pairsWhy, store.digest, pairs, readings, first, end);
    return true;
  }

  private composeLoss(what: number, nowUs: number): void {
    const loss = this.lossOf(what);
    writeLossBody(this.begin(KIND_LOSS, nowUs), what, loss.count, loss.fromUs, loss.toUs);
    this.lossDueUs = nowUs + LOSS_PERIOD_US;
    this.toldLoss = what;
    this.toldCount = loss.count;
    this.toldToUs = loss.toUs;
  }

  private composeIncident(incident: Incident, nowUs: number): void {
    const channel = incident.channel[0];
    const isAnalog = incident.channels > 0 && channel < this.readings.length;
    const decimals = isAnalog ? this.readings[channel].decimals : 0;
    const writer = this.begin(KIND_INCIDENT, nowUs);
    writeIncidentBody(writer, incident, incident.news, decimals, this.techniqueIds);
    this.incidentId = incident.id;
    this.toldNews = this.table.tell(incident);
  }

  private composeHeartbeat(nowUs: number): void {
    const { condition } = this;
    condition.framesLost = this.framesLost;
    condition.framesWaiting = this.table.waiting();
    condition.freeBytes = this.board.memory.freeBytes();
    condition.wear = this.log.wear;
    condition.incidentsOpen = this.table.open;
    condition.commandsRefused = this.desk.refused;
    writeHeartbeatBody(this.begin(KIND_HEARTBEAT, nowUs), condition, this.signals, this.contacts, this.model);
    this.heartbeatDueUs = nextDue(this.heartbeatDueUs, this.configuration.heartbeatMs, nowUs);
  }

  /** Several frames, a few channels each. */
  private composeReadings(nowUs: number): boolean {
    const { readings, configuration } = this;
    const first = this.readingsNext;
    const end = first + READINGS_CHANNELS_MAX < readings.length ? first + READINGS_CHANNELS_MAX : readings.length;
    this.readingsNext = end < readings.length ? end : 0;
    if (this.readingsNext === 0) {
      this.readingsDueUs = nextDue(this.readingsDueUs, configuration.readingsMs, nowUs);
      this.areVerdictsDue = true;
    }
    if (end === first) return this.composeVerdicts(nowUs);
    writeReadingsBody(this.begin(KIND_READINGS, nowUs), readings, this.texts, first, end);
    for (let i = first; i < end; i++) readings[i].restart();
    return true;
  }

  /** What became of orders since the last readings; nothing where there were none. */
  private composeVerdicts(nowUs: number): boolean {
    const { pairs } = this;
    this.areVerdictsDue = false;
    let told = 0;
    for (let i = 0; i < pairs.length; i++) if (pairs[i].hasVerdicts()) told++;
    if (told === 0) return false;
    writeVerdictsBody(this.begin(KIND_READINGS, nowUs), pairs, told);
    for (let i = 0; i < pairs.length; i++) pairs[i].restartVerdicts();
    return true;
  }

  /** A stretch that waits; false when none does. */
  private composeEvidence(nowUs: number): boolean {
    const { evidence, configuration } = this;
    if (evidence === null) return false;
    const slot = evidence.nextHeld();
    if (slot < 0) return false;
    this.toldSlot = slot;
    const { analog, blockUs } = configuration;
    writeEvidenceBody(this.begin(KIND_EVIDENCE, nowUs), evidence, slot, analog, blockUs);
    return true;
  }
}

/** The next moment of a periodic frame: on its grid, skipping what has passed. */
function nextDue(dueUs: number, periodMs: number, nowUs: number): number {
  const periodUs = periodMs * 1000;
  return dueUs + (Math.floor((nowUs - dueUs) / periodUs) + 1) * periodUs;
}
