/** Who hears what the collector makes of what comes: the printer, those it forwards to, metrics, the cross-check. */
import type { FrameError } from './frame-error.js';
import type { Frame } from './verify.js';

/** What a cross-check found: what PLC or SCADA report is not what the board measures on the wire, or is again. */
export interface Difference {
  readonly state: 'open' | 'closed';
  readonly keyId: string;
  readonly device: string;
  readonly channel: string;
  readonly unit: string;
  /** Sequence number of the readings frame that showed it. */
  readonly sequence: number;
  /** What the board measured, signed, and what was reported meanwhile. */
  readonly wire: Spread;
  readonly reported: Spread;
  readonly tolerance: number;
  /** Since when they differ, and now, in ms since 1970, by the collector's clock. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/** Mean and extremes of a window. */
export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface Listener {
  onFrame?(frame: Frame): void;
  onError?(error: FrameError): void;
  onDifference?(difference: Difference): void;
  /** The store's disk refuses frames (`reason`), or takes them again (undefined). */
  onStoreState?(reason: string | undefined): void;
  /** What a board says of its log; not signed. */
  onIdle?(tail: number, head: number): void;
  onInfo?(line: string): void;
}

/** One listener that tells all of `listeners`, in their order. */
export function tellAll(listeners: readonly Listener[]): Required<Listener> {
  return {
    onFrame: (frame) => {
      for (const listener of listeners) listener.onFrame?.(frame);
    },
    onError: (error) => {
      for (const listener of listeners) listener.onError?.(error);
    },
    onDifference: (difference) => {
      for (const listener of listeners) listener.onDifference?.(difference);
    },
    onStoreState: (reason) => {
      for (const listener of listeners) listener.onStoreState?.(reason);
    },
    onIdle: (tail, head) => {
      for (const listener of listeners) listener.onIdle?.(tail, head);
    },
    onInfo: (line) => {
      for (const listener of listeners) listener.onInfo?.(line);
    },
  };
}
