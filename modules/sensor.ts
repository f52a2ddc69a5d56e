/**
 * The witness: owns all state. `step(block)` runs every stage up to the incident table and never allocates;
 * `idle()` does one bounded piece of slow work: a turn of learning, a step of a frame's way, a link message.
 */
import { assert } from './base/assert.js';
import type { Board } from './board.js';
import type { Block } from './capture/block.js';
import { AnalogSignal, conditionAnalog } from './condition/analog-signal.js';
import { ContactSignal, conditionContacts } from './condition/contact-signal.js';
import { QUALITY_GOOD } from './condition/quality.js';
import { checkConfiguration } from './config/check.js';
import type { Configuration } from './config/configuration.js';
import { DwellDetector } from './detect/dwell.js';
import { CLASS_ATTACK, CLASS_FAULT, DETECTOR_FLAT, DETECTOR_RESIDUAL, Finding } from './detect/finding.js';
import { FlatDetector } from './detect/flat.js';
import { ALARM_ON, ALARM_QUIET, Fusion } from './detect/fusion.js';
import { GuardDetector } from './detect/guard.js';
import { checkLoop, isWithinLimits } from './detect/loop-limits.js';
import { OccupancyDetector } from './detect/occupancy.js';
import { ResidualDetector } from './detect/residual.js';
import type { RowDetector } from './detect/row-detector.js';
import { SequenceDetector } from './detect/sequence.js';
import { Condition, PHASE_LEARNING, PHASE_WATCHING } from './frame/heartbeat-body.js';
import { Reading } from './frame/readings-body.js';
import { IncidentTable } from './incident/incident-table.js';
import { checkLimits } from './limits.js';
import { BoardLink } from './link/board-link.js';
import { ContactHistory } from './model/contact-history.js';
import { ModelRow } from './model/model-row.js';
import { ResidualModel } from './model/residual-model.js';
import { ContactPair } from './orders/contact-pair.js';
import { Reporter } from './reporter.js';

/** A row score must stay below its threshold for this many rows before the incident closes. */
const OFF_DELAY_ROWS = 20;
/**
 * A learning of n rows can promise one alarm in 3 n rows and no fewer: a threshold extrapolated beyond that from few
 * events cannot be reached by anything.
 */
const PROVEN_LEARNINGS = 3;
const US_PER_DAY = 86_400e6;

/** The witness. */
export class Sensor {
  /** Largest score now, of the models' last row and of orders and limits in this block; 1.0 is the threshold. */
  score = 0;
  /** True while something is beyond its threshold now (an incident may stay open after). Loop failures do not count. */
  isAlarming = false;
  readonly condition = new Condition();
  readonly table = new IncidentTable();
  readonly reporter: Reporter;
  private readonly board: Board;
  private readonly configuration: Configuration;
  private readonly signals: AnalogSignal[] = [];
  private readonly contacts: ContactSignal[] = [];
  private readonly readings: Reading[] = [];
  private readonly flat: FlatDetector[] = [];
  private readonly pairs: ContactPair[] = [];
  private readonly links: BoardLink[] = [];
  private readonly row: ModelRow;
  private readonly model: ResidualModel;
  private readonly detectors: RowDetector[] = [];
  private readonly fusion: Fusion;
  private readonly finding = new Finding();
  private readonly rowUs: number;
  private readonly sampleUs: number;
  /** Samples of a full block. */
  private readonly samples: number;
  /** Rows too short to spread their work: all of it in the block that completes them. */
  private readonly isRowOfOneBlock: boolean;
  /** What must be looked at in the next block even if it is quiet. */
  private hasLoopIncident = false;
  private isOrderPending = false;
  /** The detector whose turn it is in the row under way, its next unit of work, and how many are done in one block. */
  private detector = 0;
  private unit = 0;
  private unitsPerBlock = 0;
  private isRowUnderWay = false;
  private isModelTurn = false;
  private isFlat = false;
  /** Largest score of an attack-consistent finding of this block; 0 without one. */
  private blockScore = 0;

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
    this.rowUs = c.blockUs * c.modelBlocks;
    this.sampleUs = c.blockUs / c.blockSamples;
    this.samples = c.blockSamples;
    this.isRowOfOneBlock = c.modelBlocks < 3;
    const resolutions: number[] = [];
    for (let i = 0; i < c.analog.length; i++) {
      this.signals.push(new AnalogSignal(c.analog[i]));
      this.readings.push(new Reading(c.analog[i]));
      this.flat.push(new FlatDetector(c.analog[i].resolution));
      resolutions.push(c.analog[i].resolution);
    }
    for (let i = 0; i < c.digital.length; i++) this.contacts.push(new ContactSignal(c.digital[i]));
    for (let i = 0; i < c.pairs.length; i++)
      this.pairs.push(new ContactPair(c.pairs[i], i, c.analog.length, this.sampleUs));
    this.row = new ModelRow(c.analog.length + c.digital.length, c.modelBlocks, c.blockSamples);
    const learnRows = Math.floor(c.learnBlocks / c.modelBlocks);
    this.model = new ResidualModel(this.row, resolutions, learnRows, c.neighboursMax);
    this.detectors.push(new ResidualDetector(this.model));
    const history = new ContactHistory(c.analog.length, c.digital.length);
    this.detectors.push(new DwellDetector(history, this.rowUs / 1e6));
    this.detectors.push(new GuardDetector(history, this.row));
    this.detectors.push(new SequenceDetector(history));
    if (c.hasOccupancy) this.detectors.push(new OccupancyDetector(history, this.row, resolutions));
    this.fusion = new Fusion(this.detectors);
    this.reporter = new Reporter(board, this.table, this.condition, this.signals, this.contacts, this.readings);
    for (let i = 0; i < board.ports.length; i++)
      this.links.push(new BoardLink(board.ports[i], this.reporter.log, c.address));
  }

  /** Runs every stage over one block. */
  step(block: Block): void {
    const { signals, contacts, row } = this;
    const nowUs = block.timeUs;
    this.blockScore = 0;
    if (block.lost > 0) this.noteLoss(block);
    if (block.isFresh === 1 && row.blocks > 0) this.addReadings(row.blocks);
    const isRowComplete = row.beginBlock(signals, contacts, block.isFresh === 1);
    const { samples } = this;
    if (conditionAnalog(signals, block, samples) || this.hasLoopIncident) this.watchLoops(nowUs);
    if (conditionContacts(contacts, block, samples, this.sampleUs) || this.isOrderPending) this.watchOrders(nowUs);
    if (isRowComplete) this.beginRow();
    if (this.isRowUnderWay && (!isRowComplete || this.isRowOfOneBlock)) this.advanceRow(nowUs);
    const { fusion, blockScore } = this;
    this.isAlarming = fusion.state === ALARM_ON || this.isFlat || blockScore > 0;
    this.score = blockScore > fusion.score ? blockScore : fusion.score;
  }

  /** Hands the finding to the incident table; true while the incident is known. */
  private report(nowUs: number): boolean {
    const { finding } = this;
    if (finding.isActive && finding.incidentClass === CLASS_ATTACK && finding.score > this.blockScore)
      this.blockScore = finding.score;
    return this.table.report(finding, nowUs);
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
      signal.hasIncident = this.report(nowUs);
      if (signal.hasIncident) this.hasLoopIncident = true;
    }
  }

  private watchOrders(nowUs: number): void {
    const { pairs, contacts, finding } = this;
    const isLearning = this.condition.phase === PHASE_LEARNING;
    this.isOrderPending = false;
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i];
      if (pair.step(contacts, nowUs, isLearning, finding)) pair.hasIncident = this.report(nowUs);
      if (pair.isPending()) this.isOrderPending = true;
    }
  }

  /** A row is complete: readings take it at once, the models over the next blocks. */
  private beginRow(): void {
    const { signals, contacts, row, detectors } = this;
    const isLearning = this.condition.phase === PHASE_LEARNING;
    const { modelBlocks } = this.configuration;
    this.addReadings(modelBlocks);
    row.complete(signals, contacts);
    row.restart(signals, contacts);
    if (row.isFresh && !isLearning) this.fusion.restart();
    let units = 0;
    let leading = 0;
    for (let i = 0; i < detectors.length; i++) {
      detectors[i].begin(row, isLearning);
      units += detectors[i].units;
      leading += detectors[i].leadingUnits;
    }
    this.detector = 0;
    this.unit = 0;
    // a row is completed in one block; the next one has the units that lead, the others share the rest
    const blocks = modelBlocks - (leading > 0 ? 2 : 1);
    this.unitsPerBlock = Math.ceil((units - leading) / (blocks > 0 ? blocks : 1));
    this.isRowUnderWay = true;
  }

  /** What the signals gathered over the last `gathered` blocks. */
  private addReadings(gathered: number): void {
    const { signals, readings } = this;
    for (let i = 0; i < signals.length; i++) {
      const signal = signals[i];
      const blocks = gathered - signal.missing;
      if (blocks === 0) continue;
      const a = signal.lowestCounts * signal.gain + signal.offset;
      const b = signal.highestCounts * signal.gain + signal.offset;
      const mean = (signal.sum / blocks) * signal.gain + signal.offset;
      readings[i].add(mean, blocks, a < b ? a : b, a < b ? b : a);
    }
  }

  /** This block's share of the row's work. */
  private advanceRow(nowUs: number): void {
    const { detectors, isRowOfOneBlock } = this;
    let left = this.unitsPerBlock;
    while (this.detector < detectors.length) {
      const detector = detectors[this.detector];
      const { units, leadingUnits } = detector;
      let end = this.unit < leadingUnits ? leadingUnits : this.unit + left;
      if (end > units || isRowOfOneBlock) end = units;
      for (let unit = this.unit; unit < end; unit++) detector.work(unit);
      left -= end - this.unit < left ? end - this.unit : left;
      this.unit = end;
      if (end < units) return;
      this.unit = 0;
      this.detector++;
    }
    this.isRowUnderWay = false;
    if (this.condition.phase === PHASE_LEARNING) this.endLearningRow();
    else this.endWatchingRow(nowUs);
  }

  private endLearningRow(): void {
    const { model, detectors, row, flat } = this;
    for (let i = 0; i < flat.length; i++) {
      if (row.inputs[i].quality === QUALITY_GOOD) flat[i].learn(row.inputs[i].value);
      else flat[i].restart();
    }
    const done = model.learnedRows / model.learnRows;
    for (let i = 0; i < detectors.length; i++) detectors[i].learn(row, done);
    const isOver = model.learnedRows >= model.learnRows;
    this.condition.learnedPerMille = Math.floor((1000 * model.learnedRows) / model.learnRows);
    if (isOver) this.endLearning();
  }

  private endLearning(): void {
    const { flat, pairs } = this;
    this.model.freeze();
    const budgetRows = US_PER_DAY / (this.rowUs * this.configuration.falseAlarmsPerDay);
    const provenRows = PROVEN_LEARNINGS * this.model.learnRows;
    this.fusion.calibrate(budgetRows < provenRows ? budgetRows : provenRows);
    for (let i = 0; i < flat.length; i++) flat[i].calibrate();
    for (let i = 0; i < pairs.length; i++) pairs[i].calibrate();
    this.condition.phase = PHASE_WATCHING;
  }

  private endWatchingRow(nowUs: number): void {
    const { detectors, fusion, row, table, finding } = this;
    this.watchFlat(nowUs);
    for (let i = 0; i < detectors.length; i++) detectors[i].watch(row);
    fusion.watch();
    if (fusion.state === ALARM_QUIET && !fusion.hasIncident) return;
    finding.begin(fusion.leader.id, 0, 0);
    finding.group = DETECTOR_RESIDUAL;
    finding.offDelayUs = OFF_DELAY_ROWS * this.rowUs;
    finding.isActive = fusion.state !== ALARM_QUIET;
    finding.score = fusion.score;
    if (finding.isActive) fusion.leader.explain(finding, row);
    fusion.hasIncident = table.report(finding, nowUs);
  }

  private watchFlat(nowUs: number): void {
    const { flat, row, finding } = this;
    this.isFlat = false;
    for (let i = 0; i < flat.length; i++) {
      const detector = flat[i];
      const input = row.inputs[i];
      const isGood = input.quality === QUALITY_GOOD;
      if (!isGood) detector.restart();
      const score = isGood ? detector.add(input.value) : 0;
      if (score === 0 && !detector.hasIncident) continue;
      finding.begin(DETECTOR_FLAT, i, i);
      finding.isActive = score > 0;
      finding.score = score;
      finding.incidentClass = CLASS_FAULT;
      finding.observed = input.value;
      if (score > 0) this.isFlat = true;
      detector.hasIncident = this.table.report(finding, nowUs);
    }
  }

  /**
   * A message of each link, and one bounded piece of slow work: of learning and of the frame under way in turn, so that
   * none starves the others. False when there is nothing to do now.
   */
  idle(): boolean {
    const isBusy = this.stepLinks();
    const { model, reporter } = this;
    const nowUs = this.board.clock.nowUs();
    this.isModelTurn = !this.isModelTurn;
    if (this.isModelTurn) return model.idle() || reporter.idle(nowUs) || isBusy;
    return reporter.idle(nowUs) || model.idle() || isBusy;
  }

  private stepLinks(): boolean {
    const links = this.links;
    let refused = 0;
    let isBusy = false;
    for (let i = 0; i < links.length; i++) {
      if (links[i].step()) isBusy = true;
      refused += links[i].refused;
    }
    this.condition.messagesRefused = refused;
    return isBusy;
  }
}
