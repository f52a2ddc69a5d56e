/** Where link messages come from: one interface for UDP, TCP and serial lines. */
import type { LinkMessage } from './link-message.js';

/**
 * `peer` names the board as the carrier knows it: `address:port`, or its address on the wires. False when what came could
 * not be kept: a carrier that can hold it back does so, and brings it again.
 */
export type OnMessage = (peer: string, message: LinkMessage) => unknown;

export interface Source {
  /** Peers to poll from the start. Where boards speak first (UDP) it is empty: they become known by what they send. */
  readonly peers: readonly string[];
  /** Most bytes of frames to ask for in one poll. */
  readonly answerBytesMax: number;
  /** Pieces of input that were no link message. */
  readonly refused: number;
  /**
   * Begins to receive. `onTrouble`: one line on what the carrier suffers; the source goes on by itself. `onFree`: a line
   * that was busy is free.
   */
  start(onMessage: OnMessage, onTrouble: (line: string) => void, onFree?: () => void): Promise<void>;
  /**
   * Asks `peer` for the frames from `from` on, `maxBytes` of them at most (`answerBytesMax` where absent) and the first
   * whatever its length; false when the line is busy: try again soon.
   */
  poll(peer: string, from: number, maxBytes?: number): boolean;
  /** Sends a message of another kind to `peer`; false when the line is busy. Absent where nothing is sent but polls. */
  send?(peer: string, message: Uint8Array): boolean;
  /** True where frames come in any order and other collectors may take part of them: what is missing is judged later. */
  isShared?(peer: string): boolean;
  /**
   * Of a peer on a line that boards share: pieces heard on it that were damaged. There `poll` is false until the answer
   * before is over. Absent or undefined elsewhere.
   */
  noiseOf?(peer: string): number | undefined;
  close(): Promise<void>;
}

/** A source that cannot be opened; the message is one line for the user. */
export class SourceError extends Error {}

/** One line of a system error. */
export function systemReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return 'the port is in use';
  if (code === 'EADDRNOTAVAIL') return 'this machine does not have that address';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no such host';
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'no space left on the disk';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'EISDIR') return 'it is a directory';
  return String((error as Error).message).split('\n')[0];
}
