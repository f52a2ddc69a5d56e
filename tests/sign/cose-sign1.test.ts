import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import test from 'ava';
import type { Signer } from '../../modules/board.js';
import { createText } from '../../modules/cbor/text.js';
import { PAYLOAD_BYTES_MAX } from '../../modules/limits.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { CoseSign1, FRAME_AT } from '../../modules/sign/cose-sign1.js';
import { SIGNER_BUSY, SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import { encodeDeterministic } from '../frame/strict-cbor.js';
import { receiveFrame } from './received-frame.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = publicKey.export({ format: 'jwk' });
const POINT = Buffer.concat([Buffer.from(jwk.x!, 'base64url'), Buffer.from(jwk.y!, 'base64url')]);
const DIGEST = {
  sha256: (bytes: Uint8Array, length: number, into: Uint8Array) => {
    into.set(createHash('sha256').update(bytes.subarray(0, length)).digest());
  },
};

/** Signs with Node's crypto; `states` are the answers of poll before it is done. */
class NodeSigner implements Signer {
  readonly algorithm: number;
  readonly keyId = keyIdOf(POINT, DIGEST);
  readonly publicKey = POINT;
  readonly assurance = 0;
  refusals = 0;
  states: number[] = [];
  toBeSigned = Buffer.alloc(0);

  constructor(algorithm = -9) {
    this.algorithm = algorithm;
  }

  start(toBeSigned: Uint8Array, length: number): boolean {
    if (this.refusals > 0) {
      this.refusals--;
      return false;
    }
    this.toBeSigned = Buffer.from(toBeSigned.subarray(0, length));
    return true;
  }

  poll(signature: Uint8Array): 0 | 1 | 2 {
    const state = this.states.shift() ?? SIGNER_DONE;
    if (state === SIGNER_DONE)
      signature.set(sign('sha256', this.toBeSigned, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
    return state as 0 | 1 | 2;
  }
}

/** Writes the deterministic map { 1: text of `length` bytes } as the payload. */
function writePayload(cose: CoseSign1, length: number): Uint8Array {
  const text = 'x'.repeat(length);
  const writer = cose.begin();
  writer.map(1);
  writer.uint(1);
  writer.text(createText(text));
  return encodeDeterministic(new Map([[1, text]]));
}

function frameOf(cose: CoseSign1): Uint8Array {
  return cose.buffer.slice(FRAME_AT, FRAME_AT + cose.frameBytes);
}

test('the key id is the first 8 bytes of the thumbprint of RFC 9679', (t) => {
  const key = new Map<number, unknown>([
    [1, 2],
    [-1, 1],
    [-2, POINT.subarray(0, 32)],
    [-3, POINT.subarray(32)],
  ]);
  const thumbprint = createHash('sha256').update(encodeDeterministic(key)).digest();
  t.deepEqual(Buffer.from(keyIdOf(POINT, DIGEST)), thumbprint.subarray(0, 8));
});

test('the thumbprint of the example in RFC 9679 section 6 is that of the example', (t) => {
  const x = '65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d';
  const y = '1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c';
  const thumbprint = '496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec';
  t.is(Buffer.from(keyIdOf(Buffer.from(x + y, 'hex'), DIGEST)).toString('hex'), thumbprint.slice(0, 16));
});

for (const algorithm of [-9, -7])
  test(`a frame signed with algorithm ${algorithm} verifies with Node's crypto over the Sig_structure`, (t) => {
    const signer = new NodeSigner(algorithm);
    const cose = new CoseSign1(signer);
    for (const length of [0, 1, 22, 23, 24, 200, 255, 256, 700, PAYLOAD_BYTES_MAX - 5]) {
      const payload = writePayload(cose, length);
      t.true(cose.sign());
      t.is(cose.poll(), SIGNER_DONE);
      const frame = receiveFrame(frameOf(cose), POINT);
      t.deepEqual(
        [...frame.header],
        [
          [1, algorithm],
          [3, 60],
          [4, Uint8Array.from(signer.keyId)],
        ],
      );
      t.deepEqual(Buffer.from(encodeDeterministic(frame.payload)), Buffer.from(payload), `${length}`);
    }
  });

test('what is signed is the Sig_structure of RFC 9052 section 4.4', (t) => {
  const signer = new NodeSigner();
  const cose = new CoseSign1(signer);
  const payload = writePayload(cose, 100);
  cose.sign();
  const header = encodeDeterministic(
    new Map<number, unknown>([
      [1, -9],
      [3, 60],
      [4, signer.keyId],
    ]),
  );
  t.is(Buffer.from(header).toString('hex'), `a3012803183c0448${Buffer.from(signer.keyId).toString('hex')}`);
  t.deepEqual(signer.toBeSigned, Buffer.from(encodeDeterministic(['Signature1', header, new Uint8Array(0), payload])));
});

test('any flipped bit of a frame spoils it', (t) => {
  const cose = new CoseSign1(new NodeSigner());
  writePayload(cose, 40);
  cose.sign();
  cose.poll();
  const frame = frameOf(cose);
  t.notThrows(() => receiveFrame(frame, POINT));
  for (let at = 0; at < frame.length; at++) {
    const spoilt = Uint8Array.from(frame);
    spoilt[at] ^= 1;
    t.throws(() => receiveFrame(spoilt, POINT), undefined, `byte ${at}`);
  }
});

test('a busy signer is asked again until it is done', (t) => {
  const signer = new NodeSigner();
  const cose = new CoseSign1(signer);
  writePayload(cose, 10);
  signer.states = [SIGNER_BUSY, SIGNER_BUSY];
  cose.sign();
  t.deepEqual([cose.poll(), cose.poll(), cose.poll()], [SIGNER_BUSY, SIGNER_BUSY, SIGNER_DONE]);
  t.notThrows(() => receiveFrame(frameOf(cose), POINT));
});

test('a signer that will not start, or fails, is given the same bytes again', (t) => {
  const signer = new NodeSigner();
  const cose = new CoseSign1(signer);
  const payload = writePayload(cose, 300);
  signer.refusals = 2;
  t.deepEqual([cose.sign(), cose.sign(), cose.sign()], [false, false, true]);
  const first = signer.toBeSigned;
  signer.states = [SIGNER_FAILED];
  t.is(cose.poll(), SIGNER_FAILED);
  t.true(cose.sign());
  t.deepEqual(signer.toBeSigned, first);
  t.is(cose.poll(), SIGNER_DONE);
  t.deepEqual(Buffer.from(encodeDeterministic(receiveFrame(frameOf(cose), POINT).payload)), Buffer.from(payload));
});

test('a payload longer than its limit is a programmer error', (t) => {
  const cose = new CoseSign1(new NodeSigner());
  writePayload(cose, PAYLOAD_BYTES_MAX - 4);
  t.throws(() => cose.sign(), { message: /payload/ });
  writePayload(cose, 5000);
  t.throws(() => cose.sign(), { message: /payload/ });
  writePayload(cose, 10);
  t.true(cose.sign(), 'the next frame is whole again');
});

test('a signature over other bytes does not verify (the test can fail)', (t) => {
  const signature = sign('sha256', Buffer.from('a'), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const key = { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' as const };
  t.true(verify('sha256', Buffer.from('a'), key, signature));
  t.false(verify('sha256', Buffer.from('b'), key, signature));
});
