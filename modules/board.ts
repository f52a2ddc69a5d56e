/**
 * The ports: all that the firmware knows of a board. Types only; every host fills them.
 * No port can drive a tapped line: capture is read-only by type.
 */
import type { Block } from './capture/block.js';
import type { Configuration } from './config/configuration.js';

/** Monotonic time since the board started, in microseconds. */
export interface Clock {
  nowUs(): number;
}

/** Samples of the tapped lines, taken by hardware, handed over in blocks. */
export interface Capture {
  readonly analogChannels: number;
  readonly digitalChannels: number;
  /** Fills `block` with the oldest block not yet read; false when none is ready. */
  read(block: Block): boolean;
}

/** NOR flash: bytes are 0xFF after an erase, a write can only clear bits. Addresses and lengths in bytes. */
export interface FlashPort {
  readonly eraseBytes: number;
  readonly size: number;
  erase(start: number): void;
  read(at: number, into: Uint8Array, length: number): void;
  write(at: number, from: Uint8Array, length: number): void;
}

/** SHA-256 (FIPS 180-4) over the first `length` bytes; writes 32 bytes. */
export interface Digest {
  sha256(bytes: Uint8Array, length: number, into: Uint8Array): void;
}

/** What `Signer.poll` answers: SIGNER_BUSY, SIGNER_DONE or SIGNER_FAILED of `sign/signer-state.ts`. */
export type SignerState = 0 | 1 | 2;

/** Holds the device key; may take its time (an I2C secure element). ECDSA P-256 with SHA-256. */
export interface Signer {
  /** COSE algorithm identifier: -9 (ESP256, RFC 9864) or -7 (ES256, RFC 9053). */
  readonly algorithm: number;
  /** First 8 bytes of the COSE Key Thumbprint (RFC 9679, SHA-256). */
  readonly keyId: Uint8Array;
  /** Public key: x then y, 32 bytes each. */
  readonly publicKey: Uint8Array;
  /** 0 software key, 1 secure element. */
  readonly assurance: number;
  /** Starts a signature over the first `length` bytes; false when it cannot start now. */
  start(toBeSigned: Uint8Array, length: number): boolean;
  /** When done, `signature` holds r then s, 32 bytes each. */
  poll(signature: Uint8Array): SignerState;
  /** Absent where the key cannot be replaced. */
  readonly rotation?: KeyRotation;
}

/** A second key beside the first, until it takes its place. A power cut leaves the first or the second. */
export interface KeyRotation {
  /**
   * Makes and keeps a new key, which signs nothing yet. Called again until it answers, each call a bounded piece of
   * work: when done, its x and y stand in `publicKey`; failed: it cannot. A signature meanwhile only delays it.
   */
  prepare(publicKey: Uint8Array): SignerState;
  /**
   * From now on the signer signs with the new key, the old one is gone: its `keyId` and `publicKey` are others. False
   * when it cannot.
   */
  commit(): boolean;
  /** At start: makes up for a `commit` that the power forestalled, once `publicKey` was announced. False: it cannot. */
  resume(publicKey: Uint8Array): boolean;
}

/** What `Verifier.poll` answers: VERIFIER_BUSY, VERIFIER_GOOD or VERIFIER_BAD of `sign/verifier-state.ts`. */
export type VerifierState = 0 | 1 | 2;

/** Checks operators' signatures: ECDSA P-256 with SHA-256. May take its time; a call of `poll` is bounded. */
export interface Verifier {
  /**
   * Starts on the first `length` bytes; r then s, 32 bytes each, stand at bytes[signatureAt], x then y of the key at
   * bytes[publicKeyAt]. The caller leaves them as they are until it is done. False when it cannot start; one given up
   * is forgotten.
   */
  start(bytes: Uint8Array, length: number, signatureAt: number, publicKeyAt: number): boolean;
  poll(): VerifierState;
}

/**
 * Bytes to and from the world. A datagram port moves whole messages; a serial or stream port moves bytes in order.
 * Both calls return at once.
 */
export interface Port {
  readonly carrier: 'datagram' | 'serial' | 'stream';
  /** All of it or nothing; false when there is no room now. */
  trySend(bytes: Uint8Array, length: number): boolean;
  /** Number of bytes received (one datagram, or what has arrived of a stream), 0 when none. */
  receive(into: Uint8Array): number;
}

/**
 * What was on every line until now, in memory of the board's own (see evidence/rings.ts): points of several rates, and
 * slots that hold stretches of them packed for frames.
 */
export interface EvidenceMemory {
  /** Points of each level. */
  readonly depth: number;
  /** Adds a block. */
  record(block: Block): void;
  /**
   * Packs up to `points` points of a channel that end with point `end` (a block's sequence over the blocks of a point)
   * into a slot, fewer where they are overwritten or do not fit: the oldest are left out. Returns how many.
   */
  hold(slot: number, channel: number, level: number, end: number, points: number): number;
  /** Bytes that a slot holds, EVIDENCE_PART_BYTES_MAX at most. */
  heldBytes(slot: number): number;
  /** Copies them to `into` from byte `at` on. */
  take(slot: number, into: Uint8Array, at: number): void;
  /** Absent where no samples are kept. It fills the same slots. */
  readonly raw?: RawMemory;
}

/** The last samples of every line, in memory of the board's own (see evidence/raw-ring.ts). */
export interface RawMemory {
  /** Blocks whose samples it keeps. */
  readonly depth: number;
  /**
   * Packs up to `samples` samples of a channel that end with sample `end` (counted from the first of block 0) into a
   * slot, fewer where the oldest are no longer there. Returns how many; -1: more than a slot holds.
   */
  hold(slot: number, channel: number, end: number, samples: number): number;
}

/** Resets the board when it is not fed in time. */
export interface Watchdog {
  feed(): void;
}

/** Who the board is, for the boot frame. */
export interface Identity {
  /** 8 bytes, unique to the chip. */
  readonly deviceId: Uint8Array;
  readonly firmwareVersion: string;
  /** First 16 bytes of SHA-256 over the firmware image. */
  readonly firmwareDigest: Uint8Array;
  /** RESET_* of `frame/kinds.ts`. */
  readonly resetReason: number;
}

/** What the engine says of its memory. */
export interface Memory {
  /** Bytes of the arena not in use. */
  freeBytes(): number;
}

/** All of a board. */
export interface Board {
  readonly clock: Clock;
  readonly capture: Capture;
  /** The frame log's. */
  readonly flash: FlashPort;
  /** The learned model's: two sectors at least, two slots of whole sectors. */
  readonly models: FlashPort;
  /** Operators, their sequence numbers and the configuration that came by command: SETTINGS_SECTORS sectors. */
  readonly settings: FlashPort;
  readonly digest: Digest;
  readonly signer: Signer;
  /** Null where no commands are taken. */
  readonly verifier: Verifier | null;
  readonly ports: readonly Port[];
  readonly watchdog: Watchdog;
  readonly identity: Identity;
  readonly memory: Memory;
  /** Null: no evidence is kept (recordings of engineering values have no counts). */
  readonly evidence: EvidenceMemory | null;
  readonly configuration: Configuration;
  /** First 16 bytes of SHA-256 over the configuration as it was given to the host. */
  readonly configurationDigest: Uint8Array;
  /** What became of a configuration that came by command: CONFIGURATION_* of `command/results.ts`; -1: none came. */
  readonly configurationNews: number;
}
