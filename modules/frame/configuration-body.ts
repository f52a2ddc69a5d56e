/** Body of a configuration frame (kind 6): what became of a configuration that came by command. */
import type { CborWriter } from '../cbor/writer.js';

const DIGEST_BYTES = 16;

/** `state`: CONFIGURATION_KEPT, CONFIGURATION_IN_USE or CONFIGURATION_REFUSED. */
export function writeConfigurationBody(writer: CborWriter, digest: Uint8Array, sequence: number, state: number): void {
  writer.map(3);
  writer.uint(1);
  writer.bytes(digest, DIGEST_BYTES);
  writer.uint(2);
  writer.uint(sequence);
  writer.uint(3);
  writer.uint(state);
}
