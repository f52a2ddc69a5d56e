/**
 * The key that a board states of itself: a boot frame carries it. Whoever takes it from there trusts the line at that
 * moment; an installer takes it from the board.
 */
import { LABEL_BODY, LABEL_KIND } from '../../modules/frame/kinds.js';
import { decodeItem } from '../collector/decode-item.js';
import { parseEnvelope } from '../collector/envelope.js';

const KIND_BOOT = 0;
const LABEL_PUBLIC_KEY = 8;
const LABEL_X = -2;
const LABEL_Y = -3;

export interface Point {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** Undefined where the bytes are no boot frame. Nothing is verified. */
export function statedKey(frame: Uint8Array): Point | undefined {
  const envelope = parseEnvelope(frame, 0, frame.length);
  if (typeof envelope === 'string') return undefined;
  try {
    const payload = decodeItem(envelope.payload);
    if (!(payload instanceof Map) || payload.get(LABEL_KIND) !== KIND_BOOT) return undefined;
    const key = payload.get(LABEL_BODY)?.get(LABEL_PUBLIC_KEY);
    const [x, y] = [key?.get(LABEL_X), key?.get(LABEL_Y)];
    return x instanceof Uint8Array && y instanceof Uint8Array ? { x, y } : undefined;
  } catch {
    return undefined;
  }
}
