/** The learned model across resets: loaded, refused, learned anew; and what the frames say of it. */
import test from 'ava';
import type { Block } from '../../modules/capture/block.js';
import {
  DETECTOR_DRIFT,
  DETECTOR_FLAT,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  DETECTOR_RESIDUAL,
} from '../../modules/detect/finding.js';
import type { RowDetector } from '../../modules/detect/row-detector.js';
import { PHASE_LEARNING, PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import { KIND_BOOT, KIND_INCIDENT, KIND_MODEL } from '../../modules/frame/kinds.js';
import { MODEL_STORE_BYTES, NEIGHBOURS_MAX } from '../../modules/limits.js';
import {
  MODEL_DAMAGED,
  MODEL_LEARNED,
  MODEL_LOADED,
  MODEL_OF_OTHER_CONFIGURATION,
  MODEL_TOO_LONG,
} from '../../modules/model/model-record.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { Simulation } from '../../simulator/simulation.js';
import { CyclicMachine } from '../detect/cyclic-machine.js';
import { numberOf } from '../frame/strict-cbor.js';
import type { ReceivedFrame } from '../sign/received-frame.js';
import { direct, sampleConfiguration } from './sample-configuration.js';
import { Witness } from './witness.js';

/** 400 rows are learned; the third channel does not move. */
const CONFIGURATION = sampleConfiguration({ analog: [direct('a'), direct('b'), direct('still')] });
const LEARN_BLOCKS = 4100;

function newModels(bytes = MODEL_STORE_BYTES, seed = 1): SimulatedFlash {
  return new SimulatedFlash({ size: bytes, eraseBytes: 4096, pageBytes: 256 }, seed);
}

/** Two channels that belong together, until `breakAt`. */
class Feed {
  private readonly random: Random;
  private level = 0;

  constructor(seed: number) {
    this.random = new Random(seed, 'stored-model');
  }

  /** Runs blocks; the scores after each. */
  run(witness: Witness, blocks: number, gain = 1): number[] {
    const { random } = this;
    const scores: number[] = [];
    for (let i = 0; i < blocks; i++) {
      if (i % 10 === 0) this.level = 0.9 * this.level + random.gaussian();
      witness.takeValues([this.level, gain * this.level + 0.1 * random.gaussian(), 5]);
      scores.push(witness.sensor.score);
    }
    return scores;
  }
}

function modelFrames(frames: readonly ReceivedFrame[]): ReceivedFrame[] {
  return frames.filter(({ kind }) => kind === KIND_MODEL);
}

function whys(frames: readonly ReceivedFrame[]): unknown[] {
  return modelFrames(frames).map(({ body }) => body.get(1));
}

test('after learning a model frame says what was learned, what is promised, and which channel has no model', (t) => {
  const witness = new Witness(CONFIGURATION);
  new Feed(1).run(witness, LEARN_BLOCKS);
  const frames = witness.frames();
  t.false(frames[0].body.has(5), 'the boot frame knows of no model');
  const runs = frames[0].body.get(9) as number[];
  t.deepEqual(runs.slice(0, 3), [DETECTOR_LIMITS, DETECTOR_FLAT, DETECTOR_RESIDUAL]);
  t.true(runs.includes(DETECTOR_DRIFT) && !runs.includes(DETECTOR_ORDER), 'no pair, no orders to watch');
  const [frame, ...more] = modelFrames(frames);
  t.is(more.length, 0);
  t.is(frame.body.get(1), MODEL_LEARNED);
  t.is((frame.body.get(2) as Uint8Array).length, 16);
  t.is(frame.body.get(3), 400);
  const [asked, promised] = (frame.body.get(6) as unknown[]).map(numberOf);
  t.is(asked, 1);
  t.is(promised, 0, 'so short a learning promises nothing');
  const [[detector, ...thresholds]] = frame.body.get(7) as number[][];
  t.is(detector, 2);
  t.is(thresholds.length, 4);
  for (const threshold of thresholds) t.true(threshold > 200 && threshold < 100_000, `${thresholds}`);
  t.deepEqual(frame.body.get(8), [2]);
});

test('a board that loses power after learning watches at once, and gives the same scores to the bit as one that did not', (t) => {
  const models = newModels();
  const before = new Witness(CONFIGURATION, { models });
  const feed = new Feed(2);
  feed.run(before, LEARN_BLOCKS);
  const digest = modelFrames(before.frames())[0].body.get(2);
  const after = new Witness(CONFIGURATION, { models });
  t.is(after.sensor.condition.phase, PHASE_WATCHING);
  t.is(after.sensor.condition.learnedPerMille, 1000);
  // a gap of one block: both begin afresh
  before.takeValues([0, 0, 5], 1);
  const [kept, loaded] = [before, after].map((witness) => {
    const random = new Feed(3);
    if (witness === after) witness.takeValues([0, 0, 5], 1);
    return [...random.run(witness, 3000), ...random.run(witness, 3000, -2)];
  });
  // until their first rows the scores are those of before
  t.deepEqual(loaded.slice(20), kept.slice(20));
  t.true(Math.max(...kept.slice(3000)) > 1, 'the relation that broke is seen');
  const frames = after.frames();
  t.is(frames[0].kind, KIND_BOOT);
  t.deepEqual(frames[0].body.get(5), digest);
  const [told] = modelFrames(frames);
  t.deepEqual([told.body.get(1), told.body.get(2), told.body.get(3)], [MODEL_LOADED, digest, 400]);
  t.deepEqual(told.body.get(8), [2]);
});

test('power lost in the middle of work: delays of orders and stretches of flat line are known again, and what happens is seen as before', (t) => {
  const played = [false, true].map((isCut) => {
    const models = newModels();
    const simulation = new Simulation('order-not-executed', 1);
    let witness = new Witness(simulation.configuration, { models });
    witness.play(simulation, 350);
    if (isCut) witness = new Witness(simulation.configuration, { models });
    t.is(witness.sensor.condition.phase, PHASE_WATCHING);
    witness.frames();
    witness.play(simulation, 70);
    return witness.frames().filter(({ kind }) => kind === KIND_INCIDENT);
  });
  const [whole, cut] = played.map((incidents) => incidents.filter(({ body }) => body.get(4) === DETECTOR_ORDER));
  t.true(whole.length > 0);
  t.deepEqual(
    cut.map(({ body }) => body),
    whole.map(({ body }) => body),
  );
  for (const { uptimeUs } of played[1]) t.true(uptimeUs >= 400e6, 'nothing before the event');
});

/** What the incident table does not show. */
function scoresOf(witness: Witness): number[] {
  const { detectors } = witness.sensor as unknown as { readonly detectors: readonly RowDetector[] };
  return detectors.map(({ score }) => score);
}

function copyBlock(from: Block, to: Block): void {
  const { sequence, timeUs, lost, isFresh, analog, digital } = from;
  Object.assign(to, { sequence, timeUs, lost, isFresh });
  to.analog.splice(0, analog.length, ...analog);
  to.digital.splice(0, digital.length, ...digital);
}

/** The score of every detector on rows, after each block from now on. */
function listen(witness: Witness): number[][] {
  const rows: number[][] = [];
  const take = witness.take.bind(witness);
  witness.take = () => {
    take();
    rows.push(scoresOf(witness));
  };
  return rows;
}

for (const hasOccupancy of [false, true])
  test(`every detector of a plant with contacts scores after a reset as without, to the bit (occupancy: ${hasOccupancy})`, (t) => {
    const models = newModels();
    const simulation = new Simulation('order-not-executed', 1);
    const configuration = { ...simulation.configuration, hasOccupancy };
    const kept = new Witness(configuration, { models });
    kept.play(simulation, 340);
    const loaded = new Witness(configuration, { models });
    const scores = [kept, loaded].map(listen);
    for (let i = 0; i < 8000; i++) {
      simulation.nextBlock(kept.block);
      // a gap: both begin afresh
      if (i === 0) kept.block.isFresh = 1;
      copyBlock(kept.block, loaded.block);
      kept.take();
      loaded.take();
    }
    t.true(scores[0].length === 8000 && scores[0][0].length > 8);
    t.deepEqual(scores[1].slice(20), scores[0].slice(20));
    t.true(kept.sensor.table.opened > 0, 'the order that is not executed is among it');
  });

test('the phase envelope of a cyclic machine scores after a reset as without, to the bit', (t) => {
  for (const isAtGap of [false, true]) {
    const models = newModels();
    const machine = new CyclicMachine(3, 20, 18, isAtGap);
    const { configuration } = machine.witness;
    const kept = new Witness(configuration, { models });
    new CyclicMachine(3, 20, 18, isAtGap, kept).learn();
    const loaded = new Witness(configuration, { models });
    t.is(loaded.sensor.condition.phase, PHASE_WATCHING);
    const [a, b] = [kept, loaded].map((witness) => {
      const scores = listen(witness);
      const watched = new CyclicMachine(4, 20, 18, isAtGap, witness);
      for (const fault of [{}, {}, { lateRows: 8 }, {}, { shortMm: 30 }, {}]) watched.cycle(fault);
      return scores;
    });
    t.true(a.some((row) => Math.max(...row) > 1));
    t.deepEqual(b.slice(1), a.slice(1), `gap: ${isAtGap}`);
  }
});

test('the model of another configuration is refused with a frame, and learning begins', (t) => {
  const models = newModels();
  new Feed(1).run(new Witness(CONFIGURATION, { models }), LEARN_BLOCKS);
  const other = new Witness({ ...CONFIGURATION, falseAlarmsPerDay: 2 }, { models });
  t.is(other.sensor.condition.phase, PHASE_LEARNING);
  new Feed(1).run(other, LEARN_BLOCKS);
  const frames = other.frames();
  t.deepEqual(whys(frames), [MODEL_OF_OTHER_CONFIGURATION, MODEL_LEARNED]);
  t.false(frames[0].body.has(5));
  t.deepEqual([...modelFrames(frames)[0].body.keys()], [1]);
});

test('a damaged model is refused with a frame, and learning begins with nothing of it', (t) => {
  const models = newModels();
  const learned = new Witness(CONFIGURATION, { models });
  new Feed(1).run(learned, LEARN_BLOCKS);
  models.cells[600] ^= 1;
  const witness = new Witness(CONFIGURATION, { models });
  const fresh = new Witness(CONFIGURATION);
  for (const one of [witness, fresh]) new Feed(4).run(one, LEARN_BLOCKS);
  t.deepEqual(whys(witness.frames()), [MODEL_DAMAGED, MODEL_LEARNED]);
  t.deepEqual(new Feed(5).run(witness, 2000), new Feed(5).run(fresh, 2000));
});

for (const channels of [16, 64])
  test(`the largest model of ${channels} channels, each with ${NEIGHBOURS_MAX} neighbours, fits a board's place`, (t) => {
    const models = newModels();
    const analog = Array.from({ length: channels }, (_, i) => direct(`${i}`));
    const configuration = sampleConfiguration({
      analog,
      neighboursMax: NEIGHBOURS_MAX,
      modelBlocks: 1,
      learnBlocks: 200,
    });
    const witness = new Witness(configuration, { models });
    const random = new Random(1, 'large');
    for (let i = 0; i < 300; i++) witness.takeValues(analog.map(() => random.gaussian()));
    const [{ body }] = modelFrames(witness.frames());
    t.is(body.get(1), MODEL_LEARNED);
    t.deepEqual(body.get(8), []);
    const bytes = new DataView(models.cells.buffer).getUint32(16, true);
    t.log(`${bytes} bytes`);
    t.true(bytes > 200 * channels && bytes < MODEL_STORE_BYTES / 2);
  });

test('a model that does not fit its place is told, and watched with until the next reset', (t) => {
  const models = newModels(2 * 4096);
  const analog = Array.from({ length: 20 }, (_, i) => direct(`${i}`));
  const configuration = sampleConfiguration({ analog, neighboursMax: 8 });
  const witness = new Witness(configuration, { models });
  const random = new Random(1, 'long');
  for (let i = 0; i < LEARN_BLOCKS; i++) witness.takeValues(analog.map(() => random.gaussian()));
  t.is(witness.sensor.condition.phase, PHASE_WATCHING);
  const [frame] = modelFrames(witness.frames());
  t.is(frame.body.get(1), MODEL_TOO_LONG);
  t.deepEqual([...frame.body.keys()], [1, 3, 4, 5, 6, 7, 8]);
  t.is(new Witness(configuration, { models }).sensor.condition.phase, PHASE_LEARNING);
});

test('learning anew takes a command: incidents of the old model are over, the stored one stays until the new one is there', (t) => {
  const models = newModels();
  const witness = new Witness(CONFIGURATION, { models });
  const feed = new Feed(6);
  feed.run(witness, LEARN_BLOCKS);
  feed.run(witness, 1500, -3);
  t.is(witness.sensor.table.open, 1);
  const first = witness.sensor.table.opened;
  witness.sensor.relearn();
  t.is(witness.sensor.table.open, 0);
  t.is(witness.sensor.condition.phase, PHASE_LEARNING);
  t.is(witness.sensor.condition.learnedPerMille, 0);
  feed.run(witness, 2000, -3);
  t.true(witness.sensor.condition.learnedPerMille > 400);
  t.is(new Witness(CONFIGURATION, { models }).sensor.condition.phase, PHASE_WATCHING, 'the old model serves a reset');
  feed.run(witness, 2200, -3);
  t.is(witness.sensor.condition.phase, PHASE_WATCHING);
  const frames = witness.frames();
  const digests = modelFrames(frames).map(({ body }) => Buffer.from(body.get(2) as Uint8Array).toString('hex'));
  t.deepEqual(whys(frames), [MODEL_LEARNED, MODEL_LEARNED]);
  t.not(digests[0], digests[1]);
  const isOfFirst = ({ kind, body }: ReceivedFrame) => kind === KIND_INCIDENT && body.get(1) === first;
  t.is(frames.filter(isOfFirst).at(-1)!.body.get(2), 2, 'the incident is told as closed');
  // what was normal for the old model is not for the new one, also after a reset
  const after = new Witness(CONFIGURATION, { models });
  const alike = Math.max(...new Feed(7).run(after, 1500, -3));
  const unlike = Math.max(...new Feed(7).run(after, 1500, 1));
  t.true(unlike > 1.5 * alike, `${alike}, ${unlike}`);
});

test('learning anew is learning: the same scores as a board that never learned before', (t) => {
  const [again, fresh] = [new Witness(CONFIGURATION), new Witness(CONFIGURATION)];
  new Feed(8).run(again, LEARN_BLOCKS + 7);
  again.sensor.relearn();
  for (const witness of [again, fresh]) new Feed(9).run(witness, LEARN_BLOCKS);
  t.deepEqual(new Feed(10).run(again, 2000, 2), new Feed(10).run(fresh, 2000, 2));
});

test('power that goes at any flash operation of the save leaves a board that watches with the old or the new model', (t) => {
  const feedOf = (seed: number) => new Feed(seed);
  const stored = newModels();
  feedOf(1).run(new Witness(CONFIGURATION, { models: stored }), LEARN_BLOCKS);
  const digestOf = (models: SimulatedFlash) => {
    const witness = new Witness(CONFIGURATION, { models });
    feedOf(1).run(witness, 50);
    const digest = witness.frames()[0].body.get(5);
    return digest === undefined ? 'none' : Buffer.from(digest as Uint8Array).toString('hex');
  };
  const old = digestOf(stored);
  const relearn = (cut: number) => {
    const models = newModels(MODEL_STORE_BYTES, cut + 2);
    models.cells.set(stored.cells);
    if (cut >= 0) models.cutPowerAt(cut);
    const witness = new Witness(CONFIGURATION, { models });
    try {
      witness.sensor.relearn();
      feedOf(2).run(witness, LEARN_BLOCKS);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      models.powerOn();
    }
    return models;
  };
  const whole = relearn(-1);
  const renewed = digestOf(whole);
  t.not(renewed, old);
  for (let cut = 0; cut < whole.operations; cut++) {
    const digest = digestOf(relearn(cut));
    if (digest !== old && digest !== renewed) t.fail(`cut ${cut}: ${digest}`);
  }
  t.log(`${whole.operations} cut points`);
});
