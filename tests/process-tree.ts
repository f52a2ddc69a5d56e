/** What a process and all that it started are doing, out of /proc (proc(5)); for a run that has come to a stand. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessState {
  readonly id: number;
  readonly parent: number;
  /** R runs, S sleeps, D waits for a device, Z has ended and was not waited for, T is stopped. */
  readonly state: string;
  /** Where in the kernel it waits; empty when it does not, or when that is not told. */
  readonly waitsIn: string;
  readonly command: string;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function stateOf(id: number): ProcessState | undefined {
  // The name stands in brackets and may hold anything; what follows does not.
  const fields = textOf(`/proc/${id}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  if (fields.length < 2) return undefined;
  return {
    ...{ id, parent: Number(fields[1]), state: fields[0] },
    waitsIn: textOf(`/proc/${id}/wchan`).replace(/^0$/, ''),
    command: textOf(`/proc/${id}/cmdline`).replaceAll('\0', ' ').trim(),
  };
}

/** `root` and its descendants, parents first; none where there is no /proc. */
export function processTree(root: number): ProcessState[] {
  let ids: number[] = [];
  try {
    ids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
  const all = ids.map(stateOf).filter((state) => state !== undefined);
  const tree = all.filter(({ id }) => id === root);
  for (let i = 0; i < tree.length; i++) tree.push(...all.filter(({ parent }) => parent === tree[i].id));
  return tree;
}
