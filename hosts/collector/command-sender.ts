/**
 * Brings operators' commands to boards: one after the other, each again until a verified command result frame answers it or it was
 * sent often enough. The collector need not know what they say, and has no operator's key.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KIND_COMMAND_RESULT } from '../../modules/frame/kinds.js';
import { commandMessage, splitCommands } from '../config/command-file.js';
import { decodeItem } from './decode-item.js';
import { departureFromDeterministic } from './deterministic.js';
import { parseEnvelope } from './envelope.js';
import { SourceError } from './source.js';
import type { Frame } from './verify.js';

const SEND_EVERY_MS = 2000;
/** Without an answer by then others flood the board: it draws by lot among what comes, so more is sent, at odd times. */
const PATIENT_SENDINGS = 5;
const URGENT_EVERY_MS_MIN = 100;
const URGENT_EVERY_MS_MAX = 300;
const GIVE_UP_MS = 30_000;
const RESULT_KEY_ID = 1;
const RESULT_SEQUENCE = 2;
const RESULT_CODE = 4;
const HEADER_KEY_ID = 4;
const PAYLOAD_SEQUENCE = 3;

interface Pending {
  readonly message: Uint8Array;
  /** Key id and sequence number, as the answer names them. */
  readonly id: string;
  sendings: number;
  /** When it was sent first, and is to be sent next. */
  firstMs: number;
  nextMs: number;
}

/** What became of a command. */
export interface CommandAnswer {
  /** `key id:sequence number`. */
  readonly id: string;
  /** The code of the answer; undefined: there was none. */
  readonly result: number | undefined;
}

export class CommandSender {
  /** Commands sent in vain, or refused. */
  failed = 0;
  private readonly send: (message: Uint8Array) => void;
  private readonly onAnswer: (answer: CommandAnswer) => void;
  private readonly pending: Pending[] = [];
  private readonly ticker: NodeJS.Timeout;

  /** `send`: to every board known. */
  constructor(send: (message: Uint8Array) => void, onAnswer: (answer: CommandAnswer) => void) {
    this.send = send;
    this.onAnswer = onAnswer;
    this.ticker = setInterval(() => this.tick(performance.now()), 50);
  }

  get isDone(): boolean {
    return this.pending.length === 0;
  }

  /** Queues the commands of a file; a SourceError when it has none. */
  addFile(path: string): void {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw new SourceError(`${path}: cannot read it (${(error as NodeJS.ErrnoException).code})`);
    }
    const commands = splitCommands(bytes);
    if (commands === null) throw new SourceError(`${path}: not a file of commands`);
    for (const command of commands) this.add(command);
  }

  add(command: Uint8Array): void {
    const message = commandMessage(command);
    this.pending.push({ message, id: idOf(command), sendings: 0, firstMs: Number.POSITIVE_INFINITY, nextMs: 0 });
  }

  /** Looks whether a verified frame answers the command under way. */
  take({ kind, body }: Frame): void {
    if (kind !== KIND_COMMAND_RESULT || this.pending.length === 0) return;
    const keyId = body.get(RESULT_KEY_ID);
    const id = `${keyId instanceof Uint8Array ? Buffer.from(keyId).toString('hex') : ''}:${body.get(RESULT_SEQUENCE)}`;
    if (id === this.pending[0].id && this.pending[0].sendings > 0) this.settle(body.get(RESULT_CODE) as number);
  }

  close(): void {
    clearInterval(this.ticker);
  }

  private settle(result: number | undefined): void {
    const { id } = this.pending.shift() as Pending;
    if (result !== 0) this.failed++;
    this.onAnswer({ id, result });
  }

  private tick(nowMs: number): void {
    const [first] = this.pending;
    if (first === undefined || nowMs < first.nextMs) return;
    if (nowMs - first.firstMs >= GIVE_UP_MS) {
      this.settle(undefined);
      return;
    }
    if (first.sendings++ === 0) first.firstMs = nowMs;
    const urgentMs = URGENT_EVERY_MS_MIN + Math.random() * (URGENT_EVERY_MS_MAX - URGENT_EVERY_MS_MIN);
    first.nextMs = nowMs + (first.sendings < PATIENT_SENDINGS ? SEND_EVERY_MS : urgentMs);
    this.send(first.message);
  }
}

/** `key id:sequence number` that a command says; its hash where it says none. */
function idOf(command: Uint8Array): string {
  const envelope = parseEnvelope(command, 0, command.length);
  if (typeof envelope !== 'string' && isItem(envelope.protectedHeader) && isItem(envelope.payload)) {
    const [header, payload] = [envelope.protectedHeader, envelope.payload].map(decodeItem);
    const keyId = header instanceof Map ? header.get(HEADER_KEY_ID) : undefined;
    if (keyId instanceof Uint8Array && payload instanceof Map)
      return `${Buffer.from(keyId).toString('hex')}:${payload.get(PAYLOAD_SEQUENCE)}`;
  }
  return createHash('sha256').update(command).digest('hex');
}

function isItem(bytes: Uint8Array): boolean {
  return departureFromDeterministic(bytes) === undefined;
}
