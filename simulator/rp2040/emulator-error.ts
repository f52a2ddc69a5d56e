/** What stops a run: something that a real chip does not survive, or that would make its result meaningless. */
export class EmulatorError extends Error {
  readonly pc: number;

  constructor(what: string, pc: number) {
    super(`${what} (PC ${hex(pc)})`);
    this.pc = pc >>> 0;
  }
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
