/** Answers of `Verifier.poll`. */
export const VERIFIER_BUSY = 0;
export const VERIFIER_GOOD = 1;
export const VERIFIER_BAD = 2;
