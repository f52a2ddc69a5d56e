import test from 'ava';
import { flatten, report } from './report.js';

test('figures are flattened by dots', (t) => {
  t.deepEqual(
    [...flatten({ a: 1, b: { c: 'x', d: { e: null } } })],
    [
      ['a', 1],
      ['b.c', 'x'],
      ['b.d.e', null],
    ],
  );
});

test('a report has every target of the suite, and the trivial detectors below under their own figures', (t) => {
  const figures = { normal_standard: { falseAlarmCycles: 3 }, anomalous_standard: { F1: 0.75 } };
  const always = { normal_standard: { falseAlarmCycles: 36 }, anomalous_standard: { F1: 0.2, AUC: 0.5 } };
  const lines = report('hrss', figures, { always }).split('\n');
  t.is(lines[0], 'hrss');
  t.regex(lines[2], /^ {2}anomalous_standard\.F1 +0\.75 +none usable +>= 0\.70 +>= 0\.80$/);
  t.regex(lines[4], /^ {2}anomalous_standard\.AUC +-$/, 'a figure that the scorer does not give');
  t.regex(lines[5], /^ {2}trivial +F1 +falseAlarmCycles +AUC$/);
  t.regex(lines[6], /^ {2}always +0\.2 +36 +0\.5$/);
  t.is(lines.length, 7);
  t.is(report('hrss', figures, {}).split('\n').length, 5);
});
