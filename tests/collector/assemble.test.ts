import test from 'ava';
import { decode } from 'cborg';
import { Assembler } from '../../hosts/collector/assemble.js';
import type { DataMessage } from '../../hosts/collector/link-message.js';
import { dataMessages } from './sample-log.js';

function fragments(sequence: number, frame: Uint8Array, fragmentBytes: number): DataMessage[] {
  return dataMessages(sequence, frame, fragmentBytes).map((message) => {
    const [type, s, offset, total, bytes] = decode(message) as [2, number, number, number, Uint8Array];
    return { type, sequence: s, offset, total, bytes };
  });
}

const frame = Uint8Array.from({ length: 700 }, (_, i) => i & 255);

test('fragments in any order make the frame, once', (t) => {
  const assembler = new Assembler();
  const parts = fragments(5, frame, 64).reverse();
  const answers = parts.map((part) => assembler.take(part));
  t.deepEqual(answers.pop(), frame);
  t.true(answers.every((answer) => answer === undefined));
});

test('a fragment twice is no frame too early', (t) => {
  const assembler = new Assembler();
  const [a, b] = fragments(5, frame, 350);
  t.is(assembler.take(a), undefined);
  t.is(assembler.take(a), undefined);
  t.deepEqual(assembler.take(b), frame);
});

test('a frame whole after its first part is taken', (t) => {
  const assembler = new Assembler();
  t.is(assembler.take(fragments(5, frame, 100)[0]), undefined);
  t.deepEqual(assembler.take(fragments(5, frame, 1024)[0]), frame);
});

test('frames in parts are bounded in number: the oldest gives way', (t) => {
  const assembler = new Assembler();
  const [first, last] = fragments(1, frame, 350);
  assembler.take(first);
  for (let sequence = 2; sequence < 200; sequence++) assembler.take(fragments(sequence, frame, 350)[0]);
  t.is(assembler.take(last), undefined);
});

test('fragments outside their frame, empty or of a frame too long are refused and counted', (t) => {
  const assembler = new Assembler();
  const bytes = new Uint8Array(10);
  const bad = [
    { offset: 95, total: 100, bytes },
    { offset: Number.MAX_SAFE_INTEGER, total: 100, bytes },
    { offset: 0, total: 2 ** 40, bytes },
    { offset: 0, total: 5, bytes },
    { offset: 0, total: 0, bytes: new Uint8Array(0) },
  ];
  for (const part of bad) t.is(assembler.take({ type: 2, sequence: 1, ...part }), undefined);
  t.is(assembler.refused, bad.length);
});
