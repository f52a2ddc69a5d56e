/** The pseudo-terminal that carries the emulated board's RS-485 line: a small program in C beside us (`pty.c`). */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../emulator/pty', import.meta.url));

export interface Pty {
  /** What a collector opens. */
  readonly path: string;
  /** From the board to whoever has it open. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** `onBytes` gets what is written to the terminal. Throws an Error of one line where there is none to be had. */
export async function openPty(onBytes: (bytes: Uint8Array) => void): Promise<Pty> {
  if (!existsSync(PROGRAM)) throw new Error('build/emulator/pty is missing: make -C hosts/emulator builds it');
  const child = spawn(PROGRAM, { stdio: ['pipe', 'pipe', 'inherit'] });
  const path = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.once('exit', () => reject(new Error('no pseudo-terminal')));
    child.stdout.on('data', function take(piece: Buffer) {
      text += piece.toString('latin1');
      if (!text.includes('\n')) return;
      child.stdout.off('data', take);
      resolve(text.slice(0, text.indexOf('\n')));
    });
  });
  child.removeAllListeners('exit');
  child.stdin.on('error', () => {});
  child.stdout.on('data', (piece: Buffer) => onBytes(piece));
  return {
    path,
    write: (bytes) => void child.stdin.write(bytes),
    close: () => child.stdin.end(),
  };
}
