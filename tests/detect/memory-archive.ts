/** An archive in memory: keeps what it is given, and gives it back in the same order. */
import type { Archive } from '../../modules/model/archive.js';

export class MemoryArchive implements Archive {
  isLoading = false;
  readonly stored: number[] = [];
  /** Numbers read back. */
  read = 0;

  load(): void {
    this.isLoading = true;
    this.read = 0;
  }

  number(value: number): number {
    if (this.isLoading) return this.stored[this.read++];
    this.stored.push(value);
    return value;
  }

  uint16(value: number): number {
    if (!(Number.isInteger(value) && value >= 0 && value <= 65535)) throw new Error(`${value} is no uint16`);
    return this.number(value);
  }

  numbers(values: number[]): void {
    for (let i = 0; i < values.length; i++) values[i] = this.number(values[i]);
  }

  bytes(values: Uint8Array): void {
    for (let i = 0; i < values.length; i++) values[i] = this.number(values[i]);
  }

  refuse(): void {
    throw new Error('nothing to refuse here');
  }
}
