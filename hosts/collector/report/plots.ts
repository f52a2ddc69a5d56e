/** The plots of a report: the channels of the incident first, then every other that was compared with what was reported. */
import { readingsOf } from '../readings.js';
import type { IncidentFacts } from './incident-facts.js';
import { drawPlot, type PlotPoint } from './plot.js';

const US_PER_S = 1e6;

export function plotsOf(facts: IncidentFacts): string[] {
  const { readings, onsetUs, closedUs, reported, bodies, channels } = facts;
  const wire = new Map<string, { unit: string; channel: number; points: PlotPoint[] }>();
  const times = new Map<number, number>();
  for (const frame of readings) {
    const atS = (frame.uptimeUs - onsetUs) / US_PER_S;
    times.set(frame.sequence, atS);
    for (const { name, unit, channel, spread } of readingsOf(frame)) {
      const series = wire.get(name) ?? { unit, channel, points: [] };
      wire.set(name, series);
      if (spread !== undefined) series.points.push({ atS, ...spread });
    }
  }
  const shown = [...wire].filter(
    ([name, { channel }]) => channels.includes(channel) || reported.some((line) => line.channel === name),
  );
  const place = ([, { channel }]: (typeof shown)[number]) =>
    channels.includes(channel) ? channels.indexOf(channel) : 1e6;
  shown.sort((a, b) => place(a) - place(b));
  const expected = bodies.find((body) => body.expected !== undefined)?.expected;
  return shown.map(([name, { unit, channel, points }]) =>
    drawPlot({
      ...{ title: name, unit, wire: points },
      reported: reported
        .filter((line) => line.channel === name)
        .map((line) => ({ atS: times.get(line.sequence) ?? 0, ...line.reported })),
      low: channel === channels[0] ? (expected?.low ?? null) : null,
      high: channel === channels[0] ? (expected?.high ?? null) : null,
      endS: closedUs === undefined ? undefined : (closedUs - onsetUs) / US_PER_S,
    }),
  );
}
