/** The results of scenarios as a table: attacks, faults, and what must stay quiet. */
import type { Result } from './scenario-result.js';

const WIDTHS = [30, 8, 24, 22, 10, 10, 9, 6];
const HEAD = ['scenario', 'detected', 'class', 'verdict or detector', 'median', 'p90', 'incidents', 'false'];
const TITLES: Readonly<Record<string, string>> = {
  attack: 'attacks: every one should be detected, as an attack',
  fault: 'faults: detected, and never as an attack',
  quiet: 'quiet: no attack',
};

/** The smallest value that a share of `p` does not exceed. */
export function quantile(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}

function duration(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  if (ms < 600_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 36_000_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** `3 attack, 1 fault`, the most frequent first. */
function counted(words: readonly (string | null)[]): string {
  const counts = new Map<string, number>();
  for (const word of words) if (word !== null) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([word, count]) => `${count} ${word}`).join(', ');
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i < 4 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i])))
    .join(' ')
    .trimEnd();
}

function scenarioRow(runs: readonly Result[]): string {
  const delays = runs.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs]));
  return row([
    runs[0].name,
    `${runs.filter(({ detected }) => detected).length}/${runs.length}`,
    counted(runs.map((run) => run.class)),
    counted(runs.map(({ verdict, detector }) => verdict ?? detector)),
    duration(quantile(delays, 0.5)),
    duration(quantile(delays, 0.9)),
    `${runs.reduce((sum, { incidents }) => sum + incidents, 0)}`,
    `${runs.reduce((sum, { falseIncidents }) => sum + falseIncidents, 0)}`,
  ]);
}

/** `isListed`: every run too. */
export function printTable(results: readonly Result[], isListed: boolean): void {
  console.log(row(HEAD));
  for (const [expected, title] of Object.entries(TITLES)) {
    const ofKind = results.filter((result) => result.expected === expected);
    if (ofKind.length > 0) console.log(title);
    for (const name of new Set(ofKind.map((result) => result.name)))
      console.log(scenarioRow(ofKind.filter((result) => result.name === name)));
  }
  if (isListed) for (const result of results) console.log(JSON.stringify(result));
  const speeds = results.map(({ speed }) => speed);
  console.log(`times real time: median ${quantile(speeds, 0.5)}, slowest ${Math.min(...speeds)}`);
}
