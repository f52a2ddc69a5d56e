/** docs/frames.md against frames.cddl, the words of the codes, and the vectors it quotes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { BODY_LABELS, DETECTORS, KIND_NAMES, VERDICTS } from '../../hosts/collector/vocabulary.js';
import { FRAME_BYTES_MAX } from '../../modules/limits.js';
import { CddlSchemas } from './cddl/json-schema.js';
import { FRAMES_CDDL } from './cddl/validate.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${ROOT}docs/frames.md`, 'utf8');
const vectors = readFileSync(`${ROOT}modules/frame/vectors.json`, 'utf8');
const LABEL_ROW = /^\| (\d+) +\| (.+?) *\|$/gm;

/** What the page says of each label, in the section of a heading. */
function labelsUnder(heading: string): Map<number, string> {
  const section = page.split(`\n${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  return new Map([...section.matchAll(LABEL_ROW)].map(([, label, what]) => [Number(label), what]));
}

function wordsOf(words: readonly string[]): string {
  return words.map((word, i) => `${i} ${word}`).join(', ');
}

const { $defs } = new CddlSchemas(readFileSync(FRAMES_CDDL, 'utf8'));

for (const [number, name] of Object.entries(KIND_NAMES)) {
  const told = labelsUnder(`### ${number} ${name}`);

  test(`the page knows the labels of kind ${number}, ${name}, that frames.cddl knows`, (t) => {
    const schema = $defs[`${name.replace(' ', '-')}-body`];
    const maps = (schema.anyOf ?? [schema]) as { properties: object; required: string[] }[];
    const labels = [...new Set(maps.flatMap(({ properties }) => Object.keys(properties).map(Number)))];
    t.deepEqual(
      [...told.keys()].sort((a, b) => a - b),
      labels.sort((a, b) => a - b),
    );
    for (const [label, what] of told) {
      const isRequired = maps.every(({ required }) => required.includes(`${label}`));
      if (/^optional/.test(what)) t.false(isRequired, `label ${label}`);
    }
  });
}

test('the page gives codes the words that the collector gives them', (t) => {
  for (const [number, labels] of Object.entries(BODY_LABELS)) {
    const name = KIND_NAMES[Number(number)];
    const told = labelsUnder(`### ${number} ${name}`);
    for (const [label, { words }] of Object.entries(labels)) {
      if (words === undefined || (words === DETECTORS && name === 'boot')) continue;
      const what = told.get(Number(label))?.replace('. 1 ', ', 1 ');
      t.true(what?.includes(wordsOf(words)), `${name} ${label}: ${wordsOf(words)}`);
    }
  }
  t.true(labelsUnder('### 2 incident').get(12)?.includes(wordsOf(VERDICTS)));
});

test('what the page quotes stands in the vectors', (t) => {
  const quotes = [
    ...page.matchAll(/^ {4}([0-9a-f]{40,}|\{\d+: (?!2, -1).*\})$/gm),
    ...page.matchAll(/`([0-9a-f]{16,})`/g),
  ];
  t.true(quotes.length >= 7, `${quotes.length} quotes`);
  for (const [, quote] of quotes) t.true(vectors.includes(JSON.stringify(quote).slice(1, -1)), quote);
});

test('the page states the limits that the firmware has', (t) => {
  t.is(FRAME_BYTES_MAX, 1000);
  t.regex(page, /A frame\s+has at most 1,000\s+bytes\./);
});
