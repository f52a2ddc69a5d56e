/**
 * `npm run fleet`: simulated boards through a real mosquitto to two collectors that share a subscription. A table: how many
 * frames a second are verified and stored, how the load is shared, and whether both stores together hold every frame.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';
import { type CollectProcess, startCollect } from './collect-process.js';
import { openMosquitto, withoutMosquitto } from './mosquitto.js';
import { SampleBoard } from './sample-frames.js';
import { until } from './until.js';

const HELP = `Usage: npm run fleet -- [--boards 10,100,300,1000] [--frames 20] [--json]

Sends --frames frames of each board through mosquitto to two collectors that share a subscription.
Exits 0 when their stores together hold every frame, 1 when not, 2 on bad arguments or without mosquitto.
`;
const COLLECTORS = ['a', 'b'];
const PUBLISHING_MAX = 500;
const MS_MAX = 600_000;
const TICKS_PER_SECOND = 100;

export interface FleetRow {
  readonly boards: number;
  readonly frames: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** Frames stored by each collector, and the CPU seconds that it took. */
  readonly shares: readonly number[];
  readonly cpuSeconds: readonly number[];
  /** Over both stores, by `collect --read`. */
  readonly verified: number;
  readonly errors: number;
  readonly duplicates: number;
}

/** One row: `boards` boards send `framesEach` frames each. */
export async function measureFleet(boards: number, framesEach: number): Promise<FleetRow> {
  const fleet = Array.from({ length: boards }, () => new SampleBoard());
  const turns = Array.from({ length: framesEach }, () => fleet.map((board) => ({ board, bytes: board.frames(1)[0] })));
  const directory = mkdtempSync(join(tmpdir(), 'fleet-'));
  const keys = join(directory, 'keys');
  mkdirSync(keys);
  for (const { key, coseKey } of fleet) writeFileSync(join(keys, `${key.keyId}.cose_key`), coseKey);
  const broker = await openMosquitto();
  const filter = `${broker.url}/$share/center/fleet/+/+/frame`;
  const stores = COLLECTORS.map((name) => join(directory, name));
  const collectors = stores.map((store) =>
    startCollect(...['--mqtt', filter, '--keys', keys, '--store', store, '--quiet', '--metrics', '127.0.0.1:0']),
  );
  try {
    for (const { err } of collectors) await until(() => err.some((line) => line.startsWith('collecting')), MS_MAX);
    const before = collectors.map(cpuSecondsOf);
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    const startMs = performance.now();
    await publish(client, turns.flat());
    const frames = boards * framesEach;
    await until(async () => sum(await Promise.all(collectors.map(storedBy))) >= frames, MS_MAX);
    const seconds = (performance.now() - startMs) / 1000;
    const shares = await Promise.all(collectors.map(storedBy));
    const cpuSeconds = collectors.map((collector, i) => round(cpuSecondsOf(collector) - before[i]));
    await client.endAsync();
    for (const { child, ended } of collectors) {
      child.kill('SIGTERM');
      await ended;
    }
    const judged = await judge(stores, keys);
    return {
      boards,
      frames,
      seconds: round(seconds),
      framesPerSecond: Math.round(frames / seconds),
      shares,
      cpuSeconds,
      ...judged,
    };
  } finally {
    for (const { child } of collectors) child.kill('SIGKILL');
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Publishes as fast as the broker acknowledges, PUBLISHING_MAX at a time. */
async function publish(
  client: mqtt.MqttClient,
  frames: readonly { board: SampleBoard; bytes: Uint8Array }[],
): Promise<void> {
  for (let at = 0; at < frames.length; at += PUBLISHING_MAX)
    await Promise.all(
      frames
        .slice(at, at + PUBLISHING_MAX)
        .map(({ board, bytes }) =>
          client.publishAsync(`fleet/${board.key.keyId}/any/frame`, Buffer.from(bytes), { qos: 1 }),
        ),
    );
}

async function storedBy({ err }: CollectProcess): Promise<number> {
  const url = err.map((line) => /^metrics at (.*)$/.exec(line)?.[1]).find((found) => found !== undefined) as string;
  const text = await (await fetch(url)).text();
  const counts = text.split('\n').filter((line) => line.startsWith('wirewitness_frames_total{'));
  return sum(counts.map((line) => Number(line.split(' ').at(-1))));
}

/** utime and stime of /proc/PID/stat; 0 where there is none. */
function cpuSecondsOf({ child }: CollectProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

async function judge(stores: readonly string[], keys: string) {
  const judging = startCollect(...stores.flatMap((store) => ['--read', store]), '--keys', keys, '--quiet');
  await judging.ended;
  const [verified, errors, duplicates] = (judging.err.at(-1) ?? '').match(/\d+/g)?.map(Number) ?? [0, 1, 0];
  return { verified, errors, duplicates };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      boards: { type: 'string', default: '10,100,300,1000' },
      frames: { type: 'string', default: '20' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const sizes = values.boards.split(',').map(Number);
  const frames = Number(values.frames);
  if (![...sizes, frames].every((value) => Number.isInteger(value) && value > 0))
    throw new Error('--boards takes whole numbers with commas between, --frames a whole number');
  const missing = withoutMosquitto();
  if (missing !== undefined) throw new Error(missing);
  const heads = [
    'boards',
    'frames',
    'seconds',
    'frames/s',
    'stored by a, b',
    'CPU s of a, b',
    'verified',
    'errors',
    'twice',
  ];
  const line = (cells: readonly unknown[]) => `${cells.map((cell) => String(cell).padStart(16)).join('')}\n`;
  if (!values.json) process.stdout.write(line(heads));
  let isGood = true;
  for (const size of sizes) {
    const row = await measureFleet(size, frames);
    isGood &&= row.errors === 0 && row.verified === row.frames;
    const { boards, seconds, framesPerSecond, shares, cpuSeconds, verified, errors, duplicates } = row;
    const cells = [
      boards,
      row.frames,
      seconds,
      framesPerSecond,
      shares.join(', '),
      cpuSeconds.join(', '),
      verified,
      errors,
      duplicates,
    ];
    process.stdout.write(values.json ? `${JSON.stringify(row)}\n` : line(cells));
  }
  return isGood ? 0 : 1;
}

if (process.argv[1]?.endsWith('fleet.js'))
  main().then(
    (code) => process.exit(code),
    (error: Error) => {
      process.stderr.write(`fleet: ${error.message.split('\n')[0]}\n`);
      process.exit(2);
    },
  );
