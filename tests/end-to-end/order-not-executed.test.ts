/**
 * The main job: an order that is not executed, seen by the firmware on XS, signed, received and verified; then the
 * frames of that run, tampered with, before the collector.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { decode, Tagged } from 'cborg';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { writeKey } from '../../hosts/collector/keys.js';
import { KIND_EVIDENCE } from '../../modules/frame/kinds.js';
import { Random } from '../../simulator/random.js';
import { Simulation } from '../../simulator/simulation.js';
import { SampleBoard } from '../collector/sample-frames.js';
import { type RawPart, SampleTape } from '../evidence/sample-tape.js';
import { CddlValidator } from '../interop/cddl/validate.js';
import { splitSequence } from '../interop/verify-cborg.js';
import { verifyWithAll } from '../interop/verify-with-all.js';
import { Witness } from '../sensor/witness.js';
import { run as runSimulation } from '../simulator/run.js';
import { type Ended, run } from './command.js';
import { isNamed, ofKind, type Printed, readPrinted, sequencesFrom, sequencesOf } from './frame-lines.js';

const SCENARIO = 'order-not-executed';
const SEED = 1;
const SECONDS = 600;
/** Until the evidence of the incident is told. */
const NODE_SECONDS = 440;
const HEARTBEAT_S = 10;
const DELAY_US_MAX = 5_000_000;
const NOISE_BYTES = 65536;
/** Channels of the tank. */
const FLOW = 1;
const ORDER = 8;
const EXECUTION = 9;

const folder = temporaryFolder();
const framesFile = join(folder, 'frames.cbor');
const keys = join(folder, 'keys');

let ended: Ended;
let printed: Printed;
/** The frames of the run, as they stand in its file: frame n is frames[n - 1]. */
let frames: readonly Uint8Array[];

test.before(async () => {
  ended = await run(
    'start',
    ...['--scenario', SCENARIO, '--seed', `${SEED}`, '--seconds', `${SECONDS}`, '--fast'],
    ...['--frames', framesFile, '--keys', keys, '--json'],
  );
  if (ended.code !== 0) throw new Error(`start ended with ${ended.code}: ${ended.err.join('\n')}`);
  printed = readPrinted(ended.out);
  frames = splitSequence(Uint8Array.from(readFileSync(framesFile)));
});

test.serial('a run begins with the boot frame, sends heartbeats, loses nothing and stores what it prints', (t) => {
  t.deepEqual(printed.errors, []);
  t.deepEqual([printed.frames[0].kind, printed.frames[0].sequence], ['boot', 1]);
  t.deepEqual(sequencesOf(printed.frames), sequencesFrom(1, printed.frames.length));
  t.is(frames.length, printed.frames.length);
  const heartbeats = ofKind(printed.frames, 'heartbeat');
  t.true(heartbeats.length >= SECONDS / HEARTBEAT_S - 1, `${heartbeats.length} heartbeats`);
  for (const { payload } of heartbeats) t.like(payload.body, { blocksLost: 0, framesLost: 0 });
  t.deepEqual(ofKind(printed.frames, 'loss'), []);
  for (const kind of new Set(printed.frames.map((frame) => frame.kind))) {
    const sizes = ofKind(printed.frames, kind).map(({ sequence }) => frames[sequence - 1].length);
    t.log(`${kind}: ${sizes.length} frames of ${Math.min(...sizes)} to ${Math.max(...sizes)} bytes`);
  }
});

test.serial('an order that is not executed opens an incident within 5 s of the order, and none before it', (t) => {
  const simulation = new Simulation(SCENARIO, SEED);
  runSimulation(simulation, SECONDS);
  const onsetUs = simulation.truth.onsetUs as number;
  t.true(onsetUs > 0);
  const incidents = ofKind(printed.frames, 'incident');
  for (const { sequence, payload } of incidents)
    t.true(payload.uptimeUs >= onsetUs, `seed ${SEED}: frame ${sequence} at ${payload.uptimeUs}, order at ${onsetUs}`);
  const attacks = incidents.filter(({ payload }) => payload.body.class === 'attack-consistent');
  t.true(attacks.length > 0, `seed ${SEED}: ${JSON.stringify(incidents)}`);
  const { uptimeUs, body } = attacks[0].payload;
  t.like(body, { state: 'open', verdict: { verdict: 'missing' } });
  const delayUs = uptimeUs - onsetUs;
  t.true(delayUs <= DELAY_US_MAX, `seed ${SEED}: ${delayUs} us after the order`);
  t.log(`order to incident: ${delayUs / 1000} ms`);
});

test.serial('the pair of contacts, that of pump and flow and the statistics see one event: one incident', (t) => {
  const incidents = ofKind(printed.frames, 'incident').map(({ payload }) => payload.body);
  t.deepEqual([...new Set(incidents.map(({ id }) => id))], [1], `seed ${SEED}: ${JSON.stringify(incidents)}`);
  t.deepEqual(incidents[0].channels, [EXECUTION, ORDER]);
  const last = incidents[incidents.length - 1];
  const channels = last.channels as number[];
  t.is(last.detector, 'order', 'who knows what should have been speaks');
  t.deepEqual(channels.slice(0, 3), [EXECUTION, ORDER, FLOW]);
  const shown = ofKind(printed.frames, 'evidence').map(({ payload }) => payload.body);
  for (const channel of channels)
    t.true(
      shown.some((body) => body.incident === 1 && body.channel === channel),
      `evidence of channel ${channel}`,
    );
});

test.serial(
  'raw samples of each of its channels, around the onset, are those of the wires to the converter step',
  (t) => {
    const tape = new SampleTape(new Simulation(SCENARIO, SEED), SECONDS);
    const bodies = ofKind(printed.frames, 'evidence').map(({ payload }) => payload.body);
    const raw = bodies.filter(({ missing }) => missing !== undefined) as unknown as (RawPart & { missing: number })[];
    const last = ofKind(printed.frames, 'incident').map(({ payload }) => payload.body);
    const { channels, onsetUs } = last[last.length - 1] as unknown as { channels: number[]; onsetUs: number };
    t.deepEqual([...new Set(raw.map(({ channel }) => channel))].sort(), [...channels].sort());
    for (const part of raw) {
      t.is(tape.firstWrong(part), undefined, `seed ${SEED}`);
      t.is(part.missing, 0);
      t.true(part.fromUs < onsetUs && part.fromUs + 600_000 > onsetUs, `from ${part.fromUs}, onset ${onsetUs}`);
    }
  },
);

test.serial('the firmware on Node packs the same raw samples, to the bit', (t) => {
  const simulation = new Simulation(SCENARIO, SEED);
  const witness = new Witness({ ...simulation.configuration, rawBeforeMs: 200, rawAfterMs: 400 });
  witness.play(simulation, NODE_SECONDS);
  const hexOf = (value: unknown) => Buffer.from(value as Uint8Array).toString('hex');
  const onNode = witness
    .frames()
    .filter(({ kind, body }) => kind === KIND_EVIDENCE && body.has(9))
    .map(({ body }) => [body.get(1), body.get(3), body.get(5), body.get(6), hexOf(body.get(9)), body.get(10)]);
  const onXs = ofKind(printed.frames, 'evidence')
    .map(({ payload }) => payload.body)
    .filter(({ packedSamples }) => packedSamples !== undefined)
    .map((b) => [b.incident, b.channel, b.fromUs, b.points, b.packedSamples, b.missing]);
  t.true(onXs.length >= 4, `${onXs.length} parts`);
  t.deepEqual(onNode, onXs);
});

test.serial('its frames verify with four decoders that are not ours, and are as frames.cddl says', async (t) => {
  for (const verdict of await verifyWithAll(framesFile, join(keys, 'device.cose_key'))) {
    if (verdict.frames < 0) t.log(`${verdict.verifier}: not installed here, not run`);
    else t.is(verdict.frames, printed.frames.length, verdict.verifier);
  }
  const validator = new CddlValidator();
  for (const [i, frame] of splitSequence(Uint8Array.from(readFileSync(framesFile))).entries())
    t.is(validator.fault('frame', frame), undefined, `frame ${i + 1}`);
  t.deepEqual(readdirSync(keys), ['device.cose_key'], 'the secret key stays where it is');
});

test.serial('collect finds nothing wrong with its frames: exit 0', async (t) => {
  const { code, out } = await run('collect', '--file', framesFile, '--keys', keys, '--json');
  t.is(code, 0);
  t.deepEqual(readPrinted(out), printed);
});

/** What collect makes of some bytes. */
async function judge(...pieces: readonly Uint8Array[]): Promise<Ended & Printed> {
  const file = join(folder, 'tampered.cbor');
  writeFileSync(file, Buffer.concat(pieces));
  const verdict = await run('collect', '--file', file, '--keys', keys, '--json');
  return { ...verdict, ...readPrinted(verdict.out) };
}

/** The frames with frame n replaced by what `change` makes of it. */
function changed(n: number, change: (frame: Uint8Array) => Uint8Array): Uint8Array[] {
  return frames.map((frame, i) => (i === n - 1 ? change(frame) : frame));
}

/** A frame that has others before and after it. */
function middle(random: Random): number {
  return 2 + random.below(frames.length - 2);
}

/** Where payload and signature are in a frame. */
function partsOf(frame: Uint8Array): { payloadAt: number; payloadBytes: number; signatureAt: number } {
  const [, , payload] = (decode(frame, { useMaps: true, tags: Tagged.preserve(18) }) as Tagged).value as Uint8Array[];
  return {
    payloadAt: Buffer.from(frame).indexOf(payload),
    payloadBytes: payload.length,
    signatureAt: frame.length - 64,
  };
}

/** The last byte of the number that begins at `at`, of one or two bytes. */
function sequenceAt(frame: Uint8Array, at: number): number {
  return frame[at] === 0x18 ? at + 1 : at;
}

const FLIPS: Readonly<Record<string, (frame: Uint8Array, random: Random) => number>> = {
  tag: () => 0,
  array: () => 1,
  'length of the protected header': () => 2,
  'protected header': (frame, random) => 3 + random.below(partsOf(frame).payloadAt - 7),
  'unprotected header': (frame) => partsOf(frame).payloadAt - (partsOf(frame).payloadBytes > 255 ? 4 : 3),
  'length of the payload': (frame) => partsOf(frame).payloadAt - 1,
  'first byte of the payload': (frame) => partsOf(frame).payloadAt,
  'sequence number': (frame) => sequenceAt(frame, partsOf(frame).payloadAt + 4),
  payload: (frame, random) => partsOf(frame).payloadAt + random.below(partsOf(frame).payloadBytes),
  'length of the signature': (frame) => partsOf(frame).signatureAt - 1,
  signature: (frame, random) => partsOf(frame).signatureAt + random.below(64),
  'last byte': (frame) => frame.length - 1,
};

for (const [where, place] of Object.entries(FLIPS))
  test.serial(`a bit flipped (${where}): collect names the frame, verifies the others and exits 1`, async (t) => {
    for (const seed of [1, 2]) {
      const random = new Random(seed, where);
      const n = middle(random);
      const at = place(frames[n - 1], random);
      const bit = random.below(8);
      const hint = `seed ${seed}: bit ${bit} of byte ${at} of frame ${n}`;
      const { code, frames: verified, errors } = await judge(...changed(n, (frame) => flip(frame, at, bit)));
      t.is(code, 1, hint);
      t.true(isNamed(errors, n), `${hint}: ${JSON.stringify(errors)}`);
      t.deepEqual(sequencesOf(verified), allBut(n), hint);
    }
  });

function flip(frame: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = Uint8Array.from(frame);
  flipped[at] ^= 1 << bit;
  return flipped;
}

function allBut(...absent: number[]): number[] {
  return sequencesFrom(1, frames.length).filter((n) => !absent.includes(n));
}

test.serial('a bit flipped in the signature of the first or the last frame: it is named, exit 1', async (t) => {
  for (const n of [1, frames.length]) {
    const { code, frames: verified, errors } = await judge(...changed(n, (frame) => flip(frame, frame.length - 9, 3)));
    t.is(code, 1);
    t.true(isNamed(errors, n), JSON.stringify(errors));
    t.deepEqual(sequencesOf(verified), allBut(n));
  }
});

test.serial('one frame removed: collect names it as missing and exits 1', async (t) => {
  for (const seed of [1, 2, 3]) {
    const n = middle(new Random(seed, 'removed'));
    const { code, frames: verified, errors } = await judge(...frames.filter((_, i) => i !== n - 1));
    t.is(code, 1);
    t.like(errors, [{ error: 'missing', sequence: n }], `seed ${seed}: frame ${n}`);
    t.is(errors.length, 1);
    t.deepEqual(sequencesOf(verified), allBut(n));
  }
});

test.serial('two frames swapped: collect names one of them and exits 1', async (t) => {
  for (const distance of [1, 1, 7]) {
    const a = 2 + new Random(distance, 'swapped').below(frames.length - 2 - distance);
    const b = a + distance;
    const swapped = frames.map((frame, i) => (i === a - 1 ? frames[b - 1] : i === b - 1 ? frames[a - 1] : frame));
    const { code, frames: verified, errors } = await judge(...swapped);
    t.is(code, 1);
    t.true(isNamed(errors, a) || isNamed(errors, b), `frames ${a} and ${b}: ${JSON.stringify(errors)}`);
    t.is(verified.length, frames.length, 'each of them is good in itself');
  }
});

test.serial('one frame cut short: collect names it, verifies those that it does not run into, exits 1', async (t) => {
  for (const cut of [1, 30, 64, 100, 150]) {
    const n = middle(new Random(cut, 'cut'));
    const { code, frames: verified, errors } = await judge(...changed(n, (frame) => frame.subarray(0, -cut)));
    t.is(code, 1);
    t.true(isNamed(errors, n), `frame ${n} without its last ${cut} bytes: ${JSON.stringify(errors)}`);
    const sequences = sequencesOf(verified);
    t.deepEqual(
      sequences.filter((sequence) => sequence !== n + 1),
      allBut(n, n + 1),
    );
  }
});

test.serial('a file that ends within a frame: collect says so and exits 1', async (t) => {
  for (const cut of [1, 100]) {
    const {
      code,
      frames: verified,
      errors,
    } = await judge(...changed(frames.length, (frame) => frame.subarray(0, -cut)));
    t.is(code, 1);
    t.is(errors.length, 1);
    t.regex(errors[0].error, new RegExp(`ends within it \\(number ${frames.length} in the file`));
    t.deepEqual(sequencesOf(verified), allBut(frames.length));
  }
});

test.serial('64 KB of noise before the frames: one error, every frame verified, exit 1', async (t) => {
  const random = new Random(1, 'noise');
  const noise = Uint8Array.from({ length: NOISE_BYTES }, () => random.below(256));
  const { code, frames: verified, errors } = await judge(noise, ...frames);
  t.is(code, 1);
  t.is(errors.length, 1, JSON.stringify(errors));
  t.regex(errors[0].error, /65536 bytes are no frame \(number 1 in the file, byte 0\)/);
  t.deepEqual(sequencesOf(verified), allBut());
});

test.serial('under the key of another board no frame verifies: each is named, exit 1', async (t) => {
  const other = join(folder, 'other-keys');
  const { x, y } = new SampleBoard();
  writeKey(other, x, y);
  const { code, out } = await run('collect', '--file', framesFile, '--keys', other, '--json');
  t.is(code, 1);
  const verdict = readPrinted(out);
  t.deepEqual(verdict.frames, []);
  t.deepEqual(
    verdict.errors.map(({ sequence }) => sequence),
    allBut(),
  );
});

/** One line that names what is wrong, exit 2. */
async function refuses(t: ExecutionContext, keysFolder: string, expected: RegExp): Promise<void> {
  const { code, out, err } = await run('collect', '--file', framesFile, '--keys', keysFolder);
  t.is(code, 2);
  t.deepEqual(out, []);
  t.is(err.length, 1, err.join('\n'));
  t.regex(err[0], expected);
}

test.serial('a folder of keys that is missing or empty, a key file that is not a key: one line, exit 2', async (t) => {
  const empty = temporaryFolder();
  await refuses(t, join(empty, 'none'), /none: cannot read the directory of keys/);
  await refuses(t, empty, /no \*\.cose_key in it/);
  const keyFile = join(empty, 'device.cose_key');
  const key = readFileSync(join(keys, 'device.cose_key'));
  for (const content of ['not a key', '', key.subarray(0, -1), Buffer.concat([key, key]), frames[0]]) {
    writeFileSync(keyFile, content);
    await refuses(t, empty, /device\.cose_key: not a public P-256 COSE_Key: /);
  }
});
