/** Which rows of a suite are learned from and which are watched (the protocols of the published results). */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording } from '../../hosts/bench/recording.js';
import type { Run } from './harness.js';

export interface Protocol {
  /** Folder of the suite below the data folder. */
  readonly folder: string;
  /** Further options of the scorer; absent where it has no answer for the files at hand and figures are made here. */
  readonly scorer?: readonly string[];
  /** The scorer's name of the suite, where it has another. */
  readonly scoredAs?: string;
  /** True where what a label marks goes on to act on the rows after it: only those before the first are clean. */
  readonly isFaultLasting?: boolean;
  runs(folder: string): Run[];
  /** Runs beside the protocol whose watched rows are all normal: they count against the promised alarm budget. */
  cleanRuns?(folder: string): Run[];
}

const SKAB_LEARN_ROWS = 400;
const SKAB_LONG_LEARN_ROWS = 4000;
/** The faults that are at hand. */
const TEP_FAULTS = [1, 3, 4, 5, 10, 11, 16, 19, 21];
const NAB_LEARNED = 0.15;
/** NAB's probationary period is the same part of this many rows in longer files. */
const NAB_ROWS_MAX = 5000;
const WDT_LEARNED = 0.6;
const BATADAL_LEARNED = 0.6;
const HRSS_LEARNED = 2 / 3;

export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  skab: {
    folder: 'skab',
    scorer: [],
    isFaultLasting: true,
    runs: (folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.csv') && file !== 'anomaly_free.csv')
        .sort()
        .map((file) => splitAt(join(folder, file), SKAB_LEARN_ROWS)),
    cleanRuns: (folder) =>
      [SKAB_LEARN_ROWS, SKAB_LONG_LEARN_ROWS].map((rows) => splitAt(join(folder, 'anomaly_free.csv'), rows)),
  },
  batadal_train2: {
    folder: 'batadal',
    scorer: [],
    runs: (folder) => [{ learn: [join(folder, 'train1_clean.csv')], watch: [join(folder, 'train2_attacks.csv')] }],
    cleanRuns: (folder) => [splitAtPart(join(folder, 'train1_clean.csv'), BATADAL_LEARNED)],
  },
  tep: {
    folder: 'tep_braatz',
    scorer: ['--faults', TEP_FAULTS.join(',')],
    isFaultLasting: true,
    runs: (folder) =>
      TEP_FAULTS.map((fault) => ({
        learn: [join(folder, 'd00.csv'), join(folder, 'd00_te.csv')],
        watch: [join(folder, `d${String(fault).padStart(2, '0')}_te.csv`)],
      })),
    cleanRuns: (folder) => [{ learn: [join(folder, 'd00.csv')], watch: [join(folder, 'd00_te.csv')] }],
  },
  hrss: {
    folder: 'hrss',
    scorer: [],
    runs: (folder) => {
      const normal = join(folder, 'normal_standard.csv');
      const anomalous = join(folder, 'anomalous_standard.csv');
      const held = firstHeldRow(normal);
      return [
        { learn: [`${normal}:0-${held}`], watch: [`${normal}:${held}-`, `${anomalous}:${firstHeldRow(anomalous)}-`] },
      ];
    },
  },
  nab: {
    folder: 'nab',
    scorer: [],
    runs: (folder) => recordingsIn(folder).map((file) => splitAtPart(file, NAB_LEARNED, NAB_ROWS_MAX)),
  },
  nab_15_percent: {
    folder: 'nab',
    scorer: [],
    scoredAs: 'nab',
    runs: (folder) => recordingsIn(folder).map((file) => splitAtPart(file, NAB_LEARNED)),
  },
  wdt: {
    folder: 'wdt',
    runs: (folder) => [splitAtPart(join(folder, 'normal.csv'), WDT_LEARNED)],
  },
};

function splitAt(file: string, row: number): Run {
  return { learn: [`${file}:0-${row}`], watch: [`${file}:${row}-`] };
}

/** `rowsMax`: a longer file counts as one of so many rows. */
function splitAtPart(file: string, part: number, rowsMax = Number.POSITIVE_INFINITY): Run {
  return splitAt(file, Math.floor(part * Math.min(readRecording(file).time.length, rowsMax)));
}

function recordingsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.csv'))
    .map((file) => join(folder, file));
}

/** First row of the last third of the machine cycles: a cycle begins where time goes back. */
function firstHeldRow(file: string): number {
  const { time } = readRecording(file);
  const starts = [0];
  for (let i = 1; i < time.length; i++) if (time[i] < time[i - 1]) starts.push(i);
  return starts[Math.floor(starts.length * HRSS_LEARNED)];
}
