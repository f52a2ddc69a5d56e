/** A peripheral's registers, with the set, clear and toggle aliases of the RP2040 (datasheet 2.1.2). */
import type { Peripheral } from 'rp2040js';

export abstract class RegisterBlock implements Peripheral {
  /** What was written, before it was combined with the register: what write-1-to-clear bits go by. */
  protected written = 0;

  abstract readUint32(offset: number): number;
  abstract writeUint32(offset: number, value: number): void;

  writeUint32Atomic(offset: number, value: number, alias: number): void {
    this.written = value >>> 0;
    if (alias === 0) this.writeUint32(offset, value >>> 0);
    else {
      const old = this.readUint32(offset);
      this.writeUint32(offset, (alias === 1 ? old ^ value : alias === 2 ? old | value : old & ~value) >>> 0);
    }
  }
}

/** Registers that only remember what was written. */
export class PlainRegisters extends RegisterBlock {
  private readonly values = new Map<number, number>();

  constructor(reset: Readonly<Record<number, number>> = {}) {
    super();
    for (const [offset, value] of Object.entries(reset)) this.values.set(Number(offset), value);
  }

  override readUint32(offset: number): number {
    return this.values.get(offset) ?? 0;
  }

  override writeUint32(offset: number, value: number): void {
    this.values.set(offset, value);
  }
}
