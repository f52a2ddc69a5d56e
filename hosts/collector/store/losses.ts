/** What of a device's frames is lost for ever, one JSON line per run: it is not asked for again. Lost lines only cost asking. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '../make-directory.js';
import { type Run, Runs } from '../runs.js';

export interface Loss extends Run {
  readonly reason: string;
  /** When the collector gave it up, in ms since 1970. */
  readonly atMs: number;
}

export class Losses {
  readonly runs = new Runs();
  readonly list: Loss[] = [];
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const loss = parseLoss(line);
      if (loss !== undefined) this.take(loss);
    }
  }

  /** False when it could not be written down: it is remembered until the end of this run only. */
  add(loss: Loss): boolean {
    this.take(loss);
    try {
      makeDirectory(dirname(this.path));
      // A line cut by a power failure must not swallow the next one.
      appendFileSync(this.path, `\n${JSON.stringify(loss)}\n`);
      return true;
    } catch {
      return false;
    }
  }

  private take(loss: Loss): void {
    this.list.push(loss);
    this.runs.add(loss.first, loss.last);
  }
}

function parseLoss(line: string): Loss | undefined {
  try {
    const { first, last, reason, atMs } = JSON.parse(line);
    const isGood = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && first <= last;
    return isGood ? { first, last, reason: String(reason), atMs: Number(atMs) } : undefined;
  } catch {
    return undefined;
  }
}
