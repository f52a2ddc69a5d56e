/** Style as a test: each rule is checked over the sources, and each proves on samples that it can fail. */
import test, { type ExecutionContext } from 'ava';
import { checkDocComments, checkHeaders, checkLength } from './tidy/documentation.js';
import { checkErasable } from './tidy/erasable.js';
import { checkFileNames } from './tidy/file-names.js';
import { checkText, FORBIDDEN_STRINGS, FORBIDDEN_WORDS, listVersioned, readText } from './tidy/forbidden-text.js';
import { checkDeadFiles, checkImports } from './tidy/import-rule.js';
import { checkModuleState } from './tidy/module-state.js';
import { checkLock, readLock } from './tidy/package-lock.js';
import { checkPortable } from './tidy/portable.js';
import { type Check, formatViolations, parseSource, readSources, type Violation } from './tidy/source.js';
import { checkStepPath } from './tidy/step-path.js';

/** Path and text of one file. */
type Sample = readonly [path: string, text: string];

const sources = readSources();

/** Fails with the list of violations, one per line. */
function assertNone(t: ExecutionContext, violations: readonly Violation[]): void {
  if (violations.length === 0) {
    t.pass();
    return;
  }
  t.log(formatViolations(violations));
  t.fail(`${violations.length} violations, listed above`);
}

/**
 * Two tests: the sources obey the rule; the rule tells bad samples from good ones. A bad sample comes with what its
 * one violation says.
 */
function rule(
  title: string,
  check: Check,
  bad: readonly (readonly [...Sample, string])[],
  good: readonly Sample[],
): void {
  test(title, (t) => {
    assertNone(t, check(sources));
  });
  test(`${title} (the rule can fail)`, (t) => {
    for (const [path, text, says] of bad) {
      const found = formatViolations(check([parseSource(path, text)]));
      t.true(found.includes(says) && !found.includes('\n'), `${path}: ${text}\nsays: ${found}\nshould say: ${says}`);
    }
    for (const [path, text] of good) t.is(formatViolations(check([parseSource(path, text)])), '', text);
  });
}

rule(
  'a file imports only what the table of import-rule.ts permits',
  checkImports,
  [
    [
      'modules/log/a.ts',
      "import { KIND } from '../frame/kinds.js';",
      'a.ts:1 modules/log must not import modules/frame',
    ],
    [
      'modules/detect/a.ts',
      "\nimport { A } from '../capture/block.js';",
      'a.ts:2 modules/detect may import only types and constants of modules/capture',
    ],
    ['modules/model/a.ts', "import { B } from '../detect/b.js';", 'modules/model must not import modules/detect/b.ts'],
    ['modules/model/a.ts', "import type { B } from '../detect/b.js';", 'must not import modules/detect/b.ts'],
    [
      'modules/frame/a.ts',
      "import { openIncident, CLASS_A } from '../incident/b.js';",
      'only types and constants of modules/incident',
    ],
    ['modules/frame/a.ts', "import * as b from '../incident/b.js';", 'only types and constants of modules/incident'],
    [
      'modules/detect/a.ts',
      "import { check } from '../config/check.js';",
      'may import modules/config/check.ts by `import type`',
    ],
    ['modules/capture/a.ts', "export * from '../condition/b.js';", 'must not import modules/condition/b.ts'],
    ['modules/cbor/a.ts', "import { B } from '../log/b.js';", 'must not import modules/log/b.ts'],
    ['modules/sensor.ts', "import { B } from '../hosts/b.js';", 'must not import hosts/b.ts'],
    ['modules/sensor.ts', "import Timer from 'timer';", "must not import the package 'timer'"],
    ['modules/sign/a.ts', "import Digital from 'embedded:io/digital';", "the package 'embedded:io/digital'"],
    ['modules/sign/a.ts', "import 'node:fs';", "the package 'node:fs'"],
    ['modules/sign/a.ts', "type A = import('ava').A;", "the package 'ava'"],
    ['modules/sign/a.ts', "const a = await import('../log/a.js');", 'must not import modules/log/a.ts'],
    ['modules/sign/a.ts', "import { type Board } from '../board.js';", 'by `import type` only'],
    ['hosts/pico/a.ts', "import { Board } from '../../modules/board.js';", 'by `import type` only'],
    ['simulator/a.ts', "import { a } from '../hosts/bench/a.js';", 'simulator must not import hosts/bench/a.ts'],
    ['simulator/a.ts', "import { a } from 'cbor-x';", "the package 'cbor-x'"],
    ['tests/a.ts', "import { a } from './b';", 'must end in .js'],
    ['tests/a.ts', "import { a } from './b.ts';", 'must end in .js'],
    ['modules/other/a.ts', '', 'has no row in the table'],
  ],
  [
    [
      'modules/detect/a.ts',
      "import { B } from '../model/b.js';\nimport type { C } from '../capture/c.js';\nimport { FIELDS_MAX, type D } from '../condition/d.js';",
    ],
    ['modules/detect/a.ts', "import { assert } from '../base/assert.js';\nimport { A } from './b.js';"],
    ['modules/log/a.ts', "import type { FlashPort } from '../board.js';\nimport { A } from '../limits.js';"],
    ['modules/sensor.ts', "import { B } from './frame/b.js';\nimport { C } from './log/c.js';"],
    ['modules/board.ts', "import type { Block } from './capture/block.js';"],
    ['simulator/a.ts', "import 'node:fs';\nimport { B } from '../modules/sensor.js';"],
  ],
);

test('every file of modules/ is reached from main.ts, a host or a test', (t) => {
  assertNone(t, checkDeadFiles(sources));
});

test('every file of modules/ is reached from main.ts, a host or a test (the rule can fail)', (t) => {
  const a = parseSource('modules/base/a.ts', "import { B } from './b.js';");
  const b = parseSource('modules/base/b.ts', '');
  const c = parseSource('modules/base/c.ts', "import { A } from './a.js';");
  const user = parseSource('tests/a.test.ts', "import type { A } from '../modules/base/a.js';");
  t.is(
    formatViolations(checkDeadFiles([a, b, c, user])),
    'modules/base/c.ts:1 is reached from no main.ts, host or test',
  );
  t.is(checkDeadFiles([a, b, c]).length, 3);
});

rule(
  'a file name is one kebab-case term, never utils, manager, helper, misc or common',
  checkFileNames,
  [
    ['modules/base/crcTable.ts', '', "'crcTable' is not kebab-case"],
    ['hosts/pico/board_pins.ts', '', "'board_pins' is not kebab-case"],
    ['tests/Sensor.test.ts', '', "'Sensor' is not kebab-case"],
    ['simulator/utils.ts', '', "'utils' says nothing"],
    ['modules/log/flash-manager.ts', '', "'manager' says nothing"],
    ['tests/helpers/plant.ts', '', "'helpers' says nothing"],
    ['modules/common.ts', '', "'common' says nothing"],
  ],
  [
    ['modules/base/crc32c.ts', ''],
    ['tests/base/little-endian.test.ts', ''],
    ['hosts/bench/natives.d.ts', ''],
  ],
);

rule(
  'modules/ is portable: no clock, chance, timer or host global, no inexact arithmetic',
  checkPortable,
  [
    ['modules/a.ts', 'f(Date.now());', 'Date: time is a parameter'],
    ['modules/a.ts', 'let at: Date;', 'Date: time is a parameter'],
    ['modules/a.ts', 'f(Math.random());', 'Math.random'],
    ['modules/a.ts', 'setTimeout(f, 1);', 'setTimeout'],
    ['modules/a.ts', 'setInterval(f, 1);', 'setInterval'],
    ['modules/a.ts', 'Timer.repeat(f, 1);', 'Timer'],
    ['modules/a.ts', "\n\nconsole.log('a');", 'a.ts:3 console'],
    ['modules/a.ts', 'f(process.env);', 'process'],
    ['modules/a.ts', 'Buffer.alloc(1);', 'Buffer'],
    ['modules/a.ts', 'globalThis.a = 1;', 'globalThis'],
    ['modules/a.ts', 'new TextEncoder();', 'TextEncoder'],
    ['modules/a.ts', 'f(1n);', 'BigInt literal'],
    ['modules/a.ts', 'f(x ** 2);', '**'],
    ['modules/a.ts', 'x **= 2;', '**'],
    ['modules/a.ts', 'const { log } = Math;', 'Math is used as Math.name only'],
    ['modules/a.ts', "f(Math['exp'](x));", 'Math is used as Math.name only'],
    ...[
      'log',
      'exp',
      'pow',
      'sin',
      'cos',
      'tan',
      'tanh',
      'atan2',
      'hypot',
      'cbrt',
      'log2',
      'log10',
      'log1p',
      'expm1',
    ].map((name): [...Sample, string] => ['modules/a.ts', `f(Math.${name}(x));`, `Math.${name} may differ`]),
  ],
  [
    [
      'modules/a.ts',
      'f(Math.sqrt(Math.abs(x)), Math.floor(x), Math.max(x, Math.min(y, Math.imul(z, 3))), Math.fround(x));',
    ],
    [
      'modules/a.ts',
      'interface A { process(): void; Date: number }\nclass B { console = 1; process() { this.process(); } }',
    ],
    ['modules/a.ts', 'function log(x: number) { return x; }\nf(log(1), { Date: 1 });'],
    ['hosts/bench/a.ts', 'console.log(Date.now(), Math.random());'],
  ],
);

rule(
  'modules/ has no writable state at module scope',
  checkModuleState,
  [
    ['modules/a.ts', 'let count = 0;', 'let or var'],
    ['modules/a.ts', 'var count = 0;', 'let or var'],
    ['modules/a.ts', 'export const TABLE = new Uint8Array(4);', 'new Uint8Array'],
    ['modules/a.ts', 'const TABLE = new Map();', 'new Map'],
    ['modules/a.ts', 'const SEEN = new Set();', 'new Set'],
    ['modules/a.ts', 'const VIEW = new DataView(b);', 'new DataView'],
    ['modules/a.ts', 'const TABLE = Uint8Array.of(1, 2);', 'Uint8Array.of()'],
    ['modules/a.ts', 'const TABLE = createTable();', 'createTable()'],
    ['modules/a.ts', 'const TABLE = [1, 2];', 'array at module scope'],
    ['modules/a.ts', 'const TABLE = [1, 2] as const;', 'array at module scope'],
    ['modules/a.ts', 'const TABLE = { a: 1 };', 'object at module scope'],
    ['modules/a.ts', 'const TABLE = Object.freeze([Object.freeze([1]), [2]]);', 'array at module scope'],
    ['modules/a.ts', 'class A { static count = 0; }', 'a static field that is not readonly'],
    ['modules/a.ts', 'class A { static readonly table = [1]; }', 'array at module scope'],
    ['modules/a.ts', 'if (x) { const a = [1]; f(a); }', 'array at module scope'],
  ],
  [
    ['modules/a.ts', "export const CHANNELS_MAX = 64;\nconst NAME = 'a';\nconst BYTES = CHANNELS_MAX * bytesOf(4);"],
    [
      'modules/a.ts',
      'const TABLE = Object.freeze([1, 2] as const);\nconst ROWS = Object.freeze({ a: Object.freeze([1]) });',
    ],
    ['modules/a.ts', 'const TABLE = Object.freeze(createTable());'],
    [
      'modules/a.ts',
      'class A { readonly rows: number[] = []; constructor() { this.rows = new Array(4); let i = 0; f(i); } }',
    ],
    ['modules/a.ts', 'function createA() { let a = []; return a; }\ntype A = [number, number];'],
    ['simulator/a.ts', 'let count = 0;'],
  ],
);

rule(
  'TypeScript is erasable: no enum, namespace, parameter property or decorator',
  checkErasable,
  [
    ['modules/a.ts', 'enum A { B }', 'enum'],
    ['tests/a.ts', 'const enum A { B }', 'enum'],
    ['hosts/a.ts', 'namespace A { f(); }', 'namespace'],
    ['modules/a.ts', 'class A { constructor(readonly b: number) {} }', 'parameter property'],
    ['modules/a.ts', 'class A { constructor(private b: number) {} }', 'parameter property'],
    ['simulator/a.ts', '@sealed class A {}', 'decorator'],
    ['modules/a.ts', 'class A { @bound b() {} }', 'decorator'],
    ['modules/a.ts', "import a = require('a');", 'import ='],
    ['modules/a.ts', 'f(<number>x);', 'type assertion'],
  ],
  [
    ['modules/a.ts', 'class A { readonly b: number; constructor(b: number) { this.b = b; } }'],
    ['hosts/a.d.ts', "declare module 'timer' { export function set(): void; }"],
  ],
);

rule(
  'nothing on the step path allocates or throws',
  checkStepPath,
  [
    [
      'modules/detect/a.ts',
      'function step() {\n  return { a: 1 };\n}',
      'a.ts:2 object literal on the step path, in step',
    ],
    ['modules/detect/a.ts', 'function step() { return [1]; }', 'array literal'],
    ['modules/detect/a.ts', 'function step() { const [a] = pair; f(a); }', 'array destructuring'],
    ['modules/detect/a.ts', 'function step() { [a, b] = pair; }', 'array destructuring'],
    ['modules/detect/a.ts', 'function step() { for (const a of rows) f(a); }', 'for...of'],
    ['modules/detect/a.ts', 'function step() { for (const a in rows) f(a); }', 'for...in'],
    ...['forEach', 'map', 'filter', 'reduce'].map((name): [...Sample, string] => [
      'modules/orders/a.ts',
      `function step() { rows.${name}(f); }`,
      `${name}()`,
    ]),
    ['modules/capture/a.ts', 'function step() { f(bytes.subarray(1)); }', 'subarray()'],
    ['modules/capture/a.ts', 'function step() { f(bytes.slice(1)); }', 'slice()'],
    ['modules/model/a.ts', 'function step() { f(...rows); }', 'spread'],
    ['modules/model/a.ts', 'function step(...rows: number[]) { f(rows); }', 'rest'],
    ['modules/model/a.ts', 'function step() { const { a, ...b } = row; f(a, b); }', 'rest'],
    ['modules/condition/a.ts', 'function step() { const f = () => 1; return f(); }', 'closure'],
    ['modules/condition/a.ts', 'function step() { f(function () { return 1; }); }', 'closure'],
    ['modules/evidence/a.ts', `function step(a: number) { f(\`a \${a}\`); }`, 'template string'],
    ['modules/evidence/a.ts', "function step(a: number) { f('a' + a + 'b'); }", 'string concatenation'],
    ['modules/evidence/a.ts', "function step() { a += 'b'; }", 'string concatenation'],
    ['modules/evidence/a.ts', 'function step() { f(1n); }', 'BigInt'],
    ['modules/incident/a.ts', 'function step() { f(new Incident()); }', 'new Incident'],
    ['modules/incident/a.ts', 'function openIncident() { f(new Incident()); }', 'new Incident'],
    ['modules/reporter.ts', 'function step() { return {}; }', 'object literal'],
    ['modules/sensor.ts', 'class A { step() { throw this.e; } }', 'throw on the step path, in step'],
    ['modules/sensor.ts', 'class A { get a() { return [1]; } }', 'array literal on the step path, in a'],
    ['modules/sensor.ts', 'class A { onData = () => { f({}); }; }', 'object literal on the step path, in onData'],
    ['modules/base/a.ts', 'export const step = (a: number) => ({ a });', 'object literal on the step path, in step'],
    ['modules/log/a.ts', 'function append(row = []) { f(row); }', 'array literal'],
    ['modules/link/a.ts', 'function loader() { return []; }', 'array literal on the step path, in loader'],
    ['modules/cbor/a.ts', `function write() { assert(isOpen, \`a \${b}\`); }`, 'template string'],
    ['modules/frame/a.ts', '/** @offStep */\nfunction encode() { return []; }', '@offStep of encode must say why'],
    [
      'modules/sign/a.ts',
      'class A { constructor() {} start() { return {}; } }',
      'object literal on the step path, in start',
    ],
  ],
  [
    [
      'modules/detect/a.ts',
      'class A { rows: number[] = []; constructor() { this.rows = [...a]; for (const b of a) f({ b }); } }',
    ],
    [
      'modules/detect/a.ts',
      'function createA() { return { a: [1], f: () => `a` }; }\nfunction load() { throw new Error(); }',
    ],
    ['modules/detect/a.ts', 'function parseRow() { return []; }\nclass A { static open() { return new A(); } }'],
    ['modules/detect/a.ts', '/**\n * A table.\n * @offStep runs once, at start\n */\nfunction table() { return [1]; }'],
    ['modules/detect/a.ts', '/** @offStep runs once, at start */\nexport const table = () => [1];'],
    [
      'modules/detect/a.ts',
      "function step(a: number) { assert(a >= 0, 'a is a count'); const { b } = row; return a + b; }",
    ],
    [
      'modules/detect/a.ts',
      'function step(): [number, number] { for (let i = 0; i < 4; i++) f(i); return this.pair; }',
    ],
    ['modules/config/a.ts', 'function check() { return []; }'],
    ['modules/frame/a.ts', 'function write() { writer.map(2); this.writer.map(n); this.map(n); }'],
  ],
);

rule(
  'every file of modules/ begins with a header comment',
  checkHeaders,
  [
    ['modules/a.ts', "import { a } from './a.js';\n/** Late. */", 'begins without a /** header */'],
    ['modules/a.ts', '// A line.\n', 'begins without a /** header */'],
    ['modules/a.ts', '/**/', 'begins without a /** header */'],
  ],
  [['modules/a.ts', '/** What it is. */\n']],
);

rule(
  'every export of modules/ has a doc comment; constants may share one',
  checkDocComments,
  [
    ['modules/a.ts', '/** Header. */\nimport "b";\nexport function a() {}', 'a.ts:3 a has no doc comment'],
    ['modules/a.ts', '/** Header. */\nimport "b";\n// A class.\nexport class A {}', 'A has no doc comment'],
    ['modules/a.ts', '/** Doc. */\nexport class A {}\nexport interface B {}', 'B has no doc comment'],
    ['modules/a.ts', '/** Doc. */\nexport class A {}\nexport type B = number;', 'B has no doc comment'],
    ['modules/a.ts', '/** Doc. */\nexport class A {}\nexport const B = 1;', 'constant B has no doc comment'],
    [
      'modules/a.ts',
      'import "b";\nexport const A = 1;\n/** Doc. */\nexport const B = 1;',
      'constant A has no doc comment',
    ],
  ],
  [
    ['modules/a.ts', '/** Doc. */\nexport const A = 1;\nexport const B = 1;\n\n/** Doc. */\nexport const C = 1;'],
    ['modules/a.ts', '/** Doc. */\nexport function a() {}\nfunction b() {}\nclass C {}'],
  ],
);

rule(
  'lines of modules/ have at most 120 columns, functions at most 70 lines',
  checkLength,
  [
    ['modules/a.ts', `\n// ${'a'.repeat(118)}\n`, 'a.ts:2 121 columns'],
    ['modules/a.ts', `function a() {${'\n'.repeat(70)}}`, 'a has 71 lines'],
    ['modules/a.ts', `class A {\n  constructor() {${'\n'.repeat(70)}}\n}`, 'a.ts:2 constructor has 71 lines'],
  ],
  [['modules/a.ts', `// ${'a'.repeat(117)}\nfunction a() {${'\n'.repeat(69)}}`]],
);

const versioned = listVersioned();

/** Outside a git checkout nothing says which files are ours. */
const versionedTest = versioned.length === 0 ? test.skip : test;

versionedTest('no file under version control names a path or registry of one machine, or work left undone', (t) => {
  assertNone(
    t,
    versioned.flatMap((path) => checkText(path, readText(path) ?? '')),
  );
});

test('no file under version control names a path or registry of one machine, or work left undone (the rule can fail)', (t) => {
  for (const forbidden of FORBIDDEN_STRINGS) {
    t.is(formatViolations(checkText('a.md', `\nsee ${forbidden}a`)), `a.md:2 contains '${forbidden}'`);
  }
  for (const word of FORBIDDEN_WORDS) {
    t.is(formatViolations(checkText('a.md', `// ${word}: later`)), `a.md:1 contains the word ${word}`);
    t.is(formatViolations(checkText('a.md', `${word}S and ${word.toLowerCase()}`)), '');
  }
});

test('the lock has every optional package, an integrity for each, and no address', (t) => {
  assertNone(t, checkLock(readLock()));
});

test('the lock has every optional package, an integrity for each, and no address (the rule can fail)', (t) => {
  const locked = { integrity: 'sha512-a' };
  const wanting = { ...locked, optionalDependencies: { c: '1' } };
  const checked = (packages: Parameters<typeof checkLock>[0]['packages']) => formatViolations(checkLock({ packages }));
  t.regex(checked({ 'node_modules/a': wanting }), /node_modules\/a wants c, which is not in the lock$/);
  t.regex(checked({ 'node_modules/a': wanting, 'node_modules/b/node_modules/c': locked }), /wants c/);
  t.regex(checked({ 'node_modules/a': { ...locked, resolved: 'somewhere' } }), /says where it was got from$/);
  t.regex(checked({ 'node_modules/a': {} }), /has no integrity$/);
  t.is(checked({ 'node_modules/a': wanting, 'node_modules/c': locked, '': {} }), '');
  t.is(checked({ 'node_modules/a': wanting, 'node_modules/a/node_modules/c': locked }), '');
  t.is(checked({ 'node_modules/a/node_modules/b': wanting, 'node_modules/a/node_modules/c': locked }), '');
});
