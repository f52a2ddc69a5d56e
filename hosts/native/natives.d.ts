/** What natives.c gives to JavaScript on a board: port.h, one function each. Misuse throws. */

/** Inputs by number for each channel, pins in the order of the board's PINS. Throws when one of them cannot be. */
export function captureStart(
  analogInputs: readonly number[],
  digitalInputs: readonly number[],
  pins: readonly number[],
): void;
/** Pokes the oldest block; header: [sequence, timeUs, lost, isFresh]. False when none is complete. */
export function captureRead(header: number[], analog: number[], digital: number[]): boolean;

/** evidence.h, for the channels that captureStart wired: points of each level. */
export function evidenceStart(): number;
/** A block as captureRead gave it. */
export function evidenceRecord(sequence: number, analog: readonly number[], digital: readonly number[]): void;
export function evidenceHold(slot: number, channel: number, level: number, end: number, points: number): number;
export function evidenceHeld(slot: number): number;
export function evidenceTake(slot: number, into: Uint8Array, at: number): void;

/** Microseconds since the board started. */
export function clockUs(): number;

export function flashBytes(): number;
export function flashEraseBytes(): number;
/** These throw when the range is outside or the chip reports a failure. */
export function flashErase(at: number): void;
export function flashRead(at: number, into: Uint8Array, length: number): void;
export function flashWrite(at: number, from: Uint8Array, length: number): void;

/** Size of the running image in bytes. */
export function imageBytes(): number;
export function imageRead(at: number, into: Uint8Array, length: number): void;

/** Pins in the order of the board's SERIAL_PINS. */
export function serialOpen(baud: number, pins: readonly number[]): void;
export function serialSend(bytes: Uint8Array, length: number): boolean;
export function serialReceive(into: Uint8Array): number;
export function serialOverruns(): number;

export function watchdogStart(timeoutMs: number): void;
export function watchdogFeed(): void;
/** RESET_* of modules/frame/kinds.ts. */
export function resetReason(): number;
/** Fills 8 bytes. */
export function deviceId(into: Uint8Array): void;
/** Fills the array with raw noise; throws without a source. */
export function entropyRead(into: Uint8Array): void;
/** Bytes of XS's memory not in use. */
export function freeBytes(): number;
