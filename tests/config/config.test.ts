import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { splitCommands } from '../../hosts/config/command-file.js';
import { encodeConfiguration } from '../../hosts/config/encode-configuration.js';
import { loadPrivateKey } from '../../hosts/config/key-files.js';
import { compileText, WiringError } from '../../hosts/config/wiring-file.js';
import { KeyStore } from '../../hosts/keys/key-store.js';
import { parseConfiguration } from '../../modules/config/encoded.js';
import { SimulatedFlash } from '../../simulator/flash.js';

const CONFIG = fileURLToPath(new URL('../../hosts/config/config.js', import.meta.url));

function run(...words: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CONFIG, ...words], { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

function folder(t: { teardown(fn: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'wirewitness-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

test('an operator key has mode 0600, is never overwritten, and nothing that is printed or written holds the secret', (t) => {
  const dir = folder(t);
  const made = run('keygen', '--out', dir);
  t.is(made.code, 0);
  const key = join(dir, 'operator.private_key');
  t.is(statSync(key).mode & 0o777, 0o600);
  const secret = readFileSync(key).subarray(-32);
  t.is(run('keygen', '--out', dir).code, 2);
  const out = join(dir, 'a.command');
  const signed = run('command', 'learn', '--key', key, '--device', 'bench001', '--out', out, '--json');
  t.is(signed.code, 0, signed.output);
  const flash = join(dir, 'flash');
  const provisioned = run('provision', '--operator', join(dir, 'operator.cose_key'), '--flash', flash);
  t.is(provisioned.code, 0, provisioned.output);
  for (const file of [out, flash, join(dir, 'operator.cose_key')]) t.false(readFileSync(file).includes(secret), file);
  for (const { output } of [made, signed, provisioned])
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      t.false(output.includes(secret.toString(encoding).slice(0, 40)));
  t.false(JSON.stringify(loadPrivateKey(key)).includes(secret.toString('base64url')));
  t.is(splitCommands(readFileSync(out))?.length, 1);
});

test('no command prints or writes the secret, whatever it is asked, and those that fail neither', (t) => {
  const dir = folder(t);
  const at = (name: string) => join(dir, name);
  run('keygen', '--out', dir);
  const key = at('operator.private_key');
  const secret = readFileSync(key).subarray(-32);
  writeFileSync(at('wiring.yaml'), WIRING);
  const target = ['--key', key, '--device', 'bench001', '--json'];
  const ran = [
    ['keygen', '--out', dir],
    ['schema'],
    ['provision', '--operator', at('operator.cose_key'), '--sector', at('sector')],
    ['provision', '--operator', key, '--sector', at('none')],
    ['compile', at('wiring.yaml'), '--out', at('plain.json')],
    ['compile', at('wiring.yaml'), ...target, '--out', at('wiring.command')],
    ['compile', key, ...target, '--out', at('none')],
    ...['learn', 'arm', 'rotate-key', 'self-test', 'identify', 'nothing'].map((name) => [
      ...['command', name, ...target, '--out', at(`${name}.command`)],
    ]),
    ['command', 'maintenance', ...target, '--minutes', '5', '--out', at('maintenance.command')],
    ['command', 'set-time', ...target, '--frames', key, '--keys', dir, '--out', at('none')],
    ['command', 'learn', '--key', at('operator.cose_key'), '--device', 'bench001', '--out', at('none')],
    ['command', 'learn', ...target],
  ].map((words) => run(...words));
  t.deepEqual(
    ran.map(({ code }) => code),
    [2, 0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 2, 2, 2],
    ran.map(({ output }) => output).join('\n'),
  );
  for (const { output } of ran)
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const)
      t.false(output.includes(secret.toString(encoding).slice(0, 16)), output);
  for (const name of readdirSync(dir)) {
    const bytes = readFileSync(at(name));
    t.is(bytes.includes(secret), name === 'operator.private_key', name);
    t.false(bytes.toString('latin1').includes(secret.toString('hex')), name);
  }
  t.regex(ran[2].output, /picotool load -t bin .*sector -o 0x101ed000/);
});

test('a board is given a key: the sectors of its flash hold this one alone, and none but their owner may read them', (t) => {
  const dir = folder(t);
  const at = (name: string) => join(dir, name);
  run('keygen', '--out', dir, '--name', 'board');
  const key = at('board.private_key');
  const given = run('device-key', '--key', key, '--out', at('sectors'), '--json');
  t.is(given.code, 0, given.output);
  t.is(statSync(at('sectors')).mode & 0o777, 0o600);
  const bytes = readFileSync(at('sectors'));
  const flash = new SimulatedFlash({ size: 8192, eraseBytes: 4096, pageBytes: 256 }, 1);
  flash.cells.set(bytes);
  const secret = readFileSync(key).subarray(-32);
  t.deepEqual(Buffer.from(new KeyStore(flash).load()!), secret);
  t.deepEqual(flash.cells, Uint8Array.from(bytes), 'nothing that a board would erase');
  const { key: keyId, pico } = JSON.parse(given.output);
  t.is(keyId, Buffer.from(loadPrivateKey(key).keyId).toString('hex'));
  t.is(pico, `picotool load -t bin ${at('sectors')} -o 0x101fe000`);
  for (const encoding of ['hex', 'base64', 'base64url'] as const)
    t.false(given.output.includes(secret.toString(encoding).slice(0, 16)));
  t.regex(run('device-key', '--key', key, '--out', at('sectors')).output, /is there already, and is not overwritten/);
  t.regex(run('device-key', '--key', at('board.cose_key'), '--out', at('none')).output, /^error: .*\n$/);
  chmodSync(key, 0o640);
  t.is(run('device-key', '--key', key, '--out', at('none')).code, 2);
});

test('a private key that others may read is refused, and so is a private key as a public one', (t) => {
  const dir = folder(t);
  run('keygen', '--out', dir);
  const key = join(dir, 'operator.private_key');
  chmodSync(key, 0o640);
  const refused = run('command', 'learn', '--key', key, '--device', 'bench001', '--out', join(dir, 'a'));
  t.is(refused.code, 2);
  t.regex(refused.output, /mode 640 lets others/);
  t.regex(run('provision', '--operator', key, '--sector', join(dir, 's')).output, /private key/);
});

test('sequence numbers count up from command to command', (t) => {
  const dir = folder(t);
  run('keygen', '--out', dir);
  const words = ['arm', '--key', join(dir, 'operator.private_key'), '--group', '3', '--json', '--out', join(dir, 'a')];
  const numbers = [1, 2, 3].map(
    () => JSON.parse(execFileSync(process.execPath, [CONFIG, 'command', ...words], { encoding: 'utf8' })).sequence,
  );
  t.true(numbers[0] < numbers[1] && numbers[1] < numbers[2]);
});

const WIRING = `analog:
  - name: level
    unit: m
    range: [0, 2]
    limits: [0.3, null]
digital:
  - name: pump-order
  - name: pump-auxiliary
    debounceMs: 5
pairs:
  - name: pump
    order: pump-order
    execution: pump-auxiliary
`;

test('a wiring file becomes a configuration; names become channels', (t) => {
  const { analog, digital, pairs, learnBlocks } = compileText(WIRING, 'a.yaml');
  t.like(analog[0], { name: 'level', kind: 'current', lowLimit: 0.3, highLimit: null, countsLow: 654 });
  t.is(digital[1].debounceMs, 5);
  t.deepEqual(pairs, [{ name: 'pump', order: 1, execution: 2, isInverted: false }]);
  t.is(learnBlocks, 30_000);
});

test('a loop and a voltage have the counts of the front end where none are stated', (t) => {
  const { analog } = compileText(
    `${WIRING.replace('digital:', '  - { name: speed, kind: voltage, range: [0, 100] }\ndigital:')}`,
    'a.yaml',
  );
  t.like(analog[0], { countsLow: 654, countsHigh: 3270 });
  t.like(analog[1], { kind: 'voltage', countsLow: 0, countsHigh: 3257 });
});

test('the wiring file in docs/commands.md compiles', (t) => {
  const page = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const { analog, digital, pairs, interlocks } = compileText(yaml, 'commands.md');
  t.deepEqual([analog.length, digital.length, pairs.length, interlocks?.length], [2, 3, 2, 2]);
});

const ORDERS = `
analog: [{ name: level, range: [0, 2] }, { name: command, range: [0, 100] }, { name: position, range: [0, 100] }]
digital: [{ name: pump }, { name: trip }, { name: count, kind: pulse }]
pairs:
  - { name: filling, order: pump, execution: level }
  - { name: valve, order: command, execution: position }
interlocks:
  - { name: too-full, channel: level, above: 1.8, outputs: { pump: open }, withinMs: 200 }
  - { name: tripped, channel: trip, level: closed, outputs: { pump: open } }
`;

test('pairs may be of loops, and interlocks are conditions and outputs by name', (t) => {
  const { pairs, interlocks } = compileText(ORDERS, 'a.yaml');
  t.like(pairs[0], { order: 3, execution: 0 });
  t.like(pairs[1], { order: 1, execution: 2 });
  const outputs = [{ channel: 3, level: 0 }];
  t.deepEqual(interlocks, [
    { name: 'too-full', channel: 0, level: null, above: 1.8, below: null, outputs, withinMs: 200 },
    { name: 'tripped', channel: 4, level: 1, above: null, below: null, outputs, withinMs: null },
  ]);
  t.is(compileText(WIRING, 'a.yaml').interlocks, undefined);
});

test('pairs and interlocks that cannot be are refused with their line', (t) => {
  const says = (from: string, to: string) =>
    t.throws(() => compileText(ORDERS.replace(from, to), 'a.yaml'), { instanceOf: WiringError })?.message ?? '';
  t.is(says('above: 1.8', 'above: 1.8, below: 2'), 'a.yaml:8: /interlocks/0: one of level, above and below is wanted');
  t.is(says('above: 1.8, ', ''), 'a.yaml:8: /interlocks/0: one of level, above and below is wanted');
  t.is(
    says('channel: level, above', 'channel: pump, above'),
    'a.yaml:8: /interlocks/0/channel: no analog line is called pump',
  );
  t.is(says('level: closed', 'level: shut'), 'a.yaml:9: /interlocks/1/level: must be one of open, closed');
  t.is(
    says('outputs: { pump: open } }', 'outputs: { count: open } }'),
    'a.yaml:9: /interlocks/1/outputs/count: no contact is called count',
  );
  t.is(says('outputs: { pump: open } }', 'outputs: {} }').split(': ')[1], '/interlocks/1/outputs');
  t.is(
    says('execution: level', 'execution: count'),
    'a.yaml:5: /pairs/0/execution: no contact is called count, and no analog line',
  );
  t.regex(says('order: pump, execution: level', 'order: level, execution: pump'), /a loop by a loop, is wanted/);
});

test('a wiring file with pairs of loops and interlocks is the same configuration on the board', (t) => {
  const configuration = compileText(ORDERS, 'a.yaml');
  t.deepEqual(parseConfiguration(encodeConfiguration(configuration)), configuration);
});

test('what is wrong with a wiring file is said with its line and path', (t) => {
  const says = (text: string) => t.throws(() => compileText(text, 'a.yaml'), { instanceOf: WiringError })?.message;
  t.is(says(WIRING.replace('unit: m', 'unti: m')), 'a.yaml:3: /analog/0/unti: there is no such key');
  t.regex(
    says(WIRING.replace('[0, 2]', '[0]')) ?? '',
    /^a\.yaml:4: \/analog\/0\/range: must NOT have fewer than 2 items/,
  );
  t.regex(
    says(WIRING.replace('execution: pump-auxiliary', 'execution: pmp')) ?? '',
    /^a\.yaml:13: .*no contact is called pmp/,
  );
  t.regex(says(WIRING.replace('debounceMs: 5', 'debounceMs: -5')) ?? '', /^a\.yaml:9: .*must be >= 0/);
  t.regex(says('analog: [') ?? '', /^a\.yaml:1: /);
  t.regex(says('- 1') ?? '', /^a\.yaml:1: \/: must be object/);
});

test('a file that does not compile exits with 2 and writes nothing', (t) => {
  const dir = folder(t);
  const file = join(dir, 'wiring.yaml');
  writeFileSync(file, WIRING.replace('range', 'rnage'));
  const { code, output } = run('compile', file, '--out', join(dir, 'a'));
  t.is(code, 2);
  t.regex(output, /wiring\.yaml:4: \/analog\/0\/rnage: there is no such key/);
  t.throws(() => statSync(join(dir, 'a')));
});

test('a wiring file may say that links are one-way', (t) => {
  const text = 'analog: []\ndigital: [{ name: a }]\n';
  t.is(compileText(text, 'w.yaml').oneWayTimes, undefined);
  t.is(compileText(`${text}oneWayTimes: 3\n`, 'w.yaml').oneWayTimes, 3);
  t.throws(() => compileText(`${text}oneWayTimes: 17\n`, 'w.yaml'), { instanceOf: WiringError });
});
