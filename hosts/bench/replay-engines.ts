/** A replay plan through the firmware: in this process, or on XS in the bench. Both give the same rows to the bit. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Block } from '../../modules/capture/block.js';
import { Sensor } from '../../modules/sensor.js';
import { encodeBlock, encodeHeader, recordLength } from '../../simulator/block-stream.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { benchOutput, spawnBench, temporaryFolder } from './bench-process.js';
import { framesIn, framesInFile } from './flash-frames.js';
import { flashParts } from './flash-parts.js';
import { MARK_WATCH } from './marks.js';
import { NodeBoard } from './node-board.js';
import { InputError } from './recording.js';
import { type ReplayPlan, replayBlocks, rowsOf } from './replay-blocks.js';

/** Room for the frames of a long replay. */
const FLASH = { size: 16 << 20, eraseBytes: 4096, pageBytes: 256 };
/** 64 channels need this much while learning; a board with 16 needs far less. */
const ARENA_BYTES = 8 << 20;
const BATCH_BLOCKS = 256;
/** The simulated device's key: a replay is no evidence, and the same frames should come out every time. */
export const REPLAY_SECRET = new Uint8Array(32).fill(0x57);

export interface ReplayResult {
  /** Two numbers per watched row, in order: alarm (0, 1) and score. */
  readonly rows: Float64Array;
  readonly incidents: number;
  /** NOT_LEARNED, PROVISIONAL or SUFFICIENT of `sufficiency.ts`, and the v behind it. */
  readonly level: number;
  readonly varianceRatio: number;
  /** Bytes of the firmware's state, learned model included; null where the engine does not tell. */
  readonly stateBytes: number | null;
  readonly frames: readonly Uint8Array[];
}

/** `flashFile`: contents of the flash, kept from run to run; without it the flash is new. */
export function replayOnNode(plan: ReplayPlan, flashFile?: string): ReplayResult {
  const { configuration } = plan;
  const flash = new SimulatedFlash(FLASH, 1);
  if (flashFile !== undefined && existsSync(flashFile)) flash.cells.set(readFlash(flashFile));
  const { log, models, settings } = flashParts(flash);
  const board = new NodeBoard(configuration, log, REPLAY_SECRET, models, settings);
  const sensor = new Sensor(board);
  const block = new Block(configuration.analog.length, configuration.digital.length);
  const rows = new Float64Array(2 * rowsOf(plan.watch));
  let at = 0;
  for (const mark of replayBlocks(plan, block)) {
    board.nowUs = block.timeUs;
    sensor.step(block);
    while (sensor.idle());
    if (mark !== MARK_WATCH) continue;
    rows[at++] = sensor.isAlarming ? 1 : 0;
    rows[at++] = sensor.score;
  }
  if (flashFile !== undefined) writeFileSync(flashFile, flash.cells);
  return {
    rows,
    incidents: sensor.table.opened,
    level: sensor.model.level,
    varianceRatio: sensor.model.varianceRatio,
    stateBytes: null,
    frames: framesIn(sensor.reporter.log),
  };
}

function readFlash(file: string): Uint8Array {
  const contents = readFileSync(file);
  if (contents.length !== FLASH.size) throw new InputError(`${file}: not ${FLASH.size} bytes long`);
  return contents;
}

/** `flashFile`: as for `replayOnNode`; both engines take each other's. */
export async function replayOnXs(plan: ReplayPlan, flashFile?: string): Promise<ReplayResult> {
  const folder = temporaryFolder();
  const [record, key] = ['record', 'key'].map((name) => join(folder, name));
  const flash = flashFile ?? join(folder, 'flash');
  if (existsSync(flash)) readFlash(flash);
  writeFileSync(key, REPLAY_SECRET, { mode: 0o600 });
  const bench = spawnBench(folder, {
    main: 'hosts/bench/replay-main.js',
    configuration: plan.configuration,
    options: [
      ...['--virtual', '--arena', `${ARENA_BYTES}`, '--record', record, '--key', key],
      ...['--flash', flash, '--flash-bytes', `${FLASH.size}`],
    ],
  });
  const output = benchOutput(bench);
  await Promise.race([writeRows(plan, bench.stdin as NonNullable<typeof bench.stdin>), output]);
  const { incidents, level, varianceRatio, stateBytes } = JSON.parse(await output);
  const bytes = readFileSync(record);
  const rows = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return { rows, incidents, level, varianceRatio, stateBytes, frames: framesInFile(flash, FLASH) };
}

/** The plan as a block stream. An early end of the reader is told by the process's own error. */
async function writeRows(plan: ReplayPlan, output: NodeJS.WritableStream): Promise<void> {
  const { analog, digital, blockUs } = plan.configuration;
  output.on('error', () => {});
  output.write(encodeHeader(analog.length, digital.length, Math.min(blockUs, 0xffffffff)));
  const block = new Block(analog.length, digital.length);
  const fields = recordLength(analog.length, digital.length);
  let batch = new Float64Array(BATCH_BLOCKS * fields);
  let at = 0;
  for (const mark of replayBlocks(plan, block)) {
    at = encodeBlock(block, mark, batch, at);
    if (at < batch.length) continue;
    if (!output.write(new Uint8Array(batch.buffer))) await once(output, 'drain');
    batch = new Float64Array(BATCH_BLOCKS * fields);
    at = 0;
  }
  output.end(new Uint8Array(batch.buffer, 0, at * 8));
}
