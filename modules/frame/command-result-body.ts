/** Body of a command result frame (kind 7): which command of which operator, and what became of it. */
import type { CborWriter } from '../cbor/writer.js';
import { KEY_ID_BYTES } from '../sign/cose-key.js';

const DEVICE_ID_BYTES = 8;

/**
 * Writes the body: the operator's key id (at keyIdIn[keyIdAt]), the command's sequence number and code, the result
 * (RESULT_ACCEPTED or COMMAND_*), this device's id; with `numbers` above 0 the arguments as they were taken.
 */
export function writeCommandResultBody(
  writer: CborWriter,
  keyIdIn: Uint8Array,
  keyIdAt: number,
  sequence: number,
  code: number,
  result: number,
  deviceId: Uint8Array,
  numbers: number,
  first: number,
  second: number,
  third: number,
): void {
  writer.map(numbers > 0 ? 6 : 5);
  writer.uint(1);
  writer.bytesFrom(keyIdIn, keyIdAt, KEY_ID_BYTES);
  writer.uint(2);
  writer.uint(sequence);
  writer.uint(3);
  writer.uint(code);
  writer.uint(4);
  writer.uint(result);
  writer.uint(5);
  writer.bytes(deviceId, DEVICE_ID_BYTES);
  if (numbers === 0) return;
  writer.uint(6);
  writer.array(numbers);
  writer.uint(first);
  if (numbers > 1) writer.uint(second);
  if (numbers > 2) writer.uint(third);
}
