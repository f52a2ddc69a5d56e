/**
 * Seeded random numbers: one independent stream per name, so that a new channel never shifts another's noise.
 * Generator: sfc32 by Chris Doty-Humphrey (PractRand, `sfc.h`): 128 bits of state with a 32-bit counter.
 * Gaussian: ziggurat with 128 layers, Marsaglia and Tsang 2000, layer and value from separate bits as Doornik 2005 asks.
 */

const LAYERS = 128;
const TAIL_FROM = 3.442619855899;
/** From the 25 bits left of a word to -1 .. 1. */
const SHARE = 1 / 2 ** 24;
const LAYER_AREA = 9.91256303526217e-3;

/** Right edge of each layer (widest first), and the share of it that lies wholly under the curve. */
const { edges: EDGES, inner: INNER } = ziggurat();

export class Random {
  private readonly state = new Int32Array(4);

  /** Same seed and stream: same numbers. The seed is an integer up to 2^53. */
  constructor(seed: number, stream: string) {
    this.state[0] = hash(stream);
    this.state[1] = seed | 0;
    this.state[2] = Math.floor(seed / 2 ** 32) | 0;
    this.state[3] = 1;
    for (let i = 0; i < 20; i++) this.word();
  }

  /** 32 random bits, as a signed integer. */
  word(): number {
    const s = this.state;
    const b = s[1];
    const c = s[2];
    const counter = s[3];
    const word = (((s[0] + b) | 0) + counter) | 0;
    s[3] = counter + 1;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + word;
    return word;
  }

  /** Above 0, below 1. */
  uniform(): number {
    return ((this.word() >>> 0) + 0.5) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer from 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Mean 0, variance 1. */
  gaussian(): number {
    const word = this.word();
    const layer = word & (LAYERS - 1);
    const share = (word >> 7) * SHARE;
    const value = share * EDGES[layer];
    const inner = INNER[layer];
    return share < inner && share > -inner ? value : this.outer(layer, share, value);
  }

  /** The next `count` values of `gaussian`, faster than one by one. */
  gaussians(into: Float64Array, count: number): void {
    const s = this.state;
    let a = s[0];
    let b = s[1];
    let c = s[2];
    let counter = s[3];
    for (let i = 0; i < count; i++) {
      const word = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      const layer = word & (LAYERS - 1);
      const share = (word >> 7) * SHARE;
      const value = share * EDGES[layer];
      const inner = INNER[layer];
      if (share < inner && share > -inner) {
        into[i] = value;
        continue;
      }
      this.keep(a, b, c, counter);
      into[i] = this.outer(layer, share, value);
      a = s[0];
      b = s[1];
      c = s[2];
      counter = s[3];
    }
    this.keep(a, b, c, counter);
  }

  private keep(a: number, b: number, c: number, counter: number): void {
    const s = this.state;
    s[0] = a;
    s[1] = b;
    s[2] = c;
    s[3] = counter;
  }

  /** The rare case: the value may lie beyond the curve. */
  private outer(layer: number, share: number, value: number): number {
    for (;;) {
      if (layer === 0) return this.tail(share < 0);
      const outer = Math.exp(-0.5 * (EDGES[layer] * EDGES[layer] - value * value));
      const next = Math.exp(-0.5 * (EDGES[layer + 1] * EDGES[layer + 1] - value * value));
      if (next + this.uniform() * (outer - next) < 1) return value;
      const word = this.word();
      layer = word & (LAYERS - 1);
      share = (word >> 7) * SHARE;
      value = share * EDGES[layer];
      if (share < INNER[layer] && share > -INNER[layer]) return value;
    }
  }

  private tail(isNegative: boolean): number {
    for (;;) {
      const beyond = -Math.log(this.uniform()) / TAIL_FROM;
      if (-2 * Math.log(this.uniform()) >= beyond * beyond) {
        return isNegative ? -TAIL_FROM - beyond : TAIL_FROM + beyond;
      }
    }
  }
}

const BUFFERED = 64;

/** The values of `gaussian` of one stream, made many at a time: for streams of which nothing else is wanted. */
export class Gaussians {
  private readonly random: Random;
  private readonly buffer = new Float64Array(BUFFERED);
  private at = BUFFERED;

  constructor(seed: number, stream: string) {
    this.random = new Random(seed, stream);
  }

  next(): number {
    if (this.at === BUFFERED) {
      this.random.gaussians(this.buffer, BUFFERED);
      this.at = 0;
    }
    return this.buffer[this.at++];
  }
}

function ziggurat(): { edges: readonly number[]; inner: readonly number[] } {
  const edges = [LAYER_AREA / Math.exp(-0.5 * TAIL_FROM * TAIL_FROM), TAIL_FROM];
  for (let i = 2; i < LAYERS; i++) {
    const before = edges[i - 1];
    edges.push(Math.sqrt(-2 * Math.log(LAYER_AREA / before + Math.exp(-0.5 * before * before))));
  }
  edges.push(0);
  const inner: number[] = [];
  for (let i = 0; i < LAYERS; i++) inner.push(edges[i + 1] / edges[i]);
  return { edges, inner };
}

/** FNV-1a, 32 bits. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) value = Math.imul(value ^ name.charCodeAt(i), 0x01000193);
  return value;
}
