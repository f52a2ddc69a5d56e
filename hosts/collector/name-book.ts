/** Names of every device's channels, learned from their frames; at the start from what the store holds. */
import type { Configuration } from '../../modules/config/configuration.js';
import { KIND_BOOT, KIND_READINGS } from '../../modules/frame/kinds.js';
import type { KeySet } from './keys.js';
import { Names } from './names.js';
import type { Store } from './store/store.js';
import { type Frame, isRefusal, verifyFrame } from './verify.js';

export class NameBook {
  private readonly names = new Map<string, Names>();
  private readonly configuration: Configuration | undefined;

  /** `configuration`: the boards' wiring where it is known. */
  constructor(configuration?: Configuration) {
    this.configuration = configuration;
  }

  /** Takes what the last boot and readings frames of each device say. */
  learnFrom(store: Store, keys: KeySet): void {
    for (const keyId of store.keyIds)
      for (const kind of [KIND_BOOT, KIND_READINGS]) {
        const stored = store.device(keyId)?.lastOfKind(kind);
        const verdict = stored === undefined ? undefined : verifyFrame(stored.bytes, keys);
        if (verdict !== undefined && !isRefusal(verdict)) this.learn(verdict);
      }
  }

  learn(frame: Frame): Names {
    const names = this.of(frame.keyId);
    names.learn(frame);
    return names;
  }

  of(keyId: string): Names {
    const known = this.names.get(keyId);
    if (known !== undefined) return known;
    const names = new Names(keyId);
    if (this.configuration !== undefined) names.useConfiguration(this.configuration);
    this.names.set(keyId, names);
    return names;
  }
}
