/** Writes the public key of a simulated device, for the collector. */
import { writeKey } from '../collector/keys.js';
import { InputError } from './recording.js';

/** Writes FOLDER/device.cose_key; an InputError of one line when it cannot. */
export function writePublicKey(folder: string, { x, y }: { x: Uint8Array; y: Uint8Array }): void {
  try {
    writeKey(folder, x, y);
  } catch (error) {
    throw new InputError(`--keys ${folder}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
