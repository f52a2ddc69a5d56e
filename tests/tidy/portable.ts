/**
 * What modules/ must not use: what only one host has, what reads time or chance behind the caller's back, and
 * arithmetic whose last bit differs between XS and V8 (the standard leaves it open; ECMA-262 section 21.3.2).
 */
import ts from 'typescript';
import { isModule, type Source, type Violation, violation, walk } from './source.js';

const FORBIDDEN_GLOBALS: ReadonlyMap<string, string> = new Map([
  ...['Date', 'performance'].map((name): [string, string] => [name, 'time is a parameter']),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Timer'].map((name): [string, string] => [
    name,
    'work happens in step or idle',
  ]),
  ...['console', 'process', 'Buffer', 'globalThis', 'TextEncoder', 'TextDecoder'].map((name): [string, string] => [
    name,
    'only some hosts have it',
  ]),
  ...['BigInt', 'BigInt64Array', 'BigUint64Array'].map((name): [string, string] => [name, 'BigInt allocates']),
]);

/** Functions of Math that are exact on every engine, and its constants. */
const EXACT_MATH = new Set([
  ...['sqrt', 'abs', 'floor', 'ceil', 'trunc', 'round', 'sign', 'min', 'max', 'imul', 'fround', 'clz32'],
  ...['PI', 'E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'],
]);

/** True where the identifier names a property or a member, not a variable. */
function isPropertyName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return (
    (ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isObjectLiteralElementLike(parent)) &&
    parent.name === node
  );
}

/** Names that the file itself declares: they hide the global of the same name. */
function declaredNames(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(tree, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (declares && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    return false;
  });
  return names;
}

function judge(node: ts.Node, declared: ReadonlySet<string>): string | undefined {
  if (ts.isBigIntLiteral(node)) return 'a BigInt literal allocates';
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    const isPower =
      operator === ts.SyntaxKind.AsteriskAsteriskToken || operator === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
    return isPower ? '** may differ in the last bit between engines' : undefined;
  }
  if (!ts.isIdentifier(node) || isPropertyName(node) || declared.has(node.text)) return undefined;
  if (node.text !== 'Math') {
    const reason = FORBIDDEN_GLOBALS.get(node.text);
    return reason === undefined ? undefined : `${node.text}: ${reason}`;
  }
  const access = node.parent;
  if (!ts.isPropertyAccessExpression(access) || access.expression !== node) return 'Math is used as Math.name only';
  if (access.name.text === 'random') return 'Math.random: the same input gives the same output';
  return EXACT_MATH.has(access.name.text)
    ? undefined
    : `Math.${access.name.text} may differ in the last bit between engines`;
}

export function checkPortable(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources.filter(isModule)) {
    const declared = declaredNames(source.tree);
    walk(source.tree, (node) => {
      const reason = judge(node, declared);
      if (reason !== undefined) violations.push(violation(source, node, reason));
      return false;
    });
  }
  return violations;
}
