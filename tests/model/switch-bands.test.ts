import test from 'ava';
import { ContactHistory } from '../../modules/model/contact-history.js';
import { GUARD_NONE, SwitchBands } from '../../modules/model/switch-bands.js';
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
