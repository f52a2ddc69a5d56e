/** What terminal.js gives to the test program. */
declare module 'terminal' {
  /** Undefined at the end. */
  export function readLine(): string | undefined;
  export function printLine(text: string): void;
}
