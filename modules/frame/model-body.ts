/** Body of a model frame (kind 5): what has become of the model, what it was learned from, and what it promises. */
import type { CborWriter } from '../cbor/writer.js';
import { TOLD_THRESHOLDS_MAX } from '../limits.js';
import {
  MODEL_DAMAGED,
  MODEL_LEARNED,
  MODEL_LOADED,
  MODEL_OF_OTHER_CONFIGURATION,
  type ModelRecord,
  type ToldDetector,
} from '../model/model-record.js';
import { CONVERGENCE_MAX, writeThousandths } from './thousandths.js';

const DIGEST_BYTES = 16;
const ALARM_DECIMALS = 9;
/** What is larger is held to it. */
const THRESHOLD_MAX = 4294967295;

/**
 * Writes the body. `digest`: of the stored model, told where it is stored. `askedPerDay`: the alarm budget. Of a model
 * that was refused nothing is known but why.
 */
export function writeModelBody(
  writer: CborWriter,
  why: number,
  record: ModelRecord,
  digest: Uint8Array,
  askedPerDay: number,
): void {
  const isStored = why === MODEL_LEARNED || why === MODEL_LOADED;
  const isInUse = why < MODEL_OF_OTHER_CONFIGURATION || why > MODEL_DAMAGED;
  const isJudged = isInUse && record.level >= 0;
  writer.map(1 + (isStored ? 1 : 0) + (isInUse ? 4 : 0) + (isJudged ? 2 : 0));
  writer.uint(1);
  writer.uint(why);
  if (isStored) {
    writer.uint(2);
    writer.bytes(digest, DIGEST_BYTES);
  }
  if (!isInUse) return;
  writer.uint(3);
  writer.uint(record.rows);
  if (isJudged) {
    writer.uint(4);
    writer.uint(record.level);
    writer.uint(5);
    writer.array(record.convergence.length);
    for (let i = 0; i < record.convergence.length; i++)
      writeThousandths(writer, record.convergence[i], CONVERGENCE_MAX);
  }
  writer.uint(6);
  writer.array(2);
  writer.decimal(askedPerDay, ALARM_DECIMALS);
  writer.decimal(record.promisedPerDay, ALARM_DECIMALS);
  writer.uint(7);
  writeThresholds(writer, record.detectors);
  writer.uint(8);
  writeUnwatched(writer, record);
}

/** [detector, its thresholds in thousandths] of each detector that tells any. */
function writeThresholds(writer: CborWriter, detectors: readonly ToldDetector[]): void {
  let told = 0;
  for (let i = 0; i < detectors.length; i++) if (detectors[i].thresholds !== undefined) told++;
  writer.array(told);
  for (let i = 0; i < detectors.length; i++) {
    const { id, thresholds } = detectors[i];
    if (thresholds === undefined) continue;
    const count = thresholds.length < TOLD_THRESHOLDS_MAX ? thresholds.length : TOLD_THRESHOLDS_MAX;
    writer.array(1 + count);
    writer.uint(id);
    for (let j = 0; j < count; j++) writeThousandths(writer, thresholds[j], THRESHOLD_MAX);
  }
}

/** The analog channels that have no model: what happens on them only limits and flat line see. */
function writeUnwatched(writer: CborWriter, record: ModelRecord): void {
  const { channels } = record;
  let unwatched = 0;
  for (let i = 0; i < channels.length; i++) if (!channels[i].isModelled) unwatched++;
  writer.array(unwatched);
  for (let i = 0; i < channels.length; i++) if (!channels[i].isModelled) writer.uint(i);
}
