/**
 * The evidence: every verified frame once, as received, in files of its device (DIR/KEYID/NUMBER-DATE.cbor).
 *
 * A frame is handed to the system before anything is said of it, so a collector that is killed loses none; it is synced to
 * the disk within `syncMs`, at the end of its segment and at the end of the run, so a power failure costs at most that,
 * which is asked for again from the board. A frame half written is cut at the next start. When the disk is full the
 * segment stays as it was, and the frame is asked for again until there is room.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeySet } from '../keys.js';
import { makeDirectory } from '../make-directory.js';
import { Runs } from '../runs.js';
import { SourceError, systemReason } from '../source.js';
import type { Frame } from '../verify.js';
import { DeviceStore, type StoredFrame } from './device-store.js';
import { Lock } from './lock.js';
import type { Segment } from './segment.js';

const KEY_ID_NAME = /^[0-9a-f]{16}$/;
/** Files open at a time, where the system permits; the one that waited longest is closed. */
const OPEN_FILES_MAX = 2048;
const OPEN_FILES_MIN = 16;
export const SYNC_MS_DEFAULT = 1000;
export const SEGMENT_BYTES_DEFAULT = 16 << 20;
const LOCK_FILE = 'lock';

export interface StoreOptions {
  readonly keys: KeySet;
  /** Frames are on the disk this many ms after they came; 0: each at once. */
  readonly syncMs?: number;
  readonly segmentBytesMax?: number;
  /** True only to read: nothing is locked, and nothing may be appended. */
  readonly isReadOnly?: boolean;
  /** In ms since 1970. */
  nowMs?(): number;
  onInfo?(line: string): void;
  /** The disk refuses (`reason`), or takes frames again (undefined). */
  onState?(reason: string | undefined): void;
}

export class Store {
  /** Frames appended in this run. */
  appended = 0;
  /** Why the disk refuses; undefined while it takes what comes. */
  trouble: string | undefined;
  readonly directory: string;
  private readonly options: StoreOptions;
  private readonly devices = new Map<string, DeviceStore>();
  private readonly open = new Set<Segment>();
  private readonly unsynced = new Set<Segment>();
  private readonly lock: Lock | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly syncMs: number;
  private openFilesMax = OPEN_FILES_MAX;

  /** Opens what is in `directory`, which is made when it is missing. A SourceError when that cannot be. */
  constructor(directory: string, options: StoreOptions) {
    this.directory = directory;
    this.options = options;
    this.syncMs = options.syncMs ?? SYNC_MS_DEFAULT;
    try {
      if (options.isReadOnly !== true) makeDirectory(directory);
      else if (!existsSync(directory)) throw new SourceError(`${directory}: no such directory`);
      if (options.isReadOnly !== true) this.lock = new Lock(join(directory, LOCK_FILE));
      for (const name of readdirSync(directory)) if (KEY_ID_NAME.test(name)) this.recover(name);
    } catch (error) {
      this.lock?.release();
      if (error instanceof SourceError) throw error;
      throw new SourceError(`${directory}: ${systemReason(error)}`);
    }
    if (this.syncMs > 0 && options.isReadOnly !== true)
      this.timer = setInterval(() => this.sync(), this.syncMs).unref();
  }

  get keyIds(): string[] {
    return [...this.devices.keys()];
  }

  /** What is stored of a device; empty for one that never spoke. */
  held(keyId: string): Runs {
    return this.devices.get(keyId)?.held ?? new Runs();
  }

  device(keyId: string): DeviceStore | undefined {
    return this.devices.get(keyId);
  }

  /** What is stored of a device, to be added to. */
  openDevice(keyId: string): DeviceStore {
    return this.devices.get(keyId) ?? this.addDevice(keyId);
  }

  find(keyId: string, sequence: number): StoredFrame | undefined {
    return this.devices.get(keyId)?.find(sequence);
  }

  get bytes(): number {
    let bytes = 0;
    for (const device of this.devices.values()) bytes += device.bytes;
    return bytes;
  }

  /** Stores a frame. False when the disk refuses: it is not stored, and has to be asked for again. */
  append(frame: Frame): boolean {
    const { keyId, sequence } = frame;
    const device = this.openDevice(keyId);
    if (device.held.has(sequence)) return true;
    try {
      const receivedMs = this.options.nowMs?.() ?? Date.now();
      const segment = device.append(frame, receivedMs, this.options.segmentBytesMax ?? SEGMENT_BYTES_DEFAULT);
      this.appended++;
      this.unsynced.add(segment);
      if (this.syncMs === 0) segment.syncNow();
      this.setTrouble(undefined);
      return true;
    } catch (error) {
      const { syscall, code } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      if (code === 'EMFILE' && this.openFilesMax > OPEN_FILES_MIN) {
        this.openFilesMax = Math.max(OPEN_FILES_MIN, this.open.size >> 1);
        this.closeOldest();
        return this.append(frame);
      }
      this.setTrouble(systemReason(error));
      return false;
    }
  }

  /** Frames first to last of a device are lost for ever. */
  lose(keyId: string, first: number, last: number, reason: string): void {
    const device = this.openDevice(keyId);
    device.losses.add({ first, last, reason, atMs: this.options.nowMs?.() ?? Date.now() });
  }

  sync(): void {
    for (const segment of this.unsynced) segment.sync((error) => this.setTrouble(systemReason(error)));
    this.unsynced.clear();
  }

  close(): void {
    clearInterval(this.timer);
    for (const device of this.devices.values()) device.close();
    this.lock?.release();
  }

  private setTrouble(trouble: string | undefined): void {
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    this.options.onState?.(trouble);
  }

  private recover(keyId: string): void {
    const device = this.options.keys.get(keyId)?.device;
    if (device !== keyId) {
      const why = device === undefined ? 'there is no key of this device' : `it is a later key of ${device}`;
      this.options.onInfo?.(`store: ${keyId}: ${why}; its frames are left alone`);
      return;
    }
    this.addDevice(keyId);
  }

  private addDevice(keyId: string): DeviceStore {
    const { keys, onInfo } = this.options;
    const device = new DeviceStore({
      directory: join(this.directory, keyId),
      keyId,
      keys,
      isReadOnly: this.options.isReadOnly === true,
      onInfo: (line) => onInfo?.(line),
      onOpen: (segment) => this.keepOpen(segment),
    });
    this.devices.set(keyId, device);
    return device;
  }

  private keepOpen(segment: Segment): void {
    this.open.delete(segment);
    this.open.add(segment);
    this.closeOldest();
  }

  private closeOldest(): void {
    for (const oldest of this.open) {
      if (this.open.size <= this.openFilesMax) return;
      this.open.delete(oldest);
      this.unsynced.delete(oldest);
      oldest.close();
    }
  }
}
