/**
 * Boards send, and the collector is killed (SIGKILL) at random moments and started again. After some kills the machine is
 * made to have lost power too: bytes that were not yet on the disk are gone from the ends of segments, and indexes are
 * damaged. In the end every frame must stand in the store once, as it was sent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Store } from '../../hosts/collector/store/store.js';
import { createRandom } from './seeded-random.js';
import { freeUdpPort, UdpFleet } from './udp-fleet.js';

const COLLECT = fileURLToPath(new URL('../../hosts/collector/collect.js', import.meta.url));
const FRAMES_PER_SECOND = 200;
const POWER_CUT_PART = 0.3;
const EARLY_PART = 0.2;
const EARLY_MS_MAX = 800;
const TORN_BYTES_MAX = 600;
const SETTLE_MS_MAX = 30_000;

export interface KillRun {
  readonly kills: number;
  readonly boards: number;
  readonly seed: number;
  /** Longest time that a collector collects before it is killed. */
  readonly lifeMsMax: number;
  onProgress?(line: string): void;
}

export interface KillFinding {
  readonly framesSent: number;
  readonly framesStored: number;
  readonly lost: number;
  readonly twice: number;
  readonly changed: number;
  readonly powerCuts: number;
  /** Starts that found a frame half written, and that made an index again. */
  readonly tornTails: number;
  readonly indexesRebuilt: number;
  /** Exit code of `collect --read` over the store. */
  readonly judged: number | null;
  /** The last lines that the collectors said. */
  readonly said: readonly string[];
}

class Site {
  readonly directory = mkdtempSync(join(tmpdir(), 'kill-'));
  readonly keys = join(this.directory, 'keys');
  readonly store = join(this.directory, 'store');
  err = '';

  collect(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [COLLECT, '--keys', this.keys, '--quiet', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (text) => {
      this.err += text;
    });
    return child;
  }

  segments(): string[] {
    return readdirSync(this.store, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => readdirSync(join(this.store, name)).map((file) => join(this.store, name, file)));
  }
}

function collecting(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.stderr?.on('data', (text) => {
      if (String(text).includes('collecting from')) resolve();
    });
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}

export async function killRun({ kills, boards, seed, lifeMsMax, onProgress }: KillRun): Promise<KillFinding> {
  const random = createRandom(seed);
  const site = new Site();
  const port = await freeUdpPort();
  const fleet = new UdpFleet(boards, port);
  fleet.writeKeys(site.keys);
  await fleet.open();
  fleet.start(FRAMES_PER_SECOND);
  const live = ['--udp', `127.0.0.1:${port}`, '--store', site.store, '--segment-bytes', '16384'];
  let powerCuts = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const child = site.collect(...live);
    // Some are killed while they still read the store.
    if (random() < EARLY_PART) await sleep(random() * EARLY_MS_MAX);
    else {
      await collecting(child);
      await sleep(random() * lifeMsMax);
    }
    child.kill('SIGKILL');
    await ended(child);
    if (random() < POWER_CUT_PART) powerCuts += cutPower(site, random);
    if (kill % 20 === 0)
      onProgress?.(`${kill} kills, ${fleet.logs.reduce((n, { head }) => n + head - 1, 0)} frames sent`);
  }
  const last = site.collect(...live);
  await collecting(last);
  await sleep(1000);
  fleet.stop();
  await settle(site, fleet);
  last.kill('SIGTERM');
  await ended(last);
  const judged = await ended(site.collect('--read', site.store));
  const finding = judge(site, fleet);
  fleet.close();
  const count = (pattern: RegExp) => site.err.match(pattern)?.length ?? 0;
  const tornTails = count(/: a frame half written/g);
  if (finding.lost + finding.twice + finding.changed === 0) rmSync(site.directory, { recursive: true });
  return {
    ...finding,
    powerCuts,
    tornTails,
    indexesRebuilt: count(/ frames indexed again/g),
    judged,
    said: site.err.trim().split('\n').slice(-5),
  };
}

/** Until the store has as many bytes as were sent, or nothing came for SETTLE_MS_MAX. Looks at sizes only: boards answer meanwhile. */
async function settle(site: Site, fleet: UdpFleet): Promise<void> {
  const sent = fleet.logs
    .flatMap(({ frames }) => [...frames.values()])
    .reduce((bytes, frame) => bytes + frame.length, 0);
  let [stored, sinceMs] = [-1, Date.now()];
  while (stored < sent && Date.now() - sinceMs < SETTLE_MS_MAX) {
    for (let i = 0; i < fleet.boards.length; i++) fleet.repeat(i);
    await sleep(1000);
    const segments = site.segments().filter((path) => path.endsWith('.cbor'));
    const now = segments.reduce((bytes, path) => bytes + statSync(path).size, 0);
    if (now > stored) [stored, sinceMs] = [now, Date.now()];
  }
}

/** What was not yet on the disk is gone. Returns 1 when there was something to tear. */
function cutPower(site: Site, random: () => number): number {
  let files: string[];
  try {
    files = site.segments();
  } catch {
    return 0;
  }
  for (const path of files) {
    const bytes = statSync(path).size;
    if (path.endsWith('.cbor') && isLastSegment(path, files) && random() < 0.5)
      truncateSync(path, Math.max(0, bytes - Math.floor(random() * TORN_BYTES_MAX)));
    if (!path.endsWith('.index')) continue;
    const chance = random();
    if (chance < 0.1) rmSync(path);
    else if (chance < 0.2 && bytes > 0) {
      const content = readFileSync(path);
      content[Math.floor(random() * bytes)] ^= 1 << Math.floor(random() * 8);
      writeFileSync(path, content);
    }
  }
  return 1;
}

function isLastSegment(path: string, files: readonly string[]): boolean {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const segments = files.filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.cbor')).sort();
  return segments.at(-1) === path;
}

function judge(site: Site, fleet: UdpFleet) {
  let [framesSent, framesStored, lost, twice, changed] = [0, 0, 0, 0, 0];
  fleet.boards.forEach((board, i) => {
    const store = new Store(site.store, { keys: board.keys, isReadOnly: true });
    const seen = new Set<number>();
    const sent = fleet.logs[i].frames;
    framesSent += sent.size;
    for (const { sequence, bytes } of store.device(board.key.keyId)?.frames() ?? []) {
      framesStored++;
      if (seen.has(sequence)) twice++;
      seen.add(sequence);
      if (Buffer.compare(bytes, sent.get(sequence) ?? new Uint8Array(0)) !== 0) changed++;
    }
    lost += sent.size - seen.size;
    store.close();
  });
  return { framesSent, framesStored, lost, twice, changed };
}
