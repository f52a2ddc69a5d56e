/** Judges CBOR by frames.cddl: parsed by apg-js with the RFC's grammar, checked by ajv. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { CddlSchemas, jsonOf } from './json-schema.js';

/** This file runs from build/tests/interop/cddl/. */
export const FRAMES_CDDL = fileURLToPath(new URL('../../../../modules/frame/frames.cddl', import.meta.url));

/** The rules of a CDDL text, to hold items against. */
export class CddlValidator {
  private readonly ajv: Ajv2020;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(cddl = readFileSync(FRAMES_CDDL, 'utf8')) {
    this.ajv = new Ajv2020({ strict: true, strictTuples: false, strictRequired: false });
    this.ajv.addSchema({ $id: 'cddl', $defs: new CddlSchemas(cddl).$defs });
  }

  /** What is wrong with the item in `bytes` as a `rule`; undefined: nothing. */
  fault(rule: string, bytes: Uint8Array): string | undefined {
    let validate = this.compiled.get(rule);
    if (validate === undefined) {
      validate = this.ajv.compile({ $ref: `cddl#/$defs/${rule}` });
      this.compiled.set(rule, validate);
    }
    let item: unknown;
    try {
      item = jsonOf(bytes);
    } catch (error) {
      return (error as Error).message;
    }
    if (validate(item)) return undefined;
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ');
  }
}
