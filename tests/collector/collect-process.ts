/** `collect` as users run it, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COLLECT = fileURLToPath(new URL('../../hosts/collector/collect.js', import.meta.url));

export interface CollectProcess {
  readonly child: ChildProcess;
  /** Lines so far. */
  readonly out: string[];
  readonly err: string[];
  readonly ended: Promise<number | null>;
}

export function startCollect(...args: string[]): CollectProcess {
  const child = spawn(process.execPath, [COLLECT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  for (const [stream, lines] of [
    [child.stdout, out],
    [child.stderr, err],
  ] as const) {
    let rest = '';
    stream.on('data', (text) => {
      const pieces = `${rest}${text}`.split('\n');
      rest = pieces.pop() as string;
      lines.push(...pieces);
    });
  }
  return { child, out, err, ended: new Promise((resolve) => child.on('close', resolve)) };
}
