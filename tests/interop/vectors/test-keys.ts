/** Keys for the test vectors: published ones, known to everybody. Nothing real may ever be signed with them. */
import { SoftwareSigner } from '../../../hosts/keys/software-signer.js';
import type { Signer } from '../../../modules/board.js';
import { NodeCurve } from '../../keys/node-curve.js';
import { NODE_DIGEST } from '../../keys/node-digest.js';
import { RFC6979_SECRET } from '../../keys/rfc6979.js';

export interface TestKey {
  readonly source: string;
  /** In hexadecimal. */
  readonly secret: string;
  readonly algorithm: -9 | -7;
}

/** The board's first key, the one it changes to, and an operator's. */
export const FIRST_KEY: TestKey = { source: 'RFC 6979 appendix A.2.5', secret: RFC6979_SECRET, algorithm: -9 };
export const SECOND_KEY: TestKey = {
  source: 'RFC 7515 appendix A.3.1',
  secret: '8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2',
  algorithm: -7,
};
export const OPERATOR_KEY: TestKey = {
  source: 'RFC 8291 appendix A, user agent',
  secret: 'ab5757a70dd4a53e553a6bbf71ffefea2874ec07a6b379e3c48f895a02dc33de',
  algorithm: -9,
};

/** The signer of the boards' firmware, whose signatures repeat (RFC 6979), over Node's curve. */
export function signerOf({ secret, algorithm }: TestKey): Signer {
  const software = new SoftwareSigner(new Uint8Array(Buffer.from(secret, 'hex')), new NodeCurve(), NODE_DIGEST);
  const { keyId, publicKey, assurance } = software;
  return {
    algorithm,
    keyId,
    publicKey,
    assurance,
    start: (toBeSigned, length) => software.start(toBeSigned, length),
    poll: (signature) => software.poll(signature),
  };
}
