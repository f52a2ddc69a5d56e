/**
 * Natural logarithm and exponential from the four operations alone, so that every engine gives the same bits:
 * ECMAScript leaves the last place of Math.log and Math.exp to the implementation.
 * Relative error below 1e-15 over the ranges used here.
 */
/** Natural logarithm of x > 0; -745 for anything smaller than the smallest double. */
export function ln(x: number): number {
  if (!(x > 5e-324)) return -745;
  let exponent = 0;
  while (x >= 4294967296) {
    x /= 4294967296;
    exponent += 32;
  }
  while (x < 2.3283064365386963e-10) {
    x *= 4294967296;
    exponent -= 32;
  }
  while (x >= Math.SQRT2) {
    x *= 0.5;
    exponent++;
  }
  while (x < Math.SQRT2 / 2) {
    x *= 2;
    exponent--;
  }
  const s = (x - 1) / (x + 1);
  const s2 = s * s;
  let sum = 0;
  for (let n = 23; n > 0; n -= 2) sum = sum * s2 + 1 / n;
  return 2 * s * sum + exponent * Math.LN2;
}

/** Exponential of x, held to -700..700. */
export function exp(x: number): number {
  if (x > 700) x = 700;
  if (x < -700) x = -700;
  const turns = Math.round(x / Math.LN2);
  const r = x - turns * Math.LN2;
  let sum = 1;
  for (let n = 16; n > 0; n--) sum = 1 + (r * sum) / n;
  let scale = 1;
  for (let i = turns; i > 0; i--) scale *= 2;
  for (let i = turns; i < 0; i++) scale *= 0.5;
  return sum * scale;
}
