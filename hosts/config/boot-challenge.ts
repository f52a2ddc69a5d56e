/** What a command must name to be taken by a board whose wall clock is not set: its running boot, from its own verified frames. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CHALLENGE_BYTES } from '../../modules/command/command.js';
import { KIND_BOOT } from '../../modules/frame/kinds.js';
import { parseEnvelope } from '../collector/envelope.js';
import { followKey } from '../collector/key-succession.js';
import type { KeySet } from '../collector/keys.js';
import { type Frame, isRefusal, verifyFrame } from '../collector/verify.js';

const BOOT_DEVICE_ID = 1;

export interface Boot {
  readonly challenge: Uint8Array;
  readonly deviceId: Uint8Array;
  /** Uptime that the newest frame of this boot says, in whole milliseconds. */
  readonly uptimeMs: number;
}

/** The first bytes of the SHA-256 of a boot frame. */
export function challengeOf(bootFrame: Uint8Array): Uint8Array {
  return createHash('sha256').update(bootFrame).digest().subarray(0, CHALLENGE_BYTES);
}

/** Follows the boots of boards through their verified frames. */
export class Boots {
  /** By device id in hexadecimal. */
  readonly running = new Map<string, Boot>();
  private readonly deviceOfKey = new Map<string, { id: string; boot: number }>();

  take(frame: Frame): void {
    if (frame.kind === KIND_BOOT) this.begin(frame);
    const device = this.deviceOfKey.get(frame.keyId);
    const boot = device === undefined ? undefined : this.running.get(device.id);
    if (device === undefined || boot === undefined || frame.boot !== device.boot) return;
    const uptimeMs = Math.floor(frame.uptimeUs / 1000);
    if (uptimeMs > boot.uptimeMs) this.running.set(device.id, { ...boot, uptimeMs });
  }

  private begin(frame: Frame): void {
    const deviceId = frame.body.get(BOOT_DEVICE_ID);
    if (!(deviceId instanceof Uint8Array)) return;
    const id = Buffer.from(deviceId).toString('hex');
    const known = this.deviceOfKey.get(frame.keyId);
    if (known !== undefined && known.id === id && known.boot >= frame.boot) return;
    this.deviceOfKey.set(frame.keyId, { id, boot: frame.boot });
    this.running.set(id, {
      challenge: challengeOf(frame.bytes),
      deviceId,
      uptimeMs: Math.floor(frame.uptimeUs / 1000),
    });
  }
}

/** The boots in a file of frames (`collect --frames FILE`); only what verifies counts. */
export function bootsInFile(path: string, keys: KeySet): Boots {
  const bytes = readFileSync(path);
  const boots = new Boots();
  for (let at = 0; at < bytes.length; ) {
    const envelope = parseEnvelope(bytes, at, bytes.length);
    if (typeof envelope === 'string') break;
    const frame = verifyFrame(bytes.subarray(at, envelope.end), keys);
    if (!isRefusal(frame)) {
      followKey(frame, keys);
      boots.take(frame);
    }
    at = envelope.end;
  }
  return boots;
}
