/** Tests that need the compiler for the chip: built once, skipped where it is missing, failed there with CI=true. */
import test, { type ExecutionContext } from 'ava';
import { buildImage, hasCompiler } from './test-board.js';

const MISSING = 'arm-none-eabi-gcc is missing (Debian: gcc-arm-none-eabi)';

const isPossible = hasCompiler();

export const chipTest = isPossible ? test : test.skip;

/** For `test.before`. */
export function prepareImage(t: ExecutionContext): void {
  if (isPossible) buildImage();
  else if (process.env.CI === 'true') t.fail(MISSING);
  else t.log(`${MISSING}: not run`);
}
