/** What natives.c takes from Linux: command line, clock, chance, files. What fails there throws, with the system's reason. */

/** Argument `index` of the process, 0 being the program; undefined behind the last. */
export function argument(index: number): string | undefined;
export function hostName(): string;
/** The file that this code was loaded from. */
export function imagePath(): string;
/** One line to stdout, or to stderr. */
export function print(line: string, isError: boolean): void;
/** Ends the process. */
export function exit(code: number): never;
/** Microseconds of the system's monotonic clock. */
export function nowUs(): number;
/** Fills the array from the system's random source. */
export function entropy(into: Uint8Array): void;
/** Bytes of the engine's slots and chunks not in use. */
export function freeBytes(): number;

export const READ = 0;
/** Read and write; made when it is missing, readable by the owner only. */
export const PRIVATE = 1;
/** Read and write, emptied or made. */
export const REPLACE = 2;
/** Opens a file; without a path, one in memory that nobody else sees. */
export function fileOpen(path: string | undefined, access: number): number;
export function fileBytes(file: number): number;
export function fileResize(file: number, bytes: number): void;
/** Reads all of `length` bytes. */
export function fileRead(file: number, at: number, into: Uint8Array, length: number): void;
export function fileWrite(file: number, at: number, from: Uint8Array, length: number): void;
export function fileClose(file: number): void;
