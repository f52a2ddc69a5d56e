/** `npm run report`: the notice of an incident that NIS2 article 23 asks for, from verified frames only. */
import { writeFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { loadKeyRing } from '../key-succession.js';
import { KeyError } from '../keys.js';
import { SourceError, systemReason } from '../source.js';
import { Store } from '../store/store.js';
import { gatherFacts, type IncidentName } from './incident-facts.js';
import { composeNotice, STAGES, type Stage } from './notice.js';
import { renderPage } from './page.js';

const EXIT_USAGE = 2;

interface Options {
  readonly store: string;
  readonly incident: IncidentName;
  readonly keys: string;
  readonly stage: Stage;
  readonly out?: string;
  readonly json?: true;
}

function incidentName(text: string): IncidentName {
  const match = /^(?:(?:([0-9a-f]{16})\/)?(\d{1,9})\/)?(\d{1,9})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('ID, BOOT/ID or DEVICE/BOOT/ID is wanted.');
  return { device: match[1], boot: match[2] === undefined ? undefined : Number(match[2]), id: Number(match[3]) };
}

function reportCommand(): Command {
  return new Command('report')
    .description(
      'Writes the notice of an incident that NIS2 article 23 asks for, with plots, from verified frames only.',
    )
    .requiredOption('--store <DIR>', 'store of the collector')
    .requiredOption('--incident <ID>', 'ID, BOOT/ID or DEVICE/BOOT/ID', incidentName)
    .requiredOption('--keys <DIR>', 'directory of public keys: *.cose_key')
    .addOption(
      new Option('--stage <STAGE>', 'early warning, notification, final report').choices(STAGES).default('24h'),
    )
    .option('--out <FILE>', 'HTML file; stdout without it')
    .option('--json', 'the text as JSON, without plots')
    .showSuggestionAfterError(false)
    .exitOverride();
}

function write(options: Options): void {
  const keys = loadKeyRing(options.keys);
  const store = new Store(options.store, {
    keys,
    isReadOnly: true,
    onInfo: (line) => process.stderr.write(`${line}\n`),
  });
  const facts = gatherFacts(store, keys, options.incident);
  const notice = composeNotice(facts, options.stage);
  const text = options.json
    ? `${JSON.stringify({ stage: options.stage, keyId: facts.keyId, ...notice })}\n`
    : renderPage(notice, facts);
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(options.out, text);
  } catch (error) {
    throw new SourceError(`${options.out}: ${systemReason(error)}`);
  }
}

try {
  write(reportCommand().parse().opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else if (error instanceof KeyError || error instanceof SourceError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  } else throw error;
}
