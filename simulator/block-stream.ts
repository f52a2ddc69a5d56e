/**
 * Blocks as a stream of bytes, little-endian:
 *
 *     header   'WWB1', u16 analog channels, u16 digital channels, u32 block period in us, u32 0       16 bytes
 *     record   doubles: sequence, timeUs, lost, isFresh, mark, 5 per analog, 5 per digital channel
 *
 * With samples (a source that has them) the header says 'WWB2' and, instead of the last 0, the samples of a block; each
 * record goes on with u16 numbers as SampledBlock has them, filled up to whole doubles.
 *
 * The mark is the writer's own note on a block; 0 where it has none.
 */
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Block } from '../modules/capture/block.js';
import { SampledBlock } from '../modules/capture/sampled-block.js';
import type { Configuration } from '../modules/config/configuration.js';

export const HEADER_BYTES = 16;
const HEAD_FIELDS = 5;
const BATCH_BLOCKS = 100;

/** Where blocks come from: a simulation, or lines made up. */
export interface BlockSource {
  readonly configuration: Configuration;
  /** Fills a SampledBlock's samples, too, where the configuration keeps them. */
  nextBlock(block: Block): void;
}

export interface StreamOptions {
  /** Virtual time to write; a block per 10 ms. */
  readonly seconds: number;
  /** True: a block is written when its time has come by the monotonic clock. False: as fast as the reader takes them. */
  readonly isRealTime: boolean;
  /** The mark of each block. */
  readonly markOf?: (block: Block) => number;
}

/** Doubles in one record. */
export function recordLength(analogChannels: number, digitalChannels: number): number {
  const block = new Block(analogChannels, digitalChannels);
  return HEAD_FIELDS + block.analog.length + block.digital.length;
}

/** `sampledBlock`: samples of a block, where its records have them. */
export function encodeHeader(
  analogChannels: number,
  digitalChannels: number,
  blockUs: number,
  sampledBlock: number = 0,
): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const magic = sampledBlock > 0 ? 'WWB2' : 'WWB1';
  for (let i = 0; i < 4; i++) view.setUint8(i, magic.charCodeAt(i));
  view.setUint16(4, analogChannels, true);
  view.setUint16(6, digitalChannels, true);
  view.setUint32(8, blockUs, true);
  view.setUint32(12, sampledBlock, true);
  return header;
}

/** Writes one record at index `at` and gives the index behind it. A Float64Array is in the machine's byte order. */
export function encodeBlock(block: Block, mark: number, into: Float64Array, at: number): number {
  const { analog, digital } = block;
  into[at++] = block.sequence;
  into[at++] = block.timeUs;
  into[at++] = block.lost;
  into[at++] = block.isFresh;
  into[at++] = mark;
  for (let i = 0; i < analog.length; i++) into[at++] = analog[i];
  for (let i = 0; i < digital.length; i++) into[at++] = digital[i];
  if (!(block instanceof SampledBlock)) return at;
  const { samples } = block;
  new Uint16Array(into.buffer, into.byteOffset + 8 * at, samples.length).set(samples);
  return at + Math.ceil(samples.length / 4);
}

/** True where samples are evidence. */
function keepsSamples({ rawBeforeMs, rawAfterMs }: Configuration): boolean {
  return (rawBeforeMs ?? 0) + (rawAfterMs ?? 0) > 0;
}

/** A block as a configuration's evidence wants it: with its samples, or without. */
export function createBlock(configuration: Configuration): Block {
  const { analog, digital, blockSamples } = configuration;
  return keepsSamples(configuration)
    ? new SampledBlock(analog.length, digital.length, blockSamples)
    : new Block(analog.length, digital.length);
}

/**
 * Writes header and blocks of a source, waiting where the reader is slower, and gives the number of blocks written.
 * The output stays open. Rejects when the output fails or is closed by the reader.
 */
export async function writeBlocks(source: BlockSource, output: Writable, options: StreamOptions): Promise<number> {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
    throw new Error('block streams need a little-endian machine');
  const { analog, digital, blockUs, blockSamples } = source.configuration;
  const block = createBlock(source.configuration);
  const samples = block instanceof SampledBlock ? block.samples.length : 0;
  const fields = recordLength(analog.length, digital.length) + Math.ceil(samples / 4);
  const blocks = Math.round((options.seconds * 1e6) / blockUs);
  const markOf = options.markOf ?? (() => 0);
  const startMs = performance.now();
  await write(output, encodeHeader(analog.length, digital.length, blockUs, samples > 0 ? blockSamples : 0));
  for (let written = 0; written < blocks; ) {
    const due = options.isRealTime ? await blocksDue(written, startMs, blockUs) : BATCH_BLOCKS;
    const count = Math.min(due, BATCH_BLOCKS, blocks - written);
    // A batch belongs to the output once written: each has memory of its own.
    const batch = new Float64Array(count * fields);
    for (let i = 0, at = 0; i < count; i++) {
      source.nextBlock(block);
      at = encodeBlock(block, markOf(block), batch, at);
    }
    await write(output, new Uint8Array(batch.buffer));
    written += count;
  }
  return blocks;
}

/** Waits until a block more than `written` has ended since the start; counts from the start, so delays never add up. */
async function blocksDue(written: number, startMs: number, blockUs: number): Promise<number> {
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    const due = Math.floor((elapsedMs * 1000) / blockUs) - written;
    if (due > 0) return due;
    await sleep(Math.max(1, ((written + 1) * blockUs) / 1000 - elapsedMs));
  }
}

/** Resolves once the bytes have been handed on. */
function write(output: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // A reader that goes away may leave the callback uncalled.
    const onClose = () => reject(new Error('the reader of the block stream went away'));
    if (output.destroyed) return onClose();
    output.once('close', onClose);
    output.write(bytes, (error) => {
      output.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
