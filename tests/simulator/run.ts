/** Runs a simulation block by block. */
import { Block } from '../../modules/capture/block.js';
import type { Simulation } from '../../simulator/simulation.js';

/** The tank's lines, 8 and 8. */
export function newBlock(): Block {
  return new Block(8, 8);
}

/** Lets `seconds` pass; `look` sees each block, which is the same object every time. */
export function run(simulation: Simulation, seconds: number, look: (block: Block) => void = () => {}): void {
  const block = newBlock();
  for (let i = 0; i < seconds * 100; i++) {
    simulation.nextBlock(block);
    look(block);
  }
}

/** A block as one comparable string. */
export function textOf(block: Block): string {
  return JSON.stringify(block);
}
