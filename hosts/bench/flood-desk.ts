/**
 * The command desk of a flood's board: one operator, whose key id the attacker knows. Its verifier finds every signature
 * bad, at once: what a signature costs is not what is asked here.
 */
import type { Board, VerifierState } from '../../modules/board.js';
import { CommandDesk } from '../../modules/command/command-desk.js';
import { createOperatorsRecord, PUBLIC_KEY_BYTES } from '../../modules/command/operators.js';
import { RESULT_ACCEPTED } from '../../modules/command/results.js';
import { OPERATORS_SECTOR } from '../../modules/command/settings-layout.js';
import { VERIFIER_BAD } from '../../modules/sign/verifier-state.js';
import { OPERATOR_KEY_BYTE } from './flood-attacks.js';

const HASH_BYTES = 32;

export function openFloodDesk({ settings, digest, identity }: Board): CommandDesk {
  const record = createOperatorsRecord(1, [new Uint8Array(PUBLIC_KEY_BYTES).fill(OPERATOR_KEY_BYTE)]);
  settings.erase(OPERATORS_SECTOR * settings.eraseBytes);
  settings.write(OPERATORS_SECTOR * settings.eraseBytes, record, record.length);
  const target = { carryOut: () => RESULT_ACCEPTED };
  const verifier = { start: () => true, poll: (): VerifierState => VERIFIER_BAD };
  const desk = new CommandDesk(target, settings, digest, verifier, identity.deviceId, false);
  desk.takeChallenge(new Uint8Array(HASH_BYTES));
  return desk;
}
