/** `npm run score` as a user runs it, on a recording made here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { Random } from '../../simulator/random.js';
import { run } from '../end-to-end/command.js';
import { TRIVIAL } from './trivial.js';

const SEED = 3;
const ROWS = 800;

/** A data folder with one suite: a tank that a pump fills and a second sensor of the same level. */
function dataFolder(): string {
  const data = temporaryFolder();
  const random = new Random(SEED, 'score');
  const lines = ['t_s,level,twin,pump'];
  let level = 100;
  let pump = 1;
  for (let row = 0; row < ROWS; row++) {
    level += pump === 1 ? 4 : -3;
    if (level > 400) pump = 0;
    if (level < 100) pump = 1;
    lines.push(`${row},${Math.round(level + random.gaussian())},${Math.round(2 * level + random.gaussian())},${pump}`);
  }
  mkdirSync(join(data, 'wdt'));
  writeFileSync(join(data, 'wdt', 'normal.csv'), `${lines.join('\n')}\n`);
  return data;
}

const DATA = dataFolder();
const JSON_RUN = run('score', 'wdt', '--data', DATA, '--json');

test(`score counts manipulations by kind, under the firmware and every trivial detector (seed ${SEED})`, async (t) => {
  const { code, out, err } = await JSON_RUN;
  t.is(code, 0, err.join('\n'));
  const { wdt } = JSON.parse(out.at(-1)!);
  t.is(wdt.manipulations, 2 * 6 * 3 + 3);
  t.is(wdt.flip.of, 3);
  t.is(wdt.foundPercent, Number(((100 * wdt.found) / wdt.manipulations).toFixed(1)));
  t.true(wdt.found > 0);
  t.deepEqual(Object.keys(wdt.trivial), Object.keys(TRIVIAL));
  t.like(wdt.trivial.never, { falseEpisodes: 0, found: 0, manipulations: wdt.manipulations });
  t.like(wdt.trivial.always, { falseEpisodes: 1, found: 0 });
});

test(`score prints each figure beside must and aim; the same seed, the same manipulations (seed ${SEED})`, async (t) => {
  const { code, out, err } = await run('score', 'wdt', '--data', DATA, '--no-trivial');
  t.is(code, 0, err.join('\n'));
  const text = out.join('\n');
  const { wdt } = JSON.parse((await JSON_RUN).out.at(-1)!);
  t.regex(text, /figure +here +published +must +aim/);
  t.regex(text, new RegExp(`foundPercent +${wdt.foundPercent} .*>= 80 +>= 95`));
  t.regex(text, new RegExp(`ramp.found +${wdt.ramp.found}\\n`));
  t.notRegex(text, /trivial|always/);
});
