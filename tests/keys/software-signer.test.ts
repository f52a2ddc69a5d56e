/** The software signer without the SDK: nonces against RFC 6979, signatures against node:crypto. */
import { createHash, createHmac } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import test from 'ava';
import { basePoints } from '../../hosts/keys/base-points.js';
import { Hmac } from '../../hosts/keys/hmac.js';
import { NonceSequence } from '../../hosts/keys/nonce.js';
import { isScalar, reduceOnce } from '../../hosts/keys/scalar.js';
import { SoftwareSigner } from '../../hosts/keys/software-signer.js';
import type { Digest } from '../../modules/board.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import { NodeCurve } from './node-curve.js';
import { isSignature, NODE_DIGEST } from './node-digest.js';
import { RFC6979_PUBLIC_KEY, RFC6979_SECRET, RFC6979_VECTORS } from './rfc6979.js';

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** 32 bytes of n + `offset`. */
function besideOrder(offset: bigint): Uint8Array {
  return fromHex((BigInt(`0x${ORDER}`) + offset).toString(16).padStart(64, '0'));
}

function signerWith(curve: NodeCurve, digest: Digest = NODE_DIGEST): SoftwareSigner {
  return new SoftwareSigner(fromHex(RFC6979_SECRET), curve, digest);
}

function sign(signer: SoftwareSigner, message: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64);
  signer.start(message, message.length);
  let state = signer.poll(signature);
  while (state === SIGNER_BUSY) state = signer.poll(signature);
  if (state !== SIGNER_DONE) throw new Error(`the signer answered ${state}`);
  return signature;
}

test('HMAC-SHA256 is that of node:crypto, for messages of every length', (t) => {
  const hmac = new Hmac(NODE_DIGEST);
  const code = new Uint8Array(32);
  for (let length = 0; length <= 128; length++) {
    const key = createHash('sha256').update(`key ${length}`).digest();
    const message = new Uint8Array(length).fill(length);
    hmac.setKey(key);
    hmac.authenticate(message, length, code);
    if (toHex(code) !== createHmac('sha256', key).update(message).digest('hex')) t.fail(`${length} bytes`);
  }
  t.pass();
});

test('a scalar is at least 1 and below the order', (t) => {
  t.false(isScalar(new Uint8Array(32)));
  t.true(isScalar(besideOrder(1n - BigInt(`0x${ORDER}`))));
  t.true(isScalar(besideOrder(-1n)));
  t.false(isScalar(besideOrder(0n)));
  t.false(isScalar(besideOrder(1n)));
  t.false(isScalar(new Uint8Array(32).fill(255)));
});

test('a hash that is not below the order is reduced once, one below it stays', (t) => {
  for (const offset of [-2n, -1n, 0n, 1n, 5000n]) {
    const number = besideOrder(offset);
    reduceOnce(number);
    t.is(BigInt(`0x${toHex(number)}`), offset < 0n ? BigInt(`0x${ORDER}`) + offset : offset);
  }
});

for (const { message, nonce, signature } of RFC6979_VECTORS)
  test(`RFC 6979 A.2.5, P-256 with SHA-256, message "${message}"`, (t) => {
    const curve = new NodeCurve();
    const signer = signerWith(curve);
    t.is(toHex(signer.publicKey), RFC6979_PUBLIC_KEY);
    t.is(toHex(sign(signer, Buffer.from(message))), signature);
    t.deepEqual(curve.nonces, [nonce]);
  });

test('where r or s is 0 the next nonce of the RFC 6979 loop is taken', (t) => {
  const curve = new NodeCurve();
  curve.refusals = 2;
  const signature = sign(signerWith(curve), Buffer.from('sample'));
  t.is(new Set(curve.nonces).size, 3);
  t.is(curve.nonces[0], RFC6979_VECTORS[0].nonce);
  t.true(isSignature(fromHex(RFC6979_PUBLIC_KEY), Buffer.from('sample'), signature));
  // Step h, by hand: K = HMAC_K(V || 0), V = HMAC_K(V), then V = HMAC_K(V) is the candidate.
  const hmac = (key: Uint8Array, ...parts: Uint8Array[]) =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const seed = [fromHex(RFC6979_SECRET), createHash('sha256').update('sample').digest()];
  let key: Uint8Array = new Uint8Array(32);
  let value: Uint8Array = new Uint8Array(32).fill(1);
  for (const round of [0, 1]) {
    key = hmac(key, value, Uint8Array.of(round), ...seed);
    value = hmac(key, value);
  }
  for (const nonce of curve.nonces) {
    value = hmac(key, value);
    t.is(toHex(value), nonce);
    key = hmac(key, value, Uint8Array.of(0));
    value = hmac(key, value);
  }
});

test('a candidate that is not below the order is passed over', (t) => {
  let calls = 0;
  const last = new Uint8Array(32).fill(0x11);
  // Each code takes two digests; begin makes four codes, then each candidate one, and two more before the next.
  const digest: Digest = {
    sha256: (_bytes, _length, into) => {
      calls++;
      into.set(calls === 10 ? new Uint8Array(32).fill(255) : last);
    },
  };
  const nonces = new NonceSequence(digest);
  const nonce = new Uint8Array(32);
  nonces.begin(new Uint8Array(32).fill(1), new Uint8Array(32));
  nonces.next(nonce);
  t.is(calls, 16);
  t.deepEqual(nonce, last);
});

test('the message may change once the signature has started, and a new start gives up the old one', (t) => {
  const signer = signerWith(new NodeCurve());
  const message = Buffer.from('given up');
  t.true(signer.start(message, message.length));
  message.write('sample..');
  t.true(signer.start(message, 6));
  message.fill(0);
  const signature = new Uint8Array(64);
  t.is(signer.poll(signature), SIGNER_DONE);
  t.is(toHex(signature), RFC6979_VECTORS[0].signature);
  t.is(signer.poll(signature), SIGNER_FAILED, 'nothing is under way');
});

test('a signer shows its public key, and nothing of the private one', (t) => {
  const signer = signerWith(new NodeCurve());
  t.deepEqual(Object.keys(signer).sort(), ['algorithm', 'assurance', 'keyId', 'publicKey']);
  t.false(JSON.stringify(signer).includes(`${fromHex(RFC6979_SECRET)[0]},${fromHex(RFC6979_SECRET)[1]}`));
});

test('the base points of the curve are its generator and every 32 bits on', (t) => {
  t.is(basePoints().length, 8);
  basePoints().forEach(([x, y], i) => {
    t.deepEqual(p256.Point.BASE.multiply(1n << BigInt(32 * i)).toAffine(), { x, y });
  });
});
