/** The module of main.ts that each host supplies: by its manifest on boards, by the loader on the bench. */
declare module 'board' {
  export function openBoard(): import('../../modules/board.js').Board;
}
