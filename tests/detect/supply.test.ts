import test from 'ava';
import { ContactSignal } from '../../modules/condition/contact-signal.js';
import { LINE_CONTACT, LINE_ORDER } from '../../modules/detect/line-kind.js';
import { hasSupplyFallen } from '../../modules/detect/supply.js';

/** Contacts by [level, time of the last change in ms, changed in this block]. */
function contacts(...states: [level: number, atMs: number, hasChanged: number][]): ContactSignal[] {
  return states.map(([level, atMs, hasChanged]) => {
    const contact = new ContactSignal({ name: 'c', kind: 'contact', debounceMs: 20 });
    return Object.assign(contact, { level, changedAtUs: atMs * 1000, hasChanged });
  });
}

const KINDS = [LINE_ORDER, LINE_CONTACT, LINE_ORDER, LINE_CONTACT];

test('all lines down at once are a supply that fell', (t) => {
  t.true(hasSupplyFallen(contacts([0, 500, 1], [0, 501, 1], [0, 500, 1], [0, 10, 0]), KINDS));
});

test('outputs that drop, and auxiliaries that follow, are none', (t) => {
  t.false(hasSupplyFallen(contacts([0, 500, 1], [0, 515, 1], [0, 500, 1], [0, 516, 1]), KINDS));
});

test('one line is none, nor is half of those that were closed less one', (t) => {
  t.false(hasSupplyFallen(contacts([1, 5, 0], [0, 500, 1], [1, 5, 0], [1, 10, 0]), KINDS));
  const seven: [number, number, number][] = Array.from({ length: 7 }, (_, i) => [i < 4 ? 1 : 0, 500, i < 4 ? 0 : 1]);
  t.false(hasSupplyFallen(contacts(...seven), new Array(7).fill(LINE_CONTACT)));
});

test('a program that trips everything takes a quick contact with it: no supply', (t) => {
  const kinds = [LINE_ORDER, LINE_ORDER, LINE_ORDER, LINE_CONTACT, LINE_CONTACT, LINE_CONTACT];
  const tripped = contacts([0, 500, 1], [0, 500, 1], [0, 500, 1], [0, 501, 1], [1, 10, 0], [1, 10, 0]);
  t.false(hasSupplyFallen(tripped, kinds));
  const dead = contacts([0, 500, 1], [0, 500, 1], [0, 500, 1], [0, 501, 1], [0, 502, 1], [1, 10, 0]);
  t.true(hasSupplyFallen(dead, kinds));
  const answered = contacts([0, 500, 0], [0, 500, 0], [0, 500, 0], [0, 520, 1], [0, 522, 1], [0, 523, 1]);
  t.false(hasSupplyFallen(answered, kinds));
});
