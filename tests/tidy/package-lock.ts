/** What `npm ci` wants of package-lock.json, and what it must not say: where one machine got its packages from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Violation } from './source.js';

const PATH = 'package-lock.json';

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function readLock(): Lock {
  return JSON.parse(readFileSync(join(ROOT, PATH), 'utf8'));
}

/** Packages of other platforms, too, are in the lock: else `npm ci` refuses it everywhere. */
export function checkLock({ packages }: Lock): Violation[] {
  const violations: Violation[] = [];
  const report = (reason: string) => violations.push({ path: PATH, line: 1, reason });
  for (const [folder, locked] of Object.entries(packages)) {
    if (locked.resolved !== undefined) report(`${folder} says where it was got from`);
    if (folder !== '' && locked.integrity === undefined) report(`${folder} has no integrity`);
    for (const name of Object.keys(locked.optionalDependencies ?? {}))
      if (!isFound(packages, folder, name)) report(`${folder} wants ${name}, which is not in the lock`);
  }
  return violations;
}

/** As node looks for it: beside the package, then in every folder above. */
function isFound(packages: Lock['packages'], folder: string, name: string): boolean {
  for (let at: string | undefined = folder; at !== undefined; at = folderAbove(at))
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
  return false;
}

function folderAbove(folder: string): string | undefined {
  if (folder === '') return undefined;
  const at = folder.lastIndexOf('/node_modules/');
  return at < 0 ? '' : folder.slice(0, at);
}
