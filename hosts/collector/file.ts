/** Judges frames that were stored: every frame of a file, in the order in which it stands there. */
import { closeSync, openSync, readSync } from 'node:fs';
import { Chain } from './chain.js';
import { type FrameError, frameError } from './frame-error.js';
import { FrameScanner } from './frame-scanner.js';
import { followKey } from './key-succession.js';
import type { KeySet } from './keys.js';
import { SourceError, systemReason } from './source.js';
import { type Frame, isRefusal, verifyFrame } from './verify.js';

const PIECE_BYTES = 65536;
const FIRST_SEQUENCE = 1;

export interface FileHandlers {
  /** A frame that verifies and was not seen before, as it stands in the file. */
  onFrame?(frame: Frame): void;
  onError?(error: FrameError): void;
  /** What is worth knowing and no error. */
  onInfo?(line: string): void;
}

export interface FileVerdict {
  readonly frames: number;
  readonly errors: number;
  /** Frames that stand there more than once. */
  readonly duplicates: number;
}

/** Judges what is pushed piece by piece; `end` gives the verdict. */
export class FileJudge {
  private readonly keys: KeySet;
  private readonly handlers: FileHandlers;
  private readonly chains = new Map<string, Chain>();
  private readonly scanner: FrameScanner;
  private readonly from: number;
  private position = 0;
  private frames = 0;
  private errors = 0;
  private duplicates = 0;

  /** `from`: the first frame that must be there. */
  constructor(keys: KeySet, handlers: FileHandlers, from = FIRST_SEQUENCE) {
    this.keys = keys;
    this.from = from;
    this.handlers = handlers;
    this.scanner = new FrameScanner({
      onFrame: (bytes, at) => this.judge(bytes, at),
      onUnreadable: (from, to, isCut) => this.unreadable(from, to, isCut),
    });
  }

  push(piece: Uint8Array): void {
    this.scanner.push(piece);
  }

  end(): FileVerdict {
    this.scanner.end();
    for (const chain of this.chains.values()) this.report(chain.end(this.from));
    if (this.frames === 0 && this.errors === 0)
      this.report([frameError('there is no frame in it', undefined, undefined)]);
    return { frames: this.frames, errors: this.errors, duplicates: this.duplicates };
  }

  /** True when the frame verifies. */
  private judge(bytes: Uint8Array, at: number): boolean {
    this.position++;
    const verdict = verifyFrame(bytes, this.keys);
    if (isRefusal(verdict)) {
      const { reason, sequence, keyId } = verdict;
      this.report([frameError(`${reason} (number ${this.position} in the file, byte ${at})`, sequence, keyId)]);
      if (sequence !== undefined) for (const chain of this.chains.values()) chain.noteReported(sequence);
      return false;
    }
    const chain = this.chainOf(verdict);
    const { isNew, errors } = chain.add(verdict);
    if (isNew) {
      this.frames++;
      this.handlers.onFrame?.(verdict);
      this.follow(verdict);
    } else if (errors.length === 0) this.duplicates++;
    this.report(errors);
    return true;
  }

  private follow(frame: Frame): void {
    const succession = followKey(frame, this.keys);
    if (succession?.isFollowed === true) this.handlers.onInfo?.(succession.line);
    else if (succession !== undefined) this.report([frameError(succession.line, frame.sequence, frame.keyId)]);
  }

  private chainOf({ keyId }: Frame): Chain {
    const known = this.chains.get(keyId);
    if (known !== undefined) return known;
    const chain = new Chain(keyId);
    this.chains.set(keyId, chain);
    return chain;
  }

  private unreadable(from: number, to: number, isCut: boolean): void {
    this.position++;
    const what = isCut ? 'the file ends within it' : `${to - from} bytes are no frame`;
    this.report([frameError(`${what} (number ${this.position} in the file, byte ${from})`, undefined, undefined)]);
  }

  private report(errors: readonly FrameError[]): void {
    this.errors += errors.length;
    for (const error of errors) this.handlers.onError?.(error);
  }
}

/** Judges the file at `path`; a SourceError when it cannot be read. */
export function judgeFile(path: string, keys: KeySet, handlers: FileHandlers, from?: number): FileVerdict {
  const judge = new FileJudge(keys, handlers, from);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const piece = new Uint8Array(PIECE_BYTES);
    for (let bytes = readSync(file, piece); bytes > 0; bytes = readSync(file, piece)) judge.push(piece.slice(0, bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new SourceError(`${path}: ${systemReason(error)}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return judge.end();
}
