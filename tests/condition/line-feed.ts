/** Digital lines fed millisecond by millisecond through the reference capture and the debounce. */
import { Accumulator } from '../../modules/capture/accumulate.js';
import { Block } from '../../modules/capture/block.js';
import { ContactLines, type ContactSignal } from '../../modules/condition/contact-signal.js';

const BLOCK_SAMPLES = 10;
const SAMPLE_US = 1000;

export class LineFeed {
  readonly lines: ContactLines;
  readonly contacts: readonly ContactSignal[];
  /** Level on each line from the next sample on. */
  readonly levels: number[] = [];
  /** Time of the next sample. */
  atMs = 0;
  private readonly accumulator: Accumulator;
  private readonly block: Block;
  private readonly look: (block: Block) => void;

  /** `look` is called after each block of 10 ms. */
  constructor(debounceMs: readonly number[], look: (block: Block) => void = () => {}) {
    this.accumulator = new Accumulator(0, debounceMs.length, BLOCK_SAMPLES);
    this.block = new Block(0, debounceMs.length);
    this.look = look;
    this.lines = new ContactLines(debounceMs.map((ms) => ({ name: 'line', kind: 'contact', debounceMs: ms })));
    this.contacts = this.lines.contacts;
    for (let i = 0; i < debounceMs.length; i++) this.levels.push(0);
  }

  run(ms: number): void {
    for (const endMs = this.atMs + ms; this.atMs < endMs; ) {
      for (let i = 0; i < this.levels.length; i++) this.accumulator.addDigital(i, this.levels[i]);
      this.accumulator.endSample();
      this.atMs++;
      if (!this.accumulator.isFull()) continue;
      this.accumulator.take(this.block, this.atMs * SAMPLE_US);
      this.lines.take(this.block, BLOCK_SAMPLES, SAMPLE_US);
      this.look(this.block);
    }
  }

  runUntil(ms: number): void {
    this.run(ms - this.atMs);
  }
}
