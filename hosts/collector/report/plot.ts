/**
 * One channel over time as SVG: a band from smallest to largest, a line of the means, and what it is held against. What the
 * edges of the field stand for is in its attributes (`data-from` and so on), so that points can be read back from it.
 */
const WIDTH = 860;
const HEIGHT = 220;
const LEFT = 64;
const RIGHT = 30;
const TOP = 26;
const BOTTOM = 30;
const TICKS = 5;
/** Of a pixel: finer than a converter's step over the whole field. */
const PLACES = 3;

export interface PlotPoint {
  /** In seconds from the onset of the incident. */
  readonly atS: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  /** Measured on the wire, signed. */
  readonly wire: readonly PlotPoint[];
  /** Reported by PLC or SCADA meanwhile, not signed; may be empty. */
  readonly reported: readonly PlotPoint[];
  /** Expected range; null: no bound. */
  readonly low: number | null;
  readonly high: number | null;
  /** End of the incident in seconds from the onset; undefined while it lasts. */
  readonly endS: number | undefined;
}

export function drawPlot(plot: Plot): string {
  const { title, unit, wire, reported, low, high, endS } = plot;
  const points = [...wire, ...reported];
  if (points.length === 0) return '';
  const [fromS, toS] = spread(
    points.map(({ atS }) => atS),
    [0],
  );
  const [bottom, top] = spread(
    points.flatMap(({ min, max }) => [min, max]),
    [low, high],
  );
  const x = (atS: number) => (LEFT + ((atS - fromS) / (toS - fromS)) * (WIDTH - LEFT - RIGHT)).toFixed(PLACES);
  const y = (value: number) =>
    (HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM)).toFixed(PLACES);
  const line = (of: readonly PlotPoint[]) => of.map(({ atS, mean }) => `${x(atS)},${y(mean)}`).join(' ');
  const band = [
    ...wire.map(({ atS, max }) => `${x(atS)},${y(max)}`),
    ...[...wire].reverse().map(({ atS, min }) => `${x(atS)},${y(min)}`),
  ];
  const level = (value: number | null) =>
    value === null
      ? ''
      : `<line class="expected" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/>`;
  const moment = (atS: number | undefined, kind: string) =>
    atS === undefined
      ? ''
      : `<line class="${kind}" x1="${x(atS)}" x2="${x(atS)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`;
  const ticks = Array.from({ length: TICKS }, (_, i) => i / (TICKS - 1));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" data-from="${fromS}" data-to="${toS}" data-bottom="${bottom}" data-top="${top}" aria-label="${escapeXml(title)}">`,
    `<text class="title" x="${LEFT}" y="16">${escapeXml(unit === '' ? title : `${title} in ${unit}`)}</text>`,
    ...ticks.map((part) => {
      const [value, atS] = [bottom + part * (top - bottom), fromS + part * (toS - fromS)];
      const label = `<text class="value" x="${LEFT - 6}" y="${y(value)}">${short(value)}</text>`;
      return `${label}<text class="time" x="${x(atS)}" y="${HEIGHT - 10}">${short(atS)} s</text>`;
    }),
    `<polygon class="band" points="${band.join(' ')}"/>`,
    level(low),
    level(high),
    `<polyline class="wire" points="${line(wire)}"/>`,
    reported.length === 0 ? '' : `<polyline class="reported" points="${line(reported)}"/>`,
    moment(0, 'onset'),
    moment(endS, 'end'),
    '</svg>',
  ].join('\n');
}

/** Smallest and largest, the bounds included where there are any; never of width 0. */
function spread(values: readonly number[], bounds: readonly (number | null)[]): [number, number] {
  const all = [...values, ...bounds.filter((bound) => bound !== null)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const margin = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.05, 0.5);
  return [low - margin, high + margin];
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

export function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character]);
}
