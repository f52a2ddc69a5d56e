/** What a manifest must say for mcconfig to put the firmware into flash. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';

/** mcconfig expands the patterns of `preload` for JavaScript only: a TypeScript module must be named. */
test('every module of modules/ is preloaded by name', (t) => {
  const { preload, modules } = JSON.parse(readFileSync('manifest.json', 'utf8'));
  const files = readdirSync('modules', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const names = files.map((name) => `modules/${name.replace(/\.ts$/, '')}`);
  t.deepEqual([...preload].sort(), names.sort());
  for (const name of names) t.true(`${name.replace(/[^/]+$/, '')}*` in modules, `no key for ${name}`);
});
