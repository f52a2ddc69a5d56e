/** What every rule works on: sources parsed without type-check, and violations that name a line. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The project's root; this file runs from build/tests/tidy/. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly reason: string;
}

export type Check = (sources: readonly Source[]) => Violation[];

export function parseSource(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2021, true, ts.ScriptKind.TS) };
}

/** Every .ts file of the project: main.ts and the four folders. */
export function readSources(): Source[] {
  const sources: Source[] = [];
  for (const entry of ['main.ts', 'modules', 'hosts', 'simulator', 'tests']) {
    for (const path of listTypeScript(entry)) sources.push(parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
  }
  return sources;
}

function listTypeScript(entry: string): string[] {
  if (entry.endsWith('.ts')) return readdirSync(ROOT).includes(entry) ? [entry] : [];
  if (!readdirSync(ROOT).includes(entry)) return [];
  const names = readdirSync(join(ROOT, entry), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts') && !name.split(sep).includes('node_modules'))
    .map((name) => `${entry}/${name.split(sep).join('/')}`)
    .sort();
}

export function isModule(source: Source): boolean {
  return source.path.startsWith('modules/');
}

/** A violation at the line on which `node` starts (line 1 is the first). */
export function violation(source: Source, node: ts.Node, reason: string): Violation {
  const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
  return { path: source.path, line: line + 1, reason };
}

/** Calls `visit` for `node` and all below it; `visit` answers true where nothing below is to be seen. */
export function walk(node: ts.Node, visit: (node: ts.Node) => boolean): void {
  if (visit(node)) return;
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** `file:line reason`, one per line, in the order of files and lines. */
export function formatViolations(violations: readonly Violation[]): string {
  const sorted = [...violations].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
  return sorted.map(({ path, line, reason }) => `${path}:${line} ${reason}`).join('\n');
}
