/** Rows fed by hand to one detector, as the sensor would. */
import { QUALITY_GOOD } from '../../modules/condition/quality.js';
import { Finding } from '../../modules/detect/finding.js';
import type { RowDetector } from '../../modules/detect/row-detector.js';
import { ModelRow } from '../../modules/model/model-row.js';

export class FedRows {
  readonly row: ModelRow;
  private readonly detector: RowDetector;
  private readonly learnRows: number;
  private rows = 0;

  /** The first `learnRows` rows are learned from, then one alarm of each member is allowed in `rowsPerAlarm`. */
  constructor(detector: RowDetector, inputs: number, learnRows: number, rowsPerAlarm: number) {
    this.detector = detector;
    this.learnRows = learnRows;
    this.row = new ModelRow(inputs, 1, 1);
    this.row.isFresh = true;
    this.rowsPerAlarm = rowsPerAlarm;
  }

  private readonly rowsPerAlarm: number;

  /** One row; the score. */
  feed(values: readonly number[], quality = QUALITY_GOOD, isFresh = this.rows === 0): number {
    const { detector, row } = this;
    const isLearning = this.rows < this.learnRows;
    row.isFresh = isFresh;
    values.forEach((value, i) => {
      row.inputs[i].value = value;
      row.inputs[i].quality = quality;
    });
    if (isFresh && !isLearning) detector.restart();
    detector.begin(row, isLearning);
    for (let unit = 0; unit < detector.units; unit++) detector.work(unit);
    this.rows++;
    if (isLearning) {
      detector.learn(row, this.rows / this.learnRows);
      if (this.rows === this.learnRows) {
        detector.calibrate(this.rowsPerAlarm);
        detector.restart();
      }
      return 0;
    }
    detector.watch(row);
    return detector.score;
  }

  explain(): Finding {
    const finding = new Finding();
    finding.begin(this.detector.id, 0, 0);
    this.detector.explain(finding, this.row);
    return finding;
  }
}
