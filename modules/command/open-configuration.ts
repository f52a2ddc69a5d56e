/**
 * Which configuration a host starts with: the newest that came by command, where it fits the board and has not
 * restarted it too often; else the one before it, where it is still there; else the host's own.
 */
import type { Digest, FlashPort } from '../board.js';
import { checkConfiguration } from '../config/check.js';
import type { Configuration } from '../config/configuration.js';
import { parseConfiguration } from '../config/encoded.js';
import { CONFIGURATION_DIGEST_BYTES, ConfigurationStore } from './configuration-store.js';
import { CONFIGURATION_IN_USE, CONFIGURATION_REFUSED } from './results.js';

const SCRATCH_BYTES = 64;

/** What a host puts into its Board. */
export interface OpenedConfiguration {
  readonly configuration: Configuration;
  readonly configurationDigest: Uint8Array;
  /** CONFIGURATION_IN_USE, CONFIGURATION_REFUSED; -1: none came by command. */
  readonly configurationNews: number;
}

/**
 * `own`: the host's; `ownDigest`: its digest; `isRestart`: no loss of power explains this start. A kept one must name
 * the same lines and blocks, as those are soldered.
 */
export function openConfiguration(
  settings: FlashPort,
  digest: Digest,
  own: Configuration,
  ownDigest: Uint8Array,
  isRestart: boolean,
): OpenedConfiguration {
  const store = new ConfigurationStore(settings, new Uint8Array(SCRATCH_BYTES));
  if (store.sequence === 0) return { configuration: own, configurationDigest: ownDigest, configurationNews: -1 };
  let kept = isRestart && !store.tryOnce() ? null : parseKept(store.load(digest), own);
  const configurationNews = kept === null ? CONFIGURATION_REFUSED : CONFIGURATION_IN_USE;
  if (kept === null && store.fallBack()) kept = parseKept(store.load(digest), own);
  if (kept === null) return { configuration: own, configurationDigest: ownDigest, configurationNews };
  const configurationDigest = new Uint8Array(CONFIGURATION_DIGEST_BYTES);
  store.readDigest(configurationDigest);
  return { configuration: kept, configurationDigest, configurationNews };
}

function parseKept(content: Uint8Array | null, own: Configuration): Configuration | null {
  if (content === null) return null;
  try {
    const kept = parseConfiguration(content);
    const isOfBoard = kept.analog.length === own.analog.length && kept.digital.length === own.digital.length;
    const hasBlocks = kept.blockUs === own.blockUs && kept.blockSamples === own.blockSamples;
    return isOfBoard && hasBlocks && checkConfiguration(kept) === null ? kept : null;
  } catch {
    return null;
  }
}
