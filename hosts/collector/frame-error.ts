/** What is missing, forged or out of place: for one frame, or a run of them. */
export interface FrameError {
  /** One line, without the sequence numbers. */
  readonly reason: string;
  /** Sequence numbers of the first and the last frame concerned; undefined when they cannot be known. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Whose frame it is or claims to be; undefined when that cannot be known. */
  readonly keyId: string | undefined;
}

export function frameError(reason: string, sequence: number | undefined, keyId: string | undefined): FrameError {
  return { reason, first: sequence, last: sequence, keyId };
}

/** `frame 5`, `frames 5 to 9`, or `a frame`. */
export function framesText(first: number | undefined, last: number | undefined): string {
  if (first === undefined) return 'a frame';
  return first === last ? `frame ${first}` : `frames ${first} to ${last}`;
}
