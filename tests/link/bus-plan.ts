/** Boards on a simulated bus, each with a log of signed frames that grows, and those who disturb it. From a seed. */
import { BusBoard } from '../../simulator/bus/bus-board.js';
import { SerialBus } from '../../simulator/bus/serial-bus.js';
import { Babbler, Jabberer, type JabberKind } from '../../simulator/bus/trouble.js';
import { Random } from '../../simulator/random.js';
import { SampleBoard } from '../collector/sample-frames.js';
import { MemorySource } from './memory-port.js';

const US = 1e6;
const KINDS = [1, 4, 2, 4, 1, 8, 4, 2, 1];
/** One frame in so many is evidence, with a packed stretch of this length. */
const EVIDENCE_EVERY = 10;
const EVIDENCE_BYTES = 700;

export interface BusPlan {
  readonly boards: number;
  readonly baud: number;
  readonly seed: number;
  readonly hasEcho: boolean;
  /** Frames that each board has at the start, and mean seconds between two more; 0: no more. */
  readonly backlog: number;
  /** So many of them are overwritten. */
  readonly overwritten: number;
  readonly frameEveryS: number;
  /** Frames come until then. */
  readonly growsUntilS: number;
  readonly bitErrorRate: number;
  /** Mean seconds between two bursts of a node that keeps no rules; 0: none. */
  readonly babbleEveryS: number;
  readonly jabberAtS: number;
  readonly jabberS: number;
  readonly jabberKind: JabberKind;
  /** Mean seconds between two stretches in which a board does not answer; 0: none. Their longest. */
  readonly stallEveryS: number;
  readonly stallMsMax: number;
  /** From then on nothing disturbs the bus. */
  readonly quietAtS: number;
}

export const QUIET_PLAN: BusPlan = {
  boards: 32,
  baud: 115200,
  seed: 1,
  hasEcho: false,
  backlog: 0,
  overwritten: 0,
  frameEveryS: 0,
  growsUntilS: 0,
  bitErrorRate: 0,
  babbleEveryS: 0,
  jabberAtS: 0,
  jabberS: 0,
  jabberKind: 'random',
  stallEveryS: 0,
  stallMsMax: 600,
  quietAtS: 0,
};

/** A board and what it has signed so far. */
export interface Member {
  readonly sample: SampleBoard;
  readonly board: BusBoard;
  readonly log: MemorySource;
  /** When each frame was there, by sequence number. */
  readonly madeUs: number[];
  dueUs: number;
}

export class BusMembers {
  readonly bus: SerialBus;
  readonly members: Member[] = [];
  private readonly plan: BusPlan;
  private readonly random: Random;
  private readonly jabberer: Jabberer;
  private readonly babbler: Babbler | undefined;
  private isDisturbed = false;

  constructor(plan: BusPlan) {
    const { boards, seed, stallEveryS, stallMsMax, babbleEveryS, jabberKind } = plan;
    this.plan = plan;
    this.bus = new SerialBus(plan);
    this.random = new Random(seed, 'members');
    for (let address = 1; address <= boards; address++) {
      const log = new MemorySource();
      const options = { address, log, stallEveryUs: stallEveryS * US, stallUsMax: stallMsMax * 1000 };
      const board = new BusBoard(this.bus, new Random(seed, `board ${address}`), options);
      const member = { sample: new SampleBoard(), board, log, madeUs: [0], dueUs: 0 };
      this.members.push(member);
      for (let i = 0; i < plan.backlog; i++) this.sign(member, 0);
      log.tail += plan.overwritten;
      member.dueUs = this.pauseUs();
    }
    this.jabberer = new Jabberer(this.bus, seed, jabberKind);
    this.babbler = babbleEveryS > 0 ? new Babbler(this.bus, seed, babbleEveryS * US) : undefined;
  }

  get frames(): number {
    return this.members.reduce((sum, { log }) => sum + log.head - log.tail, 0);
  }

  private pauseUs(): number {
    const { frameEveryS } = this.plan;
    return frameEveryS > 0 ? -Math.log(this.random.uniform()) * frameEveryS * US : Number.POSITIVE_INFINITY;
  }

  private sign({ sample, log, madeUs }: Member, nowUs: number): void {
    const { sequence } = sample;
    if (sequence % EVIDENCE_EVERY === 0) log.append(sample.frame(3, [[8, this.evidence()]]));
    else log.append(sample.frame(sequence === 1 ? 0 : KINDS[sequence % KINDS.length]));
    madeUs.push(nowUs);
  }

  private evidence(): Map<number, unknown> {
    const packed = Uint8Array.from({ length: EVIDENCE_BYTES }, () => this.random.below(256));
    const body: [number, unknown][] = [1, [0, 3], 2, 10000, 4000000, 200, packed].map((value, i) => [i + 1, value]);
    return new Map(body);
  }

  /** Lets the bus and all on it go on until `nowUs`. */
  step(nowUs: number): void {
    const { bus, plan, members } = this;
    const isQuiet = nowUs >= plan.quietAtS * US;
    if (isQuiet === this.isDisturbed) {
      this.isDisturbed = !isQuiet;
      bus.setBitErrorRate(isQuiet ? 0 : plan.bitErrorRate);
    }
    const jabberUs = nowUs - plan.jabberAtS * US;
    this.jabberer.step(!isQuiet && jabberUs >= 0 && jabberUs < plan.jabberS * US);
    if (!isQuiet) this.babbler?.step(nowUs);
    for (const member of members) {
      while (nowUs >= member.dueUs && member.dueUs < plan.growsUntilS * US) {
        this.sign(member, nowUs);
        member.dueUs += this.pauseUs();
      }
      member.board.step(nowUs);
    }
    bus.advance(nowUs);
  }
}
