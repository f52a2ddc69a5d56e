/**
 * Hands on the PLC: its program goes on, and what it wants is altered before it is written, so outputs move when the
 * scan does. The event begins with the first scan that wants something else.
 */
import type { Program } from '../plc.js';
import type { World } from '../world.js';

export type Alter = (outputs: number[], commands: number[]) => void;

/** Puts `alter` behind the program; gives what takes it away again. */
export function alterProgram(world: World, alter: Alter): () => void {
  const { plc } = world;
  const usual = plc.program;
  const altered: Program = {
    scan(inputs, outputs, commands) {
      usual.scan(inputs, outputs, commands);
      const wanted = [...outputs, ...commands];
      alter(outputs, commands);
      if ([...outputs, ...commands].some((value, i) => value !== wanted[i])) world.markOnset();
    },
  };
  plc.program = altered;
  return () => {
    plc.program = usual;
  };
}

/** The same as an event that is to be called before each sample, once it may begin. */
export function alteringProgram(world: World, alter: Alter): () => void {
  let isAltered = false;
  return () => {
    if (!isAltered) alterProgram(world, alter);
    isAltered = true;
  };
}
