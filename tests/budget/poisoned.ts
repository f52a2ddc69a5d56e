/**
 * Learning that is poisoned by a slow drift, as two tables in Markdown: `node build/tests/budget/poisoned.js [RATE...]`,
 * rates in percent of span an hour. What the plant is stands in `poisoned-plant.ts`; seeds 1 to 3.
 */
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

const SEEDS: readonly number[] = [1, 2, 3];
const LEARN_HOURS: readonly number[] = [12, 24, 72];
const LEVELS: readonly string[] = ['not learned', 'provisional', 'sufficient'];

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
      return noticed === undefined ? '-' : `${noticed.hours.toFixed(1)} ${detectorName(noticed.detector)}`;
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

function poisoned(rates: readonly number[]): void {
  heading(['%/h', 'drifts', 'learned h', 'v of it (largest)', 'says', ...SEQUELS]);
  for (const rate of rates)
    for (const kind of KINDS)
      for (const hours of LEARN_HOURS) {
        const bySequel = SEQUELS.map((sequel) =>
          SEEDS.map((seed) => poison(poisonedCase(kind, seed, hours, rate, sequel))),
        );
        const [runs] = bySequel;
        row([`${rate}`, kind, `${hours}`, vs(runs), levels(runs), ...bySequel.map((of) => cell(kind, of))]);
      }
}

function clean(rates: readonly number[]): void {
  console.log();
  heading(['drifts', 'learned h', 'v of it (largest)', 'says', 'no drift', ...rates.map((rate) => `${rate} %/h`)]);
  for (const kind of KINDS)
    for (const hours of LEARN_HOURS) {
      const byRate = [0, ...rates].map((rate) => SEEDS.map((seed) => poison(cleanCase(kind, seed, hours, rate))));
      row([kind, `${hours}`, vs(byRate[0]), levels(byRate[0]), ...byRate.map((of) => cell(kind, of))]);
    }
}

const asked = process.argv.slice(2).map(Number);
const rates = asked.length > 0 ? asked : [0.01, 0.1, 1];
if (!rates.every((rate) => rate > 0)) {
  console.error('poisoned: rates above 0 are wanted, in percent of span an hour');
  process.exitCode = 2;
} else {
  poisoned(rates);
  clean(rates);
}
