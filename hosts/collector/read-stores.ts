/**
 * Judges what was stored: every frame of one or more stores, as one. Collectors that share a load hold parts of each
 * device's frames; only together they show what is missing.
 */
import { Chain } from './chain.js';
import type { FileVerdict } from './file.js';
import { frameError } from './frame-error.js';
import { followKey } from './key-succession.js';
import type { KeySet } from './keys.js';
import type { Listener } from './listener.js';
import type { StoredFrame } from './store/device-store.js';
import { Store } from './store/store.js';
import { isRefusal, verifyFrame } from './verify.js';

const FIRST_SEQUENCE = 1;

/** Judges the stores in `directories`; a SourceError when one cannot be read. `from`: the first frame that must be there. */
export function judgeStores(
  directories: readonly string[],
  keys: KeySet,
  listener: Listener,
  from = FIRST_SEQUENCE,
): FileVerdict {
  const stores = directories.map(
    (directory) => new Store(directory, { keys, isReadOnly: true, onInfo: (line) => listener.onInfo?.(line) }),
  );
  let [frames, errors, duplicates] = [0, 0, 0];
  const report: NonNullable<Listener['onError']> = (error) => {
    errors++;
    listener.onError?.(error);
  };
  for (const keyId of new Set(stores.flatMap((store) => store.keyIds))) {
    const chain = new Chain(keyId);
    for (const stored of inOrder(stores, keyId)) {
      const verdict = verifyFrame(stored.bytes, keys);
      if (isRefusal(verdict)) {
        report(frameError(verdict.reason, stored.sequence, keyId));
        chain.noteReported(stored.sequence);
        continue;
      }
      const news = chain.add(verdict);
      if (news.isNew) {
        frames++;
        listener.onFrame?.(verdict);
        const succession = followKey(verdict, keys);
        if (succession?.isFollowed === false) report(frameError(succession.line, verdict.sequence, keyId));
      } else if (news.errors.length === 0) duplicates++;
      news.errors.forEach(report);
    }
    chain.end(from).forEach(report);
  }
  for (const store of stores) store.close();
  if (frames === 0 && errors === 0) report(frameError('there is no frame in it', undefined, undefined));
  return { frames, errors, duplicates };
}

/** The frames of a device in all stores, in the order of their sequence numbers. */
function* inOrder(stores: readonly Store[], keyId: string): Generator<StoredFrame> {
  const places: { sequence: number; load: () => StoredFrame | undefined }[] = [];
  for (const store of stores) {
    const device = store.device(keyId);
    for (const record of device?.records() ?? [])
      places.push({ sequence: record.sequence, load: () => device?.find(record.sequence) });
  }
  places.sort((a, b) => a.sequence - b.sequence);
  for (const { load } of places) {
    const stored = load();
    if (stored !== undefined) yield stored;
  }
}
