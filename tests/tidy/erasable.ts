/** Erasable TypeScript only: what remains after the types are removed is the program. */
import ts from 'typescript';
import { type Source, type Violation, violation, walk } from './source.js';

function judge(node: ts.Node): string | undefined {
  if (ts.isEnumDeclaration(node)) return 'enum';
  if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name)) return 'namespace';
  if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) return 'parameter property';
  if (ts.isDecorator(node)) return 'decorator';
  if (ts.isImportEqualsDeclaration(node)) return 'import =';
  if (ts.isExportAssignment(node) && node.isExportEquals) return 'export =';
  if (ts.isTypeAssertionExpression(node)) return 'type assertion in angle brackets';
  return undefined;
}

export function checkErasable(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const source of sources) {
    walk(source.tree, (node) => {
      const reason = judge(node);
      if (reason !== undefined) violations.push(violation(source, node, `${reason}: erasable TypeScript only`));
      return false;
    });
  }
  return violations;
}
