import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { encodeKey, KeyError, keyIdOf, keyOf, loadKey, loadKeys, writeKey } from '../../hosts/collector/keys.js';
import { cbor, SampleBoard } from './sample-frames.js';

const directory = () => mkdtempSync(join(tmpdir(), 'keys-'));

test('a key written is the key loaded', (t) => {
  const board = new SampleBoard();
  const dir = join(directory(), 'new');
  writeKey(dir, board.x, board.y);
  t.deepEqual([...loadKeys(dir).keys()], [board.key.keyId]);
});

test('the thumbprint is that of RFC 9679 section 6', (t) => {
  const x = Buffer.from('65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d', 'hex');
  const y = Buffer.from('1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c', 'hex');
  t.is(Buffer.from(keyIdOf(x, y)).toString('hex'), '496bd8afadf307e5');
  t.is(keyOf(x, y).keyId, '496bd8afadf307e5');
});

test('an algorithm in the key file is allowed and does not change the key identifier', (t) => {
  const board = new SampleBoard();
  const path = join(directory(), 'a.cose_key');
  const key = new Map<number, unknown>([
    [1, 2],
    [3, -9],
    [-1, 1],
    [-2, board.x],
    [-3, board.y],
  ]);
  writeFileSync(path, cbor(key));
  t.is(loadKey(path).keyId, board.key.keyId);
});

test('what is no public P-256 key is refused in one line that names the file', (t) => {
  const { x, y } = new SampleBoard();
  const off = Uint8Array.from(x);
  off[31] ^= 1;
  const withPrivate = new Map<number, unknown>([
    [1, 2],
    [-1, 1],
    [-2, x],
    [-3, y],
    [-4, x],
  ]);
  const samples: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /not one CBOR item/],
    [Buffer.from('-----BEGIN PUBLIC KEY-----'), /not one CBOR item/],
    [encodeKey(x, y).subarray(0, 60), /not one CBOR item/],
    [Buffer.concat([encodeKey(x, y), Buffer.of(0)]), /not one CBOR item/],
    [cbor(7), /not a CBOR map/],
    [cbor(withPrivate), /private key/],
    [encodeKey(off, y), /not on the curve/],
    [encodeKey(new Uint8Array(32), new Uint8Array(32)), /not on the curve/],
    [new Uint8Array(2000), /too long/],
    [cbor(new Map([[1, 4]])), /not EC2/],
  ];
  for (const [bytes, reason] of samples) {
    const path = join(directory(), 'bad.cose_key');
    writeFileSync(path, bytes);
    const error = t.throws(() => loadKey(path), { instanceOf: KeyError, message: reason });
    t.true(error?.message.startsWith(path));
    t.false(error?.message.includes('\n'));
  }
});

test('a directory without keys, or none at all, is refused', (t) => {
  t.throws(() => loadKeys(directory()), { instanceOf: KeyError, message: /no \*\.cose_key/ });
  t.throws(() => loadKeys(join(directory(), 'none')), { instanceOf: KeyError, message: /cannot read/ });
});
