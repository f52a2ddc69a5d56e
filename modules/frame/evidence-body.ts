/** Body of an evidence frame (kind 3): a stretch of one channel before and after an incident opened, as it was held. */
import type { EvidenceMemory } from '../board.js';
import type { CborWriter } from '../cbor/writer.js';
import type { AnalogConfiguration } from '../config/configuration.js';
import type { EvidenceRecorder } from '../evidence/recorder.js';

/** Of the values at both ends of a scale: as fine as the writer has them. */
const SCALE_DECIMALS = 9;

/** Writes the body of what `slot` holds. */
export function writeEvidenceBody(
  writer: CborWriter,
  recorder: EvidenceRecorder,
  slot: number,
  analog: readonly AnalogConfiguration[],
  blockUs: number,
): void {
  const { memory } = recorder;
  const channel = recorder.channelOf(slot);
  const isAnalog = channel < analog.length;
  const raw = recorder.rawOf(slot);
  writer.map(7 + (isAnalog ? 1 : 0) + (raw !== null ? 1 : 0));
  writer.uint(1);
  writer.uint(recorder.incidentOf(slot));
  writer.uint(2);
  writer.array(2);
  writer.uint(recorder.partOf(slot));
  writer.uint(recorder.partsOf(slot));
  writer.uint(3);
  writer.uint(channel);
  writer.uint(4);
  writer.uint(raw !== null ? Math.floor(raw.sampleUs) : blockUs * recorder.blocksOf(slot));
  writer.uint(5);
  const fromUs = recorder.fromUsOf(slot);
  writer.uint(fromUs > 0 ? Math.floor(fromUs) : 0);
  writer.uint(6);
  writer.uint(recorder.pointsOf(slot));
  if (raw === null) writePacked(writer, 7, memory, slot);
  if (isAnalog) writeScale(writer, analog[channel]);
  if (raw === null) return;
  writePacked(writer, 9, memory, slot);
  writer.uint(10);
  writer.uint(raw.samples - recorder.pointsOf(slot));
}

function writePacked(writer: CborWriter, label: number, memory: EvidenceMemory, slot: number): void {
  const bytes = memory.heldBytes(slot);
  writer.uint(label);
  writer.bytesHead(bytes);
  if (writer.position + bytes > writer.buffer.length) writer.isOverflowed = true;
  else {
    memory.take(slot, writer.buffer, writer.position);
    writer.position += bytes;
  }
}

/** Two counts and the engineering values that they stand for. */
function writeScale(writer: CborWriter, c: AnalogConfiguration): void {
  writer.uint(8);
  writer.array(4);
  writer.decimal(c.countsLow, SCALE_DECIMALS);
  writer.decimal(c.countsHigh, SCALE_DECIMALS);
  writer.decimal(c.low, SCALE_DECIMALS);
  writer.decimal(c.high, SCALE_DECIMALS);
}
