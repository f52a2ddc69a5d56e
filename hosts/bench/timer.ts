/** The module `timer` of this host: Moddable's Timer over the host's own. */
const Timer = Object.freeze({
  /** Runs `callback` every `ms` milliseconds. */
  repeat(callback: () => void, ms: number): number {
    return bench.setTimer(callback, ms, ms);
  },
  /** Runs `callback` once, after `ms` milliseconds. */
  set(callback: () => void, ms: number): number {
    return bench.setTimer(callback, ms, 0);
  },
  clear(timer: number): void {
    bench.clearTimer(timer);
  },
});

export default Timer;
