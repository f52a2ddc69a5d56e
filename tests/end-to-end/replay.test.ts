/** `npm run replay` on recorded signals: the same on XS and in Node's engine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { run } from './command.js';

/** Recorded data lies beside the repository, where it is at hand. */
const RECORDED = fileURLToPath(new URL('../../../../shared/data/skab/valve2_0.csv', import.meta.url));
const LEARN_ROWS = 400;
const isDue = existsSync(RECORDED) || process.env.CI === 'true';
const recordedTest = isDue ? test : test.skip;

recordedTest(
  `XS and Node give the same predictions to the byte on recorded signals${isDue ? '' : ' (not here)'}`,
  async (t) => {
    const folder = temporaryFolder();
    const predictions = new Map<string, Buffer>();
    const lastLines: Record<string, unknown>[] = [];
    const rows = readFileSync(RECORDED, 'utf8').trim().split('\n').length - 1;
    for (const engine of ['xs', 'node', 'xs']) {
      const out = join(folder, `${engine}.csv`);
      const source = ['--learn', `${RECORDED}:0-${LEARN_ROWS}`, '--watch', `${RECORDED}:${LEARN_ROWS}-`];
      const { code, out: lines, err } = await run('replay', ...source, '--out', out, '--engine', engine, '--json');
      t.is(code, 0, err.join('\n'));
      const content = readFileSync(out);
      if (predictions.has(engine)) t.deepEqual(content, predictions.get(engine), 'a second run gives the same');
      predictions.set(engine, content);
      lastLines.push(JSON.parse(lines.at(-1) as string));
    }
    t.true(predictions.get('xs')?.equals(predictions.get('node') as Buffer));
    const lines = (predictions.get('xs') as Buffer).toString().trim().split('\n');
    t.is(lines[0], 'series,i,alarm,score');
    t.is(lines.length - 1, rows - LEARN_ROWS);
    lines.slice(1).forEach((line, i) => {
      const [series, row, alarm, score] = line.split(',');
      if (series !== 'valve2_0' || Number(row) !== LEARN_ROWS + i) t.fail(line);
      if (!['0', '1'].includes(alarm) || score === '' || !Number.isFinite(Number(score))) t.fail(line);
    });
    const alarmRows = lines.filter((line) => line.split(',')[2] === '1').length;
    for (const last of lastLines) t.like(last, { rows, alarmRows });
    t.deepEqual(
      lastLines.map(({ engine }) => engine),
      ['xs', 'node', 'xs'],
    );
  },
);
