/** Model frames that tell what pairs learned: the most that a board can have fits, and a stranger reads it. */
import test from 'ava';
import { CborWriter } from '../../modules/cbor/writer.js';
import { AnalogSignal } from '../../modules/condition/analog-signal.js';
import { ContactSignal } from '../../modules/condition/contact-signal.js';
import { KIND_MODEL } from '../../modules/frame/kinds.js';
import { beginPayload } from '../../modules/frame/outline.js';
import { pairsEnd, writePairsBody } from '../../modules/frame/pairs-body.js';
import { Reading } from '../../modules/frame/readings-body.js';
import { PAIR_MODES_MAX, PAIRS_MAX, PAYLOAD_BYTES_MAX } from '../../modules/limits.js';
import { MODEL_LEARNED, MODEL_NOT_KEPT } from '../../modules/model/model-record.js';
import type { AnswerDelay } from '../../modules/orders/answer-delay.js';
import { type ContactMode, ContactPair } from '../../modules/orders/contact-pair.js';
import { FollowPair } from '../../modules/orders/follow-pair.js';
import { type LevelMode, LevelPair } from '../../modules/orders/level-pair.js';
import { MODE_UNKNOWN, OperatingMode } from '../../modules/orders/operating-mode.js';
import type { Pair } from '../../modules/orders/pair.js';
import { contact, direct } from '../sensor/sample-configuration.js';
import { decodeDeterministic, type Labels, numberOf } from './strict-cbor.js';

const MOST = Number.MAX_SAFE_INTEGER;
const MOST_U32 = 2 ** 32 - 1;
const DIGEST = new Uint8Array(32).fill(5);
const WIRING = { name: 'pair', order: 0, execution: 0, isInverted: false };

/** Payloads that tell all pairs, with the longest head; the bodies, and the bytes of each payload. */
function tell(pairs: readonly Pair[], readings: readonly Reading[], why = MODEL_LEARNED) {
  const bodies: Labels[] = [];
  const bytes: number[] = [];
  for (let first = 0; first < pairs.length; ) {
    const end = pairsEnd(pairs, first);
    if (end === first) throw new Error('no frame takes this pair');
    const writer = new CborWriter(new Uint8Array(PAYLOAD_BYTES_MAX));
    beginPayload(writer, KIND_MODEL, MOST_U32, MOST_U32, MOST, new Uint8Array(32), MOST, MOST_U32);
    writePairsBody(writer, why, DIGEST, pairs, readings, first, end);
    if (writer.isOverflowed) throw new Error(`pairs ${first} to ${end - 1} are longer than ${PAYLOAD_BYTES_MAX} bytes`);
    bytes.push(writer.position);
    bodies.push((decodeDeterministic(writer.buffer.slice(0, writer.position)) as Labels).get(8) as Labels);
    first = end;
  }
  return { bodies, bytes };
}

const told = (bodies: readonly Labels[]) => bodies.flatMap((body) => body.get(9) as unknown[][]);

function fill(delay: AnswerDelay): void {
  Object.assign(delay, { orders: MOST, minUs: 1e300, maxUs: 1e300, boundUs: 1e300 });
}

test(`${PAIRS_MAX} pairs of a contact and a loop with ${PAIR_MODES_MAX} modes, the largest numbers everywhere, fit`, (t) => {
  const line = new ContactSignal(contact('mode'));
  const signal = new AnalogSignal(direct('a', { resolution: 1e-9 }));
  const pairs = Array.from({ length: PAIRS_MAX }, (_, i) => {
    const pair = new LevelPair(WIRING, i, 1000, signal, line, new OperatingMode<LevelMode>(line, line));
    for (let mode = 0; mode <= MODE_UNKNOWN; mode++) {
      Object.assign(pair.learnedIn(mode), {
        off: -9007.1992547,
        on: 9.1e5,
      });
      for (const direction of [0, 1]) {
        fill(pair.learnedDelay(mode, direction));
        fill(pair.learnedLeft(mode, direction));
      }
    }
    return pair;
  });
  const { bodies, bytes } = tell(pairs, [new Reading(direct('a', { resolution: 1e-11 }))]);
  t.log(`${bytes.length} frames, payloads of ${Math.max(...bytes)} bytes at most`);
  const all = told(bodies);
  t.deepEqual(
    all.map(([pair]) => pair),
    pairs.map((_, i) => i),
  );
  const way = Array(7).fill(MOST_U32);
  for (const [, ...modes] of all as [number, ...unknown[][]][]) {
    t.deepEqual(
      modes.map(([mode]) => mode),
      [null, 0, 1, 2, 3],
    );
    for (const [, low, high, off] of modes) {
      t.deepEqual([low, high], [way, way]);
      t.is(numberOf(off), -9007.1992547);
    }
  }
});

test('pairs without modes go into frames together, of each kind what it learned', (t) => {
  const signals = [0, 1].map(() => new AnalogSignal(direct('a', { resolution: 0.01 })));
  const line = new ContactSignal(contact('order'));
  const contacts = new ContactPair({ ...WIRING, order: 2, execution: 3 }, 0, 2, 1000);
  const valve = new LevelPair(WIRING, 1, 1000, signals[0], line);
  const drive = new FollowPair(WIRING, 2, 1000, signals[0], signals[1]);
  for (const delayMs of [20, 30, 25.5]) contacts.closing.add(1000 * delayMs);
  contacts.calibrate(1);
  Object.assign(drive, { gain: 0.8, offset: 10, tolerance: 0.5 });
  const readings = [0, 1].map(() => new Reading(direct('a', { resolution: 0.01 })));
  const { bodies } = tell([contacts, valve, drive], readings);
  t.is(bodies.length, 1);
  t.deepEqual([...bodies[0].keys()], [1, 2, 9]);
  t.deepEqual(bodies[0].get(2), DIGEST.slice(0, 16));
  const nothing = [0, null, null, null];
  const [ofContacts, ofValve, ofDrive] = told(bodies) as [number, unknown[]][];
  t.deepEqual(ofContacts, [0, [null, nothing, [3, 20, 30, Math.ceil(contacts.closing.boundUs / 1000)]]]);
  const still = [...nothing, null, null, null];
  t.deepEqual(ofValve, [1, [null, still, still, null, null]]);
  t.deepEqual(ofDrive[1].slice(0, 3), [null, nothing, nothing]);
  t.deepEqual((ofDrive[1][3] as unknown[]).map(numberOf), [0.8, 10, 0.5]);
  t.deepEqual(
    [...tell([contacts], readings, MODEL_NOT_KEPT).bodies[0].keys()],
    [1, 9],
    'no digest of what is not kept',
  );
});

test('a mode hardly learned has no bound of its own', (t) => {
  const line = new ContactSignal(contact('mode'));
  const pair = new ContactPair({ ...WIRING, execution: 1 }, 0, 0, 1000, new OperatingMode<ContactMode>(line, null));
  for (const ms of [10, 20, 30]) {
    pair.closing.add(1000 * ms);
    if (ms < 30) pair.operating?.learned[1].closing.add(1000 * ms);
  }
  pair.calibrate(1);
  const [[, all, never, hardly]] = told(tell([pair], []).bodies) as [number, unknown[], unknown[], unknown[]][];
  t.is((all[2] as number[])[3], Math.ceil(pair.closing.boundUs / 1000));
  t.deepEqual(never, [0, [0, null, null, null], [0, null, null, null]]);
  t.deepEqual(hardly, [1, [0, null, null, null], [2, 10, 20, null]]);
});
