/** Which rows of a suite are learned from and which are watched (the protocols of the published results). */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording } from '../../hosts/bench/recording.js';

/** One replay. */
export interface Run {
  readonly learn: readonly string[];
  readonly watch: readonly string[];
}

export interface Protocol {
  /** Folder of the suite below the data folder. */
  readonly folder: string;
  /** Further options of the scorer; absent where it has no answer for the files at hand and episodes are counted here. */
  readonly scorer?: readonly string[];
  runs(folder: string): Run[];
}

const SKAB_LEARN_ROWS = 400;
/** The faults that are at hand. */
const TEP_FAULTS = [1, 3, 4, 5, 10, 11, 16, 19, 21];
const NAB_LEARNED = 0.15;
const WDT_LEARNED = 0.6;
const HRSS_LEARNED = 2 / 3;

export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  skab: {
    folder: 'skab',
    scorer: [],
    runs: (folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.csv') && file !== 'anomaly_free.csv')
        .sort()
        .map((file) => splitAt(join(folder, file), SKAB_LEARN_ROWS)),
  },
  batadal_train2: {
    folder: 'batadal',
    scorer: [],
    runs: (folder) => [{ learn: [join(folder, 'train1_clean.csv')], watch: [join(folder, 'train2_attacks.csv')] }],
  },
  tep: {
    folder: 'tep_braatz',
    scorer: ['--faults', TEP_FAULTS.join(',')],
    runs: (folder) =>
      TEP_FAULTS.map((fault) => ({
        learn: [join(folder, 'd00.csv'), join(folder, 'd00_te.csv')],
        watch: [join(folder, `d${String(fault).padStart(2, '0')}_te.csv`)],
      })),
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
    runs: (folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.csv'))
        .map((file) => splitAt(join(folder, file), Math.floor(NAB_LEARNED * rowsIn(join(folder, file))))),
  },
  wdt: {
    folder: 'wdt',
    runs: (folder) => [
      splitAt(join(folder, 'normal.csv'), Math.floor(WDT_LEARNED * rowsIn(join(folder, 'normal.csv')))),
    ],
  },
};

function splitAt(file: string, row: number): Run {
  return { learn: [`${file}:0-${row}`], watch: [`${file}:${row}-`] };
}

function rowsIn(file: string): number {
  return readRecording(file).time.length;
}

/** First row of the last third of the machine cycles: a cycle begins where time goes back. */
function firstHeldRow(file: string): number {
  const { time } = readRecording(file);
  const starts = [0];
  for (let i = 1; i < time.length; i++) if (time[i] < time[i - 1]) starts.push(i);
  return starts[Math.floor(starts.length * HRSS_LEARNED)];
}
