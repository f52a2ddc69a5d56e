/**
 * A scenario as an SVG: what SCADA was told against what was on the wires, a panel for each channel that the scenario
 * shows, with the event's onset and the incidents that the witness opened.
 */
import {
  ANALOG_COUNT,
  ANALOG_FIELDS,
  ANALOG_SUM,
  type Block,
  DIGITAL_FIELDS,
  DIGITAL_LEVEL,
} from '../../modules/capture/block.js';
import type { Configuration } from '../../modules/config/configuration.js';
import type { Simulation } from '../../simulator/simulation.js';
import type { Played } from './scenario-play.js';
import type { ToldIncident } from './scenario-result.js';

const POINTS_MAX = 1500;
/** Drawn before the event may begin. */
const BEFORE_S = 60;
const WIDTH = 960;
const PANEL = 220;
const MARGIN = { left: 76, right: 24, top: 74, gap: 40, bottom: 52 };
const INK = '#222';
const COLOURS = { measured: '#0b6e99', reported: '#d9730d', onset: '#444', attack: '#c0392b', other: '#8e7cc3' };
const TICKS = 5;

/** A channel's two stories. */
interface Trace {
  readonly name: string;
  readonly unit: string;
  readonly measured: number[];
  readonly reported: number[];
}

/** Gathers the traces while a scenario is played. */
export class Recorder {
  readonly times: number[] = [];
  readonly traces: readonly Trace[];
  private readonly configuration: Configuration;
  private readonly every: number;
  private readonly skip: number;
  private blocks = 0;

  /** `quietS` before the event, `watchS` after. */
  constructor(configuration: Configuration, shows: readonly string[], quietS: number, watchS: number) {
    this.configuration = configuration;
    const perS = 1e6 / configuration.blockUs;
    this.skip = Math.max(0, quietS - BEFORE_S) * perS;
    this.every = Math.max(1, Math.ceil(((Math.min(quietS, BEFORE_S) + watchS) * perS) / POINTS_MAX));
    this.traces = shows.map((name) => {
      const analog = configuration.analog.find((channel) => channel.name === name);
      return { name, unit: analog === undefined ? '' : analog.unit, measured: [], reported: [] };
    });
  }

  look(simulation: Simulation, block: Block): void {
    const at = this.blocks++ - this.skip;
    if (at < 0 || at % this.every !== 0) return;
    this.times.push(block.timeUs);
    const told = new Map(simulation.scada().map(({ name, value }) => [name, value]));
    for (const { name, measured, reported } of this.traces) {
      measured.push(this.measuredOf(name, block));
      reported.push(told.get(name) ?? Number.NaN);
    }
  }

  private measuredOf(name: string, block: Block): number {
    const { analog, digital } = this.configuration;
    const at = analog.findIndex((channel) => channel.name === name);
    if (at < 0) {
      const contact = digital.findIndex((channel) => channel.name === name);
      return block.digital[contact * DIGITAL_FIELDS + DIGITAL_LEVEL];
    }
    const { countsLow, countsHigh, low, high } = analog[at];
    const mean = block.analog[at * ANALOG_FIELDS + ANALOG_SUM] / block.analog[at * ANALOG_FIELDS + ANALOG_COUNT];
    return low + ((mean - countsLow) / (countsHigh - countsLow)) * (high - low);
  }
}

/** The time axis: hours, minutes or seconds, whichever reads well. */
function timeUnit(seconds: number): { unit: string; perUnit: number } {
  if (seconds > 7200) return { unit: 'h', perUnit: 3600 };
  return seconds > 900 ? { unit: 'min', perUnit: 60 } : { unit: 's', perUnit: 1 };
}

/** Round numbers across a range. */
export function ticksOf(low: number, high: number): number[] {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-6; i++)
    ticks.push(Number((i * step).toPrecision(6)));
  return ticks;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function text(x: number, y: number, content: string, rest = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${rest}>${escaped(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, rest = ''): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((at) => at.toFixed(1));
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="${colour}" ${rest}/>`;
}

/** Maps time and one trace's values to the picture. */
class Panel {
  private readonly top: number;
  private readonly from: number;
  private readonly span: number;
  private readonly low: number;
  private readonly high: number;

  constructor(index: number, times: readonly number[], { measured, reported }: Trace) {
    this.top = MARGIN.top + index * (PANEL + MARGIN.gap);
    this.from = times[0];
    this.span = times[times.length - 1] - times[0];
    const values = [...measured, ...reported].filter(Number.isFinite);
    const least = Math.min(...values);
    const most = Math.max(...values);
    const room = 0.06 * (most - least || 1);
    this.low = least - room;
    this.high = most + room;
  }

  x(timeUs: number): number {
    return MARGIN.left + ((timeUs - this.from) / this.span) * (WIDTH - MARGIN.left - MARGIN.right);
  }

  y(value: number): number {
    return this.top + PANEL - ((value - this.low) / (this.high - this.low)) * PANEL;
  }

  path(times: readonly number[], values: readonly number[], colour: string, rest = ''): string {
    const points = values.map((value, i) => `${this.x(times[i]).toFixed(1)},${this.y(value).toFixed(1)}`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.4" ${rest}/>`;
  }

  /** Grid, numbers, the title of the panel. */
  frame({ name, unit }: Trace, zeroUs: number, perUnit: number): string[] {
    const { top, from, span } = this;
    const right = WIDTH - MARGIN.right;
    const parts = [text(MARGIN.left, top - 8, unit === '' ? name : `${name} [${unit}]`, 'font-weight="bold"')];
    for (const value of ticksOf(this.low, this.high)) {
      parts.push(line(MARGIN.left, this.y(value), right, this.y(value), '#ddd'));
      parts.push(text(MARGIN.left - 8, this.y(value) + 4, `${value}`, 'text-anchor="end"'));
    }
    const perUs = perUnit * 1e6;
    for (const time of ticksOf((from - zeroUs) / perUs, (from + span - zeroUs) / perUs)) {
      const x = this.x(zeroUs + time * perUs);
      parts.push(
        line(x, top + PANEL, x, top + PANEL + 5, INK),
        text(x, top + PANEL + 18, `${time}`, 'text-anchor="middle"'),
      );
    }
    parts.push(
      line(MARGIN.left, top + PANEL, right, top + PANEL, INK),
      line(MARGIN.left, top, MARGIN.left, top + PANEL, INK),
    );
    return parts;
  }

  marks(onsetUs: number | null, incidents: readonly ToldIncident[]): string[] {
    const { top } = this;
    const parts: string[] = [];
    for (const { openedUs, incidentClass } of incidents) {
      if (openedUs < this.from) continue;
      const colour = incidentClass === 'attack' ? COLOURS.attack : COLOURS.other;
      const x = this.x(openedUs);
      parts.push(line(x, top, x, top + PANEL, colour));
      parts.push(`<path d="M ${x.toFixed(1)} ${top} l -5 -8 l 10 0 z" fill="${colour}"/>`);
    }
    if (onsetUs !== null) {
      const x = this.x(onsetUs);
      parts.push(line(x, top, x, top + PANEL, COLOURS.onset, 'stroke-dasharray="6 4"'));
    }
    return parts;
  }
}

function legend(): string[] {
  const entries: readonly (readonly [string, string, string])[] = [
    [COLOURS.measured, '', 'measured on the wire'],
    [COLOURS.reported, 'stroke-dasharray="5 3"', 'reported to SCADA'],
    [COLOURS.onset, 'stroke-dasharray="6 4"', 'onset'],
    [COLOURS.attack, '', 'incident: attack-consistent'],
    [COLOURS.other, '', 'incident: fault or process'],
  ];
  let next = MARGIN.left;
  return entries.flatMap(([colour, rest, label]) => {
    const x = next;
    next += 56 + 6.6 * label.length;
    return [line(x, 42, x + 22, 42, colour, `stroke-width="2" ${rest}`), text(x + 28, 46, label)];
  });
}

/** The whole picture. */
export function pictureOf({ scenario, plant, seed, onsetUs, incidents }: Played, { times, traces }: Recorder): string {
  const zeroUs = onsetUs ?? times[0];
  const { unit, perUnit } = timeUnit((times[times.length - 1] - times[0]) / 1e6);
  const height = MARGIN.top + traces.length * (PANEL + MARGIN.gap) - MARGIN.gap + MARGIN.bottom;
  const title = `${scenario.name}: plant ${plant}, seed ${seed}`;
  const parts = traces.flatMap((trace, i) => {
    const panel = new Panel(i, times, trace);
    return [
      ...panel.frame(trace, zeroUs, perUnit),
      panel.path(times, trace.measured, COLOURS.measured),
      panel.path(times, trace.reported, COLOURS.reported, 'stroke-dasharray="5 3"'),
      ...panel.marks(onsetUs, incidents),
    ];
  });
  const axis = onsetUs === null ? `time [${unit}]` : `time since the onset [${unit}]`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(MARGIN.left, 24, title, 'font-size="16" font-weight="bold"'),
    ...legend(),
    ...parts,
    text((WIDTH + MARGIN.left) / 2, height - 12, axis, 'text-anchor="middle"'),
    '</svg>',
    '',
  ].join('\n');
}
