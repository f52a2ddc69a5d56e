import test from 'ava';
import { DETECTOR_LIMITS } from '../../modules/detect/finding.js';
import { PHASE_LEARNING, PHASE_WATCHING } from '../../modules/frame/heartbeat-body.js';
import {
  KIND_BOOT,
  KIND_HEARTBEAT,
  KIND_INCIDENT,
  KIND_LOSS,
  KIND_READINGS,
  LOSS_BLOCKS,
} from '../../modules/frame/kinds.js';
import { Random } from '../../simulator/random.js';
import { numberOf } from '../frame/strict-cbor.js';
import { direct, sampleConfiguration } from './sample-configuration.js';
import { newFlash, Witness } from './witness.js';

/** Runs blocks of two noisy channels. */
function run(witness: Witness, blocks: number, random = new Random(1, 'sensor')): void {
  for (let i = 0; i < blocks; i++) witness.takeValues([random.gaussian(), random.gaussian()]);
}

test('the first frame is the boot frame, without a previous one, and says who speaks', (t) => {
  const witness = new Witness(sampleConfiguration());
  run(witness, 200);
  const [boot] = witness.frames();
  t.is(boot.kind, KIND_BOOT);
  t.is(boot.sequence, 1);
  t.is(boot.boot, 1);
  t.is(boot.previous, undefined);
  t.deepEqual(Buffer.from(boot.body.get(1) as Uint8Array), Buffer.alloc(8, 0x4e));
  t.is(boot.body.get(2), '0.1.0');
  const key = boot.body.get(8) as Map<number, Uint8Array>;
  t.deepEqual(Buffer.concat([key.get(-2)!, key.get(-3)!]), Buffer.from(witness.signer.publicKey));
});

test('sequence numbers count up by one and every frame names the one before by its hash', (t) => {
  const witness = new Witness(sampleConfiguration());
  run(witness, 13_000);
  const frames = witness.frames();
  t.true(frames.length > 12);
  frames.forEach((frame, i) => {
    t.is(frame.sequence, i + 1);
    if (i > 0) t.deepEqual(Buffer.from(frame.previous!), Buffer.from(frames[i - 1].digest));
  });
});

test('heartbeats and readings come on the grid of their periods', (t) => {
  const witness = new Witness(sampleConfiguration());
  run(witness, 13_050);
  const frames = witness.frames();
  const uptimes = (kind: number) => frames.filter((frame) => frame.kind === kind).map((frame) => frame.uptimeUs / 1e6);
  t.deepEqual(uptimes(KIND_HEARTBEAT), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130]);
  const readings = uptimes(KIND_READINGS);
  t.is(readings.length, 2);
  for (const [i, at] of readings.entries()) t.true(at >= 60 * (i + 1) && at < 60 * (i + 1) + 1, `${at}`);
});

test('a heartbeat says phase, progress of learning and the quality of each channel', (t) => {
  const witness = new Witness(sampleConfiguration());
  run(witness, 5050);
  const beats = witness.frames().filter((frame) => frame.kind === KIND_HEARTBEAT);
  t.deepEqual(
    beats.map(({ body }) => body.get(1)),
    [PHASE_LEARNING, PHASE_LEARNING, PHASE_LEARNING, PHASE_LEARNING, PHASE_WATCHING],
  );
  t.true(Math.abs((beats[1].body.get(2) as number) - 500) <= 10, `${beats[1].body.get(2)}`);
  t.is(beats[4].body.get(2), 1000);
  t.deepEqual(beats[0].body.get(8), [0, 0]);
});

test('readings say mean, smallest and largest value since the last ones', (t) => {
  const witness = new Witness(sampleConfiguration());
  for (let i = 0; i < 6100; i++) witness.takeValues([i % 2, 2.5]);
  const readings = witness.frames().find((frame) => frame.kind === KIND_READINGS)!;
  const pack = readings.body.get(1) as Map<number, unknown>[];
  const values = Object.fromEntries(pack.map((record) => [record.get(0), numberOf(record.get(2))]));
  t.deepEqual(values, { a: 0.5, 'a/min': 0, 'a/max': 1, b: 2.5, 'b/min': 2.5, 'b/max': 2.5 });
});

test('lost blocks give a loss frame with their number and time, and are counted in the heartbeat', (t) => {
  const witness = new Witness(sampleConfiguration());
  run(witness, 300);
  witness.takeValues([0, 0], 7);
  run(witness, 1000);
  const frames = witness.frames();
  const losses = frames.filter((frame) => frame.kind === KIND_LOSS);
  t.is(losses.length, 1);
  t.deepEqual(
    [...losses[0].body],
    [
      [1, LOSS_BLOCKS],
      [2, 7],
      [3, 3_000_000],
      [4, 3_070_000],
    ],
  );
  t.is(frames.find((frame) => frame.kind === KIND_HEARTBEAT)!.body.get(3), 7);
});

test('no loss, no loss frame', (t) => {
  const witness = new Witness(sampleConfiguration());
  run(witness, 3000);
  t.deepEqual(
    witness.frames().filter((frame) => frame.kind === KIND_LOSS),
    [],
  );
});

test('a reboot on the same flash goes on with sequence and chain, and counts the boot', (t) => {
  const flash = newFlash();
  let before = null;
  let sequence = 1;
  for (let boot = 1; boot <= 4; boot++) {
    const witness = new Witness(sampleConfiguration(), { flash });
    run(witness, 1500 * boot);
    for (const frame of witness.frames()) {
      t.is(frame.sequence, sequence++);
      t.is(frame.boot, boot);
      t.deepEqual(frame.previous && Buffer.from(frame.previous), before ? Buffer.from(before) : undefined);
      before = frame.digest;
    }
  }
  t.true(sequence > 8);
});

test('a limit violated is an open incident within 20 ms, told when seen and told again when over', (t) => {
  const witness = new Witness(sampleConfiguration({ analog: [direct('a', { highLimit: 8, high: 10 }), direct('b')] }));
  const random = new Random(5, 'limit');
  const take = (blocks: number, offset: number) => {
    for (let i = 0; i < blocks; i++) witness.takeValues([offset + random.gaussian(), random.gaussian()]);
  };
  take(1000, 0);
  t.is(witness.sensor.table.open, 0);
  const violatedUs = witness.nowUs;
  take(2, 20);
  t.is(witness.sensor.table.open, 1);
  take(100, 20);
  take(500, 0);
  const incidents = witness
    .frames()
    .filter((frame) => frame.kind === KIND_INCIDENT && frame.body.get(4) === DETECTOR_LIMITS);
  t.deepEqual(
    incidents.map(({ body }) => body.get(2)),
    [0, 2],
  );
  t.is(incidents[0].body.get(6), violatedUs + 10_000);
  t.true(incidents[0].uptimeUs <= violatedUs + 700_000);
  t.is(incidents[1].body.get(1), incidents[0].body.get(1));
  t.is(incidents[1].body.get(13), 1020, 'closed after its last violated block');
});

test('a configuration that cannot be used is refused in one line', (t) => {
  const wrong = [
    sampleConfiguration({ analog: [] }),
    sampleConfiguration({ analog: [direct('')] }),
    sampleConfiguration({ learnBlocks: 79 }),
    sampleConfiguration({ falseAlarmsPerDay: 0 }),
    sampleConfiguration({ neighboursMax: 9 }),
    sampleConfiguration({ address: 248 }),
    sampleConfiguration({ pairs: [{ name: 'p', order: 0, execution: 2, isInverted: false }] }),
  ];
  for (const configuration of wrong) {
    const error = t.throws(() => new Witness(configuration));
    t.regex(error!.message, /^configuration: [^\n]+$/);
  }
  t.notThrows(() => new Witness(sampleConfiguration({ learnBlocks: 80 })));
});
