/** The module `board` of this host: the ports of modules/board.ts over what the C host gives. */
import type { Board, Capture, EvidenceMemory, FlashPort, Port, Signer, Verifier } from '../../modules/board.js';
import type { Block } from '../../modules/capture/block.js';
import { openConfiguration } from '../../modules/command/open-configuration.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { RESET_POWER_ON, RESET_WATCHDOG } from '../../modules/frame/kinds.js';
import { keyIdOf } from '../../modules/sign/cose-key.js';
import { SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import { flashParts } from './flash-parts.js';

const ALGORITHM_ESP256 = -9;
const ASSURANCE_SECURE_ELEMENT = 1;
const FIRMWARE_VERSION = '0.1.0';
const STATISTICS = 8;

/** The capture, and what only this host tells of a block. */
export class BenchCapture implements Capture {
  readonly analogChannels = bench.analogChannels;
  readonly digitalChannels = bench.digitalChannels;
  /** True once the stream has ended and its last block was read. */
  isEnded = false;
  /** The stream's mark on the block read last. */
  mark = 0;
  private readonly header: number[] = [0, 0, 0, 0, 0];

  read(block: Block): boolean {
    const header = this.header;
    const answer = bench.readBlock(header, block.analog, block.digital);
    if (answer <= 0) {
      this.isEnded = answer < 0;
      return false;
    }
    block.sequence = header[0];
    block.timeUs = header[1];
    block.lost = header[2];
    block.isFresh = header[3];
    this.mark = header[4];
    return true;
  }
}

class BenchPort implements Port {
  readonly carrier: 'datagram' | 'serial' | 'stream';
  private readonly handle: number;

  constructor(carrier: 'datagram' | 'serial' | 'stream', handle: number) {
    this.carrier = carrier;
    this.handle = handle;
  }

  trySend(bytes: Uint8Array, length: number): boolean {
    return bench.send(this.handle, bytes, length);
  }

  receive(into: Uint8Array): number {
    return bench.receive(this.handle, into);
  }
}

/** Hosts may look behind the capture port. */
export interface BenchBoard extends Board {
  readonly capture: BenchCapture;
}

export function openBoard(): BenchBoard {
  const digest = { sha256: bench.sha256 };
  const configuration: Configuration = JSON.parse(bench.configuration);
  const { log, models, settings } = flashParts(openFlash());
  const isRestart = bench.resets() > 0;
  const ownDigest = digestArgument('configuration-digest');
  const opened = openConfiguration(settings, digest, configuration, ownDigest, isRestart);
  return {
    clock: { nowUs: bench.nowUs },
    capture: new BenchCapture(),
    flash: log,
    models,
    settings,
    digest,
    signer: openSigner(digest),
    verifier: openVerifier(),
    ports: openPorts(),
    watchdog: { feed: bench.feed },
    identity: {
      deviceId: deviceId(),
      firmwareVersion: FIRMWARE_VERSION,
      firmwareDigest: digestArgument('firmware-digest'),
      resetReason: isRestart ? RESET_WATCHDOG : RESET_POWER_ON,
    },
    memory: openMemory(),
    evidence: openEvidence(opened.configuration),
    ...opened,
  };
}

/** Recorded engineering values have no counts, and no evidence. */
function openEvidence({ analog, rawBeforeMs, rawAfterMs }: Configuration): EvidenceMemory | null {
  for (let i = 0; i < analog.length; i++) if (analog[i].kind === 'direct') return null;
  const depth = (rawBeforeMs ?? 0) + (rawAfterMs ?? 0) > 0 ? bench.rawStart() : 0;
  const raw = depth > 0 ? { depth, hold: bench.rawHold } : undefined;
  return {
    depth: bench.evidenceStart(bench.analogChannels, bench.digitalChannels),
    record: (block) => bench.evidenceRecord(block.sequence, block.analog, block.digital),
    hold: bench.evidenceHold,
    heldBytes: bench.evidenceHeld,
    take: bench.evidenceTake,
    raw,
  };
}

function openFlash(): FlashPort {
  return {
    eraseBytes: bench.flashEraseBytes,
    size: bench.flashBytes,
    erase: bench.flashErase,
    read: bench.flashRead,
    write: bench.flashWrite,
  };
}

function openSigner(digest: Board['digest']): Signer {
  const publicKey = new Uint8Array(64);
  bench.publicKey(publicKey);
  let keyId = keyIdOf(publicKey, digest);
  const commit = () => {
    if (!bench.commitKey()) return false;
    bench.publicKey(publicKey);
    keyId = keyIdOf(publicKey, digest);
    return true;
  };
  return {
    algorithm: ALGORITHM_ESP256,
    get keyId() {
      return keyId;
    },
    publicKey,
    assurance: ASSURANCE_SECURE_ELEMENT,
    start: bench.signStart,
    poll: bench.signPoll as Signer['poll'],
    rotation: {
      prepare: (into) => (bench.prepareKey(into, 1) ? SIGNER_DONE : SIGNER_FAILED),
      commit,
      resume: (announced) => isPrepared(announced) && commit(),
    },
  };
}

/** True when this key was made to replace the element's, and has not yet. */
function isPrepared(publicKey: Uint8Array): boolean {
  const prepared = new Uint8Array(publicKey.length);
  if (!bench.prepareKey(prepared, 0)) return false;
  for (let i = 0; i < prepared.length; i++) if (prepared[i] !== publicKey[i]) return false;
  return true;
}

/** The secure element's: an ATECC608 verifies with an external key, too. */
function openVerifier(): Verifier {
  return { start: bench.verifyStart, poll: bench.verifyPoll as Verifier['poll'] };
}

function openPorts(): Port[] {
  const ports: Port[] = [];
  const add = (carrier: Port['carrier'], handle: number) => {
    if (handle >= 0) ports.push(new BenchPort(carrier, handle));
  };
  add('datagram', bench.openUdp());
  add('serial', bench.openTty());
  if (bench.ttyPath !== '' && bench.resets() === 0) bench.print(bench.ttyPath);
  add('stream', bench.openTcp());
  return ports;
}

function openMemory(): Board['memory'] {
  const statistics: number[] = [];
  for (let i = 0; i < STATISTICS; i++) statistics.push(0);
  return {
    freeBytes() {
      bench.statistics(statistics);
      return statistics[4] - statistics[5];
    },
  };
}

/** 16 bytes that the host computed, given as hex. */
function digestArgument(name: string): Uint8Array {
  const hex = bench.argument(name) ?? '';
  const bytes = new Uint8Array(16);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function deviceId(): Uint8Array {
  const id = new Uint8Array(8);
  const text = bench.argument('device') ?? 'bench001';
  for (let i = 0; i < id.length && i < text.length; i++) id[i] = text.charCodeAt(i) & 255;
  return id;
}
