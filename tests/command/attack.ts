/**
 * An attacker on the link, from a seed: mutated messages and commands at a real BoardLink and CommandDesk. Whoever cannot sign must
 * change nothing. `npm run attack -- [MESSAGES] [SEED]` runs a million.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { keyIdOf } from '../../hosts/collector/keys.js';
import { type CommandText, commandMessage, encodeCommand, signCommand } from '../../hosts/config/command-file.js';
import type { PrivateKey } from '../../hosts/config/key-files.js';
import { provisionSettings } from '../../hosts/config/provision.js';
import type { Port } from '../../modules/board.js';
import { SIGNATURE_BYTES, SIGNED_BEFORE, UNPROTECTED_AT } from '../../modules/command/command.js';
import { CommandDesk } from '../../modules/command/command-desk.js';
import { RESULT_ACCEPTED } from '../../modules/command/results.js';
import { SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import { BoardLink } from '../../modules/link/board-link.js';
import { PacketWriter } from '../../modules/link/packet.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { MemoryPort, MemorySource } from '../link/memory-port.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';

export const ADDRESS = 17;
const EXIT_USAGE = 2;
const CARRIERS: readonly Port['carrier'][] = ['datagram', 'serial', 'stream'];

/** A key pair for tests; `publicKey` is x then y. */
export function operatorKey(): PrivateKey & { readonly publicKey: Uint8Array } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = privateKey.export({ format: 'jwk' });
  const [a, b] = [x, y].map((part) => Buffer.from(part ?? '', 'base64url'));
  return { keyId: keyIdOf(a, b), privateKey, publicKey: Buffer.concat([a, b]) };
}

export function newSettings(seed = 1): SimulatedFlash {
  return new SimulatedFlash({ size: SETTINGS_SECTORS * 4096, eraseBytes: 4096, pageBytes: 256 }, seed);
}

/** A desk behind a link, with operators of group 7, on a board of this process. */
export class DeskBench {
  readonly board: NodeBoard;
  readonly desk: CommandDesk;
  readonly port: MemoryPort;
  readonly link: BoardLink;
  /** Codes carried out. */
  readonly carriedOut: number[] = [];
  /** Payload and signature of the command answered last, in hexadecimal. */
  lastSigned = '';
  /** Results answered. */
  readonly results: number[] = [];
  readonly challenge: Uint8Array;

  constructor(carrier: Port['carrier'], operators: readonly Uint8Array[], settings = newSettings()) {
    const configuration = { ...sampleConfiguration(), address: ADDRESS };
    this.board = new NodeBoard(configuration, newSettings(), new Uint8Array(32).fill(0x21), undefined, settings);
    provisionSettings(settings, 7, operators);
    const { digest, verifier, identity } = this.board;
    const target = {
      carryOut: (code: number) => {
        this.carriedOut.push(code);
        return RESULT_ACCEPTED;
      },
    };
    this.desk = new CommandDesk(target, settings, digest, verifier, identity.deviceId, true);
    this.port = new MemoryPort(carrier);
    this.link = new BoardLink(this.port, new MemorySource(), ADDRESS, this.desk);
    const hash = createHash('sha256').update('boot').digest();
    this.challenge = hash.subarray(0, 8);
    this.desk.takeChallenge(hash);
  }

  /** A message as the carrier brings it, whole. */
  arrive(message: Uint8Array): void {
    if (this.port.carrier !== 'serial') {
      this.port.arrive(message);
      return;
    }
    const writer = new PacketWriter();
    writer.plain.set(message.subarray(0, writer.plain.length - 5), 1);
    this.port.arrive(
      writer.encoded.slice(0, writer.encode(ADDRESS, Math.min(message.length, writer.plain.length - 5))),
    );
  }

  /** Lets link and desk work for `us`, in ticks of 10 ms. */
  work(us: number): void {
    for (const endUs = this.board.nowUs + us; this.board.nowUs < endUs; this.board.nowUs += 10_000) {
      this.desk.nowUs = this.board.nowUs;
      for (let i = 0; i < 40; i++) this.link.step();
      while (this.desk.idle(this.board.nowUs));
      if (!this.desk.isAnswerDue) continue;
      this.results.push(this.desk.result);
      const { inbox, command } = this.desk;
      const from = SIGNED_BEFORE + UNPROTECTED_AT + 1;
      const to = SIGNED_BEFORE + command.payloadEnd + 2 + SIGNATURE_BYTES;
      this.lastSigned = Buffer.from(inbox.subarray(from, to)).toString('hex');
      this.desk.answered();
    }
  }

  text(code: number, sequence: number, list: readonly (number | Uint8Array)[] = []): CommandText {
    const fromMs = Math.floor(this.board.nowUs / 1000);
    const validity = { challenge: this.challenge, fromMs, toMs: fromMs + 604_800_000 };
    return { target: this.board.identity.deviceId, sequence, validity, code, arguments: list };
  }
}

/** A message with a few bytes changed, cut, doubled or put in. */
export function mutate(message: Uint8Array, random: Random): Uint8Array {
  let bytes = Array.from(message);
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const at = random.below(bytes.length + 1);
    const how = random.below(6);
    if (how === 0) bytes[at % bytes.length] ^= 1 << random.below(8);
    else if (how === 1) bytes[at % bytes.length] = random.below(256);
    else if (how === 2) bytes = bytes.slice(0, at);
    else if (how === 3) bytes.splice(at, random.below(20));
    else if (how === 4) bytes.splice(at, 0, ...Array.from({ length: random.below(400) }, () => random.below(256)));
    else bytes = [...bytes.slice(at), ...bytes.slice(0, at)];
    if (bytes.length === 0) bytes = [random.below(256)];
  }
  return Uint8Array.from(bytes);
}

export interface AttackResult {
  readonly messages: number;
  /** Commands carried out that the operator never signed: the whole of what was signed and the signature are compared. */
  readonly forgeriesAccepted: number;
  /** Commands of the operator that came through whole inside of a mutated message: on a stream, behind what was put in. */
  readonly genuineInside: number;
  readonly refused: readonly number[];
  readonly signaturesChecked: number;
  readonly heapGrowthBytes: number;
}

/** Messages made of valid polls and commands by the real operator and by a stranger, every one mutated or of a wrong signer. */
export function attack(messages: number, seed: number): AttackResult {
  const random = new Random(seed, 'attack');
  const operator = operatorKey();
  const stranger = operatorKey();
  const benches = CARRIERS.map((carrier) => new DeskBench(carrier, [operator.publicKey]));
  const models = [0, 1, 2, 4, 5, 7, 8].flatMap((code) => {
    const list = code === 2 ? [60_000] : code === 4 ? [1_800_000_000_000, 100] : [];
    const payload = encodeCommand(benches[0].text(code, 1 + random.below(1e9), list));
    // the last: the operator's name over a stranger's signature
    const signed = [signCommand(payload, operator), signCommand(payload, stranger)];
    return [...signed, signCommand(payload, { ...stranger, keyId: operator.keyId })].map(commandMessage);
  });
  const genuine = new Set(models.filter((_, i) => i % 3 === 0).map((bytes) => Buffer.from(bytes).toString('hex')));
  models.push(Uint8Array.of(0x83, 1, 1, 0x19, 0x10, 0));
  let heapBytes = 0;
  let forgeriesAccepted = 0;
  let genuineInside = 0;
  for (let i = 0; i < messages; i++) {
    const bench = benches[random.below(benches.length)];
    const model = models[random.below(models.length)];
    const isForged = random.below(4) === 0 && !genuine.has(Buffer.from(model).toString('hex'));
    const message = isForged ? model : mutate(model, random);
    if (genuine.has(Buffer.from(message).toString('hex'))) continue;
    bench.arrive(message);
    bench.work(10_000);
    if (bench.results.length > 0) {
      const isGenuine = [...genuine].some((hex) => hex.includes(bench.lastSigned));
      if (isGenuine) genuineInside++;
      else forgeriesAccepted++;
      bench.results.length = 0;
    }
    bench.port.sent.length = 0;
    if (i === Math.floor(messages / 10)) heapBytes = heapNow();
  }
  const sum = (of: (bench: DeskBench) => number) => benches.reduce((total, bench) => total + of(bench), 0);
  return {
    messages,
    forgeriesAccepted,
    genuineInside,
    refused: Array.from(benches[0].desk.refused, (_, reason) => sum(({ desk }) => desk.refused[reason])),
    signaturesChecked: sum(({ board }) => (board.verifier as unknown as { checked: number }).checked),
    heapGrowthBytes: heapNow() - heapBytes,
  };
}

function heapNow(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

function wholeFrom(min: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < min)
      throw new InvalidArgumentError(`A whole number from ${min} to 999999999 is wanted.`);
    return Number(text);
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [messages, seed] = new Command('attack')
    .description('Throws mutated messages and commands at the firmware: exit code 1 where it accepts a forgery.')
    .argument('[MESSAGES]', 'how many', wholeFrom(1), 1_000_000)
    .argument('[SEED]', 'of all chance but the keys', wholeFrom(0), 1)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
    .parse().processedArgs as [number, number];
  const result = attack(messages, seed);
  console.log(JSON.stringify({ seed, ...result }));
  process.exitCode = result.forgeriesAccepted > 0 ? 1 : 0;
}
