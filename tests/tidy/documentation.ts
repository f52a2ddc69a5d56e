/** Files and public names of modules/ are documented; lines and functions stay short enough to read. */
import ts from 'typescript';
import { isModule, type Source, type Violation, violation, walk } from './source.js';
import { functionName, isFunction } from './step-path.js';

const COLUMNS_MAX = 120;
const FUNCTION_LINES_MAX = 70;

export function checkHeaders(sources: readonly Source[]): Violation[] {
  return sources
    .filter((source) => isModule(source) && !/^\/\*\*[^/]/.test(source.text))
    .map(({ path }) => ({ path, line: 1, reason: 'begins without a /** header */' }));
}

function isExported(node: ts.Statement): boolean {
  return ts.canHaveModifiers(node) && !!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function hasDoc(source: Source, node: ts.Node): boolean {
  const comments = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  return comments.some(({ pos }) => source.text.startsWith('/**', pos));
}

/** A run of exported constants shares the comment above it; anything else exported has its own. */
export function checkDocComments(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources.filter(isModule)) {
    let isInGroup = false;
    for (const statement of source.tree.statements) {
      const isDocumented = hasDoc(source, statement);
      const isConstant = ts.isVariableStatement(statement) && isExported(statement);
      if (isConstant && !isInGroup && !isDocumented) {
        const [{ name }] = statement.declarationList.declarations;
        violations.push(violation(source, statement, `constant ${name.getText()} has no doc comment above its group`));
      } else if (isNamedDeclaration(statement) && isExported(statement) && !isDocumented) {
        violations.push(violation(source, statement, `${statement.name?.text ?? 'default'} has no doc comment`));
      }
      isInGroup = isConstant;
    }
  }
  return violations;
}

type NamedDeclaration =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration;

function isNamedDeclaration(node: ts.Node): node is NamedDeclaration {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return true;
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

export function checkLength(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources.filter(isModule)) {
    source.text.split('\n').forEach((line, i) => {
      if (line.length <= COLUMNS_MAX) return;
      violations.push({ path: source.path, line: i + 1, reason: `${line.length} columns; at most ${COLUMNS_MAX}` });
    });
    walk(source.tree, (node) => {
      if (!isFunction(node)) return false;
      const start = source.tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const lines = source.tree.getLineAndCharacterOfPosition(node.getEnd()).line - start + 1;
      if (lines > FUNCTION_LINES_MAX) {
        const name = functionName(node);
        violations.push(violation(source, node, `${name} has ${lines} lines; at most ${FUNCTION_LINES_MAX}`));
      }
      return false;
    });
  }
  return violations;
}
