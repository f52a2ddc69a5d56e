/** `npm run kill`: the collector killed 200 times while 20 boards send; what was lost, stored twice or changed. */
import { parseArgs } from 'node:util';
import { killRun } from './kill-run.js';

const HELP = `Usage: npm run kill -- [--kills 200] [--boards 20] [--seed N] [--life-ms 1500] [--json]

Kills the collector at random moments while boards send, and judges its store.
Exits 0 when nothing was lost, stored twice or changed, 1 otherwise, 2 on bad arguments.
`;

function whole(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} takes a whole number, not '${text}'`);
  return Number(text);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      boards: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      'life-ms': { type: 'string', default: '1500' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const seed = whole('seed', values.seed);
  process.stderr.write(`seed ${seed}\n`);
  const finding = await killRun({
    kills: whole('kills', values.kills),
    boards: whole('boards', values.boards),
    seed,
    lifeMsMax: whole('life-ms', values['life-ms']),
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, ...finding })}\n`);
  else for (const [name, value] of Object.entries(finding)) process.stdout.write(`${name.padEnd(16)} ${value}\n`);
  return finding.lost + finding.twice + finding.changed === 0 && finding.judged === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`kill: ${error.message.split('\n')[0]}\n`);
    process.exit(2);
  },
);
