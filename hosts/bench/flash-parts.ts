/** How the bench's flash is shared: the frame log from its start, then the settings, the learned model at its end. */
import type { FlashPort } from '../../modules/board.js';
import { SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import { FlashPartition } from '../keys/flash-partition.js';

/** The learned model has this part of the flash: 64 KB of 1 MB, as on boards; replays with more channels have more of both. */
const MODELS_SHARE = 16;
const MODELS_SECTORS_MIN = 2;

export interface FlashParts {
  readonly log: FlashPort;
  readonly settings: FlashPort;
  readonly models: FlashPort;
}

export function flashParts(flash: FlashPort): FlashParts {
  const { size, eraseBytes } = flash;
  const sectors = Math.floor(size / (MODELS_SHARE * eraseBytes));
  const modelsBytes = (sectors > MODELS_SECTORS_MIN ? sectors : MODELS_SECTORS_MIN) * eraseBytes;
  const modelsAt = size - modelsBytes;
  const settingsBytes = SETTINGS_SECTORS * eraseBytes;
  const settingsAt = modelsAt - settingsBytes;
  return {
    log: new FlashPartition(flash, 0, settingsAt),
    settings: new FlashPartition(flash, settingsAt, settingsBytes),
    models: new FlashPartition(flash, modelsAt, modelsBytes),
  };
}
