/**
 * Learning that is poisoned by a slow drift, as two tables in Markdown: `node build/tests/budget/poisoned.js [--watch
 * HOURS] [--seeds N] [RATE...]`, rates in percent of span an hour. A cell has, for seeds 1 to N, the hours after
 * learning until an incident names first a channel that the lie shows in, the detector, and that channel where it is
 * not the one that lies. What the plant is stands in `poisoned-plant.ts`.
 */
import { parseArgs } from 'node:util';
import * as findings from '../../modules/detect/finding.js';
import {
  cleanCase,
  firstNoticed,
  KINDS,
  type Kind,
  type Poisoned,
  poison,
  poisonedCase,
  SEQUELS,
} from './poisoned-plant.js';

const LEARN_HOURS: readonly number[] = [12, 24, 72];
const LEVELS: readonly string[] = ['not learned', 'provisional', 'sufficient'];

function seedsUpTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

/** As its constant names it. */
function detectorName(detector: number): string {
  const constant = Object.entries(findings).find(([name, value]) => name.startsWith('DETECTOR_') && value === detector);
  return constant === undefined ? `detector ${detector}` : constant[0].slice('DETECTOR_'.length).toLowerCase();
}

/** Hours and detector for each seed; "-" where nothing was noticed. */
function cell(kind: Kind, runs: readonly Poisoned[]): string {
  return runs
    .map((run) => {
      const noticed = firstNoticed(kind, run);
      if (noticed === undefined) return '-';
      const { hours, detector, channels } = noticed;
      return `${hours.toFixed(1)} ${detectorName(detector)}${channels[0] === kind ? '' : ` (${channels[0]})`}`;
    })
    .join(', ');
}

function row(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function heading(cells: readonly string[]): void {
  row(cells);
  row(cells.map(() => '---'));
}

function levels(runs: readonly Poisoned[]): string {
  return [...new Set(runs.map(({ level }) => LEVELS[level]))].join(', ');
}

function vs(runs: readonly Poisoned[]): string {
  return runs.map(({ ownV, v }) => `${ownV.toFixed(2)} (${v.toFixed(2)})`).join(', ');
}

function poisoned(): void {
  heading(['%/h', 'drifts', 'learned h', 'v of it (largest)', 'says', ...SEQUELS]);
  for (const rate of rates)
    for (const kind of KINDS)
      for (const hours of LEARN_HOURS) {
        const bySequel = SEQUELS.map((sequel) =>
          seedsUpTo(seeds).map((seed) => poison({ ...poisonedCase(kind, seed, hours, rate, sequel), watchHours })),
        );
        const [runs] = bySequel;
        row([`${rate}`, kind, `${hours}`, vs(runs), levels(runs), ...bySequel.map((of) => cell(kind, of))]);
      }
}

function clean(): void {
  console.log();
  heading(['drifts', 'learned h', 'v of it (largest)', 'says', 'no drift', ...rates.map((rate) => `${rate} %/h`)]);
  for (const kind of KINDS)
    for (const hours of LEARN_HOURS) {
      const byRate = [0, ...rates].map((rate) =>
        seedsUpTo(seeds).map((seed) => poison({ ...cleanCase(kind, seed, hours, rate), watchHours })),
      );
      row([kind, `${hours}`, vs(byRate[0]), levels(byRate[0]), ...byRate.map((of) => cell(kind, of))]);
    }
}

const { values, positionals } = parseArgs({
  options: { watch: { type: 'string', default: '72' }, seeds: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const rates = positionals.length > 0 ? positionals.map(Number) : [0.01, 0.1, 1];
const watchHours = Number(values.watch);
const seeds = Number(values.seeds);
if (!(watchHours > 0 && seeds > 0) || !rates.every((rate) => rate > 0)) {
  console.error('poisoned: hours, seeds and rates above 0 are wanted, rates in percent of span an hour');
  process.exitCode = 2;
} else {
  poisoned();
  clean();
}
