/** Answers of `Signer.poll`. */
export const SIGNER_BUSY = 0;
export const SIGNER_DONE = 1;
export const SIGNER_FAILED = 2;
