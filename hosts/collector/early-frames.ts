/**
 * Frames of keys not known yet, until what is before them has come: it may name their key (kind 9). Anybody who can send
 * in the board's place can claim any key and number, so no claim holds a place for good: a key has PER_KEY_MAX places
 * and gives up its own oldest; where all are taken, a key drawn by lot gives one up. Memory: PLACES frames.
 */
import { randomInt } from 'node:crypto';

export const EARLY_PLACES = 64;
export const EARLY_PER_KEY_MAX = 16;

export class EarlyFrames {
  /** Those that had to give way. */
  displaced = 0;
  /** By the key that they claim, then by sequence number, in the order in which they came. */
  private readonly keys = new Map<string, Map<number, Uint8Array>>();
  private count = 0;

  /** Keeps a copy; the first one of a key and number stays. */
  keep(keyId: string, sequence: number, bytes: Uint8Array): void {
    const own = this.keys.get(keyId);
    if (own?.has(sequence)) return;
    if (own !== undefined && own.size >= EARLY_PER_KEY_MAX) this.displace(keyId);
    else if (this.count >= EARLY_PLACES) this.displace([...this.keys.keys()][randomInt(this.keys.size)]);
    const frames = this.keys.get(keyId) ?? new Map<number, Uint8Array>();
    frames.set(sequence, Uint8Array.from(bytes));
    this.keys.set(keyId, frames);
    this.count++;
  }

  /** Takes one of a sequence number up to `sequenceMax`; undefined when there is none. */
  take(sequenceMax: number): Uint8Array | undefined {
    for (const [keyId, frames] of this.keys)
      for (const [sequence, bytes] of frames) {
        if (sequence > sequenceMax) continue;
        this.remove(keyId, sequence);
        return bytes;
      }
    return undefined;
  }

  private displace(keyId: string): void {
    const [oldest] = this.keys.get(keyId)?.keys() ?? [];
    this.remove(keyId, oldest);
    this.displaced++;
  }

  private remove(keyId: string, sequence: number): void {
    const frames = this.keys.get(keyId);
    if (frames?.delete(sequence) !== true) return;
    this.count--;
    if (frames.size === 0) this.keys.delete(keyId);
  }
}
