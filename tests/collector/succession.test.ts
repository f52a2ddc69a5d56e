/** A device replaces its key by command: the firmware on Node, over UDP, at a collector that follows it. */
import { createHash, createPrivateKey, randomFillSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { decode, Tagged } from 'cborg';
import { nextSecret, publicKeyOf } from '../../hosts/bench/node-board.js';
import { Collector } from '../../hosts/collector/collector.js';
import { followKey, keepSuccession, loadKeyRing, SUCCESSORS_ENDING } from '../../hosts/collector/key-succession.js';
import { keyIdOf, keyOf, keySet, writeKey } from '../../hosts/collector/keys.js';
import { Store } from '../../hosts/collector/store/store.js';
import { UdpSource } from '../../hosts/collector/udp.js';
import { type Frame, isRefusal, verifyFrame } from '../../hosts/collector/verify.js';
import { challengeOf } from '../../hosts/config/boot-challenge.js';
import { commandMessage, encodeCommand, signCommand } from '../../hosts/config/command-file.js';
import { provisionSettings } from '../../hosts/config/provision.js';
import { openDeviceKey } from '../../hosts/keys/device-key.js';
import { KEY_STORE_SECTORS, KeyStore } from '../../hosts/keys/key-store.js';
import { SoftwareSigner } from '../../hosts/keys/software-signer.js';
import { COMMAND_ROTATE_KEY } from '../../modules/command/command.js';
import { KIND_COMMAND_RESULT, KIND_KEY } from '../../modules/frame/kinds.js';
import { PowerCut, SimulatedFlash } from '../../simulator/flash.js';
import { newSettings, operatorKey } from '../command/attack.js';
import { NodeCurve } from '../keys/node-curve.js';
import { NODE_DIGEST } from '../keys/node-digest.js';
import { newFlash } from '../sensor/witness.js';
import { startCollect } from './collect-process.js';
import { FirmwareBoard } from './firmware-board.js';
import { cbor, SampleBoard } from './sample-frames.js';

const SECRET = createHash('sha256').update('device').digest();
const NEXT = nextSecret(SECRET);
const operator = operatorKey();

const keyIdOfSecret = (secret: Uint8Array) => {
  const { x, y } = publicKeyOf(secret);
  return Buffer.from(keyIdOf(x, y)).toString('hex');
};
const [OLD_ID, NEW_ID] = [SECRET, NEXT].map(keyIdOfSecret);

interface Site {
  readonly keys: string;
  readonly store: string;
  readonly frames: string;
}

function site(t: ExecutionContext): Site {
  const directory = mkdtempSync(join(tmpdir(), 'succession-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const { x, y } = publicKeyOf(SECRET);
  const keys = join(directory, 'keys');
  writeKey(keys, x, y);
  return { keys, store: join(directory, 'store'), frames: join(directory, 'frames.cbor') };
}

/** A collector over UDP, as `collect` makes one. */
async function collecting({ keys: folder, store: path, frames }: Site, isStoring = true) {
  const keys = loadKeyRing(folder);
  const store = isStoring ? new Store(path, { keys }) : undefined;
  const source = new UdpSource('127.0.0.1', 0);
  const [heard, errors, infos]: [Frame[], string[], string[]] = [[], [], []];
  const collector = new Collector({
    ...{ keys, source, framesFile: frames, isAppending: true, pollMs: 20, retryMs: 20 },
    ...(store === undefined ? {} : { store }),
    onFrame: (frame) => heard.push(frame),
    onError: ({ reason, first }) => errors.push(`${first}: ${reason}`),
    onInfo: (line) => infos.push(line),
    onSuccessor: (frame) => keepSuccession(folder, frame),
  });
  await collector.start();
  const end = async () => {
    await collector.close();
    store?.close();
  };
  return { collector, heard, errors, infos, end, port: () => source.port };
}

/** A command to this boot of the board. */
function rotateCommand(board: FirmwareBoard, boot: Frame, sequence: number): Uint8Array {
  const fromMs = Math.floor(board.board.nowUs / 1000);
  const validity = { challenge: challengeOf(boot.bytes), fromMs, toMs: fromMs + 600_000 };
  const target = board.board.identity.deviceId;
  return commandMessage(signCommand(encodeCommand({ target, sequence, validity, code: COMMAND_ROTATE_KEY }), operator));
}

/** A frame that is shaped as `like` is and says the same, with another sequence number and signer. */
function forged(like: Uint8Array, sequence: number, secret: Uint8Array): Uint8Array {
  const [, , payload] = (decode(like, { useMaps: true, tags: Tagged.preserve(18) }) as Tagged).value as Uint8Array[];
  const labels = decode(payload, { useMaps: true }) as Map<number, unknown>;
  labels.set(2, sequence);
  const { x, y } = publicKeyOf(secret);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: base64(x), y: base64(y), d: base64(secret) };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const header = cbor(
    new Map<number, unknown>([
      [1, -9],
      [3, 60],
      [4, Uint8Array.from(keyIdOf(x, y))],
    ]),
  );
  const body = cbor(labels);
  const signature = sign('sha256', cbor(['Signature1', header, new Uint8Array(0), body]), {
    ...{ key, dsaEncoding: 'ieee-p1363' },
  });
  return cbor(new Tagged(18, [header, new Map(), body, Uint8Array.from(signature)]));
}

/** The board runs, replaces its key on command, and runs on; the collector has everything. */
async function rotated(t: ExecutionContext, isStoring = true) {
  const at = site(t);
  const [flash, settings] = [newFlash(), newSettings()];
  provisionSettings(settings, 0, [operator.publicKey]);
  const run = await collecting(at, isStoring);
  const board = new FirmwareBoard(flash, settings, SECRET, run.port);
  t.teardown(() => board.close());
  await board.run(() => run.heard.length >= 3);
  run.collector.send(rotateCommand(board, run.heard[0], 1));
  await board.run(() => run.heard.some(({ signedBy }) => signedBy === NEW_ID));
  await board.run(() => run.heard.length >= 12);
  await run.end();
  return { at, run, board, flash, settings };
}

const succession = ({ heard }: { heard: readonly Frame[] }) => heard.find(({ kind }) => kind === KIND_KEY) as Frame;

test('a rotated key is followed: one device, one chain, the new key in every frame after the key frame', async (t) => {
  const { run } = await rotated(t);
  t.deepEqual(run.errors, []);
  t.deepEqual(
    run.heard.map(({ sequence }) => sequence),
    run.heard.map((_, i) => i + 1),
  );
  const { sequence } = succession(run);
  for (const frame of run.heard) {
    t.is(frame.keyId, OLD_ID, 'the device goes by its first key');
    t.is(frame.signedBy, frame.sequence <= sequence ? OLD_ID : NEW_ID, `frame ${frame.sequence}`);
  }
  t.true(run.heard.some(({ kind, body }) => kind === KIND_COMMAND_RESULT && body.get(4) === 0));
  t.deepEqual(
    run.infos.filter((line) => line.includes('replaced')),
    [`device ${OLD_ID}: key ${OLD_ID} is replaced: from frame ${sequence + 1} on ${NEW_ID} signs`],
  );
});

test('a board with the software key in flash is followed the same, to its next boot', async (t) => {
  const at = site(t);
  const [flash, settings] = [newFlash(), newSettings()];
  const keyFlash = new SimulatedFlash({ size: KEY_STORE_SECTORS * 4096, eraseBytes: 4096, pageBytes: 256 }, 1);
  new KeyStore(keyFlash).save(SECRET);
  provisionSettings(settings, 0, [operator.publicKey]);
  const run = await collecting(at);
  const noise = (into: Uint8Array) => void randomFillSync(into);
  const boot = () => {
    const store = new KeyStore(keyFlash);
    const secret = openDeviceKey(store, noise, NODE_DIGEST);
    const signer = new SoftwareSigner(secret, new NodeCurve(4), NODE_DIGEST, { store, noise });
    const board = new FirmwareBoard(flash, settings, SECRET, run.port, signer);
    t.teardown(() => board.close());
    return { board, keyId: () => Buffer.from(signer.keyId).toString('hex') };
  };
  const first = boot();
  await first.board.run(() => run.heard.length >= 3);
  t.is(first.keyId(), OLD_ID);
  run.collector.send(rotateCommand(first.board, run.heard[0], 1));
  await first.board.run(() => run.heard.some(({ signedBy }) => signedBy !== OLD_ID));
  const next = boot();
  const { head } = next.board;
  await next.board.run(() => run.heard.some(({ sequence }) => sequence > head));
  await run.end();
  t.deepEqual(run.errors, []);
  t.is(next.keyId(), first.keyId());
  const { sequence } = succession(run);
  for (const frame of run.heard) {
    t.is(frame.keyId, OLD_ID);
    t.is(frame.signedBy, frame.sequence <= sequence ? OLD_ID : next.keyId(), `frame ${frame.sequence}`);
  }
});

for (const isStoring of [true, false])
  test(`the successor is known after a restart ${isStoring ? 'with' : 'without'} a store`, async (t) => {
    const { at, run, flash, settings } = await rotated(t, isStoring);
    t.deepEqual(readdirSync(at.keys).sort(), ['device.cose_key', `${OLD_ID}${SUCCESSORS_ENDING}`].sort());
    const again = await collecting(at, isStoring);
    const board = new FirmwareBoard(flash, settings, NEXT, again.port);
    t.teardown(() => board.close());
    const head = board.head;
    await board.run(() => again.heard.length >= 3 && again.heard.some(({ sequence }) => sequence > head));
    await again.end();
    t.deepEqual(again.errors, []);
    t.deepEqual(
      [...new Set(again.heard.filter(({ sequence }) => sequence > run.heard.length).map((f) => f.signedBy))],
      [NEW_ID],
    );
    if (!isStoring) return;
    // the store alone suffices: key frames are evidence like every other
    rmSync(join(at.keys, `${OLD_ID}${SUCCESSORS_ENDING}`));
    const third = await collecting(at);
    const later = new FirmwareBoard(flash, settings, NEXT, third.port);
    t.teardown(() => later.close());
    await later.run(() => third.heard.length >= 3);
    await third.end();
    t.deepEqual(third.errors, []);
  });

test('stored files verify over the rotation, by collect --file and --read; a part after it with what is beside the keys', async (t) => {
  const { at, run } = await rotated(t);
  const judge = async (...words: string[]) => {
    const process = startCollect(...words, '--keys', at.keys, '--json');
    return { code: await process.ended, out: process.out, err: process.err };
  };
  const whole = await judge('--file', at.frames);
  t.is(whole.code, 0, whole.out.join('\n'));
  t.is(whole.out.length, run.heard.length);
  t.like(JSON.parse(whole.out.at(-1) as string), { keyId: OLD_ID, signedBy: NEW_ID });
  t.is((await judge('--read', at.store)).code, 0);
  const { sequence } = succession(run);
  const tail = `${at.frames}.tail`;
  writeFileSync(tail, Buffer.concat(run.heard.slice(sequence).map(({ bytes }) => bytes)));
  t.is((await judge('--file', tail, '--from', `${sequence + 1}`)).code, 0);
  rmSync(join(at.keys, `${OLD_ID}${SUCCESSORS_ENDING}`));
  const alone = await judge('--file', tail, '--from', `${sequence + 1}`);
  t.is(alone.code, 1);
  t.regex(alone.out[0], new RegExp(`no key ${NEW_ID}`));
  t.is((await judge('--file', at.frames, '--store', `${at.store}.again`)).code, 0);
  t.is((await judge('--file', tail, '--from', `${sequence + 1}`)).code, 0);
});

test('after the rotation the old key signs nothing that is taken, and the new one nothing from before', async (t) => {
  const { at, run, flash, settings } = await rotated(t);
  const { sequence } = succession(run);
  const again = await collecting(at);
  const board = new FirmwareBoard(flash, settings, NEXT, again.port);
  t.teardown(() => board.close());
  await board.run(() => again.heard.length >= 2);
  const like = run.heard[1].bytes;
  const keys = loadKeyRing(at.keys);
  const says = (bytes: Uint8Array) => {
    const verdict = verifyFrame(bytes, keys);
    return isRefusal(verdict) ? verdict.reason : 'taken';
  };
  const later = board.head + 5;
  t.is(
    says(forged(like, later, SECRET)),
    `suspicious: signed by key ${OLD_ID}, which was replaced in frame ${sequence}`,
  );
  t.is(says(forged(like, 2, NEXT)), `suspicious: signed by key ${NEW_ID}, which signs from frame ${sequence + 1} on`);
  board.port.trySend(cbor([2, later, 0, forged(like, later, SECRET).length, forged(like, later, SECRET)]), 1200);
  await board.run(() => again.errors.length > 0);
  await again.end();
  t.deepEqual(again.errors, [`${later}: ${says(forged(like, later, SECRET))}`]);
});

test('a key frame that comes late is waited for: what its successor signed meanwhile is no forgery', async (t) => {
  const at = site(t);
  const [flash, settings] = [newFlash(), newSettings()];
  provisionSettings(settings, 0, [operator.publicKey]);
  const run = await collecting(at);
  const board = new FirmwareBoard(flash, settings, SECRET, run.port);
  t.teardown(() => board.close());
  await board.run(() => run.heard.length >= 3);
  run.collector.send(rotateCommand(board, run.heard[0], 1));
  // from the result frame on the board is not heard, until a frame of the new key is signed
  const keyId = () => Buffer.from(board.board.signer.keyId).toString('hex');
  await board.run(() => {
    board.port.isDeaf ||= board.sensor.desk.isAnswerDue;
    return keyId() === NEW_ID;
  });
  const { head } = board;
  while (board.head === head) board.step();
  // no poll comes before this frame of the new key is pushed
  board.port.isDeaf = false;
  while (board.head < head + 2) board.step();
  for (let i = 0; i < 10; i++) board.step();
  await board.run(() => run.heard.some(({ sequence }) => sequence > head));
  await run.end();
  t.deepEqual(run.errors, []);
  t.deepEqual(
    run.heard.map(({ sequence }) => sequence),
    run.heard.map((_, i) => i + 1),
  );
});

test('the power fails between announcement and rotation: the board makes up for it before it signs anything', (t) => {
  const [flash, settings] = [newFlash(), newSettings()];
  const boot = (secret: Uint8Array) => {
    const board = new FirmwareBoard(flash, settings, secret, () => 9);
    board.port.isDeaf = true;
    t.teardown(() => board.close());
    return board;
  };
  const keyId = ({ board }: FirmwareBoard) => Buffer.from(board.signer.keyId).toString('hex');
  const first = boot(SECRET);
  while (first.head < 3) first.step();
  const { rotation } = first.board.signer;
  if (rotation === undefined) throw new Error('this board rotates');
  rotation.commit = () => {
    throw new PowerCut(0);
  };
  first.sensor.desk.isRotationDue = true;
  t.throws(
    () => {
      for (;;) first.step();
    },
    { instanceOf: PowerCut },
  );
  t.is(keyId(first), OLD_ID);
  t.is(keyId(boot(SECRET)), NEW_ID);
  const later = boot(NEXT);
  const { head } = later;
  while (later.head === head) later.step();
  t.is(keyId(boot(NEXT)), NEW_ID, 'once');
});

/** The body of a key frame that names the key of `next`. */
function announcing(next: SampleBoard): [number, unknown][] {
  const key = new Map<number, unknown>([
    [1, 2],
    [-1, 1],
    [-2, next.x],
    [-3, next.y],
  ]);
  return [[8, new Map<number, unknown>([[1, key]])]];
}

test('a board that names the key of another as its successor does not get it', (t) => {
  const [board, victim] = [new SampleBoard(), new SampleBoard()];
  const keys = keySet(board.key, victim.key);
  const succession = followKey(verifyFrame(board.frame(KIND_KEY, announcing(victim)), keys) as Frame, keys);
  t.is(succession?.isFollowed, false);
  t.regex(succession?.line ?? '', /names the key of device .*: suspicious/);
  const own = verifyFrame(victim.frame(1), keys);
  t.false(isRefusal(own));
  t.is((own as Frame).keyId, victim.key.keyId, 'the other goes on as itself');
  t.false(isRefusal(verifyFrame(board.frame(1), keys)));
});

test('a successor that others announce is not followed, nor a second one of the same key', (t) => {
  const board = new SampleBoard();
  const [one, two] = [new SampleBoard(), new SampleBoard()];
  const directory = mkdtempSync(join(tmpdir(), 'succession-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeKey(directory, board.x, board.y);
  const file = join(directory, `${board.key.keyId}${SUCCESSORS_ENDING}`);
  const stranger = one.frame(KIND_KEY, announcing(two));
  const first = board.frame(KIND_KEY, announcing(one));
  board.sequence = 1;
  const second = board.frame(KIND_KEY, announcing(two));
  for (const [frames, says] of [
    [[stranger], new RegExp(`byte 0: no key ${one.key.keyId}`)],
    [[first, second], /was replaced in frame 1 already: suspicious/],
    [[board.frame(1)], undefined],
    [[first.subarray(0, -1)], /not a key frame/],
    [[first], undefined],
  ] as [Uint8Array[], RegExp | undefined][]) {
    writeFileSync(file, Buffer.concat(frames));
    if (says === undefined) t.notThrows(() => loadKeyRing(directory));
    else t.throws(() => loadKeyRing(directory), { message: says });
  }
  t.is(loadKeyRing(directory).get(one.key.keyId)?.device, board.key.keyId);
  t.truthy(keyOf(one.x, one.y));
  t.false(readFileSync(file).length === 0);
});
