/** Who a board is and what it runs, for its boot frame. */
import type { Digest, Identity } from '../../modules/board.js';
import { RESET_BROWN_OUT, RESET_POWER_ON } from '../../modules/frame/kinds.js';
import { imageDigest } from './image-digest.js';
import { deviceId, resetReason } from './natives.js';

const FIRMWARE_VERSION = '0.1.0';
const DEVICE_ID_BYTES = 8;
const DIGEST_BYTES = 16;

export function readIdentity(): Identity {
  const id = new Uint8Array(DEVICE_ID_BYTES);
  deviceId(id);
  return {
    deviceId: id,
    firmwareVersion: FIRMWARE_VERSION,
    firmwareDigest: imageDigest(DIGEST_BYTES),
    resetReason: resetReason(),
  };
}

/** True when no loss of power explains this start. */
export function isRestart({ resetReason }: Identity): boolean {
  return resetReason !== RESET_POWER_ON && resetReason !== RESET_BROWN_OUT;
}

/** Of the configuration as text, in UTF-8. */
export function configurationDigest(text: string, digest: Digest): Uint8Array {
  const bytes = new Uint8Array(ArrayBuffer.fromString(text)); // in one pass: XS finds a character by counting from the start
  const hash = new Uint8Array(32);
  digest.sha256(bytes, bytes.length, hash);
  return hash.slice(0, DIGEST_BYTES);
}
