/**
 * The wiring pages against the boards: each table between `<!-- pins: FILE -->` and `<!-- /pins -->` in hosts/<board>/README.md
 * has a row for each of FILE's PINS, `name` and `GPIO n`, no other row, and FILE uses no pin for two things.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const TABLE = /<!-- pins: (\S+) -->\n([\s\S]*?)<!-- \/pins -->/g;
const ROW = /^\| *`(\w+)` *\| *(?:GPIO (\d+)|(none)) *\|/;
/** What a board says of a terminal that it does not bring out. */
const NO_PIN = 255;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BOARDS = readdirSync(`${ROOT}hosts`).filter((name) => existsSync(`${ROOT}hosts/${name}/pins.ts`));

function rowsOf(table: string): [string, number][] {
  const rows: [string, number][] = [];
  for (const line of table.split('\n')) {
    const row = ROW.exec(line);
    if (row !== null) rows.push([row[1], row[3] === undefined ? Number(row[2]) : NO_PIN]);
  }
  return rows;
}

for (const board of BOARDS) {
  const page = `${ROOT}hosts/${board}/README.md`;
  const tables = existsSync(page) ? [...readFileSync(page, 'utf8').matchAll(TABLE)] : [];

  test(`hosts/${board}/README.md has a table for each file of pins`, (t) => {
    const files = readdirSync(`${ROOT}hosts/${board}`).filter((name) => /^pins.*\.ts$/.test(name));
    t.deepEqual(tables.map(([, file]) => file).sort(), files.map((name) => `hosts/${board}/${name}`).sort());
  });

  for (const [, file, table] of tables) {
    test(`the table of ${file} is what the firmware uses`, async (t) => {
      const { PINS } = (await import(`${ROOT}build/${file.replace(/\.ts$/, '.js')}`)) as {
        PINS: Record<string, number>;
      };
      const rows = rowsOf(table);
      t.deepEqual(Object.fromEntries(rows), { ...PINS });
      t.is(rows.length, Object.keys(PINS).length, 'a pin is listed twice');
    });

    test(`${file} uses no pin for two things, but for a digital input that is counted`, async (t) => {
      const { PINS } = (await import(`${ROOT}build/${file.replace(/\.ts$/, '.js')}`)) as {
        PINS: Record<string, number>;
      };
      const digital = Object.keys(PINS).filter((name) => name.startsWith('digital'));
      const numbers = Object.entries(PINS)
        .filter(([name, pin]) => pin !== NO_PIN && !(name === 'pulse' && digital.some((other) => PINS[other] === pin)))
        .map(([, pin]) => pin);
      t.is(new Set(numbers).size, numbers.length);
    });
  }
}

test('a row that says otherwise, is missing or is added would be seen', (t) => {
  t.deepEqual(rowsOf('| pin | GPIO |\n| --- | --- |\n| `a` | GPIO 3 | x |\n| `b` | none | y |\n| `c` | 5 |'), [
    ['a', 3],
    ['b', NO_PIN],
  ]);
});
