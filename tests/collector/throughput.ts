/**
 * `npm run throughput`: frames that one core verifies and stores per second: the whole way of a frame through the
 * collector in this one process, from link messages to the store, the output left out; and the parts of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Collector } from '../../hosts/collector/collector.js';
import type { OnMessage } from '../../hosts/collector/source.js';
import { Store } from '../../hosts/collector/store/store.js';
import { verifyFrame } from '../../hosts/collector/verify.js';
import { MESSAGE_DATA } from '../../modules/link/message.js';
import { SampleBoard } from './sample-frames.js';

const BOARDS = 20;
const US_PER_S = 1e6;
const EXIT_USAGE = 2;

export interface Throughput {
  readonly frames: number;
  readonly meanFrameBytes: number;
  /** Of the process's CPU time, whatever else the machine does: what one core does. */
  readonly framesPerCpuSecond: number;
  /** By the wall, on this machine as busy as it is. */
  readonly framesPerSecond: number;
  readonly verifiedPerCpuSecond: number;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / US_PER_S;
}

export async function measureThroughput(frames: number): Promise<Throughput> {
  const boards = Array.from({ length: BOARDS }, () => new SampleBoard());
  const sent = Array.from({ length: frames / BOARDS }, () => boards.map((board) => board.frames(1)[0])).flat();
  const keys = new Map(boards.flatMap((board) => [...board.keys]));
  const beforeVerify = cpuSeconds();
  for (const bytes of sent) verifyFrame(bytes, keys);
  const verifySeconds = cpuSeconds() - beforeVerify;
  const directory = mkdtempSync(join(tmpdir(), 'throughput-'));
  let receive: OnMessage = () => {};
  const source = {
    ...{ peers: [], answerBytesMax: 16384, refused: 0, poll: () => true, close: async () => {} },
    start: async (onMessage: OnMessage) => {
      receive = onMessage;
    },
  };
  const store = new Store(directory, { keys });
  const collector = new Collector({ keys, source, store, isPolling: false });
  await collector.start();
  const [beforeCpu, beforeMs] = [cpuSeconds(), performance.now()];
  sent.forEach((bytes, i) => {
    const message = { type: MESSAGE_DATA, sequence: i, offset: 0, total: bytes.length, bytes } as const;
    receive(`board ${i % BOARDS}`, message);
  });
  await collector.close();
  store.close();
  const [cpu, wallMs] = [cpuSeconds() - beforeCpu, performance.now() - beforeMs];
  const stored = new Store(directory, { keys, isReadOnly: true });
  const held = stored.keyIds.reduce((total, keyId) => total + stored.held(keyId).size, 0);
  if (held !== frames || collector.framesReceived !== frames) throw new Error(`${held} of ${frames} frames are stored`);
  rmSync(directory, { recursive: true });
  return {
    frames,
    meanFrameBytes: Math.round(sent.reduce((bytes, frame) => bytes + frame.length, 0) / frames),
    framesPerCpuSecond: Math.round(frames / cpu),
    framesPerSecond: Math.round((frames * 1000) / wallMs),
    verifiedPerCpuSecond: Math.round(frames / verifySeconds),
  };
}

function countOfFrames(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < BOARDS)
    throw new InvalidArgumentError(`A whole number from ${BOARDS} to 9999999 is wanted.`);
  return Math.floor(Number(text) / BOARDS) * BOARDS;
}

/** Built as a program of its own: the last argument of node is this file. */
if (process.argv[1]?.endsWith('throughput.js')) {
  const { frames, json } = new Command('throughput')
    .description('Measures how many frames a second one core verifies and stores.')
    .option('--frames <N>', `in all, from ${BOARDS} boards`, countOfFrames, 20000)
    .option('--json', 'one JSON object')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
    .parse()
    .opts<{ frames: number; json?: true }>();
  const result = await measureThroughput(frames);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(22)} ${value}\n`);
}
