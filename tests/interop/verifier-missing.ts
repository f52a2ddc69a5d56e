/** A verifier that is not installed. In CI (env CI is 'true') that is a failure, elsewhere it is logged. */
export class VerifierMissing extends Error {}
