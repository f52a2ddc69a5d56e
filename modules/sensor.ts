/**
 * The witness: owns all state. `step(block)` runs every stage up to the incident table and never allocates;
 * `idle()` does one bounded piece of slow work: a turn of learning, a step of a frame's way, a link message.
 */
import { assert } from './base/assert.js';
import { READING_FIELDS } from './base/kernel-fields.js';
import { addToReadings } from './base/kernels.js';
import type { Board } from './board.js';
import type { Block } from './capture/block.js';
import { COMMAND_ARM, COMMAND_LEARN, COMMAND_MAINTENANCE, COMMAND_SELF_TEST } from './command/command.js';
import { CommandDesk, type CommandTarget } from './command/command-desk.js';
import { COMMAND_FAILED, COMMAND_NOT_NOW, CONFIGURATION_IN_USE, RESULT_ACCEPTED } from './command/results.js';
import { areSumsRight } from './command/self-test.js';
import { AnalogLines, type AnalogSignal } from './condition/analog-signal.js';
import { ContactLines, type ContactSignal } from './condition/contact-signal.js';
import { checkConfiguration } from './config/check.js';
import type { Configuration } from './config/configuration.js';
import { DetectorSet } from './detect/detector-set.js';
import type { DriftDetector } from './detect/drift.js';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_DRIFT,
  DETECTOR_FLAT,
  DETECTOR_INTERLOCK,
  DETECTOR_LIMITS,
  DETECTOR_LINK,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
  Finding,
} from './detect/finding.js';
import { FlatLines } from './detect/flat.js';
import { ALARM_ON, ALARM_QUIET, type Fusion } from './detect/fusion.js';
import { lineKinds } from './detect/line-kind.js';
import { LinkNoise } from './detect/link-noise.js';
import { checkLoop, isWithinLimits } from './detect/loop-limits.js';
import type { NoiseDetector } from './detect/noise.js';
import type { RowDetector } from './detect/row-detector.js';
import { RowTurns } from './detect/row-turns.js';
import { hasSupplyFallen } from './detect/supply.js';
import { EvidenceRecorder } from './evidence/recorder.js';
import { Condition, PHASE_LEARNING, PHASE_MAINTENANCE, PHASE_WATCHING } from './frame/heartbeat-body.js';
import { Reading } from './frame/readings-body.js';
import { IncidentTable } from './incident/incident-table.js';
import { Triage } from './incident/triage.js';
import { checkLimits, INCIDENTS_SPARE, ROW_DETECTORS_MAX } from './limits.js';
import { BoardLink } from './link/board-link.js';
import type { Archived } from './model/archive.js';
import { MODEL_DAMAGED, MODEL_LOADED, MODEL_OF_OTHER_CONFIGURATION, ModelRecord } from './model/model-record.js';
import { ModelRow } from './model/model-row.js';
import { ModelStore } from './model/model-store.js';
import type { ResidualModel } from './model/residual-model.js';
import { NOT_LEARNED } from './model/sufficiency.js';
import { OrderWatch } from './orders/order-watch.js';
import type { Pair } from './orders/pair.js';
import { Reporter } from './reporter.js';

/**
 * A learning of n rows can promise one alarm in 3 n rows and no fewer: a threshold extrapolated beyond that from few
 * events cannot be reached by anything.
 */
const PROVEN_LEARNINGS = 3;
const US_PER_DAY = 86_400e6;

/** How often the links' noise is looked at. */
const LINK_PERIOD_US = 1_000_000;

const NOT_ENDING = -1;

/** The witness. What every block asks for comes first: the farther down a field is, the longer XS looks for it. */
export class Sensor implements CommandTarget {
  /** Largest score of an attack-consistent finding of this block; 0 without one. */
  private blockScore = 0;
  /** True between the block that completes a row and the next one. */
  private isRowComplete = false;
  readonly row: ModelRow;
  private readonly analog: AnalogLines;
  private readonly digital: ContactLines;
  /** Samples of a full block. */
  private readonly samples: number;
  private readonly sampleUs: number;
  /** What must be looked at in the next block even if it is quiet. */
  private hasLoopIncident = false;
  // these and what else learning anew replaces
  private noise!: NoiseDetector;
  private orders!: OrderWatch;
  private turns!: RowTurns;
  private fusion!: Fusion;
  private isFlat = false;
  /** True while something is beyond its threshold now (an incident may stay open after). Loop failures do not count. */
  isAlarming = false;
  /** Largest score now, of the models' last row and of orders and limits in this block; 1.0 is the threshold. */
  score = 0;
  private readonly evidence: EvidenceRecorder | null;
  /** Part of learning that was over when the row under way began; 1 while watching. */
  private progress = 0;
  /** Blocks over which the work of a row is spread. */
  private readonly workBlocks: number;
  private readonly finding = new Finding();
  readonly table: IncidentTable;
  private readonly triage: Triage;
  readonly condition = new Condition();
  private readonly lineKinds: readonly number[];
  /** READING_FIELDS of each of the readings. */
  private readonly readingNumbers: Float64Array;
  private readonly readings: Reading[] = [];
  private readonly signals: readonly AnalogSignal[];
  private readonly contacts: readonly ContactSignal[];
  private flat!: FlatLines;
  /** The incident table knows a flat line. */
  private hasFlatIncident = false;
  model!: ResidualModel;
  private drift!: DriftDetector;
  private set!: DetectorSet;
  detectors!: readonly RowDetector[];
  private completedUs = 0;
  private readonly rowUs: number;
  private readonly configuration: Configuration;
  readonly reporter: Reporter;
  readonly desk: CommandDesk;
  private readonly board: Board;
  /** Order/execution pairs; also while others are learned. */
  private readonly pairs: Pair[] = [];
  private readonly links: BoardLink[] = [];
  private readonly record = new ModelRecord();
  private readonly store: ModelStore;
  private linkNoise!: LinkNoise;
  /** All that is stored with the model, in this order. */
  private readonly learned: Archived[] = [];
  /** The part of the end of learning that comes next; NOT_ENDING while learning goes on or is over. */
  private ending = NOT_ENDING;
  private hasSkippedRow = false;
  private quartersTold = 0;
  /** What the links brought that was nobody's, since start; when that is looked at next, Infinity: nothing is heard. */
  private noiseHeard = 0;
  private linkDueUs: number;
  private isModelTurn = false;
  /** The links may hear: a block has come, or none has for as long as it is time. */
  private isHearingDue = true;
  private hearingAfterUs = 0;

  /** Throws a one-line reason when the board's configuration cannot be used. */
  constructor(board: Board) {
    checkLimits();
    const c = board.configuration;
    const wrong = checkConfiguration(c);
    if (wrong !== null) throw new Error(wrong);
    assert(board.capture.analogChannels === c.analog.length, 'sensor: the capture has other analog channels');
    assert(board.capture.digitalChannels === c.digital.length, 'sensor: the capture has other digital channels');
    this.board = board;
    this.configuration = c;
    this.triage = new Triage(c.analog.length + c.digital.length);
    this.lineKinds = lineKinds(c);
    this.table = new IncidentTable(c.analog.length + INCIDENTS_SPARE);
    this.rowUs = c.blockUs * c.modelBlocks;
    this.sampleUs = c.blockUs / c.blockSamples;
    this.samples = c.blockSamples;
    this.workBlocks = c.modelBlocks < 3 ? 0 : c.modelBlocks;
    this.analog = new AnalogLines(c.analog);
    this.digital = new ContactLines(c.digital);
    this.signals = this.analog.signals;
    this.contacts = this.digital.contacts;
    this.readingNumbers = new Float64Array(c.analog.length * READING_FIELDS);
    for (let i = 0; i < c.analog.length; i++) {
      this.readings.push(new Reading(c.analog[i], this.readingNumbers, i));
      this.record.convergence.push(NaN);
    }
    this.row = new ModelRow(c.analog.length + c.digital.length, c.modelBlocks, c.blockSamples);
    this.store = new ModelStore(board.models, board.digest, board.configurationDigest);
    this.linkDueUs = board.ports.length > 0 && (c.oneWayTimes ?? 0) === 0 ? 0 : Infinity;
    this.createLearned();
    this.loadModel();
    const { record, store } = this;
    const { table, condition, signals, contacts, readings } = this;
    const { pairs } = this;
    const evidence = board.evidence === null ? null : new EvidenceRecorder(board.evidence, table, c);
    this.evidence = evidence;
    const { settings, digest, verifier, signer, identity } = board;
    const desk = new CommandDesk(this, settings, digest, verifier, identity.deviceId, signer.rotation !== undefined);
    desk.configurationNews = board.configurationNews;
    this.desk = desk;
    if (condition.phase === PHASE_WATCHING) this.proveConfiguration();
    this.reporter = new Reporter(
      board,
      table,
      condition,
      signals,
      contacts,
      readings,
      record,
      store,
      pairs,
      evidence,
      desk,
    );
    for (let i = 0; i < board.ports.length; i++)
      this.links.push(new BoardLink(board.ports[i], this.reporter.log, c.address, desk, c.oneWayTimes ?? 0));
  }

  /** All that learns, with nothing learned yet. */
  private createLearned(): void {
    const { configuration: c, learned, record, signals, contacts } = this;
    this.flat = new FlatLines(c.analog.map(({ resolution }) => resolution));
    const orders = new OrderWatch(c, this.sampleUs, signals, contacts, this.pairs);
    this.orders = orders;
    const set = new DetectorSet(c, this.row, this.signals, this.contacts);
    this.set = set;
    this.detectors = set.all;
    this.model = set.model;
    this.noise = set.noise;
    this.drift = set.drift;
    this.triage.stop = set.stop;
    this.fusion = set.fusion;
    assert(set.all.length <= ROW_DETECTORS_MAX, 'sensor: more detectors on rows than the limit');
    this.turns = new RowTurns(set.all, this.row, set.noise);
    record.channels = set.model.channels;
    record.detectors = set.all;
    record.runs.push(DETECTOR_LIMITS, DETECTOR_FLAT);
    if (orders.pairs.length > 0) record.runs.push(DETECTOR_ORDER);
    if (orders.interlocks.length > 0) record.runs.push(DETECTOR_INTERLOCK);
    this.linkNoise = new LinkNoise(this.noiseHeard);
    if (this.linkDueUs < Infinity) record.runs.push(DETECTOR_LINK);
    for (let i = 0; i < set.all.length; i++) record.runs.push(set.all[i].id);
    learned.push(
      record,
      ...this.flat.detectors,
      ...orders.pairs,
      ...orders.interlocks,
      set.fusion,
      ...set.all,
      set.stop,
    );
    if (orders.proposal !== null) learned.push(orders.proposal);
    learned.push(this.linkNoise);
  }

  /** A stored model that fits is watched with at once; what was refused is told. */
  private loadModel(): void {
    const { store, record, condition } = this;
    if (store.hasModel) {
      if (store.load(this.learned)) {
        this.fusion.restart();
        this.orders.adopt();
        this.set.stop.watch();
        condition.phase = PHASE_WATCHING;
        this.progress = 1;
        condition.learnedPerMille = 1000;
        this.model.level = record.level;
        record.tell(MODEL_LOADED);
      } else {
        this.forget();
        this.createLearned();
      }
    }
    for (let why = MODEL_OF_OTHER_CONFIGURATION; why <= MODEL_DAMAGED; why++)
      if ((store.refusals & (1 << why)) !== 0) record.tell(why);
  }

  /** Lets go of all that was learned, before anything new is made: both do not fit. */
  private forget(): void {
    this.set.release();
    this.hasFlatIncident = false;
    this.orders.release();
    this.learned.length = 0;
    this.record.runs.length = 0;
    this.record.forget();
    // each of these would keep all that it knows alive
    const nothing = null as never;
    this.orders = nothing;
    this.turns = nothing;
    this.flat = nothing;
    this.set = nothing;
    this.triage.stop = null;
    this.detectors = nothing;
    this.record.detectors = nothing;
    this.record.channels = nothing;
    this.noise = nothing;
    this.drift = nothing;
    this.fusion = nothing;
    this.model = nothing;
  }

  /**
   * Learns anew, by command only. Incidents of what was learned are over. The stored model stays until the new one is
   * complete and has replaced it: a reset before that goes on watching with it.
   * @offStep by command; between two blocks
   */
  relearn(): void {
    const { row, condition } = this;
    this.store.abandon();
    this.closeIncidents(this.board.clock.nowUs());
    this.forget();
    this.createLearned();
    if (row.blocks > 0 && !this.isRowComplete) this.addReadings(row.blocks);
    this.isRowComplete = false;
    row.breakOff(this.analog.numbers, this.digital.numbers);
    this.progress = 0;
    this.quartersTold = 0;
    this.ending = NOT_ENDING;
    this.hasSkippedRow = false;
    this.isFlat = false;
    condition.phase = PHASE_LEARNING;
    condition.learnedPerMille = 0;
  }

  /** Work on the plant is announced, by command only: until its end what departs is a change of the process. */
  beginMaintenance(durationUs: number): void {
    this.triage.announce(this.board.clock.nowUs() + durationUs);
    if (this.condition.phase === PHASE_WATCHING) this.condition.phase = PHASE_MAINTENANCE;
  }

  /** The work is done, before its announced end or at it. */
  endMaintenance(): void {
    const nowUs = this.board.clock.nowUs();
    if (this.triage.isAnnounced(nowUs)) this.triage.announce(nowUs);
    if (this.condition.phase === PHASE_MAINTENANCE) this.condition.phase = PHASE_WATCHING;
  }

  /** An operator's command. Feedback on an incident has its effect by standing in the chain of frames. */
  carryOut(code: number, first: number): number {
    const isLearning = this.progress < 1;
    if (code === COMMAND_LEARN) this.relearn();
    else if (code === COMMAND_MAINTENANCE && !isLearning) this.beginMaintenance(first * 1000);
    else if (code === COMMAND_ARM && !isLearning) this.endMaintenance();
    else if (code === COMMAND_MAINTENANCE || code === COMMAND_ARM) return COMMAND_NOT_NOW;
    else if (code === COMMAND_SELF_TEST && !this.isWell()) return COMMAND_FAILED;
    return RESULT_ACCEPTED;
  }

  private isWell(): boolean {
    const { log } = this.reporter;
    return areSumsRight(this.board.digest) && (log.head === log.tail || log.isReadable(log.head - 1));
  }

  /** Those that what was learned has opened. */
  private closeIncidents(nowUs: number): void {
    const { orders, fusion, drift, table, finding } = this;
    const flat = this.flat.detectors;
    for (let i = 0; i < flat.length; i++) {
      finding.begin(DETECTOR_FLAT, i, i);
      if (flat[i].hasIncident) table.report(finding, nowUs);
    }
    for (let i = 0; i < orders.count(); i++) {
      const { pairs } = orders;
      if (i < pairs.length) finding.begin(DETECTOR_ORDER, i, 0);
      else finding.begin(DETECTOR_INTERLOCK, i - pairs.length, 0);
      if (orders.hasIncident(i)) table.report(finding, nowUs);
    }
    finding.begin(DETECTOR_RESIDUAL, 0, 0);
    if (fusion.hasIncident) table.report(finding, nowUs);
    finding.begin(DETECTOR_DRIFT, 0, 0);
    if (drift.hasIncident) table.report(finding, nowUs);
    finding.begin(DETECTOR_LINK, 0, 0);
    if (this.linkNoise.hasIncident) table.report(finding, nowUs);
  }

  /** Runs every stage over one block. */
  step(block: Block): void {
    const { row, analog, digital, samples } = this;
    const nowUs = block.timeUs;
    this.blockScore = 0;
    this.isHearingDue = true;
    if (this.isRowComplete) this.beginRow();
    if (block.lost > 0) this.noteLoss(block);
    if (block.isFresh === 1 && row.blocks > 0) this.addReadings(row.blocks);
    this.isRowComplete = row.beginBlock(analog.numbers, digital.numbers, block.isFresh === 1);
    if (analog.take(block, samples) || this.hasLoopIncident) this.watchLoops(nowUs);
    const { noise, orders, turns, fusion, evidence } = this;
    if (noise.isWatching) noise.takeBlock(block);
    const hasContactMoved = digital.take(block, samples, this.sampleUs);
    if (hasContactMoved) this.noteContacts(nowUs);
    if (orders.isRestless(hasContactMoved, nowUs)) orders.step(nowUs, this.progress, this.finding, this);
    if (turns.isUnderWay) this.advanceRow(nowUs);
    if (this.isRowComplete) this.completeRow(nowUs);
    const { blockScore } = this;
    this.isAlarming = blockScore > 0 || fusion.state === ALARM_ON || this.isFlat;
    this.score = blockScore > fusion.score ? blockScore : fusion.score;
    if (evidence !== null) evidence.step(block);
  }

  /** Levels have changed: the program may have stopped, or the supply fallen. */
  private noteContacts(nowUs: number): void {
    this.set.stop.note(nowUs, this.progress < 1);
    if (hasSupplyFallen(this.contacts, this.lineKinds)) this.triage.noteSupply(nowUs);
  }

  /** Lets the finding count as an alarm of this block, and tells it. */
  report(nowUs: number): boolean {
    const { finding } = this;
    if (finding.isActive && finding.incidentClass === CLASS_ATTACK && finding.score > this.blockScore)
      this.blockScore = finding.score;
    return this.tell(nowUs);
  }

  /** Gives the finding its reason and hands it to the incident table; true while the incident is known. */
  private tell(nowUs: number): boolean {
    this.triage.judge(this.finding, nowUs);
    return this.table.report(this.finding, nowUs);
  }

  private noteLoss(block: Block): void {
    const { blockUs } = this.configuration;
    this.condition.blocksLost += block.lost;
    const fromUs = block.timeUs - (block.lost + 1) * blockUs;
    const toUs = block.timeUs - blockUs;
    this.reporter.blockLoss.add(block.lost, fromUs > 0 ? fromUs : 0, toUs > 0 ? toUs : 0);
  }

  /** Limits of every analog channel. */
  private watchLoops(nowUs: number): void {
    const signals = this.signals;
    const channels = signals.length;
    this.hasLoopIncident = false;
    for (let i = 0; i < channels; i++) {
      const signal = signals[i];
      if (!signal.hasIncident && isWithinLimits(signal)) continue;
      checkLoop(signal, this.configuration.analog[i], i, this.finding);
      const hadIncident = signal.hasIncident;
      signal.hasIncident = this.report(nowUs);
      if (signal.hasIncident) this.hasLoopIncident = true;
      else if (hadIncident) this.triage.noteRecovery(nowUs);
    }
  }

  private watchLinks(nowUs: number): void {
    const { linkNoise, finding } = this;
    const isLearning = this.progress < 1;
    this.linkDueUs = nowUs + LINK_PERIOD_US;
    const score = linkNoise.add(this.noiseHeard, isLearning);
    if (score <= 1 && !linkNoise.hasIncident) return;
    finding.begin(DETECTOR_LINK, 0, 0);
    finding.isActive = score > 1;
    finding.score = score;
    linkNoise.explain(finding, isLearning);
    linkNoise.hasIncident = this.report(nowUs);
  }

  /** A row is complete: readings take it at once, the models over the next blocks. */
  private completeRow(nowUs: number): void {
    if (this.condition.phase === PHASE_MAINTENANCE && !this.triage.isAnnounced(nowUs)) this.endMaintenance();
    if (nowUs >= this.linkDueUs) this.watchLinks(nowUs);
    this.addReadings(this.configuration.modelBlocks);
    this.completedUs = nowUs;
    if (this.workBlocks > 0) return;
    this.beginRow();
    if (this.turns.isUnderWay) this.advanceRow(nowUs);
  }

  /** Before the first block of the next row. */
  private beginRow(): void {
    const { row, turns, progress } = this;
    this.isRowComplete = false;
    row.complete(this.analog.numbers, this.digital.numbers, this.completedUs);
    if (row.isFresh && progress === 1) this.fusion.continueAfterGap();
    if (this.ending !== NOT_ENDING) {
      this.hasSkippedRow = true;
      return;
    }
    if (progress < 1) this.progress = this.model.learnedRows / this.model.learnRows;
    // its next turn begins with the next block; the others begin when it is theirs
    this.noise.begin(row, progress < 1);
    turns.begin();
  }

  /** What the signals gathered over the last `gathered` blocks. */
  private addReadings(gathered: number): void {
    addToReadings(this.analog.numbers, gathered, this.readingNumbers);
  }

  /** This block's share of the row's work, which must be done with the block that completes the next one. */
  private advanceRow(nowUs: number): void {
    const { row, progress, workBlocks } = this;
    const { blocks } = row;
    const isLearning = progress < 1;
    if (!this.turns.advance(workBlocks - blocks + 1, blocks === 1, isLearning, progress)) return;
    if (isLearning) this.endLearningRow();
    else this.endWatchingRow(nowUs);
  }

  private endLearningRow(): void {
    const { model, row, flat } = this;
    flat.add(row, true);
    this.condition.learnedPerMille = Math.floor((1000 * model.learnedRows) / model.learnRows);
    this.tellConvergence();
    if (model.learnedRows >= model.learnRows) this.ending = 0;
  }

  /** How far learning has come, for those who wait for it. */
  private tellConvergence(): void {
    const { record, model } = this;
    record.modes = this.set.history.modes;
    if (this.quartersTold === model.quartersOver) return;
    this.quartersTold = model.quartersOver;
    for (let i = 0; i < model.channels.length; i++) record.convergence[i] = model.varianceRatioOf(i);
  }

  /**
   * The next part of the end of learning: the model, the thresholds of one detector after the other, and the change to
   * watching. Rows that are complete before the last of them are not learned from any more.
   */
  private endLearning(): void {
    const { model, fusion } = this;
    const budgetRows = US_PER_DAY / (this.rowUs * this.configuration.falseAlarmsPerDay);
    const provenRows = PROVEN_LEARNINGS * model.learnRows;
    const rowsPerAlarm = budgetRows < provenRows ? budgetRows : provenRows;
    const part = this.ending++;
    if (part === 0) model.freeze(budgetRows);
    else if (!fusion.calibrate(part - 1, rowsPerAlarm)) this.beginWatching(rowsPerAlarm);
  }

  private beginWatching(rowsPerAlarm: number): void {
    const { orders, record, model } = this;
    const flat = this.flat.detectors;
    this.ending = NOT_ENDING;
    for (let i = 0; i < flat.length; i++) flat[i].calibrate();
    this.set.stop.watch();
    orders.calibrate(rowsPerAlarm / model.learnRows);
    if (this.hasSkippedRow) this.row.skip();
    this.hasSkippedRow = false;
    this.condition.phase = PHASE_WATCHING;
    this.progress = 1;
    record.rows = model.learnedRows;
    record.level = model.level;
    record.promisedPerDay = model.level === NOT_LEARNED ? 0 : US_PER_DAY / (this.rowUs * rowsPerAlarm);
    this.store.save(this.learned);
    this.proveConfiguration();
  }

  /** What came by command and has learned need not prove itself at further starts. */
  private proveConfiguration(): void {
    if (this.board.configurationNews === CONFIGURATION_IN_USE) this.desk.configurations.prove();
  }

  private endWatchingRow(nowUs: number): void {
    const { fusion, row, finding } = this;
    this.watchFlat(nowUs);
    fusion.watch();
    this.watchDrift(nowUs);
    if (fusion.state === ALARM_QUIET && !fusion.hasIncident) return;
    finding.begin(fusion.leader.id, 0, 0);
    finding.group = DETECTOR_RESIDUAL;
    finding.offDelayUs = fusion.offDelayRows() * this.rowUs;
    finding.isActive = fusion.state !== ALARM_QUIET;
    finding.score = fusion.score;
    if (finding.isActive) fusion.leader.explain(finding, row);
    fusion.hasIncident = this.tell(nowUs);
  }

  private watchDrift(nowUs: number): void {
    const { drift, finding } = this;
    if (drift.score <= 1 && !drift.hasIncident) return;
    finding.begin(DETECTOR_DRIFT, 0, 0);
    finding.offDelayUs = drift.offDelayUs;
    finding.isActive = drift.score > 1;
    finding.score = drift.score;
    if (finding.isActive) drift.explain(finding);
    drift.hasIncident = this.report(nowUs);
  }

  private watchFlat(nowUs: number): void {
    const { flat, row, finding } = this;
    const isFlat = flat.add(row, false);
    this.isFlat = isFlat;
    if (!isFlat && !this.hasFlatIncident) return;
    this.hasFlatIncident = false;
    const { detectors } = flat;
    for (let i = 0; i < detectors.length; i++) {
      const detector = detectors[i];
      const { score } = detector;
      if (score === 0 && !detector.hasIncident) continue;
      finding.begin(DETECTOR_FLAT, i, i);
      finding.isActive = score > 0;
      finding.score = score;
      finding.incidentClass = CLASS_FAULT;
      finding.observed = row.values[i];
      detector.hasIncident = this.tell(nowUs);
      if (detector.hasIncident) this.hasFlatIncident = true;
    }
  }

  /**
   * A message of each link, and one bounded piece of slow work: of learning and of the frame under way in turn, so that
   * none starves the others. False when there is nothing to do now.
   */
  idle(): boolean {
    const { reporter, desk } = this;
    const nowUs = this.board.clock.nowUs();
    desk.nowUs = nowUs;
    const isBusy = this.stepLinks(nowUs);
    if (desk.idle(nowUs)) return true;
    this.isModelTurn = !this.isModelTurn;
    if (this.isModelTurn) return this.idleModel() || reporter.idle(nowUs) || isBusy;
    return reporter.idle(nowUs) || this.idleModel() || isBusy;
  }

  /** A piece of learning, or of keeping what was learned. */
  private idleModel(): boolean {
    const { store } = this;
    if (this.ending !== NOT_ENDING) {
      this.endLearning();
      return true;
    }
    if (!store.isSaving) return this.model.idle();
    store.work();
    if (!store.isSaving) this.record.tell(store.outcome);
    return true;
  }

  /** The links hear once a block, so that a flood costs little; where none comes, every second block's time. */
  private stepLinks(nowUs: number): boolean {
    const links = this.links;
    const isHearing = this.isHearingDue || nowUs >= this.hearingAfterUs;
    if (isHearing) this.hearingAfterUs = nowUs + 2 * this.configuration.blockUs;
    this.isHearingDue = false;
    let refused = 0;
    let noise = 0;
    let isBusy = false;
    for (let i = 0; i < links.length; i++) {
      if (links[i].step(isHearing)) isBusy = true;
      refused += links[i].refused;
      noise += links[i].noise;
    }
    this.noiseHeard = noise;
    this.condition.messagesRefused = refused;
    return isBusy;
  }
}
