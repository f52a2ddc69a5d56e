/**
 * What becomes of a command: the codes of a command result frame, and of the counts in a heartbeat. They never change.
 */
export const RESULT_ACCEPTED = 0;
/** Not the one shape that a command has. */
export const COMMAND_MALFORMED = 1;
export const COMMAND_OVERSIZED = 2;
/** Signed by a key that this board was not provisioned with. */
export const COMMAND_OF_UNKNOWN_KEY = 3;
/** For another device or group, or for a group what only one device can be told. */
export const COMMAND_FOR_OTHERS = 4;
/** Its sequence number is not above that of the key's last one. */
export const COMMAND_REPLAYED = 5;
/** Before or after its validity, of another boot, or valid for too long. */
export const COMMAND_NOT_VALID = 6;
/** Valid by the wall clock, and that is not set. */
export const COMMAND_WITHOUT_TIME = 7;
/** A signature that did not verify came shortly before, and another command was drawn to be looked at. */
export const COMMAND_TOO_SOON = 8;
/** The one before is not yet answered. */
export const COMMAND_WHILE_BUSY = 9;
/** The signature does not verify. */
export const COMMAND_FORGED = 10;
export const COMMAND_UNKNOWN = 11;
export const COMMAND_ARGUMENTS = 12;
/** Not in this phase or state. */
export const COMMAND_NOT_NOW = 13;
/** The flash did not keep what must be kept. */
export const COMMAND_NOT_KEPT = 14;
/** This board cannot: it has no verifier, or no second key. */
export const COMMAND_NOT_SUPPORTED = 15;
/** Carried out, and failed: the self-test found a fault. */
export const COMMAND_FAILED = 16;
/** Codes there are. */
export const RESULT_CODES = 17;

/** An operator's word on an incident: attack, fault, process change, false alarm. */
export const FEEDBACK_MAX = 3;

/** How a configuration frame says what became of a configuration. */
export const CONFIGURATION_KEPT = 0;
export const CONFIGURATION_IN_USE = 1;
export const CONFIGURATION_REFUSED = 2;
