/** Who may import whom. The table below is the rule; the check only reads it. */
import { posix } from 'node:path';
import ts from 'typescript';
import { type Source, type Violation, violation, walk } from './source.js';

/** What the files of one part (a folder or a file) may import besides their own folder. */
interface Row {
  /** Parts that may be imported in any form; `*` is every part, `node:*` and `bare` are specifiers of packages. */
  readonly any: readonly string[];
  /** Parts of which only records may be imported: types, and constants (known by their UPPER_SNAKE names). */
  readonly records?: readonly string[];
  /** Parts that may be imported by `import type` only. */
  readonly types?: readonly string[];
}

/** Importable by every module. */
const GROUND = ['modules/base', 'modules/cbor', 'modules/limits.ts'];

/** The stages in the order of the data: each knows the records of those before it. */
const STAGES = [
  'modules/capture',
  'modules/condition',
  'modules/model',
  'modules/detect',
  'modules/orders',
  'modules/incident',
  'modules/evidence',
  'modules/frame',
];

const BOARD = 'modules/board.ts';
const CONFIG = 'modules/config';

/** A file belongs to the row with the longest path that holds it. Add a row for a new folder or file of modules/. */
const TABLE: Readonly<Record<string, Row>> = {
  'modules/base': { any: GROUND },
  'modules/cbor': { any: GROUND },
  'modules/limits.ts': { any: GROUND },

  // A stage: all of the stage directly before it, the records of every earlier one.
  ...Object.fromEntries(
    STAGES.map((stage, i) => [
      stage,
      { any: [...GROUND, ...STAGES.slice(Math.max(i - 1, 0), i)], records: STAGES.slice(0, i), types: [BOARD, CONFIG] },
    ]),
  ),

  // These never need to know what a frame says.
  'modules/sign': { any: GROUND, types: [BOARD] },
  'modules/log': { any: GROUND, types: [BOARD] },
  'modules/link': { any: GROUND, types: [BOARD] },
  [CONFIG]: { any: GROUND, types: [BOARD] },
  // A command is signed, too.
  'modules/command': { any: [...GROUND, 'modules/sign', CONFIG], types: [BOARD] },

  // A frame carries the key that it is signed with.
  'modules/frame': {
    any: [...GROUND, 'modules/evidence', 'modules/sign/cose-key.ts'],
    records: STAGES,
    types: [BOARD, CONFIG],
  },

  [BOARD]: { any: [], types: ['modules/capture', 'modules/sign', CONFIG] },
  // The step side and the idle side of the composition.
  'modules/sensor.ts': { any: ['modules'] },
  'modules/reporter.ts': { any: ['modules'] },

  'main.ts': { any: ['modules/sensor.ts', 'modules/capture', 'bare'], types: [BOARD] },
  simulator: { any: ['modules', 'node:*'] },
  'simulator/rp2040': { any: ['simulator', 'node:*', 'bare'] },
  hosts: { any: ['modules', 'simulator', 'main.ts', 'node:*', 'bare'] },
  tests: { any: ['*'] },
};

interface Import {
  readonly node: ts.Node;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  /** True when every name is a type or a constant. */
  readonly isRecordsOnly: boolean;
}

const CONSTANT_NAME = /^[A-Z][A-Z0-9_]+$/;

/** Every import, re-export, dynamic import and import type of a file. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  walk(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      found.push({
        node,
        specifier,
        isTypeOnly: isTypeOnly(node),
        isRecordsOnly: isTypeOnly(node) || isRecordsOnly(node),
      });
    }
    return false;
  });
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return (node.moduleSpecifier as ts.StringLiteral).text;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return (node.argument.literal as ts.StringLiteral).text;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const argument = node.arguments[0];
    return argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : '<computed>';
  }
  return undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return ts.isImportTypeNode(node) || (ts.isExportDeclaration(node) && node.isTypeOnly);
}

function isRecordsOnly(node: ts.Node): boolean {
  const names = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
  if (names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.every(
    ({ isTypeOnly, propertyName, name }) => isTypeOnly || CONSTANT_NAME.test((propertyName ?? name).text),
  );
}

/** The file that a relative specifier names, from the root. */
export function targetOf(source: Source, specifier: string): string {
  return posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, '.ts');
}

/** The part of the table that a file belongs to: the longest path that holds it. */
function partOf(path: string): string | undefined {
  const parts = Object.keys(TABLE).filter((part) => path === part || path.startsWith(`${part}/`));
  return parts.sort((a, b) => b.length - a.length)[0];
}

function isListed(list: readonly string[] | undefined, path: string): boolean {
  return list?.some((entry) => entry === '*' || path === entry || path.startsWith(`${entry}/`)) === true;
}

/** Why this import breaks the rule; undefined where it does not. */
function judge(source: Source, part: string, { specifier, isTypeOnly, isRecordsOnly }: Import): string | undefined {
  const row = TABLE[part];
  if (!specifier.startsWith('.')) {
    const kind = specifier.startsWith('node:') ? 'node:*' : 'bare';
    return isListed(row.any, kind) ? undefined : `${part} must not import the package '${specifier}'`;
  }
  if (!specifier.endsWith('.js')) return `the relative specifier '${specifier}' must end in .js`;
  const target = targetOf(source, specifier);
  if (target === BOARD && !isTypeOnly) return 'board.ts is imported by `import type` only';
  if (partOf(target) === part || isListed(row.any, target)) return undefined;
  if (isListed(row.records, target)) {
    return isRecordsOnly ? undefined : `${part} may import only types and constants of ${target}`;
  }
  if (isListed(row.types, target))
    return isTypeOnly ? undefined : `${part} may import ${target} by \`import type\` only`;
  return `${part} must not import ${target}`;
}

export function checkImports(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources) {
    const part = partOf(source.path);
    if (part === undefined) {
      violations.push(violation(source, source.tree, 'has no row in the table of tests/tidy/import-rule.ts'));
      continue;
    }
    for (const found of importsOf(source)) {
      const reason = judge(source, part, found);
      if (reason !== undefined) violations.push(violation(source, found.node, reason));
    }
  }
  return violations;
}

/** Files in modules/ that nothing reaches from main.ts, a host or a test. */
export function checkDeadFiles(sources: readonly Source[]): Violation[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const pending = sources.filter(({ path }) => /^(main\.ts$|hosts\/|tests\/)/.test(path));
  for (let source = pending.pop(); source !== undefined; source = pending.pop()) {
    if (reached.has(source.path)) continue;
    reached.add(source.path);
    for (const { specifier } of importsOf(source)) {
      const target = specifier.startsWith('.') ? byPath.get(targetOf(source, specifier)) : undefined;
      if (target !== undefined) pending.push(target);
    }
  }
  return sources
    .filter(({ path }) => path.startsWith('modules/') && !reached.has(path))
    .map((source) => ({ path: source.path, line: 1, reason: 'is reached from no main.ts, host or test' }));
}
