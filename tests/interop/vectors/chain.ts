/** Signs statements one after the other, as the firmware does: payload, COSE_Sign1, the hash into the next frame. */
import { createHash } from 'node:crypto';
import type { Signer } from '../../../modules/board.js';
import type { CborWriter } from '../../../modules/cbor/writer.js';
import { beginPayload } from '../../../modules/frame/outline.js';
import { CoseSign1, FRAME_AT } from '../../../modules/sign/cose-sign1.js';
import { SIGNER_BUSY, SIGNER_DONE } from '../../../modules/sign/signer-state.js';
import type { Statement } from './bodies.js';

/** The frame around the payload that `write` writes. */
export function sealed(signer: Signer, write: (writer: CborWriter) => void): Uint8Array {
  const cose = new CoseSign1(signer);
  const writer = cose.begin();
  write(writer);
  if (!cose.sign()) throw new Error('the signer does not start');
  let state = cose.poll();
  while (state === SIGNER_BUSY) state = cose.poll();
  if (state !== SIGNER_DONE) throw new Error(`the signer answered ${state}`);
  return cose.buffer.slice(FRAME_AT, FRAME_AT + cose.frameBytes);
}

/** Frames that follow each other. */
export class Chain {
  readonly frames: Uint8Array[] = [];
  private previous: Uint8Array | null = null;

  /** The next frame. */
  add(signer: Signer, boot: number, statement: Statement): Uint8Array {
    const { kind, uptimeUs, unixMs = 0, uncertaintyMs = 0 } = statement;
    const frame = sealed(signer, (writer) => {
      const sequence = this.frames.length + 1;
      beginPayload(writer, kind, sequence, boot, uptimeUs, this.previous, unixMs, uncertaintyMs);
      statement.write(writer);
    });
    this.frames.push(frame);
    this.previous = createHash('sha256').update(frame).digest();
    return frame;
  }
}
