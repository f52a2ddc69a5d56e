/** The board's end of a link, written after the contract and not after the firmware: answers polls from a list of frames. */
import { decode } from 'cborg';
import { cbor } from './sample-frames.js';

export function dataMessages(sequence: number, frame: Uint8Array, fragmentBytes = 1024): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let offset = 0; offset < frame.length; offset += fragmentBytes)
    messages.push(
      cbor([2, sequence, offset, frame.length, Uint8Array.from(frame.subarray(offset, offset + fragmentBytes))]),
    );
  return messages;
}

export function idleMessage(tail: number, head: number): Uint8Array {
  return cbor([3, tail, head]);
}

export class SampleLog {
  /** Frames by sequence number; frames before `tail` are overwritten. */
  readonly frames = new Map<number, Uint8Array>();
  tail = 1;
  head = 1;
  polls = 0;
  fragmentBytes = 1024;

  append(frame: Uint8Array): number {
    this.frames.set(this.head, frame);
    return this.head++;
  }

  /** Link messages in answer to a poll; none for anything else. */
  answer(request: Uint8Array): Uint8Array[] {
    let message: unknown;
    try {
      message = decode(request);
    } catch {
      return [];
    }
    if (!Array.isArray(message) || message[0] !== 1) return [];
    this.polls++;
    const [, from, maxBytes] = message as number[];
    const answers: Uint8Array[] = [];
    if (from < this.tail || from >= this.head) answers.push(idleMessage(this.tail, this.head));
    let bytes = 0;
    for (let sequence = Math.max(from, this.tail); sequence < this.head; sequence++) {
      const frame = this.frames.get(sequence);
      if (frame === undefined) continue;
      if (bytes + frame.length > maxBytes) break;
      bytes += frame.length;
      answers.push(...dataMessages(sequence, frame, this.fragmentBytes));
    }
    return answers;
  }
}
