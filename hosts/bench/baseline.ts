/** Figures beside a saved baseline: what the measuring commands share. */
import { readFileSync, writeFileSync } from 'node:fs';

/** A count this much above the baseline is a regression. */
const TOLERANCE = 1.05;

/** Mean, 99th percentile and maximum of a count over blocks. */
export interface Spread {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    mean: Math.round(sorted.reduce((sum, value) => sum + value, 0) / sorted.length),
    p99: sorted[Math.floor(sorted.length * 0.99)],
    max: sorted[sorted.length - 1],
  };
}

/** A count that may not grow: its name, as it is and as it was. */
export type Watched = readonly [name: string, now: number, then: number];

export function grown(watched: readonly Watched[]): string[] {
  return watched
    .filter(([, now, then]) => now > then * TOLERANCE)
    .map(([name, now, then]) => `${name}: ${now}, the baseline has ${then}`);
}

export function readFigures<Figures>(file: string): Figures {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function saveFigures(file: string, figures: object): void {
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}

/** One line a figure, with the baseline's beside it. */
export function printFigures(figures: object, baseline: object): void {
  const line = (name: string, now: unknown, then: unknown) =>
    console.log(`${name.padEnd(34)}${String(now).padStart(12)}${String(then).padStart(12)}`);
  line('', 'here', 'baseline');
  for (const [name, value] of Object.entries(figures)) {
    const then = (baseline as Record<string, unknown>)[name];
    if (typeof value !== 'object' || value === null) line(name, value, then);
    else
      for (const [part, inner] of Object.entries(value))
        line(`${name}.${part}`, inner, (then as Record<string, unknown>)?.[part]);
  }
}
