/** How the bench's flash is shared: the frame log from its start, the learned model at its end. */
import type { FlashPort } from '../../modules/board.js';
import { FlashPartition } from '../keys/flash-partition.js';

/** The learned model has this part of the flash: 64 KB of 1 MB, as on boards; replays with more channels have more of both. */
const MODELS_SHARE = 16;
const MODELS_SECTORS_MIN = 2;

export interface FlashParts {
  readonly log: FlashPort;
  readonly models: FlashPort;
}

export function flashParts(flash: FlashPort): FlashParts {
  const { size, eraseBytes } = flash;
  const sectors = Math.floor(size / (MODELS_SHARE * eraseBytes));
  const modelsBytes = (sectors > MODELS_SECTORS_MIN ? sectors : MODELS_SECTORS_MIN) * eraseBytes;
  const modelsAt = size - modelsBytes;
  return {
    log: new FlashPartition(flash, 0, modelsAt),
    models: new FlashPartition(flash, modelsAt, modelsBytes),
  };
}
