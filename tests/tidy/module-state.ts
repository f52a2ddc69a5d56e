/**
 * No writable state at module scope of modules/: preloaded modules sit in ROM, where a write faults on a board and
 * silently works in an emulator. Each array and object literal is frozen itself, as Object.freeze is shallow.
 */
import ts from 'typescript';
import { isModule, type Source, type Violation, violation, walk } from './source.js';

/** Calls that hand out a fresh array or object. */
const FACTORIES =
  /^((create|make|build|alloc)([A-Z]|$)|Array$|(Array|\w+Array)\.(of|from)$|Object\.(create|assign|keys|values|entries|fromEntries)$|JSON\.parse$|structuredClone$)/;

function isFrozen(node: ts.Expression): boolean {
  let outer: ts.Node = node;
  while (
    ts.isAsExpression(outer.parent) ||
    ts.isSatisfiesExpression(outer.parent) ||
    ts.isParenthesizedExpression(outer.parent)
  ) {
    outer = outer.parent;
  }
  return ts.isCallExpression(outer.parent) && outer.parent.expression.getText() === 'Object.freeze';
}

function judge(node: ts.Node): string | undefined {
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Const) === 0)
    return 'let or var at module scope';
  if (ts.isNewExpression(node)) return `new ${node.expression.getText()} at module scope`;
  if (ts.isArrayLiteralExpression(node) && !isFrozen(node)) return 'array at module scope outside Object.freeze';
  if (ts.isObjectLiteralExpression(node) && !isFrozen(node)) return 'object at module scope outside Object.freeze';
  if (ts.isRegularExpressionLiteral(node)) return 'regular expression at module scope: its lastIndex is writable';
  if (ts.isClassStaticBlockDeclaration(node)) return 'static block at module scope';
  if (ts.isCallExpression(node) && FACTORIES.test(node.expression.getText()) && !isFrozen(node)) {
    return `what ${node.expression.getText()}() makes at module scope is outside Object.freeze`;
  }
  if (ts.isPropertyDeclaration(node) && ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) {
    const isReadonly = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Readonly) !== 0;
    return isReadonly ? undefined : 'a static field that is not readonly';
  }
  return undefined;
}

/** What does not run, or not once for all, when the module is loaded. */
function isDeferred(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return true;
  if (ts.isTypeAliasDeclaration(node)) return true;
  return ts.isPropertyDeclaration(node) && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) === 0;
}

export function checkModuleState(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources.filter(isModule)) {
    walk(source.tree, (node) => {
      if (isDeferred(node)) return true;
      const reason = judge(node);
      if (reason !== undefined) violations.push(violation(source, node, reason));
      return false;
    });
  }
  return violations;
}
