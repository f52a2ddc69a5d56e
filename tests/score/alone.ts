/**
 * `node build/tests/score/alone.js`: every signal of some suites on its own, as a plant of one channel without
 * neighbours; learning, rows watched and budget are those of its suite.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import { type Recording, readRecording, signalOf } from '../../hosts/bench/recording.js';
import { replayOnNode } from '../../hosts/bench/replay-engines.js';
import { replayConfiguration } from '../../hosts/bench/replay-wiring.js';
import { pool, type Stretch, stretchOf } from './budget.js';
import { type LearningLevel, ROOT, type Run } from './harness.js';
import { predictionsOf } from './predictions.js';
import { PROTOCOLS } from './protocols.js';
import { labelsOfRun, WIRINGS } from './suites.js';

/** A signal of fewer learned values is no level. */
const VALUES_MIN = 9;
const SUITES = ['batadal_train2', 'tep', 'wdt', 'skab'];
const LEVELS: readonly LearningLevel[] = ['not learned', 'provisional', 'sufficient'];
const SECONDS_PER_DAY = 86_400;

/** One signal in one run of its suite: its clean rows, and the part of its labelled rows with an alarm. */
interface Outcome {
  readonly stretch: Stretch;
  /** NaN where no row is labelled. */
  readonly found: number;
}

function replayAlone(name: string, learn: Recording[], watch: Recording[], falseAlarmsPerDay: number) {
  const wiring = { signals: [name], kinds: { [name]: 'direct' as const } };
  const configuration = replayConfiguration(learn, watch, wiring, falseAlarmsPerDay);
  const { rows, level, varianceRatio } = replayOnNode({ configuration, learn, watch });
  const alarm = Array.from({ length: rows.length / 2 }, (_, i) => rows[2 * i]);
  const learnedRows = learn.reduce((sum, recording) => sum + recording.time.length, 0);
  const rowsPerAlarm = (SECONDS_PER_DAY * 1e6) / (configuration.blockUs * falseAlarmsPerDay);
  return {
    alarm,
    rates: { learning: { level: LEVELS[level], convergence: varianceRatio }, learnedRows, rowsPerAlarm },
  };
}

function outcomesOf(suite: string, run: Run): Outcome[] {
  const learn = run.learn.map(readRecording);
  const watch = run.watch.map(readRecording);
  const labels = labelsOfRun(run);
  const { isFaultLasting = false } = PROTOCOLS[suite];
  const isLevel = (name: string) => new Set(learn.flatMap((each) => [...signalOf(each, name)])).size >= VALUES_MIN;
  return learn[0].names.filter(isLevel).map((name) => {
    const { alarm, rates } = replayAlone(name, learn, watch, WIRINGS[suite].falseAlarmsPerDay);
    const predictions = { ...predictionsOf(watch, alarm), alarm };
    const labelled = alarm.filter((_, i) => labels[predictions.row[i]] === 1);
    return {
      stretch: stretchOf(predictions, labels, isFaultLasting, rates),
      found: labelled.reduce((sum, is) => sum + is, 0) / labelled.length,
    };
  });
}

const { data } = new Command('alone')
  .description('Replays every signal of some suites on its own.')
  .option('--data <DIR>', 'folder of the suites', join(ROOT, '..', 'shared', 'data'))
  .parse()
  .opts<{ data: string }>();

for (const suite of SUITES) {
  const { folder, runs, cleanRuns } = PROTOCOLS[suite];
  const all = [...runs(join(data, folder)), ...(suite === 'skab' ? [] : (cleanRuns?.(join(data, folder)) ?? []))];
  const outcomes = all.flatMap((run) => outcomesOf(suite, run));
  const found = outcomes.map((outcome) => outcome.found).filter((part) => !Number.isNaN(part));
  console.log(`${suite}: ${outcomes.length} replays`);
  for (const [level, { observed, announced }] of pool(outcomes.map(({ stretch }) => stretch)))
    console.log(`  ${level}: ${observed} false episodes, ${announced.toFixed(1)} announced`);
  if (found.length === 0) continue;
  const mean = (100 * found.reduce((sum, part) => sum + part, 0)) / found.length;
  const often = found.filter((part) => part >= 0.05).length;
  console.log(
    `  labelled rows with an alarm: ${mean.toFixed(2)} %; 5 % and more in ${often} of ${found.length} replays`,
  );
}
