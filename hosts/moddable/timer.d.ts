/** The SDK's timer, as far as main.ts uses it; the bench supplies its own. */
declare module 'timer' {
  const Timer: {
    /** Runs `callback` every `ms` milliseconds. */
    repeat(callback: () => void, ms: number): number;
    set(callback: () => void, ms: number): number;
    clear(timer: number): void;
  };
  export default Timer;
}
