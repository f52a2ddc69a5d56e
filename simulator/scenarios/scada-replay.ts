/** What SCADA was told for a while, recorded, and then told over and over: all of it, whatever happens in the plant. */
import type { World } from '../world.js';

/** As often as a SCADA system asks. */
const PERIOD_MS = 100;

/** The recording of one who replayed readings before (Stuxnet 417): 21 s. */
export const REPLAY_S = 21;

/**
 * The event of an attacker who first records for `seconds` and then, with SCADA deceived, calls `attack` before each
 * sample.
 */
export function behindReplay(world: World, attack: () => void, seconds = REPLAY_S): () => void {
  const recorded: number[][] = [];
  const records = (seconds * 1000) / PERIOD_MS;
  const startedAt = world.sample;
  const replay = () => {
    const at = Math.floor((world.sample - startedAt) / PERIOD_MS) % records;
    return recorded[at];
  };
  const names = world.readings().map(({ name }) => name);
  let isReplaying = false;
  return () => {
    const elapsedMs = world.sample - startedAt;
    if (recorded.length < records) {
      if (elapsedMs % PERIOD_MS === 0) recorded.push(world.readings().map(({ value }) => value));
      return;
    }
    if (!isReplaying) for (let i = 0; i < names.length; i++) world.lies.set(names[i], () => replay()[i]);
    isReplaying = true;
    attack();
  };
}
