import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeDirectory } from '../../hosts/collector/make-directory.js';

const folder = mkdtempSync(join(tmpdir(), 'make-'));

test('what is missing above is made too, and what is there is left as it is', (t) => {
  const path = join(folder, 'a/b/c');
  makeDirectory(path, 0o700);
  makeDirectory(path);
  t.is(statSync(path).mode & 0o777, 0o700);
});

test('a file in the way is said', (t) => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  t.throws(() => makeDirectory(file), { code: 'EEXIST' });
  t.throws(() => makeDirectory(join(file, 'x/y')), { code: 'ENOTDIR' });
});

test('a directory that takes no new ones is said, where Node itself goes round for ever', (t) => {
  if (!existsSync('/proc/self')) return t.pass();
  t.throws(() => makeDirectory('/proc/x/y'), { code: 'ENOENT' });
});
