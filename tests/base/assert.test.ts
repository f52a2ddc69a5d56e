import test from 'ava';
import { assert } from '../../modules/base/assert.js';

test('an assertion that holds is silent, one that does not throws its reason', (t) => {
  t.notThrows(() => assert(true, 'never'));
  t.is(t.throws(() => assert(false, 'log: a reason'))?.message, 'log: a reason');
});
