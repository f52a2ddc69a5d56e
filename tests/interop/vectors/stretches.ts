/** Stretches of evidence for the test vectors: real rings, filled by hand. */

import { Block } from '../../../modules/capture/block.js';
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
export function writeStretch(writer: CborWriter, { rings, channel, points, part }: HeldStretch): void {
  const recorder = {
    memory: rings,
    incidentOf: () => 1,
    partOf: () => part,
    partsOf: () => 6,
    channelOf: () => channel,
    blocksOf: () => 1,
    rawOf: () => null,
    fromUsOf: () => FROM_US,
    pointsOf: () => points,
  } as unknown as EvidenceRecorder;
  writeEvidenceBody(writer, recorder, 0, [LEVEL], BLOCK_US);
}
