import { randomBytes } from 'node:crypto';
import test from 'ava';
import { departureFromDeterministic } from '../../hosts/collector/deterministic.js';
import { type Frame, isRefusal, type Refusal, sigStructure, verifyFrame } from '../../hosts/collector/verify.js';
import { cbor, decimal, SampleBoard } from './sample-frames.js';

function reasonOf(verdict: Frame | Refusal): string {
  return isRefusal(verdict) ? verdict.reason : 'verified';
}

for (const algorithm of [-9, -7]) {
  test(`a frame of every kind with algorithm ${algorithm} is verified`, (t) => {
    const board = new SampleBoard(algorithm);
    for (const kind of [0, 1, 2, 4, 8]) {
      const sequence = board.sequence;
      const frame = verifyFrame(board.frame(kind), board.keys);
      if (isRefusal(frame)) return t.fail(frame.reason);
      t.is(frame.sequence, sequence);
      t.is(frame.kind, kind);
      t.is(frame.keyId, board.key.keyId);
    }
  });
}

test('every single bit flipped is refused', (t) => {
  const board = new SampleBoard();
  const bytes = board.frame(2);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    if (!isRefusal(verifyFrame(flipped, board.keys))) t.fail(`bit ${bit} flipped and not noticed`);
  }
  t.false(isRefusal(verifyFrame(bytes, board.keys)));
});

test('every truncation, and bytes that follow, are refused', (t) => {
  const board = new SampleBoard();
  const bytes = board.frame(2);
  for (let length = 0; length < bytes.length; length++)
    t.true(isRefusal(verifyFrame(bytes.subarray(0, length), board.keys)));
  t.is(reasonOf(verifyFrame(Buffer.concat([bytes, Buffer.of(0)]), board.keys)), 'bytes follow the frame');
});

test('a refused frame names the sequence that it claims', (t) => {
  const board = new SampleBoard();
  const bytes = board.frame();
  bytes[bytes.length - 1] ^= 1;
  const verdict = verifyFrame(bytes, board.keys);
  t.true(isRefusal(verdict));
  t.is(verdict.sequence, 1);
  t.is(verdict.keyId, board.key.keyId);
});

test('a key that is not known, and another key under the same identifier, are refused', (t) => {
  const board = new SampleBoard();
  const other = new SampleBoard();
  t.is(reasonOf(verifyFrame(board.frame(), other.keys)), `no key ${board.key.keyId}`);
  const mixed = new Map([[board.key.keyId, other.key]]);
  t.is(reasonOf(verifyFrame(board.frame(), mixed)), 'the signature does not verify');
});

test('protected headers that a frame does not have are refused though signed', (t) => {
  const board = new SampleBoard();
  const samples: [[number, unknown][], RegExp][] = [
    [[[1, -35]], /algorithm/],
    [[[3, 50]], /content type/],
    [[[2, [99]]], /says more/],
    [[[4, 7]], /names no key/],
  ];
  for (const [changes, reason] of samples) {
    const bytes = board.seal(board.payload(1), board.protectedHeader(changes));
    t.regex(reasonOf(verifyFrame(bytes, board.keys)), reason);
  }
  t.regex(reasonOf(verifyFrame(board.seal(board.payload(1), new Uint8Array(0)), board.keys)), /protected header/);
});

test('payloads that a frame does not have are refused though signed', (t) => {
  const board = new SampleBoard();
  const samples: [Uint8Array, RegExp][] = [
    [board.payload(1, [[1, 2]]), /format version/],
    [board.payload(1, [[2, undefined]]), /sequence/],
    [board.payload(1, [[2, -1]]), /sequence/],
    [board.payload(1, [[5, 'now']]), /uptime/],
    [board.payload(1, [[7, new Uint8Array(15)]]), /16 bytes/],
    [board.payload(1, [[6, [1]]]), /wall clock/],
    [board.payload(1, [[8, 0]]), /body/],
    [cbor([1]), /not a map/],
    [new Uint8Array(0), /cut short/],
    [Buffer.concat([board.payload(1), Buffer.of(0)]), /bytes follow/],
  ];
  for (const [payload, reason] of samples) t.regex(reasonOf(verifyFrame(board.seal(payload), board.keys)), reason);
});

test('an unprotected header, another tag and no tag are refused', (t) => {
  const board = new SampleBoard();
  const bytes = board.frame();
  const header = 3 + bytes[2] - 0x40; // d2 84 4x: a short protected header
  t.is(bytes[header], 0xa0);
  const withUnprotected = Buffer.concat([bytes.subarray(0, header), Buffer.of(0xa1, 1, 1), bytes.subarray(header + 1)]);
  t.is(reasonOf(verifyFrame(withUnprotected, board.keys)), 'not a COSE_Sign1 with tag 18');
  t.is(reasonOf(verifyFrame(bytes.subarray(1), board.keys)), 'not a COSE_Sign1 with tag 18');
});

test('noise of any length is refused and nothing throws', (t) => {
  const board = new SampleBoard();
  for (const length of [1, 2, 100, 4096, 4097, 65536]) t.true(isRefusal(verifyFrame(randomBytes(length), board.keys)));
  const start = Uint8Array.from(board.frame().subarray(0, 40));
  for (let i = 0; i < 500; i++) {
    t.true(isRefusal(verifyFrame(Buffer.concat([start.subarray(0, i % 40), randomBytes(i)]), board.keys)));
  }
});

test('the Sig_structure is what RFC 9052 section 4.4 says, for every length of payload', (t) => {
  for (const length of [0, 1, 23, 24, 255, 256, 900, 4000]) {
    const [header, payload] = [new Uint8Array(14).fill(1), new Uint8Array(length).fill(2)];
    t.deepEqual(
      Uint8Array.from(sigStructure(header, payload)),
      Uint8Array.from(cbor(['Signature1', header, new Uint8Array(0), payload])),
    );
  }
});

test('departures from the deterministic encoding are named', (t) => {
  const samples: [string, RegExp | undefined][] = [
    ['a201000200', undefined],
    ['a202000100', /out of order or twice/],
    ['a201000100', /out of order or twice/],
    ['a220000100', /out of order or twice/],
    ['1817', /shortest/],
    ['190001', /shortest/],
    ['1b0000000100000000', undefined],
    ['1b0020000000000000', /2\^53/],
    ['bf0100ff', /indefinite/],
    ['9f00ff', /indefinite/],
    ['5f40ff', /indefinite/],
    ['f93c00', /float/],
    ['f7', /simple/],
    ['f6', undefined],
    ['c11a00000000', /tag 1/],
    ['c4820003', undefined],
    ['c48200f6', /mantissa/],
    ['c4820140', /mantissa/],
    ['c4811863', /pair/],
    ['61ff', /UTF-8/],
    ['5a7fffffff00', /cut short/],
    ['9b001fffffffffffff', /cut short/],
    ['81'.repeat(20), /nested/],
    ['0000', /follow/],
  ];
  for (const [hex, expected] of samples) {
    const departure = departureFromDeterministic(Buffer.from(hex, 'hex'));
    if (expected === undefined) t.is(departure, undefined, hex);
    else t.regex(departure ?? 'none', expected, hex);
  }
});

test('numbers of every size arrive as numbers: an uptime needs 8 bytes after 72 minutes', (t) => {
  const board = new SampleBoard();
  for (const uptimeUs of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 45, Number.MAX_SAFE_INTEGER]) {
    const frame = verifyFrame(board.frame(1, [[5, uptimeUs]]), board.keys);
    t.is(isRefusal(frame) ? frame.reason : frame.uptimeUs, uptimeUs);
  }
  const body = new Map<number, unknown>([
    [1, decimal(-(2 ** 40), -3)],
    [2, decimal(Number.MAX_SAFE_INTEGER, -12)],
    [3, -(2 ** 40)],
  ]);
  const frame = verifyFrame(board.frame(9, [[8, body]]), board.keys);
  if (isRefusal(frame)) return t.fail(frame.reason);
  t.deepEqual([...frame.body.values()], [-1099511627.776, Number.MAX_SAFE_INTEGER / 1e12, -1099511627776]);
});
