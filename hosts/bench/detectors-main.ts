/**
 * Main module of `npm run bench -- --detectors`: feeds blocks to every detector as the sensor does, but all the work of
 * a row at once, and reads the meter around each call. Of each row and part one record: [stage of the model, part,
 * computrons, those of its beginning, of the largest unit of work, and of the row's end]. Parts: the detectors of the set in their
 * order, then PARTS. At the end it lets go of the detectors one by one, the last first: what each alone kept alive is
 * its memory, and what several share (contact history, model) is that of the first that uses it.
 */
import Timer from 'timer';
import { Block } from '../../modules/capture/block.js';
import { AnalogLines } from '../../modules/condition/analog-signal.js';
import { ContactLines } from '../../modules/condition/contact-signal.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { DetectorSet } from '../../modules/detect/detector-set.js';
import { Finding } from '../../modules/detect/finding.js';
import { FlatLines } from '../../modules/detect/flat.js';
import type { RowDetector } from '../../modules/detect/row-detector.js';
import { ModelRow } from '../../modules/model/model-row.js';
import {
  type ResidualModel,
  STAGE_FITTING,
  STAGE_MOMENTS,
  STAGE_WATCHING,
} from '../../modules/model/residual-model.js';
import { OrderWatch } from '../../modules/orders/order-watch.js';
import { BenchCapture } from './board.js';

/** After the detectors of the set. */
const PARTS = 4;
const LIMITS = 0;
const FLAT = 1;
const ORDER = 2;
const FUSION = 3;
const COMPUTRONS = 0;
const IN_USE = 5;
const US_PER_DAY = 86_400e6;
const PROVEN_LEARNINGS = 3;

const zeros = (length: number) => {
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) numbers.push(0);
  return numbers;
};

const before = zeros(8);
const after = zeros(8);
let overhead = 0;
const start = () => bench.statistics(before);
const spent = () => {
  bench.statistics(after);
  return after[COMPUTRONS] - before[COMPUTRONS] - overhead;
};
start();
overhead = spent();

const bytesInUse = () => {
  bench.collect();
  bench.statistics(after);
  return after[IN_USE];
};

const c: Configuration = JSON.parse(bench.configuration);
const capture = new BenchCapture();
const block = new Block(c.analog.length, c.digital.length);
const finding = new Finding();
const rowUs = c.blockUs * c.modelBlocks;
const sampleUs = c.blockUs / c.blockSamples;
const budgetRows = US_PER_DAY / (rowUs * c.falseAlarmsPerDay);

const bare = bytesInUse();
const analog = new AnalogLines(c.analog);
const digital = new ContactLines(c.digital);
const { signals } = analog;
const { contacts } = digital;
const row = new ModelRow(c.analog.length + c.digital.length, c.modelBlocks, c.blockSamples);
const withSignals = bytesInUse();
const flat = new FlatLines(c.analog.map(({ resolution }) => resolution));
const withFlat = bytesInUse();
const orders = new OrderWatch(c, sampleUs, signals, contacts, []);
/** Nobody keeps incidents here. */
const deaf = { report: () => false };
const empty = bytesInUse();
let set: DetectorSet | null = new DetectorSet(c, row, signals, contacts);
const ids = set.all.map((detector) => detector.id);
const noiseAt = set.all.indexOf(set.noise);
let gathering = 0;
let fitting = 0;
const search = { computrons: 0, largest: 0 };
let endComputrons = 0;

const total = zeros(ids.length + PARTS);
const largest = zeros(ids.length + PARTS);
const begin = zeros(ids.length + PARTS);
const end = zeros(ids.length + PARTS);
const bytes = zeros(ids.length + PARTS);
const record = zeros(6);
let kept: RowDetector[] = [];
let inUse = 0;

function recordRow(stage: number): void {
  for (let i = 0; i < total.length; i++) {
    record[0] = stage;
    record[1] = i;
    record[2] = total[i];
    record[3] = begin[i];
    record[4] = largest[i];
    record[5] = end[i];
    bench.record(record, record.length);
    total[i] = 0;
    begin[i] = 0;
    largest[i] = 0;
    end[i] = 0;
  }
}

function takeBlock({ noise, model }: DetectorSet): void {
  const nowUs = block.timeUs;
  const isRowComplete = row.beginBlock(analog.numbers, digital.numbers, block.isFresh === 1);
  start();
  analog.take(block, c.blockSamples);
  const hasChange = digital.take(block, c.blockSamples, sampleUs);
  total[ids.length + LIMITS] += spent();
  if (noise.isWatching) {
    start();
    noise.takeBlock(block);
    total[noiseAt] += spent();
  }
  start();
  if (orders.isRestless(hasChange, nowUs)) {
    const progress = model.stage === STAGE_WATCHING ? 1 : model.learnedRows / model.learnRows;
    orders.step(nowUs, progress, finding, deaf);
  }
  total[ids.length + ORDER] += spent();
  if (!isRowComplete) return;
  row.complete(analog.numbers, digital.numbers, nowUs);
}

function workRow({ all, model, fusion }: DetectorSet): void {
  const { stage } = model;
  const isLearning = stage !== STAGE_WATCHING;
  if (row.isFresh && !isLearning) fusion.restart();
  for (let i = 0; i < all.length; i++) {
    start();
    all[i].begin(row, isLearning);
    begin[i] = spent();
    total[i] += begin[i];
  }
  for (let i = 0; i < all.length; i++) workUnits(all[i], i);
  const done = model.learnedRows / model.learnRows;
  for (let i = 0; i < all.length; i++) {
    if (isLearning) {
      start();
      all[i].learn(row, done);
    } else {
      start();
      all[i].watch(row);
    }
    end[i] = spent();
    total[i] += end[i];
  }
  start();
  flat.add(row, isLearning);
  total[ids.length + FLAT] = spent();
  if (!isLearning) {
    start();
    fusion.watch();
    total[ids.length + FUSION] = spent();
  }
  recordRow(stage);
}

function workUnits(detector: RowDetector, i: number): void {
  const { units } = detector;
  for (let unit = 0; unit < units; unit++) {
    start();
    detector.work(unit);
    const computrons = spent();
    total[i] += computrons;
    if (computrons > largest[i]) largest[i] = computrons;
  }
}

/** What the sensor does besides rows while it learns. */
function learnOn({ model, fusion }: DetectorSet): void {
  if (model.stage === STAGE_MOMENTS && model.learnedRows === (model.learnRows >> 2) - 1)
    gathering = bytesInUse() - empty;
  if (model.stage === STAGE_FITTING && model.learnedRows === model.learnRows - 1) fitting = bytesInUse() - empty;
  searchNeighbours(model);
  if (model.stage !== STAGE_FITTING || model.learnedRows < model.learnRows) return;
  const provenRows = PROVEN_LEARNINGS * model.learnRows;
  const rowsPerAlarm = budgetRows < provenRows ? budgetRows : provenRows;
  start();
  model.freeze(budgetRows);
  for (let part = 0; fusion.calibrate(part, rowsPerAlarm); part++);
  for (const detector of flat.detectors) detector.calibrate();
  orders.calibrate(rowsPerAlarm / model.learnRows);
  endComputrons = spent();
}

function searchNeighbours(model: ResidualModel): void {
  let isBusy = true;
  while (isBusy) {
    start();
    isBusy = model.idle();
    const computrons = spent();
    if (!isBusy) return;
    search.computrons += computrons;
    if (computrons > search.largest) search.largest = computrons;
  }
}

/** From here on nothing but `kept` holds the detectors. */
function letGo({ all }: DetectorSet): void {
  kept = all.slice();
  inUse = bytesInUse();
  set = null;
}

/** Bytes of each part, as the detectors are let go of one by one. */
function weigh(): void {
  let left = bytesInUse();
  bytes[ids.length + FUSION] = inUse - left;
  while (kept.length > 0) {
    kept.pop();
    const now = bytesInUse();
    bytes[kept.length] = left - now;
    left = now;
  }
  bytes[ids.length + LIMITS] = withSignals - bare;
  bytes[ids.length + FLAT] = withFlat - withSignals;
  bytes[ids.length + ORDER] = empty - withFlat;
}

Timer.repeat(() => {
  if (set === null) {
    weigh();
    bench.print(JSON.stringify({ ids, gathering, fitting, watching: inUse - empty, bytes, search, endComputrons }));
    bench.exit(0);
    return;
  }
  while (capture.read(block)) {
    takeBlock(set);
    if (row.blocks > 0) continue;
    workRow(set);
    learnOn(set);
  }
  if (capture.isEnded) letGo(set);
}, c.blockUs / 1000);
