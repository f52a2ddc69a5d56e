/** What `start --json` and `collect --json` print, line by line: a verified frame, or an error. */

export interface FrameLine {
  readonly device: string;
  readonly sequence: number;
  readonly kind: string;
  readonly verified: true;
  readonly payload: { readonly uptimeUs: number; readonly body: Readonly<Record<string, unknown>> };
}

export interface ErrorLine {
  readonly error: string;
  /** Null where it cannot be known. */
  readonly sequence: number | null;
  /** Of a long run of missing frames. */
  readonly last?: number;
}

export interface Printed {
  readonly frames: readonly FrameLine[];
  readonly errors: readonly ErrorLine[];
}

/** Throws on a line that is neither. */
export function readPrinted(lines: readonly string[]): Printed {
  const frames: FrameLine[] = [];
  const errors: ErrorLine[] = [];
  for (const line of lines) {
    const json = JSON.parse(line);
    if (typeof json.error === 'string') errors.push(json);
    else if (json.verified === true && Number.isSafeInteger(json.sequence)) frames.push(json);
    else throw new Error(`neither a frame nor an error: ${line}`);
  }
  return { frames, errors };
}

export function ofKind(frames: readonly FrameLine[], kind: string): FrameLine[] {
  return frames.filter((frame) => frame.kind === kind);
}

export function sequencesOf(frames: readonly FrameLine[]): number[] {
  return frames.map(({ sequence }) => sequence);
}

/** first, first + 1, ... last. */
export function sequencesFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** True when an error is about this frame. */
export function isNamed(errors: readonly ErrorLine[], sequence: number): boolean {
  return errors.some(
    (error) => error.sequence !== null && error.sequence <= sequence && sequence <= (error.last ?? error.sequence),
  );
}
