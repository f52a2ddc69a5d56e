/** Rows of one line for a reading, as the sensor adds them. */
import { LINE_FIELDS, LINE_GAIN, LINE_HIGHEST, LINE_LOWEST, LINE_SUM } from '../../modules/base/kernel-fields.js';
import { addToReadings } from '../../modules/base/kernels.js';

/** A row of one line whose counts are its units: the mean of so many blocks, smallest and largest sample. */
export function addRow(readings: Float64Array, mean: number, blocks: number, min: number, max: number): void {
  const line = new Float64Array(LINE_FIELDS);
  line[LINE_GAIN] = 1;
  line[LINE_SUM] = mean * blocks;
  line[LINE_LOWEST] = min;
  line[LINE_HIGHEST] = max;
  addToReadings(line, blocks, readings);
}
