/**
 * Numbers of the frame contract (frames.cddl): labels of the payload, kinds, and codes used in bodies.
 * They never change their meaning; new ones are added at the end.
 */
export const FORMAT_VERSION = 1;

export const LABEL_VERSION = 1;
export const LABEL_SEQUENCE = 2;
export const LABEL_KIND = 3;
export const LABEL_BOOT = 4;
export const LABEL_UPTIME_US = 5;
export const LABEL_WALL_CLOCK = 6;
export const LABEL_PREVIOUS = 7;
export const LABEL_BODY = 8;

export const KIND_BOOT = 0;
export const KIND_HEARTBEAT = 1;
export const KIND_INCIDENT = 2;
export const KIND_EVIDENCE = 3;
export const KIND_READINGS = 4;
export const KIND_MODEL = 5;
export const KIND_CONFIGURATION = 6;
export const KIND_COMMAND_RESULT = 7;
export const KIND_LOSS = 8;
export const KIND_KEY = 9;

export const RESET_UNKNOWN = 0;
export const RESET_POWER_ON = 1;
export const RESET_WATCHDOG = 2;
export const RESET_SOFTWARE = 3;
export const RESET_BROWN_OUT = 4;

export const LOSS_BLOCKS = 0;
export const LOSS_FRAMES = 1;
export const LOSS_EVIDENCE = 2;
