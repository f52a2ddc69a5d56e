/**
 * Puts the operators' public keys, and a configuration, where a board finds them: into the image of its flash, or a sector.
 * And the private key of a board that is not to make its own.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { FlashPort } from '../../modules/board.js';
import { ConfigurationStore } from '../../modules/command/configuration-store.js';
import { createOperatorsRecord } from '../../modules/command/operators.js';
import { OPERATORS_SECTOR, SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import { MODEL_STORE_BYTES, OPERATORS_MAX } from '../../modules/limits.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { flashParts } from '../bench/flash-parts.js';
import { KeyError, loadKey } from '../collector/keys.js';
import { KEY_STORE_SECTORS, KeyStore } from '../keys/key-store.js';
import { configurationParts } from './encode-configuration.js';
import type { PrivateKey } from './key-files.js';

export const SECTOR_BYTES = 4096;
const PAGE_BYTES = 256;
const SCRATCH_BYTES = 64;
const GROUP_MAX = 0xffffffff;
/** Of the pico's flash chip of 2 MB, as the chip sees it: settings, learned model and key are its last sectors (hosts/pico/board.ts). */
const PICO_FLASH_END = 0x10200000;

/** Where the operators' sector of a pico is loaded. */
export function picoSectorAddress(): number {
  const settingsAt = PICO_FLASH_END - (KEY_STORE_SECTORS + SETTINGS_SECTORS) * SECTOR_BYTES - MODEL_STORE_BYTES;
  return settingsAt + OPERATORS_SECTOR * SECTOR_BYTES;
}

/** Where the sectors of a pico's key are loaded. */
export function picoKeyAddress(): number {
  return PICO_FLASH_END - KEY_STORE_SECTORS * SECTOR_BYTES;
}

/** The sectors of a board's key as they stand in flash, with this private key and no other. */
export function keySectors({ privateKey }: PrivateKey): Uint8Array {
  const size = KEY_STORE_SECTORS * SECTOR_BYTES;
  const flash = new SimulatedFlash({ size, eraseBytes: SECTOR_BYTES, pageBytes: PAGE_BYTES }, 1);
  const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const isKept = new KeyStore(flash).save(secret);
  secret.fill(0);
  if (!isKept) throw new KeyError('the key does not read back');
  return flash.cells;
}

/** x and y of public keys in files. */
export function publicKeysOf(paths: readonly string[]): Uint8Array[] {
  if (paths.length > OPERATORS_MAX) throw new KeyError(`${paths.length} operators, a board knows ${OPERATORS_MAX}`);
  return paths.map((path) => {
    const { x, y } = loadKey(path).publicKey.export({ format: 'jwk' });
    return Buffer.concat([x, y].map((part) => Buffer.from(part ?? '', 'base64url')));
  });
}

/** The operators' sector as it stands in flash. */
export function operatorsSector(group: number, keys: readonly Uint8Array[]): Uint8Array {
  if (!(Number.isInteger(group) && group >= 0 && group <= GROUP_MAX)) throw new KeyError('a group is 0 to 4294967295');
  const sector = new Uint8Array(SECTOR_BYTES).fill(0xff);
  sector.set(createOperatorsRecord(group, keys));
  return sector;
}

/** Writes operators into settings, and a configuration where one is given (its sequence number must be new there). */
export function provisionSettings(
  settings: FlashPort,
  group: number,
  keys: readonly Uint8Array[],
  configuration?: { readonly encoded: Uint8Array; readonly sequence: number },
): void {
  const at = OPERATORS_SECTOR * settings.eraseBytes;
  settings.erase(at);
  settings.write(at, operatorsSector(group, keys), SECTOR_BYTES);
  if (configuration === undefined) return;
  const store = new ConfigurationStore(settings, new Uint8Array(SCRATCH_BYTES));
  for (const [sequence, total, offset, digest, part] of configurationParts(
    configuration.encoded,
    configuration.sequence,
  )) {
    const bytes = Buffer.concat([digest as Uint8Array, part as Uint8Array]);
    const length = (part as Uint8Array).length;
    store.take(sequence as number, total as number, offset as number, bytes, bytes.length - length, length, 0);
  }
  if (store.sequence !== configuration.sequence) throw new KeyError('the flash has a newer configuration already');
}

/** The same in the file of a flash as the bench and the simulator have it; the file is made when it is not there. */
export function provisionFile(
  path: string,
  bytes: number,
  ...settings: Parameters<typeof provisionSettings> extends [FlashPort, ...infer Rest] ? Rest : never
): void {
  const flash = new SimulatedFlash({ size: bytes, eraseBytes: SECTOR_BYTES, pageBytes: PAGE_BYTES }, 1);
  if (existsSync(path)) {
    const cells = readFileSync(path);
    if (cells.length !== bytes) throw new KeyError(`${path}: ${cells.length} bytes, --flash-bytes says ${bytes}`);
    flash.cells.set(cells);
  }
  provisionSettings(flashParts(flash).settings, ...settings);
  writeFileSync(path, flash.cells);
}
