/** What hosts/keys uses of the SDK's big-integer curves, and of XS's extensions to BigInt. */
declare module 'ecp' {
  /** A point of a curve in affine coordinates. */
  export default class Point {
    constructor(x: bigint, y: bigint);
    readonly X: bigint;
    readonly Y: bigint;
  }
}

declare module 'curve' {
  import type Point from 'ecp';
  export default class Curve {
    constructor(name: 'secp256r1');
    /** Order of the base point. */
    readonly n: bigint;
    readonly ec: {
      add(a: Point, b: Point): Point;
      /** k1 * a1 + k2 * a2 */
      mul2(a1: Point, k1: bigint, a2: Point, k2: bigint): Point;
    };
  }
}

declare module 'modular' {
  /** Arithmetic modulo m. */
  export default class Modular {
    constructor(m: bigint);
    mod(a: bigint): bigint;
    /** Not reduced: may be up to a + m. */
    add(a: bigint, b: bigint): bigint;
    sub(a: bigint, b: bigint): bigint;
    mul(a: bigint, b: bigint): bigint;
    mulinv(a: bigint): bigint;
  }
}

interface BigIntConstructor {
  /** Big-endian, not negative. */
  fromArrayBuffer(bytes: ArrayBuffer): bigint;
}

interface ArrayBufferConstructor {
  /** Big-endian, at least `bytesMin` long. */
  fromBigInt(number: bigint, bytesMin: number): ArrayBuffer;
  /** UTF-8. */
  fromString(text: string): ArrayBuffer;
}
