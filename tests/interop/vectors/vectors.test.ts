/** modules/frame/vectors.json: it is what the firmware writes, says every label, and foreign verifiers agree with it. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { rebuildEvidence } from '../../../hosts/collector/evidence.js';
import { KIND_NAMES } from '../../../hosts/collector/vocabulary.js';
import { type Labels, numberOf } from '../../frame/strict-cbor.js';
import { CddlSchemas } from '../cddl/json-schema.js';
import { CddlValidator, FRAMES_CDDL } from '../cddl/validate.js';
import { payloadOf } from '../firmware-run.js';
import { VerifierMissing } from '../verifier-missing.js';
import { verifyWithAuth0 } from '../verify-auth0.js';
import { verifyWithC } from '../verify-c.js';
import { verifyWithCborg } from '../verify-cborg.js';
import { verifyWithDocumentedPython, verifyWithPython } from '../verify-python.js';
import { bytesOf, makeVectors, readVectors, textOf, VECTORS_FILE } from './make-vectors.js';
import { RAW_ANALOG, RAW_CONTACT } from './stretches.js';

const vectors = readVectors();
const frames = vectors.frames.map(({ frame }) => bytesOf(frame));
const directory = mkdtempSync(join(tmpdir(), 'vectors-'));
const coseKeyOf = (name: string) => bytesOf(vectors.keys.find((key) => key.name === name)!.coseKey);

function fileOf(name: string, bytes: Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return file;
}

const keyFiles = ['first', 'second'].map((name) => fileOf(`${name}.cose_key`, coseKeyOf(name)));

/** Frames verified, or why they are refused; undefined, and logged, where the verifier is not installed: in CI a failure. */
async function outcome(t: ExecutionContext, verify: () => Promise<number>): Promise<number | Error | undefined> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof VerifierMissing)) return error as Error;
    if (process.env.CI === 'true') t.fail(error.message);
    t.log(error.message);
    return undefined;
  }
}

test('the firmware writes the vectors to the bit, and a stranger their diagnostic notation', async (t) => {
  t.is(textOf(await makeVectors()), readFileSync(VECTORS_FILE, 'utf8'));
});

/** Labels of all maps in a body: those of a nested map or list are named with the path to it. */
function labelsIn(item: unknown, path: string, found: Set<string>): void {
  if (item instanceof Map)
    for (const [label, value] of item) {
      found.add(`${path} ${label}`);
      labelsIn(value, `${path} ${label}`, found);
    }
  else if (Array.isArray(item)) for (const one of item) labelsIn(one, path, found);
}

test('the vectors have every kind, and every label that frames.cddl knows', (t) => {
  const found = new Set<string>();
  for (const frame of frames) {
    const payload = payloadOf(frame);
    const kind = KIND_NAMES[payload.get(3) as number];
    for (const label of payload.keys()) found.add(`payload ${label}`);
    labelsIn(payload.get(8), `${kind.replace(' ', '-')}-body`, found);
  }
  const { $defs } = new CddlSchemas(readFileSync(FRAMES_CDDL, 'utf8'));
  const bodies = Object.entries($defs).filter(([name]) => name.endsWith('-body'));
  t.is(bodies.length, Object.keys(KIND_NAMES).length);
  for (const [name, schema] of bodies)
    for (const { properties } of (schema.anyOf ?? [schema]) as { properties: object }[])
      for (const label of Object.keys(properties)) t.true(found.has(`${name} ${label}`), `${name} ${label}`);
  for (const label of [1, 2, 3, 4, 5, 6, 7, 8]) t.true(found.has(`payload ${label}`), `payload ${label}`);
  for (const label of [0, 1, 2]) t.true(found.has(`readings-body 1 ${label}`), `SenML ${label}`);
});

test('frames.cddl describes every vector', (t) => {
  const validator = new CddlValidator();
  for (const [i, { name }] of vectors.frames.entries()) t.is(validator.fault('frame', frames[i]), undefined, name);
  for (const { name, frame } of vectors.commands) t.is(validator.fault('command', bytesOf(frame)), undefined, name);
  for (const { name, coseKey } of vectors.keys) t.is(validator.fault('public-key', bytesOf(coseKey)), undefined, name);
});

test('five verifiers that are not ours take the vectors: each key what it signed, those of the manual all', async (t) => {
  const all = fileOf('all.cbor', Buffer.concat(frames));
  for (const [i, key] of ['first', 'second'].entries()) {
    const signed = vectors.frames.filter((vector) => vector.key === key).map(({ frame }) => bytesOf(frame));
    const sequence = Uint8Array.from(Buffer.concat(signed));
    const file = fileOf(`${key}.cbor`, sequence);
    t.is(await verifyWithCborg(sequence, coseKeyOf(key)), signed.length, 'cborg');
    t.is(await verifyWithAuth0(sequence, coseKeyOf(key)), signed.length, '@auth0/cose');
    t.is((await outcome(t, () => verifyWithPython(file, keyFiles[i]))) ?? signed.length, signed.length, 'cbor2');
  }
  for (const verify of [verifyWithC, verifyWithDocumentedPython])
    t.is((await outcome(t, () => verify(all, keyFiles))) ?? frames.length, frames.length, verify.name);
  t.is(await verifyWithAuth0(bytesOf(vectors.commands[0].frame), coseKeyOf('operator')), 1);
});

for (const { name, because, frames: wrong } of vectors.refused)
  test(`refused by all that look at it: ${name}`, async (t) => {
    const sequence = Uint8Array.from(Buffer.concat(wrong.map(bytesOf)));
    const file = fileOf(`${name}.cbor`, sequence);
    await t.throwsAsync(verifyWithCborg(sequence, coseKeyOf('first')));
    if (because === 'signature') await t.throwsAsync(verifyWithAuth0(sequence, coseKeyOf('first')));
    for (const verify of [
      () => verifyWithPython(file, keyFiles[0]),
      () => verifyWithC(file, keyFiles),
      () => verifyWithDocumentedPython(file, keyFiles),
    ]) {
      const answer = await outcome(t, verify);
      if (answer !== undefined) t.true(answer instanceof Error, `${verify}: ${answer}`);
    }
  });

test('the points of the vectors of evidence are these', (t) => {
  const [analog, contact, raw, bounce] = vectors.frames
    .filter(({ kind }) => kind === 'evidence')
    .map(({ frame }) => rebuildEvidence(numbersOf(payloadOf(bytesOf(frame)).get(8) as Labels)));
  t.deepEqual(analog.minCounts, [34000, 33990, null, 34100, 20000]);
  t.deepEqual(analog.maxCounts, [34003, 33995, null, 34100, 34090]);
  t.deepEqual(contact.level, [0, 0, 0, 1, 1, 1, 1, null]);
  t.deepEqual(contact.edges, [0, 0, 0, 1, 2, 0, 0, null]);
  t.deepEqual([raw.minCounts, raw.maxCounts, raw.missing], [RAW_ANALOG, RAW_ANALOG, 2]);
  t.deepEqual(bounce.level, RAW_CONTACT);
  t.deepEqual(
    bounce.edgeTimes?.map(({ sample }) => sample),
    [3, 4, 5],
  );
});

/** The scale of an evidence body has decimal fractions. */
function numbersOf(body: Labels): Labels {
  const scale = body.get(8) as unknown[] | undefined;
  return scale === undefined ? body : new Map([...body, [8, scale.map(numberOf)]]);
}
