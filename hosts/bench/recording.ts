/**
 * Recorded signals: a CSV file with a header, its first column time. Column names that carry labels are not signals.
 * An empty cell is a value of bad quality; anything else that is not a finite number is an error naming its place.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';

const LABELS = new Set(['label', 'anomaly', 'changepoint', 'datetime']);
const SECONDS_PER_UNIT: Record<string, number> = { t_s: 1, t_min: 60, t_h: 3600 };

/** What the user stated is wrong: told in one line, exit code 2. */
export class InputError extends Error {}

/** A stretch of one file: rows `from` to `end` - 1, counted from 0. */
export interface Recording {
  readonly file: string;
  /** File name without .csv. */
  readonly series: string;
  readonly from: number;
  readonly end: number;
  readonly names: readonly string[];
  /** Seconds, as recorded; row numbers when the first column is no time. One per row of the stretch. */
  readonly time: Float64Array;
  /** values[signal][row], NaN where the cell is empty. */
  readonly values: readonly Float64Array[];
}

/** Reads FILE or FILE:A-B. */
export function readRecording(source: string): Recording {
  const range = /^(.*):(\d*)-(\d*)$/.exec(source);
  const file = range ? range[1] : source;
  const rows = readRows(file);
  const header = rows[0];
  const records = rows.slice(1);
  const from = range?.[2] ? Number(range[2]) : 0;
  const end = range?.[3] ? Number(range[3]) : records.length;
  if (from >= end) throw new InputError(`${source}: rows ${from}-${end} are none`);
  if (end > records.length) throw new InputError(`${source}: the file has only ${records.length} rows`);
  const columns = header.map((name, i) => ({ name, i })).filter(({ name, i }) => i > 0 && !LABELS.has(name));
  if (columns.length === 0) throw new InputError(`${file}: no signal beside the time column`);
  const seconds = SECONDS_PER_UNIT[header[0]];
  const time = new Float64Array(end - from);
  const values = columns.map(() => new Float64Array(end - from));
  for (let row = from; row < end; row++) {
    const cells = records[row];
    time[row - from] = seconds === undefined ? row : number(cells[0], file, row, header[0]) * seconds;
    columns.forEach(({ name, i }, c) => {
      values[c][row - from] = cells[i] === '' ? Number.NaN : number(cells[i], file, row, name);
    });
  }
  return {
    file,
    series: basename(file).replace(/\.csv$/, ''),
    from,
    end,
    names: columns.map((c) => c.name),
    time,
    values,
  };
}

function readRows(file: string): string[][] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(
      `${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : 'cannot be read'}`,
    );
  }
  let rows: string[][];
  try {
    rows = parse(text, { skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (rows.length < 2) throw new InputError(`${file}: the file has no rows`);
  const names = new Set(rows[0]);
  if (names.size < rows[0].length) throw new InputError(`${file}: two columns have the same name`);
  return rows;
}

function number(cell: string, file: string, row: number, column: string): number {
  const value = cell === '' ? Number.NaN : Number(cell);
  if (!Number.isFinite(value)) throw new InputError(`${file}: row ${row}, column ${column}: '${cell}' is not a number`);
  return value;
}

/** The signal named `name`, or an error that names the file. */
export function signalOf(recording: Recording, name: string): Float64Array {
  const i = recording.names.indexOf(name);
  if (i < 0) throw new InputError(`${recording.file}: no column ${name}`);
  return recording.values[i];
}

/** Median step of time, in seconds; 1 when there is only one row. */
export function rowSeconds(recording: Recording): number {
  const { time } = recording;
  const steps: number[] = [];
  for (let i = 1; i < time.length; i++) if (time[i] > time[i - 1]) steps.push(time[i] - time[i - 1]);
  steps.sort((a, b) => a - b);
  return steps.length > 0 ? steps[steps.length >> 1] : 1;
}

/** The distinct values of a signal, ascending: all of them up to two, of more only three. */
export function fewValues(recordings: readonly Recording[], name: string): number[] {
  const values: number[] = [];
  for (const recording of recordings)
    for (const value of signalOf(recording, name)) {
      if (Number.isNaN(value) || values.includes(value)) continue;
      values.push(value);
      if (values.length > 2) return values;
    }
  return values.sort((a, b) => a - b);
}
