/** What each suite's figures are held against: best published, must and aim. Texts, as they are printed. */

export interface Target {
  /** The scorer's key; `file.key` where it answers per file. */
  readonly metric: string;
  readonly published: string;
  readonly must: string;
  readonly aim: string;
}

const target = (metric: string, published: string, must: string, aim: string): Target => ({
  metric,
  published,
  must,
  aim,
});

export const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  skab: [
    target('F1', '0.811', '>= 0.83', '>= 0.87'),
    target('FAR_pct', '12.7', '<= 20', '<= 15'),
    target('NAB_Standard', '', '', '>= 35'),
    target('falseEpisodes', '', '', ''),
  ],
  batadal_train2: [
    target('S', '0.75 (always alarm)', '>= 0.94', '>= 0.975'),
    target('TNR', '', '>= 0.96', '>= 0.98'),
    target('detected', '', '7', '7'),
    target('falseEpisodes', '', '', '<= 2'),
  ],
  tep: [
    target('meanFDR_18', '0.944 (CVA Tr2, 18 faults)', '>= 0.94', '>= 0.96'),
    target('FAR_pre_fault_pct', '', '<= 1', '<= 1'),
    target('meanFDR_21', '', '', ''),
  ],
  hrss: [
    target('anomalous_standard.F1', '', '>= 0.70', '>= 0.80'),
    target('normal_standard.falseAlarmCycles', '', '<= 4', '<= 2'),
  ],
  nab: [
    target('machine_temperature_system_failure.windowsHit', '', '>= 3', '4'),
    target('machine_temperature_system_failure.alarmsFP', '', '<= 12', '<= 6'),
    target('machine_temperature_system_failure.raw_standard', '2.556 (ARTime)', '', ''),
  ],
  wdt: [target('falseEpisodes', '', '0', '0')],
};
