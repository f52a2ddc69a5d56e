import test from 'ava';
import { QUALITY_GOOD } from '../../modules/condition/quality.js';
import { ContactHistory } from '../../modules/model/contact-history.js';
import { ModelRow } from '../../modules/model/model-row.js';
import { GUARD_NONE, SwitchBands } from '../../modules/model/switch-bands.js';
import { Random } from '../../simulator/random.js';
import { MemoryArchive } from '../detect/memory-archive.js';

test('a stored guard of a channel that is not there is refused', (t) => {
  const bands = new SwitchBands(new ContactHistory(3, 1), 3);
  bands.channel[0] = 2;
  const archive = new MemoryArchive();
  bands.archive(0, archive);
  archive.load();
  t.notThrows(() => bands.archive(0, archive));
  t.deepEqual([...bands.channel], [2, GUARD_NONE, GUARD_NONE, GUARD_NONE]);
  archive.stored[archive.stored.indexOf(2)] = 3;
  archive.load();
  t.throws(() => bands.archive(0, archive), { message: /refuse/ });
});

/** Channels that guard `contacts` contacts after each has opened and closed `times`, each by chance. */
function guardsByChance(seed: number, channels: number, contacts: number, times: number): number {
  const random = new Random(seed, 'guards');
  const history = new ContactHistory(channels, contacts);
  const row = new ModelRow(channels + contacts, 1, 1);
  const bands = new SwitchBands(history, channels);
  const before = new Float64Array(channels);
  for (let at = 0; at < 100 * times; at++) {
    for (let j = 0; j < channels; j++) row.values[j] = random.uniform();
    if (at % 50 === 49) for (let q = 0; q < contacts; q++) row.values[channels + q] = 1 - row.values[channels + q];
    row.qualities.fill(QUALITY_GOOD);
    row.isFresh = at === 0;
    history.advance(row, true);
    bands.learnRanges(row);
    bands.learnStates();
    for (let q = 0; q < contacts; q++) if (history.state[q] !== history.before[q]) bands.learnSwitch(q, before);
    before.set(row.values.subarray(0, channels));
  }
  return bands.channel.filter((channel) => channel !== GUARD_NONE).length;
}

test('channels that have nothing to do with a contact guard it in one learning of fifty at most', (t) => {
  let guards = 0;
  for (let seed = 1; seed <= 100; seed++) guards += guardsByChance(seed, 8, 8, 4) > 0 ? 1 : 0;
  t.log(`${guards} of 100`);
  t.true(guards <= 5);
});
