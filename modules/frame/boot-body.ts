/** Body of a boot frame (kind 0): who speaks, with what software, settings and key. */
import type { Identity, Signer } from '../board.js';
import { createText } from '../cbor/text.js';
import type { CborWriter } from '../cbor/writer.js';
import { writePublicKey } from '../sign/cose-key.js';

const DIGEST_BYTES = 16;

/** Writes the body. @offStep once at boot. */
export function writeBootBody(
  writer: CborWriter,
  identity: Identity,
  signer: Signer,
  configurationDigest: Uint8Array,
): void {
  writer.map(7);
  writer.uint(1);
  writer.bytes(identity.deviceId, identity.deviceId.length);
  writer.uint(2);
  writer.text(createText(identity.firmwareVersion));
  writer.uint(3);
  writer.bytes(identity.firmwareDigest, DIGEST_BYTES);
  writer.uint(4);
  writer.bytes(configurationDigest, DIGEST_BYTES);
  writer.uint(6);
  writer.uint(identity.resetReason);
  writer.uint(7);
  writer.uint(signer.assurance);
  writer.uint(8);
  writePublicKey(writer, signer.publicKey);
}
