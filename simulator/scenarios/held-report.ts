/** SCADA is told what it was told last, channel for channel, until `world.lies` is cleared: the flat line of a liar. */
import type { World } from '../world.js';

/** Holds the channels named, or all of them. */
export function holdReport(world: World, names?: readonly string[]): void {
  for (const { name, value } of world.readings())
    if (names === undefined || names.includes(name)) world.lies.set(name, () => value);
}
