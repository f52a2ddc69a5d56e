/** A signer that fails or hangs: incidents are still told, links still served, what is lost is counted. */
import test from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import type { Signer } from '../../modules/board.js';
import { ANALOG_FIELDS, Block } from '../../modules/capture/block.js';
import { DETECTOR_LIMITS } from '../../modules/detect/finding.js';
import { KIND_BOOT, KIND_HEARTBEAT, KIND_INCIDENT, KIND_LOSS, LOSS_FRAMES } from '../../modules/frame/kinds.js';
import { NEWS_CLOSED, NEWS_OPEN, NEWS_UPDATE } from '../../modules/incident/incident.js';
import { Sensor } from '../../modules/sensor.js';
import { SIGNER_BUSY, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import type { SimulatedFlash } from '../../simulator/flash.js';
import { decodeDeterministic, encodeDeterministic } from '../frame/strict-cbor.js';
import { MemoryPort } from '../link/memory-port.js';
import type { ReceivedFrame } from '../sign/received-frame.js';
import { direct, sampleConfiguration } from './sample-configuration.js';
import { newFlash, Witness } from './witness.js';

/** A witness with a limit, on a signer whose next `fails` tries fail at once. */
class Bench {
  fails = 0;
  readonly witness: Witness;

  constructor() {
    const analog = [direct('a', { highLimit: 10, high: 20 }), direct('b')];
    this.witness = new Witness(sampleConfiguration({ analog }), { signerOver: (signer) => this.failing(signer) });
    this.run(100, 1);
  }

  run(blocks: number, a: number): void {
    for (let i = 0; i < blocks; i++) this.witness.takeValues([a, 2]);
  }

  incidents(): ReceivedFrame[] {
    return this.witness.frames().filter(({ kind, body }) => kind === KIND_INCIDENT && body.get(4) === DETECTOR_LIMITS);
  }

  private failing(signer: Signer): Signer {
    return {
      ...signer,
      start: (bytes, length) => this.fails > 0 || signer.start(bytes, length),
      poll: (signature) => {
        if (this.fails === 0) return signer.poll(signature);
        this.fails--;
        return SIGNER_FAILED;
      },
    };
  }
}

for (const fails of [1, 2, 3, 4, 5, 8, 9])
  test(`the opening of an incident is told although the signer fails ${fails} times in a row`, (t) => {
    const bench = new Bench();
    bench.fails = fails;
    bench.run(500, 15);
    bench.run(500, 1);
    t.is(bench.fails, 0);
    const [opening, closing, ...others] = bench.incidents().map(({ body }) => body);
    t.is(opening.get(2), NEWS_OPEN);
    t.true((opening.get(9) as unknown[]).length > 0, 'with techniques');
    t.is(closing.get(2), NEWS_CLOSED);
    t.is(closing.get(1), opening.get(1));
    t.deepEqual(others, []);
    t.is(bench.witness.sensor.reporter.framesLost, Math.floor(fails / 4));
  });

test('an incident that is over before its opening could be signed is told once, with techniques', (t) => {
  const bench = new Bench();
  bench.fails = 6;
  bench.run(20, 15);
  bench.run(800, 1);
  const incidents = bench.incidents().map(({ body }) => body);
  t.true(incidents.length > 0);
  t.is(incidents[incidents.length - 1].get(2), NEWS_CLOSED);
  t.true((incidents[0].get(9) as unknown[]).length > 0, 'with techniques');
  t.is(bench.witness.sensor.table.open, 0);
  t.is(bench.witness.sensor.table.waiting(), 0);
});

test('what changes while the opening is signed is told in an update', (t) => {
  const bench = new Bench();
  bench.run(100, 1);
  bench.run(4, 11);
  bench.run(300, 90);
  const news = bench.incidents().map(({ body }) => body.get(2));
  t.deepEqual(news.slice(0, 2), [NEWS_OPEN, NEWS_UPDATE]);
});

/** A board with a stream port and a signer of the test's. */
class LinkedBoard {
  readonly port = new MemoryPort('stream');
  readonly sensor: Sensor;
  private readonly nodeBoard: NodeBoard;
  private readonly block = new Block(2, 0);
  private read = 0;
  private blocks = 0;

  constructor(flash: SimulatedFlash, over: Partial<Signer>) {
    this.nodeBoard = new NodeBoard(sampleConfiguration(), flash, new Uint8Array(32).fill(0x21));
    const signer = { ...this.nodeBoard.signer, ...over };
    this.sensor = new Sensor({ ...this.nodeBoard, signer, ports: [this.port] });
  }

  /** One block, then idle work until there is none: how many calls found some; Infinity when it does not end. */
  take(): number {
    const { block, sensor, nodeBoard } = this;
    block.sequence = this.blocks++;
    block.timeUs = this.blocks * 10_000;
    block.isFresh = block.sequence === 0 ? 1 : 0;
    for (let i = 0; i < 2; i++) block.analog.splice(i * ANALOG_FIELDS, ANALOG_FIELDS, 10, 1, 1, 10, 10);
    nodeBoard.nowUs = block.timeUs;
    sensor.step(block);
    for (let calls = 0; calls < 1000; calls++) if (!sensor.idle()) return calls;
    return Infinity;
  }

  answers(): unknown[] {
    const from = this.read;
    this.read = this.port.sent.length;
    return this.port.sent.slice(from).map((bytes) => decodeDeterministic(bytes));
  }
}

const TROUBLES: readonly [string, Partial<Signer>][] = [
  ['fails at once', { start: () => true, poll: () => SIGNER_FAILED }],
  ['will not start', { start: () => false }],
  ['never answers', { start: () => true, poll: () => SIGNER_BUSY }],
];

for (const [name, over] of TROUBLES)
  test(`a signer that ${name}: polls are answered from the log, and idle work ends`, (t) => {
    const flash = newFlash();
    const before = new Witness(sampleConfiguration(), { flash });
    for (let i = 0; i < 1200; i++) before.takeValues([1, 2]);
    t.is(before.frames().length, 2);
    const board = new LinkedBoard(flash, over);
    for (let round = 0; round < 50; round++) {
      board.port.arrive(encodeDeterministic([1, 1, 65536]));
      for (let i = 0; i < 3; i++) t.true(board.take() < 100);
      t.deepEqual(
        board.answers().map((message) => (message as unknown[]).slice(0, 2)),
        [
          [2, 1],
          [2, 2],
        ],
      );
      for (let i = 0; i < 97; i++) t.true(board.take() < 100);
    }
    const { framesLost } = board.sensor.reporter;
    if (name === 'fails at once') t.true(framesLost >= 60 && framesLost <= 85, `${framesLost} lost in 50 s`);
    else t.is(framesLost, 1, 'in 50 s');
  });

test('a signature that never comes is waited for 10 s, four times, then its frame is counted and told as lost', (t) => {
  let isStuck = true;
  const witness = new Witness(sampleConfiguration(), {
    signerOver: (signer) => ({
      ...signer,
      start: (bytes, length) => isStuck || signer.start(bytes, length),
      poll: (signature) => (isStuck ? SIGNER_BUSY : signer.poll(signature)),
    }),
  });
  const { reporter } = witness.sensor;
  const lossesUs: number[] = [];
  for (let i = 0; i < 9000; i++) {
    const lost = reporter.framesLost;
    witness.takeValues([i % 7, i % 5]);
    if (reporter.framesLost > lost) lossesUs.push(witness.nowUs);
  }
  t.is(lossesUs.length, 2);
  t.true(lossesUs[0] > 40e6 && lossesUs[0] < 41.5e6, `${lossesUs[0]}`);
  t.true(lossesUs[1] - lossesUs[0] > 40e6 && lossesUs[1] - lossesUs[0] < 42e6, `${lossesUs[1]}`);
  t.is(witness.frames().length, 0);
  isStuck = false;
  for (let i = 0; i < 1500; i++) witness.takeValues([i % 7, i % 5]);
  const frames = witness.frames();
  t.is(frames[0].kind, KIND_BOOT);
  const losses = frames.filter(({ kind }) => kind === KIND_LOSS);
  t.deepEqual(
    losses.map(({ body }) => [body.get(1), body.get(2)]),
    [[LOSS_FRAMES, 2]],
  );
  t.true(frames.some(({ kind, body }) => kind === KIND_HEARTBEAT && body.get(5) === 2));
});
