/** Stretches of evidence for the test vectors: real rings, filled by hand. */

import { Block } from '../../../modules/capture/block.js';
import { NO_SAMPLE, SampledBlock } from '../../../modules/capture/sampled-block.js';
import type { CborWriter } from '../../../modules/cbor/writer.js';
import type { EvidenceRecorder } from '../../../modules/evidence/recorder.js';
import { EvidenceRings } from '../../../modules/evidence/rings.js';
import { writeEvidenceBody } from '../../../modules/frame/evidence-body.js';
import { direct } from '../../sensor/sample-configuration.js';

const BLOCK_US = 10_000;
const FROM_US = 411_700_000;
/** 4 to 20 mA as counts of 16 bits, for 0 to 2.5 m. */
const LEVEL = direct('level', { unit: 'm', countsLow: 13107.2, countsHigh: 65535, low: 0, high: 2.5 });

/** [smallest, largest] of each point of the analog channel; null: no samples. */
const ANALOG: readonly (readonly [number, number] | null)[] = [
  [34000, 34003],
  [33990, 33995],
  null,
  [34100, 34100],
  [20000, 34090],
];
/** [level at the end, edges] of each point of the contact. */
const CONTACT: readonly (readonly [number, number] | null)[] = [
  ...([
    [0, 0],
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 2],
    [1, 0],
    [1, 0],
  ] as const),
  null,
];

/** A stretch as the recorder holds it. */
export interface HeldStretch {
  readonly rings: EvidenceRings;
  readonly channel: number;
  readonly points: number;
  readonly part: number;
  readonly isRaw?: boolean;
}

function held(channel: number, points: number, fill: (block: Block, point: number) => void): HeldStretch {
  const rings = new EvidenceRings(1, 1);
  const block = new Block(1, 1);
  for (; block.sequence < points; block.sequence++) {
    block.digital[0] = -1;
    fill(block, block.sequence);
    rings.record(block);
  }
  if (rings.hold(0, channel, 0, points - 1, points) !== points) throw new Error('the stretch is not held whole');
  return { rings, channel, points, part: channel };
}

/** Counts of the analog channel, sample by sample; null: none. Then levels of the contact. */
export const RAW_ANALOG: readonly (number | null)[] = [
  34000,
  34003,
  34001,
  null,
  34001,
  33935,
  34100,
  20000,
  20000,
  65534,
];
export const RAW_CONTACT: readonly number[] = [0, 0, 0, 1, 0, 1, 1, 1, 1, 1];

function heldRaw(channel: number, part: number): HeldStretch {
  const S = RAW_ANALOG.length;
  const rings = new EvidenceRings(1, 1, S);
  const block = new SampledBlock(1, 1, S);
  RAW_ANALOG.forEach((counts, i) => {
    block.samples[i] = counts ?? NO_SAMPLE;
    block.samples[S] |= RAW_CONTACT[i] << i;
  });
  rings.record(block);
  if (rings.raw?.hold(0, channel, S - 1, S) !== S) throw new Error('the samples are not held whole');
  return { rings, channel, points: S, part, isRaw: true };
}

export function rawAnalogStretch(): HeldStretch {
  return heldRaw(0, 0);
}

export function rawContactStretch(): HeldStretch {
  return heldRaw(1, 1);
}

export function analogStretch(): HeldStretch {
  return held(0, ANALOG.length, ({ analog }, i) => {
    const [min, max] = ANALOG[i] ?? [0, 0];
    analog.splice(0, 3, ANALOG[i] === null ? 0 : 10, min, max);
  });
}

export function contactStretch(): HeldStretch {
  return held(1, CONTACT.length, ({ digital }, i) => {
    const [level, edges] = CONTACT[i] ?? [-1, 0];
    digital.splice(0, 2, level, edges);
  });
}

/** The body of the evidence frame about it. */
export function writeStretch(writer: CborWriter, { rings, channel, points, part, isRaw }: HeldStretch): void {
  const recorder = {
    memory: rings,
    incidentOf: () => 1,
    partOf: () => part,
    partsOf: () => (isRaw === true ? 8 : 6),
    channelOf: () => channel,
    blocksOf: () => 1,
    // two more samples were wanted
    rawOf: () => (isRaw === true ? { sampleUs: 1000, samples: points + 2 } : null),
    fromUsOf: () => FROM_US,
    pointsOf: () => points,
  } as unknown as EvidenceRecorder;
  writeEvidenceBody(writer, recorder, 0, [LEVEL], BLOCK_US);
}
