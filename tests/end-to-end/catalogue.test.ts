/** `npm run scenarios`: a few entries of the catalogue from a short learning, on Node and on XS. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../../hosts/bench/bench-process.js';
import { run } from './command.js';

const NAMES = ['order-not-executed', 'sensor-falsified', 'wire-break', 'noise-burst'];
/** XS takes several times as long. */
const ON_XS = ['order-not-executed', 'wire-break', 'bus-jabber'];
/** Enough for orders and loops; nobody counts false incidents after it. */
const LEARN_HOURS = '0.1';

interface Line {
  readonly name: string;
  readonly seed: number;
  readonly expected: string;
  readonly detected: boolean;
  readonly class: string | null;
  readonly verdict: string | null;
  readonly delayMs: number | null;
  readonly speed: number;
}

async function play(names: readonly string[], ...args: string[]): Promise<Line[]> {
  const { code, out, err } = await run(
    'scenarios',
    '--scenario',
    names.join(','),
    '--learn',
    LEARN_HOURS,
    '--json',
    ...args,
  );
  if (code !== 0) throw new Error(err.join('\n'));
  return JSON.parse(out.join('\n'));
}

test.serial('orders and broken wires are told as what they are, and the pictures show both stories', async (t) => {
  t.timeout(250_000);
  const pictures = join(temporaryFolder(), 'pictures');
  const lines = await play(NAMES, '--seeds', '2', '--pictures', pictures);
  t.deepEqual(
    lines.map(({ name, seed }) => `${name} ${seed}`),
    NAMES.flatMap((name) => [`${name} 1`, `${name} 2`]),
  );
  const of = (name: string) => lines.filter((line) => line.name === name);
  for (const line of of('order-not-executed')) {
    t.like(line, { expected: 'attack', detected: true, class: 'attack', verdict: 'missing', falseIncidents: 0 });
    t.true(line.delayMs! > 50 && line.delayMs! < 500, `${line.delayMs} ms`);
  }
  for (const line of of('wire-break')) t.like(line, { expected: 'fault', detected: true, class: 'fault' });
  const picture = readFileSync(join(pictures, 'order-not-executed.svg'), 'utf8');
  for (const part of ['measured on the wire', 'reported to SCADA', 'inlet-flow [l/s]', 'time since the onset'])
    t.true(picture.includes(part), part);
  t.is(picture.match(/<polyline/g)?.length, 4);
});

test.serial('the same on XS, to the last figure', async (t) => {
  t.timeout(250_000);
  const [node, xs] = [await play(ON_XS, '--seeds', '1'), await play(ON_XS, '--seeds', '1', '--engine', 'xs')];
  const figures = (lines: readonly Line[]) => lines.map((line) => ({ ...line, speed: 0 }));
  t.deepEqual(figures(xs), figures(node));
});
