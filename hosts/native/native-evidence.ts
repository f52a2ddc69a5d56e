/** The evidence port over the board's C (evidence.c), in memory of its own. */
import type { EvidenceMemory } from '../../modules/board.js';
import type { Block } from '../../modules/capture/block.js';
import { evidenceHeld, evidenceHold, evidenceRecord, evidenceStart, evidenceTake } from './natives.js';

export class NativeEvidence implements EvidenceMemory {
  readonly depth = evidenceStart();

  record(block: Block): void {
    evidenceRecord(block.sequence, block.analog, block.digital);
  }

  hold(slot: number, channel: number, level: number, end: number, points: number): number {
    return evidenceHold(slot, channel, level, end, points);
  }

  heldBytes(slot: number): number {
    return evidenceHeld(slot);
  }

  take(slot: number, into: Uint8Array, at: number): void {
    evidenceTake(slot, into, at);
  }
}
