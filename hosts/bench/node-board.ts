/**
 * The board in this Node process: the same ports as on XS, for replays with `--engine node` and for tests.
 * Time is virtual: the clock stands at the end of the block being handled.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import type { Board, Capture, EvidenceMemory, FlashPort, Port, Signer, Verifier } from '../../modules/board.js';
import { SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import { MODEL_STORE_BYTES } from '../../modules/limits.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_BUSY, SIGNER_DONE } from '../../modules/sign/signer-state.js';
import { VERIFIER_BAD, VERIFIER_BUSY, VERIFIER_GOOD } from '../../modules/sign/verifier-state.js';
import { SimulatedFlash } from '../../simulator/flash.js';

const SIGN_US = 100_000;
/** As the flash behind the boards' learned model. */
const MODELS_FLASH = { size: MODEL_STORE_BYTES, eraseBytes: 4096, pageBytes: 256 };

const SETTINGS_FLASH = { size: SETTINGS_SECTORS * 4096, eraseBytes: 4096, pageBytes: 256 };

/** Public key of a private one: x and y, 32 bytes each. */
export function publicKeyOf(secret: Uint8Array): { x: Uint8Array; y: Uint8Array } {
  const point = p256.getPublicKey(secret, false);
  return { x: point.subarray(1, 33), y: point.subarray(33) };
}

/** The key that a simulated device makes when it is to replace this one: derived from it, so that a run repeats. */
export function nextSecret(secret: Uint8Array): Uint8Array {
  return createHash('sha256').update('next').update(secret).digest();
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
  readonly settings: FlashPort;
  readonly verifier: Verifier;
  readonly configurationNews = -1;

  /**
   * `secret`: the private key of the simulated device, 32 bytes. Without `models` this board's model dies with it, without
   * `settings` it knows no operator.
   */
  constructor(
    configuration: Configuration,
    flash: FlashPort,
    secret: Uint8Array,
    models: FlashPort = new SimulatedFlash(MODELS_FLASH, 1),
    settings: FlashPort = new SimulatedFlash(SETTINGS_FLASH, 1),
  ) {
    this.configuration = configuration;
    this.configurationDigest = createHash('sha256').update(JSON.stringify(configuration)).digest().subarray(0, 16);
    this.flash = flash;
    this.models = models;
    const hasCounts = configuration.analog.every(({ kind }) => kind !== 'direct');
    const { analog, digital, blockSamples, rawBeforeMs, rawAfterMs } = configuration;
    const rawSamples = (rawBeforeMs ?? 0) + (rawAfterMs ?? 0) > 0 ? blockSamples : 0;
    this.evidence = hasCounts ? new EvidenceRings(analog.length, digital.length, rawSamples) : null;
    this.settings = settings;
    this.verifier = new NodeVerifier(() => this.nowUs);
    this.capture = {
      analogChannels: configuration.analog.length,
      digitalChannels: configuration.digital.length,
      read: () => false,
    };
    this.signer = this.createSigner(secret);
  }

  private createSigner(secret: Uint8Array): Signer {
    const pointOf = (key: Uint8Array) => p256.getPublicKey(key, false).subarray(1);
    let publicKey = pointOf(secret);
    let keyId = keyIdOf(publicKey, this.digest);
    let startedUs = 0;
    let pending: Uint8Array | null = null;
    let next: Uint8Array | null = null;
    return {
      algorithm: -9,
      get keyId() {
        return keyId;
      },
      get publicKey() {
        return publicKey;
      },
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
      rotation: {
        prepare: (into) => {
          next = nextSecret(secret);
          into.set(pointOf(next));
          return SIGNER_DONE;
        },
        commit: () => {
          if (next === null) return false;
          secret = next;
          next = null;
          publicKey = pointOf(secret);
          keyId = keyIdOf(publicKey, this.digest);
          return true;
        },
        resume(announced) {
          this.prepare(new Uint8Array(announced.length));
          return next !== null && Buffer.from(pointOf(next)).equals(announced) && this.commit();
        },
      },
    };
  }
}

/** Operators' signatures by node:crypto; the answer is there when a signature's time has passed. */
class NodeVerifier implements Verifier {
  /** Signatures looked at. */
  checked = 0;
  private readonly nowUs: () => number;
  private readonly keys = new Map<string, KeyObject | null>();
  private isGood = false;
  private startedUs = 0;

  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  start(bytes: Uint8Array, length: number, signatureAt: number, publicKeyAt: number): boolean {
    const key = this.keyOf(bytes.subarray(publicKeyAt, publicKeyAt + 64));
    const signature = bytes.subarray(signatureAt, signatureAt + 64);
    this.checked++;
    this.startedUs = this.nowUs();
    this.isGood =
      key !== null && verify('sha256', bytes.subarray(0, length), { key, dsaEncoding: 'ieee-p1363' }, signature);
    return true;
  }

  poll(): 0 | 1 | 2 {
    if (this.nowUs() - this.startedUs < SIGN_US) return VERIFIER_BUSY;
    return this.isGood ? VERIFIER_GOOD : VERIFIER_BAD;
  }

  private keyOf(publicKey: Uint8Array): KeyObject | null {
    const hex = Buffer.from(publicKey).toString('hex');
    const known = this.keys.get(hex);
    if (known !== undefined) return known;
    const base64 = (from: number) => Buffer.from(publicKey.subarray(from, from + 32)).toString('base64url');
    let key: KeyObject | null = null;
    try {
      key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: base64(0), y: base64(32) }, format: 'jwk' });
    } catch {
      // not a point of the curve: no signature of it is good
    }
    this.keys.set(hex, key);
    return key;
  }
}
