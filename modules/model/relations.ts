/**
 * What each analog channel goes with at the same row, without any lag: inputs and their weights, for slow drift. One
 * array for all channels, 8 + 16 `most` bytes each: how many there are, the inputs, the weights.
 */
import { type Archive, archiveCount } from './archive.js';

/** The relations of all channels. */
export class Relations {
  private readonly numbers: Float64Array;
  private readonly most: number;

  /** `most` inputs of a channel. */
  constructor(channels: number, most: number) {
    this.numbers = new Float64Array(channels * (1 + 2 * most));
    this.most = most;
  }

  private at(j: number): number {
    return j * (1 + 2 * this.most);
  }

  /** Inputs of channel j. */
  count(j: number): number {
    return this.numbers[this.at(j)];
  }

  /** Its n-th input, and what that weighs. */
  input(j: number, n: number): number {
    return this.numbers[this.at(j) + 1 + n];
  }

  weight(j: number, n: number): number {
    return this.numbers[this.at(j) + 1 + this.most + n];
  }

  add(j: number, input: number, weight: number): void {
    const at = this.at(j);
    const n = this.numbers[at]++;
    this.numbers[at + 1 + n] = input;
    this.numbers[at + 1 + this.most + n] = weight;
  }

  /** Of channel j, out of `inputs`. */
  archive(j: number, archive: Archive, inputs: number): void {
    const { numbers, most } = this;
    const at = this.at(j);
    numbers[at] = archiveCount(archive, numbers[at], most);
    for (let n = 0; n < numbers[at]; n++) {
      const input = at + 1 + n;
      numbers[input] = archiveCount(archive, numbers[input], inputs - 1);
      numbers[input + most] = archive.number(numbers[input + most]);
    }
  }
}
