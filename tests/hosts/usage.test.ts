/** What README says of every command: it takes --help; bad input is one line and exit code 2. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NO_COMMANDS = ['build', 'test', 'format', 'lint'];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: ROOT, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> };

for (const [name, script] of Object.entries(scripts)) {
  if (NO_COMMANDS.includes(name)) continue;
  const words = script.split('&& node ')[1]?.split(' ') ?? [];

  test(`${name} takes --help, and refuses an option that it does not have in one line`, async (t) => {
    t.true(words.length > 0, script);
    const help = await run([...words, '--help']);
    t.is(help.code, 0, help.err);
    t.regex(help.out, /^Usage: /);
    t.is(help.err, '');
    const bad = await run([...words, '--no-such-option']);
    t.is(bad.code, 2);
    t.is(bad.out, '');
    t.regex(bad.err, /^[^\n]*option '[^\n]*\n$/);
  });
}
