/** What each suite's figures are held against: best published, must and aim. Texts, as they are printed. */

export interface Target {
  /** The scorer's key; `file.key` where it answers per file. */
  readonly metric: string;
  readonly published: string;
  readonly must: string;
  readonly aim: string;
  /** Printed of the trivial detectors too. */
  readonly isForTrivial: boolean;
}

/** A figure that says something of any detector. */
const target = (metric: string, published = '', must = '', aim = ''): Target => ({
  metric,
  published,
  must,
  aim,
  isForTrivial: true,
});

/** A figure that only explains the others. */
const detail = (metric: string, published = '', must = '', aim = ''): Target => ({
  ...target(metric, published, must, aim),
  isForTrivial: false,
});

const NAB_FILE = 'machine_temperature_system_failure';

/** The same whatever is learned; the prototype's figures are of NAB's probationary period. */
const NAB: readonly Target[] = [
  target(`onsets.${NAB_FILE}.windowsHit`, '4 (prototype)', '>= 3', '4'),
  target(`onsets.${NAB_FILE}.alarmsFP`, '10 (prototype)', '<= 12', '<= 6'),
  target(`onsets.${NAB_FILE}.raw_standard`, '2.556 of 4 (ARTime)'),
  detail(`${NAB_FILE}.windowsHit`),
  detail(`${NAB_FILE}.alarmsFP`),
  detail(`${NAB_FILE}.raw_standard`),
];

export const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  skab: [
    target('F1', '0.811 (Conv-AE)', '>= 0.83', '>= 0.87'),
    target('FAR_pct', '12.7 (Conv-AE)', '<= 20', '<= 15'),
    target('NAB_Standard', '', '', '>= 35'),
    target('falseEpisodes', '6 (prototype)'),
  ],
  batadal_train2: [
    target('S', '0.75 (always alarm)', '>= 0.94', '>= 0.975'),
    target('TNR', '', '>= 0.96', '>= 0.98'),
    target('detected', '', '7', '7'),
    target('falseEpisodes', '3 (prototype)', '', '<= 2'),
  ],
  tep: [
    target('meanFDR_18', '0.944 (CVA Tr2, 18 faults)', '>= 0.94', '>= 0.96'),
    target('FAR_pre_fault_pct', '', '<= 1', '<= 1'),
    target('meanFDR_21'),
  ],
  hrss: [
    target('anomalous_standard.F1', 'none usable', '>= 0.70', '>= 0.80'),
    target('normal_standard.falseAlarmCycles', '', '<= 4 of 36', '<= 2'),
    target('anomalous_standard.AUC'),
  ],
  nab: NAB,
  nab_15_percent: NAB,
  wdt: [
    target('falseEpisodes', '0 (prototype)', '0', '0'),
    target('foundPercent', '89 (prototype)', '>= 80', '>= 95'),
    target('found'),
    detail('manipulations'),
    ...['freeze', 'offset', 'scale', 'ramp', 'replay', 'zero', 'flip'].flatMap((kind) => [
      detail(`${kind}.found`),
      detail(`${kind}.of`),
    ]),
  ],
  learning: [
    detail('skab.anomaly_free.400', '', 'not learned', 'not learned'),
    detail('skab.anomaly_free.4000', '', 'not learned', 'not learned'),
    ...['batadal_train2', 'tep', 'wdt'].map((name) => detail(name, '', 'sufficient', 'sufficient')),
    ...['skab.anomaly_free.400', 'skab.anomaly_free.4000', 'batadal_train2', 'tep', 'wdt'].map((name) =>
      detail(`convergence.${name}`),
    ),
  ],
  budget: [
    target('sufficient.ratio', '0.78 (prototype, 71 / 91)', '<= 2', '<= 1'),
    target('provisional.ratio', '1.45 (prototype, 16 / 11)', '<= 2', '<= 1'),
    ...['sufficient', 'provisional'].flatMap((level) => [
      target(`${level}.observed`),
      ...['announced', 'probability', 'stretches', 'rows'].map((figure) => detail(`${level}.${figure}`)),
    ]),
    target('not learned.observed', '178 (prototype)'),
    ...['stretches', 'rows'].map((figure) => detail(`not learned.${figure}`)),
  ],
};
