/**
 * The secure element's program: ECDSA P-256 with SHA-256 and nonces from RFC 6979, in a machine of its own.
 * A signature is r then s, 32 bytes each; s is low (the library's default; RFC 9053 section 2.1 asks for nothing).
 * The private key comes from the host and never leaves this machine.
 */
import { ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** What element.c gives: the private key, and a place to register what answers its commands. */
declare const element: {
  secret(into: Uint8Array): void;
  serve(input: Uint8Array, output: Uint8Array, run: (command: number, length: number) => boolean): void;
};

/** P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3). The library's own nist.js would bring two larger curves and FROST. */
const Point = weierstrass({
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  h: 1n,
  a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  Gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  Gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
});
const p256 = ecdsa(Point, sha256);

/** As in element.c. */
const COMMAND_PUBLIC_KEY = 1;
const COMMAND_HASH = 2;
const COMMAND_SIGN = 3;
const COMMAND_VERIFY = 4;
const COMMAND_PREPARE_KEY = 5;
const COMMAND_COMMIT_KEY = 6;
const INPUT_BYTES = 4096;
const OUTPUT_BYTES = 64;

const secret = new Uint8Array(32);
element.secret(secret);
const input = new Uint8Array(INPUT_BYTES);
const output = new Uint8Array(OUTPUT_BYTES);
const next = new Uint8Array(32);
const isKey = p256.utils.isValidSecretKey(secret);
/* A window of one bit: the larger tables would not fit in the arena. */
Point.BASE.precompute(1);

/** An operator's signature: x and y, r and s, then what was signed. */
function verify(length: number): boolean {
  const publicKey = new Uint8Array(65);
  publicKey[0] = 4;
  publicKey.set(input.subarray(0, 64), 1);
  try {
    // lowS: s may be high, as most signers leave it
    return p256.verify(input.subarray(64, 128), input.subarray(128, length), publicKey, { lowS: false });
  } catch {
    return false;
  }
}

function tellPublicKey(key: Uint8Array): boolean {
  if (!p256.utils.isValidSecretKey(key)) return false;
  output.set(p256.getPublicKey(key, false).subarray(1));
  return true;
}

/** Answers in `output`; false when it cannot. */
function run(command: number, length: number): boolean {
  if (command === COMMAND_VERIFY) return verify(length);
  if (command === COMMAND_HASH) {
    output.set(sha256(input.subarray(0, length)));
    return true;
  }
  if (!isKey) return false;
  if (command === COMMAND_SIGN) {
    output.set(p256.sign(input.subarray(0, length), secret));
    return true;
  }
  if (command === COMMAND_PUBLIC_KEY) return tellPublicKey(secret);
  if (command === COMMAND_PREPARE_KEY) {
    next.set(input.subarray(0, 32));
    return tellPublicKey(next);
  }
  if (command !== COMMAND_COMMIT_KEY) return false;
  secret.set(next);
  next.fill(0);
  return true;
}

element.serve(input, output, run);
