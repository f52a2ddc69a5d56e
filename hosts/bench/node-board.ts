/**
 * The board in this Node process: the same ports as on XS, for replays with `--engine node` and for tests.
 * Time is virtual: the clock stands at the end of the block being handled.
 */
import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import type { Board, Capture, EvidenceMemory, FlashPort, Port, Signer } from '../../modules/board.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import { MODEL_STORE_BYTES } from '../../modules/limits.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_BUSY, SIGNER_DONE } from '../../modules/sign/signer-state.js';
import { SimulatedFlash } from '../../simulator/flash.js';

const SIGN_US = 100_000;
/** As the flash behind the boards' learned model. */
const MODELS_FLASH = { size: MODEL_STORE_BYTES, eraseBytes: 4096, pageBytes: 256 };

/** Public key of a private one: x and y, 32 bytes each. */
export function publicKeyOf(secret: Uint8Array): { x: Uint8Array; y: Uint8Array } {
  const point = p256.getPublicKey(secret, false);
  return { x: point.subarray(1, 33), y: point.subarray(33) };
}

/** Everything but the capture. The clock is set by whoever feeds the blocks. */
export class NodeBoard implements Board {
  nowUs = 0;
  readonly clock = { nowUs: () => this.nowUs };
  readonly digest = {
    sha256: (bytes: Uint8Array, length: number, into: Uint8Array) => {
      into.set(createHash('sha256').update(bytes.subarray(0, length)).digest());
    },
  };
  readonly watchdog = { feed: () => {} };
  readonly memory = { freeBytes: () => 0 };
  readonly ports: Port[] = [];
  readonly identity = {
    deviceId: new Uint8Array(8).fill(0x4e),
    firmwareVersion: '0.1.0',
    firmwareDigest: new Uint8Array(16),
    resetReason: 1,
  };
  readonly signer: Signer;
  readonly capture: Capture;
  readonly configuration: Configuration;
  readonly configurationDigest: Uint8Array;
  readonly flash: FlashPort;
  readonly models: FlashPort;
  readonly evidence: EvidenceMemory | null;

  /** `secret`: the private key of the simulated device, 32 bytes. Without `models` this board's model dies with it. */
  constructor(
    configuration: Configuration,
    flash: FlashPort,
    secret: Uint8Array,
    models: FlashPort = new SimulatedFlash(MODELS_FLASH, 1),
  ) {
    this.configuration = configuration;
    this.configurationDigest = createHash('sha256').update(JSON.stringify(configuration)).digest().subarray(0, 16);
    this.flash = flash;
    this.models = models;
    const hasCounts = configuration.analog.every(({ kind }) => kind !== 'direct');
    this.evidence = hasCounts ? new EvidenceRings(configuration.analog.length, configuration.digital.length) : null;
    this.capture = {
      analogChannels: configuration.analog.length,
      digitalChannels: configuration.digital.length,
      read: () => false,
    };
    this.signer = this.createSigner(secret);
  }

  private createSigner(secret: Uint8Array): Signer {
    const publicKey = p256.getPublicKey(secret, false).subarray(1);
    let startedUs = 0;
    let pending: Uint8Array | null = null;
    return {
      algorithm: -9,
      keyId: keyIdOf(publicKey, this.digest),
      publicKey,
      assurance: 0,
      start: (toBeSigned, length) => {
        if (pending) return false;
        pending = p256.sign(toBeSigned.slice(0, length), secret);
        startedUs = this.nowUs;
        return true;
      },
      poll: (signature) => {
        if (!pending || this.nowUs - startedUs < SIGN_US) return SIGNER_BUSY;
        signature.set(pending);
        pending = null;
        return SIGNER_DONE;
      },
    };
  }
}
