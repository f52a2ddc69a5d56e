/**
 * What was reported while each readings frame was measured, one JSON line per channel and frame: the other side of the
 * comparison, for the report. The collector read it; it is not signed.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Spread } from '../listener.js';

const FILE = 'reported.jsonl';

export interface ReportedLine {
  readonly atMs: number;
  readonly keyId: string;
  readonly channel: string;
  /** Sequence number of the readings frame. */
  readonly sequence: number;
  readonly reported: Spread;
  readonly tolerance: number;
  /** True while the difference stands: it lasted longer than the hold time. */
  readonly isOpen: boolean;
}

export class ReportedLog {
  private readonly path: string;

  /** `directory`: of the store. */
  constructor(directory: string) {
    this.path = join(directory, FILE);
  }

  /** A line that cannot be written is not: it is no evidence. */
  append(line: ReportedLine): void {
    try {
      appendFileSync(this.path, `${JSON.stringify(line)}\n`);
    } catch {
      // The disk is full, which the store says.
    }
  }

  /** The lines of a device; none when nothing was ever compared. */
  linesOf(keyId: string): ReportedLine[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .flatMap((text) => {
        try {
          const line = JSON.parse(text) as ReportedLine;
          return line.keyId === keyId && typeof line.reported?.mean === 'number' ? [line] : [];
        } catch {
          return []; // cut by a power failure
        }
      });
  }
}
