/** Frames as received, appended to a file: a CBOR sequence (RFC 8742) that `collect --file` and others can judge. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { SourceError, systemReason } from './source.js';

export class FrameStore {
  private readonly path: string;
  private readonly file: number;

  /** `isAppending` false: the file begins anew. A SourceError when it cannot be opened. */
  constructor(path: string, isAppending: boolean) {
    this.path = path;
    try {
      this.file = openSync(path, isAppending ? 'a' : 'w');
    } catch (error) {
      throw new SourceError(`${path}: ${systemReason(error)}`);
    }
  }

  /** A SourceError when it cannot be written. */
  append(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    } catch (error) {
      throw new SourceError(`${this.path}: ${systemReason(error)}`);
    }
  }

  close(): void {
    closeSync(this.file);
  }
}
