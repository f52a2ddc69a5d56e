/** The bench host, seen from outside: small modules run on the real XS, in an arena, with its ports. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';

const ROOT = resolve('build');
const BENCH = join(ROOT, 'xs', 'bench');
const HEX = `const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');\n`;

/** A new folder with these files in it. */
function folder(files: Record<string, string | Uint8Array>): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

interface Run {
  status: number | null;
  lines: string[];
  error: string;
}

/** Runs `files['main.js']`; what lies in modules/ is preloaded. */
function run(files: Record<string, string | Uint8Array>, ...options: string[]): Run {
  return runIn(folder(files), ...options);
}

function runIn(path: string, ...options: string[]): Run {
  mkdirSync(join(path, 'modules'), { recursive: true });
  const all = ['--root', ROOT, '--main', join(path, 'main.js'), '--preload', join(path, 'modules'), ...options];
  const { status, stdout, stderr } = spawnSync(BENCH, all, { encoding: 'utf8', cwd: path });
  return { status, lines: stdout.trimEnd().split('\n'), error: stderr.trimEnd() };
}

/** Starts it, and gives its lines one by one. */
function start(
  t: ExecutionContext,
  main: string,
  ...options: string[]
): { child: ChildProcess; line(): Promise<string> } {
  const path = folder({ 'main.js': main });
  const child = spawn(BENCH, ['--root', ROOT, '--main', join(path, 'main.js'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const line = async (): Promise<string> => {
    while (!text.includes('\n')) await once(child.stdout as NodeJS.ReadableStream, 'data');
    const end = text.indexOf('\n');
    const first = text.slice(0, end);
    text = text.slice(end + 1);
    return first;
  };
  return { child, line };
}

/** A block stream: records of [sequence, timeUs, lost, isFresh, mark], then the channels. */
function stream(analog: number, digital: number, records: number[][]): Uint8Array {
  const header = Buffer.alloc(16);
  header.write('WWB1');
  header.writeUInt16LE(analog, 4);
  header.writeUInt16LE(digital, 6);
  header.writeUInt32LE(10000, 8);
  return Buffer.concat([header, ...records.map((record) => Buffer.from(new Float64Array(record).buffer))]);
}

const block = (sequence: number, timeUs: number): number[] => [sequence, timeUs, 0, 0, 7, 10, -1.5, 2, 0.25, sequence];

test('a full arena ends the process with one line', (t) => {
  const { status, error } = run({ 'main.js': 'const all = []; for (;;) all.push({});' }, '--arena', '65536');
  t.is(status, 1);
  t.is(error, 'bench: out of memory: arena of 65536 bytes is full');
  t.is(run({ 'main.js': `let s = 'x'; for (;;) s += s;` }, '--arena', '65536').error, error);
});

test('collected memory is used again, for as long as one likes', (t) => {
  const main = `for (let i = 0; i < 50000; i++) { const o = { i, s: 'text ' + i }; } bench.print('done');`;
  const { status, lines } = run({ 'main.js': main }, '--arena', '40960');
  t.is(status, 0);
  t.deepEqual(lines, ['done']);
});

test('a missing module is named with its importer', (t) => {
  const path = folder({ 'main.js': `import './a.js';`, 'a.js': `import './nowhere.js';` });
  const { status, error } = runIn(path);
  t.is(status, 1);
  t.is(error, `bench: module not found: ./nowhere.js (imported by ${join(path, 'a.js')})`);
});

test('an uncaught exception ends the process: in a module, a timer, a promise', (t) => {
  const sources = [
    `\n\nfunction broken() {\n  throw new RangeError('too far');\n}\nbroken();`,
    `\n\nbench.setTimer(() => {\n  throw new RangeError('too far');\n}, 1, 0);`,
    `\n\n(async () => {\n  throw new RangeError('too far'); })();`,
  ];
  for (const source of sources) {
    const { status, error } = run({ 'main.js': source }, '--virtual');
    t.is(status, 1, source);
    t.regex(error, /^bench: uncaught exception: RangeError: too far .*main\.js:4/);
    t.notRegex(error, /\n/);
  }
  t.regex(run({ 'main.js': `\nnull.x;` }).error, /^bench: uncaught exception: TypeError: .*main\.js:2/);
  t.is(run({ 'main.js': `throw 'text';` }).error, 'bench: uncaught exception: text');
  t.regex(run({ 'main.js': 'let a;\nlet b = ;' }).error, /^bench: syntax error: .*main\.js:2: /);
});

test('endless recursion ends the process', (t) => {
  const { status, error } = run({ 'main.js': 'function f() { f(); } f();' });
  t.is(status, 1);
  t.regex(error, /^bench: stack overflow/);
});

test('bytes of a preloaded module are read-only, its tables frozen, its other objects copied when written', (t) => {
  const table = `export const bytes = new Uint8Array(4);
    export const frozen = Object.freeze([1, 2]);
    export const state = { count: 0, list: [1], name: 'a' };
    export class Counter { #count = 1; add() { return ++this.#count; } }`;
  const faulted = run({
    'main.js': `import { bytes } from './modules/t.js'; bytes[0] = 1; bench.print('no');`,
    'modules/t.js': table,
  });
  t.is(faulted.status, 1);
  t.is(faulted.error, 'bench: write to preloaded (read-only) memory');
  t.deepEqual(faulted.lines, ['']);
  const frozen = run({ 'main.js': `import { frozen } from './modules/t.js'; frozen[0] = 2;`, 'modules/t.js': table });
  t.regex(frozen.error, /^bench: uncaught exception: TypeError/);
  const main = `import { state, Counter } from './modules/t.js';
    state.count++; state.list.push(2); state.name += 'b'; bench.collect();
    bench.print([state.count, state.list, state.name, new Counter().add()].join());`;
  t.deepEqual(run({ 'main.js': main, 'modules/t.js': table }).lines, ['1,1,2,ab,2']);
});

test('preloaded code and constants take nothing from the arena', (t) => {
  const table = `export const TABLE = Object.freeze([${Array.from({ length: 3000 }, (_, i) => i + 0.5).join()}]);`;
  const main = `import { TABLE } from './modules/t.js';
    const s = [0, 0, 0, 0, 0, 0, 0, 0]; bench.statistics(s); bench.print(TABLE[2999] + ' ' + s[5]);`;
  const [value, used] = run({ 'main.js': main, 'modules/t.js': table }).lines[0].split(' ');
  t.is(value, '2999.5');
  t.true(Number(used) < 40000, used);
});

test('statistics see one slot, and none where there is none', (t) => {
  const main = `
    const before = [0, 0, 0, 0, 0, 0, 0, 0], after = [0, 0, 0, 0, 0, 0, 0, 0];
    const quiet = () => { let sum = 0; for (let i = 0; i < 10; i++) sum += i * 0.5; return sum; };
    const loud = () => { const o = {}; return o; };
    const chunk = () => { const b = new ArrayBuffer(100); };
    for (const f of [quiet, loud, chunk]) {
      bench.statistics(before); f(); bench.statistics(after);
      bench.print([after[1] - before[1], after[2] - before[2]].join());
    }
    for (let i = 0; i < 3; i++) bench.collect();
    bench.statistics(after);
    bench.print([after[3] >= 3, after[4], after[5] > 0 && after[5] <= after[6], after[7], after[0] > before[0]].join());`;
  const { lines } = run({ 'main.js': main });
  t.is(lines[0], '0,0');
  t.is(lines[1], '1,0');
  const [slots, bytes] = lines[2].split(',').map(Number);
  t.true(slots >= 2 && bytes >= 100 && bytes <= 132);
  t.regex(lines[3], /^true,(117248,true,16|234496,true,32),true$/);
});

test('computrons and allocation repeat exactly', (t) => {
  const main = `import Timer from 'timer';
    const s = [0, 0, 0, 0, 0, 0, 0, 0]; let n = 0;
    Timer.repeat(() => { const o = { n: 'x' + n }; bench.statistics(s); bench.print(bench.nowUs() + ' ' + s.join()); if (++n === 5) bench.exit(3); }, 10);`;
  const files = { 'main.js': main };
  const path = folder(files);
  const first = runIn(path, '--virtual');
  t.is(first.status, 3);
  t.deepEqual(
    first.lines.map((line) => line.split(' ')[0]),
    ['10000', '20000', '30000', '40000', '50000'],
  );
  t.deepEqual(runIn(path, '--virtual'), first);
});

test('timers run in the order they are due, and can be cleared', (t) => {
  const main = `import Timer from 'timer';
    const say = (text) => bench.print(text + bench.nowUs());
    Timer.set(() => say('c'), 30); Timer.set(() => say('a'), 10); Timer.set(() => say('b'), 10);
    const never = Timer.set(() => say('never'), 20);
    const often = Timer.repeat(() => { say('r'); if (bench.nowUs() >= 36000) Timer.clear(often); }, 12);
    Timer.clear(never); Promise.resolve().then(() => say('p'));`;
  t.deepEqual(run({ 'main.js': main }, '--virtual').lines, [
    'p0',
    'a10000',
    'b10000',
    'r12000',
    'r24000',
    'c30000',
    'r36000',
  ]);
});

test('doubles are those of Node, to the bit', (t) => {
  const body = `let x = 0.1, out = ''; for (let i = 1; i < 200; i++) { x = (x * 1.000001 + 1 / i - x * x * 1e-3) / (1 + i * 1e-7); out += x + ' '; }
    out += Math.sqrt(2) + ' ' + (-0 * 5 === 0) + 1 / (-1 * 0) + ' ' + 0.1 * 3;`;
  const expected = new Function(`${body} return out;`)() as string;
  t.is(run({ 'main.js': `${body} bench.print(out);` }).lines[0], expected);
});

test('a flash write that sets a bit ends the process; an erase makes room', (t) => {
  const path = folder({
    'main.js': `const one = new Uint8Array([0xF0, 1, 2]), back = new Uint8Array(4);
      bench.flashWrite(4096, one, 3); bench.flashWrite(4096, new Uint8Array([0x30]), 1);
      bench.flashRead(4096, back, 4); bench.print(back.join() + ' ' + bench.flashBytes + ' ' + bench.flashEraseBytes);
      bench.flashErase(4096); bench.flashWrite(4096, new Uint8Array([0x0F]), 1);
      bench.flashWrite(4096, one, 1);`,
  });
  const { status, lines, error } = runIn(path, '--flash', 'flash.bin', '--flash-bytes', '65536');
  t.is(status, 1);
  t.deepEqual(lines, ['48,1,2,255 65536 4096']);
  t.is(error, 'bench: flash: write at 4096 sets bits (0xf0 over 0x0f): erase first');
  const image = readFileSync(join(path, 'flash.bin'));
  t.is(image.length, 65536);
  t.deepEqual([image[0], image[4096], image[4097]], [255, 0x0f, 255]);
  t.is(runIn(path, '--flash', 'flash.bin').error, 'bench: flash.bin: 65536 bytes, --flash-bytes says 1048576');
  t.regex(run({ 'main.js': 'bench.flashErase(100);' }).error, /not a multiple/);
  t.regex(run({ 'main.js': 'bench.flashRead(1048575, new Uint8Array(2), 2);' }).error, /outside/);
});

test('a wrong option gets one line and exit 2', (t) => {
  const wrong = [
    [['--bogus'], 'unknown option: --bogus (see --help)'],
    [['--arena', 'much'], '--arena: much is no integer from 16384 to 67108864'],
    [['--flash-bytes', '5000'], '--flash-bytes: 5000 is no multiple of 4096'],
    [['--argument', 'name'], '--argument: name is not NAME=VALUE'],
    [['--udp', '1:2'], '--udp: 1:2 is not LOCALPORT:HOST:PORT'],
    [['--tcp', '70000'], '--tcp: 70000 is no port number'],
    [['--configuration', '/nowhere'], '--configuration: /nowhere: No such file or directory'],
    [['--blocks', '/nowhere'], '/nowhere: No such file or directory'],
    [['--ring'], '--ring: a value is missing'],
  ] as const;
  for (const [options, text] of wrong) {
    const { status, error } = run({ 'main.js': '' }, ...options);
    t.is(status, 2, error);
    t.is(error, `bench: ${text}`);
  }
  const help = spawnSync(BENCH, ['--help'], { encoding: 'utf8' });
  t.is(help.status, 0);
  t.regex(help.stdout, /--arena/);
});

test('configuration and arguments reach the program', (t) => {
  const path = folder({
    'main.js': `bench.print(JSON.parse(bench.configuration).name + bench.argument('a') + bench.argument('b') + bench.argument('c'));`,
    'c.json': '{"name": "pump \u00e9"}',
  });
  t.deepEqual(runIn(path, '--configuration', 'c.json', '--argument', 'a=1', '--argument', 'b=x=y').lines, [
    'pump \u00e91x=yundefined',
  ]);
});

const CAPTURE = `import Timer from 'timer';
  const header = [0, 0, 0, 0, 0], analog = [0, 0, 0, 0, 0], digital = [];
  const take = () => {
    for (;;) {
      const state = bench.readBlock(header, analog, digital);
      if (state < 0) { bench.print('end'); bench.exit(0); }
      if (state <= 0) return;
      bench.print(bench.nowUs() + ': ' + header.join() + ' ' + analog.join());
      bench.record(header, 5);
    }
  };
  bench.print(bench.analogChannels + ',' + bench.digitalChannels);\n`;

test('blocks and timers run in lockstep in virtual time', (t) => {
  const path = folder({
    'main.js': `${CAPTURE} Timer.repeat(take, 10);`,
    blocks: stream(1, 0, [block(0, 10000), block(1, 20000), block(2, 30000), block(5, 60000)]),
  });
  const { status, lines } = runIn(path, '--virtual', '--blocks', 'blocks', '--record', 'recorded');
  t.is(status, 0);
  t.deepEqual(lines, [
    '1,0',
    '10000: 0,10000,0,0,7 10,-1.5,2,0.25,0',
    '20000: 1,20000,0,0,7 10,-1.5,2,0.25,1',
    '30000: 2,30000,0,0,7 10,-1.5,2,0.25,2',
    '60000: 5,60000,0,0,7 10,-1.5,2,0.25,5',
    'end',
  ]);
  const recorded = readFileSync(join(path, 'recorded'));
  t.is(recorded.length, 4 * 5 * 8);
  t.is(recorded.readDoubleLE(3 * 40), 5);
});

test('blocks that find the ring full are counted in a later one, and the last one always comes', (t) => {
  const total = 40;
  const records = Array.from({ length: total }, (_, i) => block(i, (i + 1) * 10000));
  const path = folder({
    'main.js': `${CAPTURE} Timer.set(() => Timer.repeat(take, 1), 50);`,
    blocks: stream(1, 0, records),
  });
  const { status, lines } = runIn(path, '--blocks', 'blocks', '--ring', '5');
  t.is(status, 0);
  const blocks = lines.slice(1, -1).map((line) => line.split(/[ ,:]+/).map(Number));
  t.is(blocks[blocks.length - 1][1], total - 1);
  let next = 0;
  for (const [, sequence, , lost, isFresh] of blocks) {
    t.is(sequence, next + lost);
    t.is(isFresh, lost > 0 ? 1 : 0);
    next = sequence + 1;
  }
  t.is(lines[lines.length - 1], 'end');
});

test('a block stream may come from a pipe, and a truncated or foreign one is refused', (t) => {
  const bytes = stream(1, 0, [block(0, 10000), block(1, 20000)]);
  const path = folder({
    'main.js': `${CAPTURE} Timer.repeat(take, 10);`,
    short: bytes.subarray(0, bytes.length - 1),
    bad: new Uint8Array(40),
  });
  const options = ['--root', ROOT, '--main', join(path, 'main.js'), '--virtual', '--blocks', '-'];
  t.regex(spawnSync(BENCH, options, { input: bytes, encoding: 'utf8' }).stdout, /20000: 1,.*\nend\n$/);
  for (const mode of [['--virtual'], []]) {
    const short = runIn(path, '--blocks', 'short', ...mode);
    t.is(short.status, 1);
    t.is(short.error, 'bench: short: truncated: 79 bytes of a record of 80');
  }
  t.is(runIn(path, '--blocks', 'bad').error, 'bench: bad: not a block stream');
});

const SIGN = `${HEX} import Timer from 'timer';
  const message = new Uint8Array(70).fill(5), key = new Uint8Array(64), signature = new Uint8Array(64), hash = new Uint8Array(32);
  bench.publicKey(key); bench.sha256(message, 70, hash);
  const at = bench.nowUs();
  bench.print([hex(key), hex(hash), bench.signStart(message, 70), bench.signStart(message, 70)].join());
  const timer = Timer.repeat(() => {
    const state = bench.signPoll(signature);
    if (state === 0) return;
    bench.print([state, hex(signature), bench.nowUs() - at, bench.signPoll(signature)].join());
    Timer.clear(timer);
  }, 10);`;
const MESSAGE = new Uint8Array(70).fill(5);

/** Node's own verification of what SIGN printed. */
function isVerified(lines: string[]): boolean {
  const point = Buffer.from(lines[0].split(',')[0], 'hex');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(0, 32).toString('base64url'),
    y: point.subarray(32).toString('base64url'),
  };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const signature = Buffer.from(lines[1].split(',')[1], 'hex');
  return verify('sha256', MESSAGE, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

test('the secure element signs with an ephemeral key and hashes, as Node verifies', (t) => {
  const { status, lines, error } = run({ 'main.js': SIGN });
  t.is(status, 0, error);
  const [, hash, first, second] = lines[0].split(',');
  t.is(hash, createHash('sha256').update(MESSAGE).digest('hex'));
  t.deepEqual([first, second], ['true', 'false']);
  t.regex(lines[1], /^1,/);
  t.true(isVerified(lines));
});

test('in virtual time a signature takes --sign-ms, and repeats with the same key', (t) => {
  const path = folder({ 'main.js': SIGN });
  const first = runIn(path, '--virtual', '--sign-ms', '250', '--key', 'key');
  t.regex(first.lines[1], /,250000,2$/);
  t.true(isVerified(first.lines));
  t.deepEqual(runIn(path, '--virtual', '--sign-ms', '250', '--key', 'key'), first);
  const { size, mode } = statSync(join(path, 'key'));
  t.deepEqual([size, mode & 0o777], [32, 0o600]);
  writeFileSync(join(path, 'wrong'), 'text');
  writeFileSync(join(path, 'zero'), new Uint8Array(32));
  for (const name of ['wrong', 'zero']) {
    const { status, error } = runIn(path, '--key', name);
    t.is(status, 2);
    t.is(error, `bench: ${name}: not a key file`);
  }
});

test('the secure element has an arena of its own', (t) => {
  const { status, error } = run({ 'main.js': SIGN }, '--element-arena', '65536');
  t.is(status, 1);
  t.is(error, 'bench: secure element: out of memory: arena of 65536 bytes is full');
});

/** Sends back what it receives, each byte plus one. */
const echo = (open: string): string => `
  const port = bench.${open}(), buffer = new Uint8Array(300);
  bench.print(bench.ttyPath || 'ready');
  bench.setTimer(() => {
    const count = bench.receive(port, buffer);
    for (let i = 0; i < count; i++) buffer[i]++;
    if (count && !bench.send(port, buffer, count)) bench.print('full');
    if (count && buffer[count - 1] === 255) bench.exit(0);
  }, 1, 1);`;

test('a new pseudo-terminal carries every byte both ways', async (t) => {
  const { child, line } = start(t, echo('openTty'), '--tty', 'new');
  const path = await line();
  t.regex(path, /^\/dev\/pts\//);
  const sent = Uint8Array.from({ length: 255 }, (_, i) => i);
  const file = openSync(path, 'r+');
  writeSync(file, sent);
  const [status] = await once(child, 'close');
  t.is(status, 0);
  closeSync(file);
});

test('a serial device sees the answers', async (t) => {
  const first = start(t, echo('openTty'), '--tty', 'new');
  const path = await first.line();
  const second = start(
    t,
    `const port = bench.openTty(), buffer = new Uint8Array(300); const got = [];
     bench.send(port, new Uint8Array([0, 13, 10, 3, 200]), 5);
     bench.setTimer(() => { const n = bench.receive(port, buffer); for (let i = 0; i < n; i++) got.push(buffer[i]);
       if (got.length === 5) { bench.print(got.join()); bench.exit(0); } }, 1, 1);`,
    '--tty',
    path,
  );
  t.is(await second.line(), '1,14,11,4,201');
});

test('UDP datagrams come from and go to the peer only', async (t) => {
  const peer = createSocket('udp4').bind(0, '127.0.0.1');
  const other = createSocket('udp4').bind(0, '127.0.0.1');
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(peer, 'listening'), once(other, 'listening'), once(probe, 'listening')]);
  const port = probe.address().port;
  probe.close();
  const { child, line } = start(t, echo('openUdp'), '--udp', `${port}:127.0.0.1:${peer.address().port}`);
  await line();
  other.send(new Uint8Array([99]), port, '127.0.0.1');
  peer.send(new Uint8Array([1, 2, 254]), port, '127.0.0.1');
  const [answer] = (await once(peer, 'message')) as [Buffer];
  t.deepEqual([...answer], [2, 3, 255]);
  const [status] = await once(child, 'close');
  t.is(status, 0);
  peer.close();
  other.close();
});

test('TCP serves one client on the loopback, then the next; a used port is refused', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  const used = run({ 'main.js': '' }, '--tcp', String(port));
  t.is(used.status, 2);
  t.is(used.error, `bench: port ${port} is in use`);
  server.close();
  await once(server, 'close');
  const { child, line } = start(t, echo('openTcp'), '--tcp', String(port));
  await line();
  for (const last of [7, 254]) {
    const client = connect(port, '127.0.0.1');
    client.write(new Uint8Array([1, last]));
    const [answer] = (await once(client, 'data')) as [Buffer];
    t.deepEqual([...answer], [2, last + 1]);
    client.end();
  }
  const [status] = await once(child, 'close');
  t.is(status, 0);
});

test('without its options a port is not there', (t) => {
  const main = `bench.print([bench.openUdp(), bench.openTcp(), bench.openTty(), bench.readBlock([], [], [])].join());`;
  t.deepEqual(run({ 'main.js': main }).lines, ['-1,-1,-1,-1']);
});
