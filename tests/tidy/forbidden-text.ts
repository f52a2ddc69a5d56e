/** Text that no file under version control holds: paths and registries of one machine, and work left undone. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Violation } from './source.js';

/** Put together here, so that this file does not hold them. */
export const FORBIDDEN_STRINGS = [
  ['/wo', 'rk/'],
  ['/tmp/mod', 'dable'],
  ['registry.n', 'pmjs'],
  ['deb.deb', 'ian'],
].map((halves) => halves.join(''));

export const FORBIDDEN_WORDS = ['TO', 'FIX', 'X'].map((start, i) => start + ['DO', 'ME', 'XX'][i]);

const WORDS = new RegExp(`\\b(${FORBIDDEN_WORDS.join('|')})\\b`);

/** Files that git tracks or would track; empty where this is not a git checkout. */
export function listVersioned(): string[] {
  try {
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...new Set(list.split('\0').filter((path) => path !== ''))];
  } catch {
    return [];
  }
}

/** Undefined for a file that is deleted or not text. */
export function readText(path: string): string | undefined {
  try {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

export function checkText(path: string, text: string): Violation[] {
  const violations: Violation[] = [];
  text.split('\n').forEach((content, i) => {
    for (const forbidden of FORBIDDEN_STRINGS) {
      if (content.includes(forbidden)) violations.push({ path, line: i + 1, reason: `contains '${forbidden}'` });
    }
    const word = WORDS.exec(content);
    if (word !== null) violations.push({ path, line: i + 1, reason: `contains the word ${word[1]}` });
  });
  return violations;
}
