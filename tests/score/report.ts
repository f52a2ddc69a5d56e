/** The figures as text: beside published best, must and aim, then those of the trivial detectors. */
import type { Figures } from './suites.js';
import { TARGETS } from './targets.js';

const FIGURE_WIDTH = 58;
const TRIVIAL_WIDTH = 22;

/** Figures of one suite as lines; `trivial`: those of each trivial detector by its name. */
export function report(name: string, figures: Figures, trivial: Readonly<Record<string, Figures>>): string {
  const flat = flatten(figures);
  const line = (cells: readonly unknown[]) => columns(cells, [FIGURE_WIDTH, 14, 28, 16, 10]);
  const lines = [name, line(['figure', 'here', 'published', 'must', 'aim'])];
  for (const { metric, published, must, aim } of TARGETS[name])
    lines.push(line([metric, flat.get(metric) ?? '-', published, must, aim]));
  const names = Object.keys(trivial);
  if (names.length === 0) return lines.join('\n');
  const metrics = TARGETS[name].filter(({ isForTrivial }) => isForTrivial).map(({ metric }) => metric);
  const widths = [FIGURE_WIDTH, ...metrics.map(() => TRIVIAL_WIDTH)];
  lines.push(columns(['trivial', ...shortened(metrics)], widths));
  for (const each of names) {
    const its = flatten(trivial[each]);
    lines.push(columns([each, ...metrics.map((metric) => its.get(metric) ?? '-')], widths));
  }
  return lines.join('\n');
}

/** Without the file that a scorer answers for, where that leaves them apart. */
function shortened(metrics: readonly string[]): readonly string[] {
  const short = metrics.map((metric) => metric.slice(metric.lastIndexOf('.') + 1));
  return new Set(short).size === metrics.length ? short : metrics;
}

function columns(cells: readonly unknown[], widths: readonly number[]): string {
  return `  ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join('')}`.trimEnd();
}

/** Keys joined by dots. */
export function flatten(figures: Figures): Map<string, number | string | null> {
  const flat = new Map<string, number | string | null>();
  for (const [key, value] of Object.entries(figures))
    if (typeof value !== 'object' || value === null) flat.set(key, value);
    else for (const [inner, figure] of flatten(value)) flat.set(`${key}.${inner}`, figure);
  return flat;
}
