/** One collector at a time writes to a store: a file that says who. Who died without taking it away does not count. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceError, systemReason } from '../source.js';

export class Lock {
  private readonly path: string;

  /** A SourceError when another process that lives holds it, or when it cannot be written. */
  constructor(path: string) {
    this.path = path;
    try {
      writeFileSync(path, ownName(), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new SourceError(`${path}: ${systemReason(error)}`);
      const holder = readFileSync(path, 'utf8');
      const id = Number(holder.split(' ')[0]);
      if (id !== process.pid && nameOf(id) === holder) throw new SourceError(`${path}: process ${id} uses this store`);
      writeFileSync(path, ownName());
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

function ownName(): string {
  return nameOf(process.pid) as string;
}

/** Number and start of a process: numbers are used again. Undefined when there is none; without /proc the number alone. */
function nameOf(id: number): string | undefined {
  if (!Number.isSafeInteger(id) || id <= 0) return undefined;
  try {
    process.kill(id, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return `${id} ${fields[19]}`;
  } catch {
    return `${id}`;
  }
}
