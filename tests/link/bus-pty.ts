/**
 * The bus in real time, and the real collector on it: `collect --serial` in a process of its own on a pseudo-terminal that
 * carries the collector's end of the bus.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPty } from '../../hosts/emulator/pty.js';
import { startCollect } from '../collector/collect-process.js';
import { BusMembers, type BusPlan } from './bus-plan.js';

const RING = 1 << 16;
/** A run that takes longer than this beyond the last frame's making has failed. */
const GRACE_MS = 120_000;

export interface PtyResult {
  readonly frames: number;
  /** Frames that stand in the collector's file with the bytes that were signed. */
  readonly kept: number;
  /** Bytes in the file beside those. */
  readonly strangeBytes: number;
  /** Frames that stand before one with a smaller number of the same board. */
  readonly outOfOrder: number;
  readonly exitCode: number | null;
  /** What the collector says of itself at the end, and of what is missing or forged. */
  readonly lines: readonly string[];
  readonly seconds: number;
  readonly collided: number;
  readonly jabbered: number;
  readonly spoilt: number;
}

export async function runBusOverPty(plan: BusPlan): Promise<PtyResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bus-'));
  const members = new BusMembers(plan);
  const end = members.bus.attach(true, RING);
  const pty = await openPty((bytes) => end.send(bytes));
  for (const { sample, board } of members.members)
    writeFileSync(join(folder, `${board.address}.cose_key`), sample.coseKey);
  const framesFile = join(folder, 'frames.cbor');
  const collect = startCollect(
    ...['--serial', `${pty.path}@1-${plan.boards}`, '--baud', String(plan.baud), '--keys', folder],
    ...['--frames', framesFile, '--from', '1', '--json'],
  );
  const received = () => collect.out.filter((line) => line.includes('"sequence"')).length;
  const bytes = new Uint8Array(RING);
  const startMs = performance.now();
  let nowMs = 0;
  while (!(nowMs >= plan.growsUntilS * 1000 && received() >= members.frames)) {
    await sleep(1);
    nowMs = performance.now() - startMs;
    members.step(nowMs * 1000);
    const heard = end.receive(bytes);
    if (heard > 0) pty.write(bytes.slice(0, heard));
    if (collect.child.exitCode !== null || nowMs > plan.growsUntilS * 1000 + GRACE_MS) break;
  }
  collect.child.kill('SIGTERM');
  const exitCode = await collect.ended;
  pty.close();
  const file = readFileSync(framesFile);
  rmSync(folder, { recursive: true });
  const lines = [...collect.out, ...collect.err].filter((line) => !line.includes('"sequence"') && line !== '');
  const { collided, jabbered, spoilt } = members.bus.counts;
  return { ...judge(members, file), exitCode, lines, seconds: nowMs / 1000, collided, jabbered, spoilt };
}

/** Holds the file against what was signed. */
function judge(members: BusMembers, file: Buffer): Pick<PtyResult, 'frames' | 'kept' | 'strangeBytes' | 'outOfOrder'> {
  let kept = 0;
  let keptBytes = 0;
  let outOfOrder = 0;
  for (const { log } of members.members) {
    let last = -1;
    for (const frame of log.frames.values()) {
      const at = file.indexOf(frame);
      if (at < 0) continue;
      kept++;
      keptBytes += frame.length;
      if (at < last) outOfOrder++;
      last = at;
    }
  }
  return { frames: members.frames, kept, strangeBytes: file.length - keptBytes, outOfOrder };
}
