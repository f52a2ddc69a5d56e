import test from 'ava';
import { killRun } from './kill-run.js';

test('a collector killed at random moments while boards send loses nothing and stores nothing twice', async (t) => {
  t.timeout(120_000);
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.log(`seed ${seed} (SEED=${seed} plays it again; npm run kill is the long run)`);
  const finding = await killRun({ kills: 8, boards: 20, seed, lifeMsMax: 1200 });
  t.log(JSON.stringify(finding));
  t.like(finding, { lost: 0, twice: 0, changed: 0, judged: 0 });
  t.true(finding.framesSent > 100);
});
