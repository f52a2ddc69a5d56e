/** File names: one term of the glossary each, in kebab-case. */
import type { Source, Violation } from './source.js';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Words that name no term of the glossary. */
const VAGUE = new Set(['util', 'utils', 'manager', 'helper', 'helpers', 'misc', 'common']);

export function checkFileNames(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const { path } of sources) {
    for (const name of path.replace(/(\.test|\.d)?\.ts$/, '').split('/')) {
      if (!KEBAB.test(name)) violations.push({ path, line: 1, reason: `'${name}' is not kebab-case` });
      const vague = name
        .toLowerCase()
        .split('-')
        .find((word) => VAGUE.has(word));
      if (vague !== undefined) violations.push({ path, line: 1, reason: `'${vague}' says nothing: name the term` });
    }
  }
  return violations;
}
