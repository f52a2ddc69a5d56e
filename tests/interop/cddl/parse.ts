/**
 * Parses CDDL with the grammar of the RFC itself: cddl.abnf (RFC 8610 appendix B), run by the npm package apg-js.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A phrase of the text and the phrases in it, each named by the rule of the grammar that it matches. */
export interface Phrase {
  readonly rule: string;
  readonly text: string;
  readonly parts: readonly Phrase[];
}

/** Rules whose phrases are kept; the others (spaces, letters, digits) are part of their text. */
const KEPT = [
  ...['cddl', 'rule', 'typename', 'groupname', 'genericparm', 'genericarg', 'assignt', 'assigng', 'type', 'type1'],
  ...['type2', 'rangeop', 'ctlop', 'group', 'grpchoice', 'grpent', 'memberkey', 'bareword', 'occur', 'value', 'number'],
  ...['text', 'bytes'],
] as const;

/** What is used of apg-js, which comes without types. */
interface Api {
  generate(): void;
  readonly errors: readonly unknown[];
  toObject(): object;
}
interface Ast {
  readonly callbacks: Record<string, (state: number, chars: number[], index: number, length: number) => number>;
  translate(): void;
}
interface Parser {
  ast: Ast;
  parse(grammar: object, startRule: string, text: readonly number[]): { success: boolean; maxMatched: number };
}

const require = createRequire(import.meta.url);
const { api: ApiOf } = require('apg-js/src/apg-api/node-exports.js') as { api: new (grammar: string) => Api };
const lib = require('apg-js/src/apg-lib/node-exports.js') as {
  parser: new () => Parser;
  ast: new () => Ast;
  ids: { SEM_PRE: number; SEM_OK: number };
};

/** This file runs from build/tests/interop/cddl/; the grammar stays in the sources. */
const GRAMMAR = fileURLToPath(new URL('../../../../tests/interop/cddl/cddl.abnf', import.meta.url));

function grammar(): object {
  const api = new ApiOf(readFileSync(GRAMMAR, 'utf8'));
  api.generate();
  if (api.errors.length > 0) throw new Error(`cddl.abnf: ${JSON.stringify(api.errors)}`);
  return api.toObject();
}

/** The rules of a CDDL text; throws where it is not CDDL, and says up to where it is. */
export function parseCddl(text: string): readonly Phrase[] {
  const root: Phrase = { rule: '', text: '', parts: [] };
  const open: Phrase[] = [root];
  const parser = new lib.parser();
  parser.ast = new lib.ast();
  for (const rule of KEPT)
    parser.ast.callbacks[rule] = (state, chars, index, length) => {
      if (state === lib.ids.SEM_PRE) {
        const phrase = { rule, text: String.fromCodePoint(...chars.slice(index, index + length)), parts: [] };
        (open[open.length - 1].parts as Phrase[]).push(phrase);
        open.push(phrase);
      } else open.pop();
      return lib.ids.SEM_OK;
    };
  const codes = Array.from(text, (letter) => letter.codePointAt(0) as number);
  const { success, maxMatched } = parser.parse(grammar(), 'cddl', codes);
  if (!success) throw new Error(`not CDDL after line ${text.slice(0, maxMatched).split('\n').length}`);
  parser.ast.translate();
  return root.parts[0].parts;
}
