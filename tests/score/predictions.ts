/** Predictions as `replay --out` writes them: series,i,alarm,score per watched row; and the episodes in them. */
import type { Recording } from '../../hosts/bench/recording.js';

export const HEADER = 'series,i,alarm,score\n';

/** Alarm runs that are closer than this are one episode. */
const EPISODE_GAP_ROWS = 20;

/** What a detector says of watched rows, in the order in which they were watched. */
export interface Predictions {
  readonly series: readonly string[];
  /** Row of the file. */
  readonly row: readonly number[];
  readonly alarm: readonly number[];
  /** 1.0 is the threshold. */
  readonly score: readonly number[];
}

export function parsePredictions(text: string): Predictions {
  const predictions = { series: [] as string[], row: [] as number[], alarm: [] as number[], score: [] as number[] };
  for (const line of text.slice(HEADER.length).split('\n')) {
    if (line === '') continue;
    const [series, row, alarm, score] = line.split(',');
    predictions.series.push(series);
    predictions.row.push(Number(row));
    predictions.alarm.push(Number(alarm));
    predictions.score.push(Number(score));
  }
  return predictions;
}

/** Predictions of a detector that alarms wherever its score is above 1. */
export function predictionsOf(watch: readonly Recording[], score: readonly number[]): Predictions {
  return {
    series: watch.flatMap((recording) => new Array<string>(recording.time.length).fill(recording.series)),
    row: watch.flatMap((recording) => Array.from(recording.time, (_, i) => recording.from + i)),
    alarm: score.map((value) => (value > 1 ? 1 : 0)),
    score,
  };
}

export function formatPredictions(all: readonly Predictions[]): string {
  const lines = all.flatMap(({ series, row, alarm, score }) =>
    series.map((name, i) => `${name},${row[i]},${alarm[i]},${score[i]}\n`),
  );
  return HEADER + lines.join('');
}

/** First and last index of every run of alarms, runs that are close merged. */
export function episodes(alarm: ArrayLike<number>): [number, number][] {
  const all: [number, number][] = [];
  for (let i = 0; i < alarm.length; i++) {
    if (alarm[i] !== 1) continue;
    const before = all[all.length - 1];
    if (before !== undefined && i - before[1] <= EPISODE_GAP_ROWS) before[1] = i;
    else all.push([i, i]);
  }
  return all;
}
