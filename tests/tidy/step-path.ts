/**
 * Nothing on the step path allocates or throws (style rule 8); the idle path neither.
 *
 * On the step path is every function, method and accessor of modules/ (config aside), except constructors, functions named
 * create, load, parse or open (or beginning so), and functions that say `@offStep why`. What lies inside such an
 * exception is exempt with it. The check sees syntax only: it finds `'a' + b`, not `a + b` of two string variables.
 */
import ts from 'typescript';
import { isModule, type Source, type Violation, violation, walk } from './source.js';

/** All of modules/ runs in step or idle but this: settings are checked when they arrive, types and limits do not run. */
const OFF_STEP_PARTS = /^modules\/(config\/|board\.ts$|limits\.ts$)/;

const OFF_STEP_NAME = /^(create|load|parse|open)([A-Z0-9_]|$)/;

/** Opening an incident is the work of the step itself: there the name excuses nothing. */
const OFF_STEP_NAME_INCIDENT = /^(create|load|parse)([A-Z0-9_]|$)/;

/** Methods of arrays that call a closure for every item. */
const ITERATING_METHODS = new Set(['forEach', 'map', 'filter', 'reduce', 'reduceRight', 'flatMap']);

/** Methods that make an array, a view, a string or a function. */
const ALLOCATING_METHODS = new Set([
  ...['flat', 'slice', 'subarray', 'splice', 'concat', 'split', 'join', 'bind'],
  ...['toString', 'toFixed', 'substring', 'padStart', 'padEnd', 'repeat', 'toUpperCase', 'toLowerCase'],
]);

/** Not arrays: `writer.map(3)` is the head of a CBOR map, and `this` is an object of ours. */
const NOT_AN_ARRAY = /^this$|(writer|reader)$/i;

/** Calls of a global that return something new. */
const ALLOCATING_CALLS = /^(String|Array|BigInt|Error|JSON\.\w+|Object\.\w+|(Array|\w+Array)\.(of|from))$/;

type FunctionNode = ts.FunctionLikeDeclaration & { readonly body: ts.Node };

/** A function with a body; signatures and overloads have none. */
export function isFunction(node: ts.Node): node is FunctionNode {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** The function's own name, or that of the variable or property that it is given to. */
export function functionName(node: FunctionNode): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name !== undefined) return node.name.getText();
  const owner = node.parent;
  const isNamed = ts.isVariableDeclaration(owner) || ts.isPropertyDeclaration(owner) || ts.isPropertyAssignment(owner);
  return isNamed ? owner.name.getText() : 'a function without a name';
}

/** Of `const f = () => ...` the comment stands above the statement; the compiler finds it there. */
function offStepTag(node: FunctionNode): ts.JSDocTag | undefined {
  return ts.getJSDocTags(node).find((tag) => tag.tagName.text === 'offStep');
}

function isOffStep(path: string, node: FunctionNode): boolean {
  if (ts.isConstructorDeclaration(node) || offStepTag(node) !== undefined) return true;
  const names = path.startsWith('modules/incident/') ? OFF_STEP_NAME_INCIDENT : OFF_STEP_NAME;
  return names.test(functionName(node));
}

function isStringy(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isStringy(node.expression);
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken
    ? isStringy(node.left) || isStringy(node.right)
    : false;
}

function judgeBinary(node: ts.BinaryExpression): string | undefined {
  const operator = node.operatorToken.kind;
  if (operator === ts.SyntaxKind.PlusToken || operator === ts.SyntaxKind.PlusEqualsToken) {
    return isStringy(node.left) || isStringy(node.right) ? 'string concatenation' : undefined;
  }
  return undefined;
}

function judgeCall(node: ts.CallExpression): string | undefined {
  const callee = node.expression;
  if (ts.isPropertyAccessExpression(callee)) {
    const name = callee.name.text;
    if (ALLOCATING_METHODS.has(name)) return `${name}()`;
    if (ITERATING_METHODS.has(name) && !NOT_AN_ARRAY.test(callee.expression.getText())) return `${name}()`;
  }
  return ALLOCATING_CALLS.test(callee.getText()) ? `${callee.getText()}()` : undefined;
}

function isDestructuringTarget(node: ts.ArrayLiteralExpression): boolean {
  const parent = node.parent;
  return (
    ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}

/** What a node allocates or throws; undefined where it does not. */
function judge(node: ts.Node): string | undefined {
  if (ts.isObjectLiteralExpression(node)) return 'object literal';
  if (ts.isArrayLiteralExpression(node)) return isDestructuringTarget(node) ? 'array destructuring' : 'array literal';
  if (ts.isArrayBindingPattern(node)) return 'array destructuring';
  if (ts.isForOfStatement(node)) return 'for...of';
  if (ts.isForInStatement(node)) return 'for...in';
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) return 'spread';
  if ((ts.isParameter(node) || ts.isBindingElement(node)) && node.dotDotDotToken !== undefined) return 'rest';
  if (ts.isFunctionLike(node) && isFunction(node)) return 'closure';
  if (ts.isClassLike(node)) return 'class made in a function';
  if (ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node)) return 'template string';
  if (ts.isBigIntLiteral(node)) return 'BigInt';
  if (ts.isRegularExpressionLiteral(node)) return 'regular expression';
  if (ts.isNewExpression(node)) return `new ${node.expression.getText()}`;
  if (ts.isThrowStatement(node)) return 'throw';
  if (ts.isAwaitExpression(node) || ts.isYieldExpression(node)) return 'await or yield';
  if (ts.isIdentifier(node) && node.text === 'arguments') return 'arguments';
  if (ts.isBinaryExpression(node)) return judgeBinary(node);
  return ts.isCallExpression(node) ? judgeCall(node) : undefined;
}

function checkFunction(source: Source, node: FunctionNode, violations: Violation[]): void {
  const name = functionName(node);
  for (const part of [...node.parameters, node.body]) {
    walk(part, (inner) => {
      if (ts.isTypeNode(inner)) return true;
      const reason = judge(inner);
      if (reason !== undefined) violations.push(violation(source, inner, `${reason} on the step path, in ${name}`));
      // One finding per concatenation and per closure: what lies inside is part of it.
      return reason === 'closure' || reason === 'string concatenation';
    });
  }
}

export function checkStepPath(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources.filter((file) => isModule(file) && !OFF_STEP_PARTS.test(file.path))) {
    walk(source.tree, (node) => {
      if (!isFunction(node)) return false;
      const tag = offStepTag(node);
      if (tag !== undefined && !ts.getTextOfJSDocComment(tag.comment)?.trim()) {
        violations.push(violation(source, node, `@offStep of ${functionName(node)} must say why`));
      }
      if (!isOffStep(source.path, node)) checkFunction(source, node, violations);
      return true;
    });
  }
  return violations;
}
