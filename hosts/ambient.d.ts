/** The two bare specifiers of main.ts: each host supplies its own (the manifest's aliases do it on boards). */
declare module 'board' {
  export function openBoard(): import('../modules/board.js').Board;
}
declare module 'timer' {
  const Timer: {
    /** Runs `callback` every `ms` milliseconds. */
    repeat(callback: () => void, ms: number): number;
    set(callback: () => void, ms: number): number;
    clear(timer: number): void;
  };
  export default Timer;
}
