/** Things that have learned: some numbers, a count that was learned with them, and bytes, in several pieces. */
import { type Archive, type Archived, archiveCount } from '../../modules/model/archive.js';
import { Random } from '../../simulator/random.js';

const COUNT_MAX = 8;

export class SamplePart implements Archived {
  readonly archiveUnits: number;
  readonly flag: number[] = [];
  readonly lists: number[][] = [];
  readonly bytes = new Uint8Array(13);
  private readonly perUnit: number;

  /** Nothing learned yet. */
  constructor(archiveUnits: number, perUnit: number) {
    this.archiveUnits = archiveUnits;
    this.perUnit = perUnit;
    for (let i = 0; i < archiveUnits; i++) this.lists.push([]);
  }

  learn(seed: number): this {
    const random = new Random(seed, 'part');
    this.flag[0] = random.below(65536);
    for (const list of this.lists) {
      list.length = random.below(COUNT_MAX + 1);
      for (let i = 0; i < list.length; i++) list[i] = random.gaussian();
      for (let i = 0; i < this.perUnit; i++) list.push(random.gaussian() * 10 ** (random.below(600) - 300));
    }
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = random.below(256);
    return this;
  }

  archive(unit: number, archive: Archive): void {
    const list = this.lists[unit];
    if (unit === 0) {
      this.flag[0] = archive.uint16(this.flag[0] ?? 0);
      archive.bytes(this.bytes);
    }
    const count = archiveCount(archive, list.length - this.perUnit, COUNT_MAX);
    if (archive.isLoading) list.length = 0;
    while (list.length < count + this.perUnit) list.push(0);
    archive.numbers(list);
  }
}

/** Three parts as one board has them: about 3,000 bytes. */
export function sampleParts(): SamplePart[] {
  return [new SamplePart(1, 3), new SamplePart(10, 20), new SamplePart(4, 30)];
}

export function learnedParts(seed: number): SamplePart[] {
  return sampleParts().map((part, i) => part.learn(10 * seed + i));
}

/** All that the parts know, to the bit. */
export function stateOf(parts: readonly SamplePart[]): string {
  return parts
    .map(({ flag, lists, bytes }) => {
      const numbers = lists.flatMap((list) => [list.length, ...list]);
      const bits = Buffer.from(new Float64Array([...flag, ...numbers]).buffer);
      return bits.toString('hex') + Buffer.from(bytes).toString('hex');
    })
    .join(' ');
}
