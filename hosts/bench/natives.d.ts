/**
 * What the C host gives to JavaScript on the XS engine: one frozen object on the global.
 * A native never keeps a buffer that JavaScript handed over. Misuse (a bad address, a write over programmed flash
 * bits) ends the process with one line on stderr and a non-zero exit.
 */
interface BenchNatives {
  /** Microseconds since start: monotonic, or virtual with --virtual. */
  nowUs(): number;
  /** One line to stdout. */
  print(line: string): void;
  /** Text of the JSON given with --configuration FILE. */
  readonly configuration: string;
  /** Value of `--argument NAME=VALUE`, undefined when not given. */
  argument(name: string): string | undefined;

  /** Runs `callback` once after delayMs, then every repeatMs when that is above 0. Returns the timer's number. */
  setTimer(callback: () => void, delayMs: number, repeatMs: number): number;
  clearTimer(timer: number): void;
  /** Ends the event loop after the running callback, exit code given. */
  exit(code: number): void;

  /** Feeds the watchdog: from the first time on a firmware that reads 200 blocks without it is reset. RAM and clock begin anew. */
  feed(): void;
  /** Resets by the watchdog since the process began. */
  resets(): number;

  /** From the stream's header. */
  readonly analogChannels: number;
  readonly digitalChannels: number;
  /**
   * The capture: pokes the oldest block of the ring. header: [sequence, timeUs, lost, isFresh, mark].
   * 1: a block; 0: none ready yet; -1: the stream has ended (from then on virtual time passes as real time does). `mark` is passed through from the stream.
   */
  readBlock(header: number[], analog: number[], digital: number[]): number;
  /** Writes the numbers as little-endian doubles to the file of --record FILE. */
  record(values: number[], length: number): void;

  /** hosts/native/evidence.h; the block as `readBlock` gave it. */
  evidenceStart(analogChannels: number, digitalChannels: number): number;
  evidenceRecord(sequence: number, analog: readonly number[], digital: readonly number[]): void;
  evidenceHold(slot: number, channel: number, level: number, end: number, points: number): number;
  evidenceHeld(slot: number): number;
  evidenceTake(slot: number, into: Uint8Array, at: number): void;
  /** hosts/native/raw.h; 0 where the stream has no samples. From then on `evidenceRecord` keeps those of the block read last. */
  rawStart(): number;
  rawHold(slot: number, channel: number, end: number, samples: number): number;

  readonly flashBytes: number;
  readonly flashEraseBytes: number;
  flashErase(at: number): void;
  flashRead(at: number, into: Uint8Array, length: number): void;
  flashWrite(at: number, from: Uint8Array, length: number): void;

  /** The secure element: a second XS machine on a thread of its own. */
  sha256(bytes: Uint8Array, length: number, into: Uint8Array): void;
  /** x then y, 32 bytes each. At most 4096 bytes are hashed or signed in one call. */
  publicKey(into: Uint8Array): void;
  /** x and y of the key that is to replace the element's: a new one, or with `isNew` 0 the one that was made before; false: none. */
  prepareKey(into: Uint8Array, isNew: number): boolean;
  /** The key prepared last takes the place of the element's, in the file of --key, too. */
  commitKey(): boolean;
  signStart(bytes: Uint8Array, length: number): boolean;
  /** 0 busy, 1 done (signature filled, r then s), 2 failed. With --virtual it is busy for --sign-ms of virtual time. */
  signPoll(signature: Uint8Array): number;
  /** The element's, too: r and s at bytes[signatureAt], x and y at bytes[publicKeyAt]. One at a time; a new one replaces it. */
  verifyStart(bytes: Uint8Array, length: number, signatureAt: number, publicKeyAt: number): boolean;
  /** 0 busy, 1 good, 2 bad or none under way. With --virtual it is busy for --sign-ms of virtual time. */
  verifyPoll(): number;

  /** Opens what --udp LOCALPORT:HOST:PORT, --tcp PORT (listens on loopback), --tty PATH|new or --tape FILE asked for; -1 when it was not given. */
  openUdp(): number;
  openTcp(): number;
  openTty(): number;
  /** The serial line's device: with --tty new the pseudo-terminal that the other side opens. "" without --tty. */
  readonly ttyPath: string;
  /** All or nothing; false when there is no room now (or nobody is connected). */
  send(port: number, bytes: Uint8Array, length: number): boolean;
  /** Bytes received, 0 when none. */
  receive(port: number, into: Uint8Array): number;

  /**
   * Fills into: [computrons since start, slots allocated since start, chunk bytes allocated since start, collections,
   * arena bytes, bytes in use now, largest bytes in use after a collection, slot bytes].
   */
  statistics(into: number[]): void;
  /** Runs the garbage collector. */
  collect(): void;

  /** hosts/native/kernels.c, which stands in for modules/base/kernels.ts. */
  readonly addQuietLines: typeof import('../../modules/base/kernels.js').addQuietLines;
  readonly addSettledContacts: typeof import('../../modules/base/kernels.js').addSettledContacts;
  readonly restlessContact: typeof import('../../modules/base/kernels.js').restlessContact;
  readonly sumPicked: typeof import('../../modules/base/kernels.js').sumPicked;
  readonly fitPicked: typeof import('../../modules/base/kernels.js').fitPicked;
  readonly addToHistogram: typeof import('../../modules/base/kernels.js').addToHistogram;
  readonly completeRow: typeof import('../../modules/base/kernels.js').completeRow;
  readonly restartRow: typeof import('../../modules/base/kernels.js').restartRow;
  readonly addToReadings: typeof import('../../modules/base/kernels.js').addToReadings;
  readonly standardiseRow: typeof import('../../modules/base/kernels.js').standardiseRow;
  readonly watchChannels: typeof import('../../modules/base/kernels.js').watchChannels;
  readonly fitChannel: typeof import('../../modules/base/kernels.js').fitChannel;
  readonly combineChannels: typeof import('../../modules/base/kernels.js').combineChannels;
  readonly addGoodValues: typeof import('../../modules/base/kernels.js').addGoodValues;
  readonly addProducts: typeof import('../../modules/base/kernels.js').addProducts;
  readonly knownValues: typeof import('../../modules/base/kernels.js').knownValues;
  readonly learnRanges: typeof import('../../modules/base/kernels.js').learnRanges;
  readonly learnBands: typeof import('../../modules/base/kernels.js').learnBands;
  readonly leftGuard: typeof import('../../modules/base/kernels.js').leftGuard;
  readonly keepStates: typeof import('../../modules/base/kernels.js').keepStates;
  readonly longDwell: typeof import('../../modules/base/kernels.js').longDwell;
  readonly largestMove: typeof import('../../modules/base/kernels.js').largestMove;
  readonly addToFlats: typeof import('../../modules/base/kernels.js').addToFlats;
  readonly rollHashes: typeof import('../../modules/base/kernels.js').rollHashes;
  readonly crc32c: typeof import('../../modules/base/kernels.js').crc32c;
  readonly findZero: typeof import('../../modules/base/kernels.js').findZero;
  readonly followCodes: typeof import('../../modules/base/kernels.js').followCodes;
  readonly cobsEncode: typeof import('../../modules/base/kernels.js').cobsEncode;
  readonly cobsDecode: typeof import('../../modules/base/kernels.js').cobsDecode;
  readonly ln: typeof import('../../modules/base/kernels.js').ln;
  readonly exp: typeof import('../../modules/base/kernels.js').exp;
}

declare const bench: BenchNatives;
