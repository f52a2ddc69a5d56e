/** Waits for what comes in its own time. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Until `condition` holds; throws after `msMax`. */
export async function until(condition: () => boolean | Promise<boolean>, msMax = 30_000): Promise<void> {
  const endMs = Date.now() + msMax;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`waited ${msMax} ms in vain for ${condition}`);
    await sleep(20);
  }
}
