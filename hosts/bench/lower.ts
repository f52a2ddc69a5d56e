/**
 * Rewrites the npm modules that the bench's secure element imports to ES2021, into the folder given: XS 13.3 runs
 * static initialisers before the instance's fields are declared. Called by the makefile.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const into = process.argv[2];
const nodeModules = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), '..');
const seen = new Set<string>();

/** `path` is below node_modules; what it imports follows. */
function lower(path: string): void {
  if (seen.has(path)) return;
  seen.add(path);
  const source = readFileSync(join(nodeModules, path), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2021,
      module: ts.ModuleKind.ESNext,
      useDefineForClassFields: false,
      removeComments: true,
    },
  });
  mkdirSync(dirname(join(into, path)), { recursive: true });
  writeFileSync(join(into, path), outputText);
  for (const { fileName } of ts.preProcessFile(outputText, true, true).importedFiles)
    lower(fileName.startsWith('.') ? join(dirname(path), fileName) : fileName);
}

const element = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'element.js'), 'utf8');
for (const { fileName } of ts.preProcessFile(element, true, true).importedFiles) lower(fileName);
