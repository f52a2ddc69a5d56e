/** Body of a boot frame (kind 0): who speaks, with what software, settings and key. */
import type { Identity, Signer } from '../board.js';
import { createText } from '../cbor/text.js';
import type { CborWriter } from '../cbor/writer.js';
import { writePublicKey } from '../sign/cose-key.js';

const DIGEST_BYTES = 16;

/**
 * Writes the body. `modelDigest`: null when there is no model; `detectors`: DETECTOR_* of all that run.
 * @offStep once at boot.
 */
export function writeBootBody(
  writer: CborWriter,
  identity: Identity,
  signer: Signer,
  configurationDigest: Uint8Array,
  modelDigest: Uint8Array | null,
  detectors: readonly number[],
): void {
  writer.map(modelDigest === null ? 8 : 9);
  writer.uint(1);
  writer.bytes(identity.deviceId, identity.deviceId.length);
  writer.uint(2);
  writer.text(createText(identity.firmwareVersion));
  writer.uint(3);
  writer.bytes(identity.firmwareDigest, DIGEST_BYTES);
  writer.uint(4);
  writer.bytes(configurationDigest, DIGEST_BYTES);
  if (modelDigest !== null) {
    writer.uint(5);
    writer.bytes(modelDigest, DIGEST_BYTES);
  }
  writer.uint(6);
  writer.uint(identity.resetReason);
  writer.uint(7);
  writer.uint(signer.assurance);
  writer.uint(8);
  writePublicKey(writer, signer.publicKey);
  writer.uint(9);
  writer.array(detectors.length);
  for (let i = 0; i < detectors.length; i++) writer.uint(detectors[i]);
}
