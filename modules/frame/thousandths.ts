/** Numbers of learning as frames tell them: thousandths. */
import type { CborWriter } from '../cbor/writer.js';

/** A convergence that is larger is held to this, in thousandths. */
export const CONVERGENCE_MAX = 65535;

/** Null for what is not finite or below 0. */
export function writeThousandths(writer: CborWriter, value: number, most: number): void {
  const thousandths = Math.round(value * 1000);
  if (!(thousandths >= 0 && value < Infinity)) writer.null();
  else writer.uint(thousandths < most ? thousandths : most);
}
