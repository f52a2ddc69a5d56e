/** Hands on the PLC: its outputs, whatever its program wants. The event begins when the wire first differs. */
import type { World } from '../world.js';

/** To be called before each sample: the program writes at the end of each scan. */
export function forceOutput(world: World, line: number, level: number): void {
  const { outputs } = world.plc;
  if (outputs[line] === level) return;
  outputs[line] = level;
  world.markOnset();
}

/** The same for an analog output, in the loop's unit. */
export function forceCommand(world: World, loop: number, value: number): void {
  const { commands } = world.plc;
  if (commands[loop] === value) return;
  commands[loop] = value;
  world.markOnset();
}
