/** The module `board` on the pico: the ports of modules/board.ts over the C of this folder (hosts/native/port.h). */
import I2C from 'embedded:io/i2c';
import { assert } from '../../modules/base/assert.js';
import type { Board } from '../../modules/board.js';
import { openConfiguration } from '../../modules/command/open-configuration.js';
import { SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import { MODEL_STORE_BYTES } from '../../modules/limits.js';
import { FlashPartition } from '../keys/flash-partition.js';
import { KEY_STORE_SECTORS } from '../keys/key-store.js';
import { ModdableCurve } from '../keys/moddable-curve.js';
import { ModdableDigest } from '../keys/moddable-digest.js';
import { ModdableVerifier } from '../keys/moddable-verifier.js';
import { openSigner } from '../keys/open-signer.js';
import { configurationDigest, isRestart, readIdentity } from '../native/identity.js';
import { NativeCapture } from '../native/native-capture.js';
import { NativeEvidence } from '../native/native-evidence.js';
import { NativeFlash } from '../native/native-flash.js';
import { clockUs, entropyRead, freeBytes, watchdogFeed, watchdogStart } from '../native/natives.js';
import { SerialPort } from '../native/serial-port.js';
import {
  ANALOG_WIRING,
  BAUD,
  CONFIGURATION,
  CONFIGURATION_TEXT,
  DIGITAL_WIRING,
  SIGNER_SETTINGS,
  WATCHDOG_MS,
} from './configuration.js';
import { CAPTURE_PINS, PINS, SERIAL_PINS } from './pins.js';

/** The frame log has the flash from its start, then the settings, the learned model, the keys its last sectors. */
export function openBoard(): Board {
  assert(CONFIGURATION.analog.length === ANALOG_WIRING.length, 'pico: an input for each analog channel');
  assert(CONFIGURATION.digital.length === DIGITAL_WIRING.length, 'pico: an input for each digital channel');
  const digest = new ModdableDigest();
  const flash = new NativeFlash();
  const keysAt = flash.size - KEY_STORE_SECTORS * flash.eraseBytes;
  const modelsAt = keysAt - MODEL_STORE_BYTES;
  const settingsAt = modelsAt - SETTINGS_SECTORS * flash.eraseBytes;
  const settings = new FlashPartition(flash, settingsAt, modelsAt - settingsAt);
  const signer = openSigner(SIGNER_SETTINGS, {
    digest,
    nowUs: clockUs,
    keyFlash: new FlashPartition(flash, keysAt, flash.size - keysAt),
    noise: entropyRead,
    createCurve: () => new ModdableCurve(),
    i2c: { io: I2C, data: PINS.ELEMENT_SDA, clock: PINS.ELEMENT_SCL },
  });
  const identity = readIdentity();
  watchdogStart(WATCHDOG_MS);
  const ownDigest = configurationDigest(CONFIGURATION_TEXT, digest);
  // last: key and digests take longer than its ring holds
  const capture = new NativeCapture(ANALOG_WIRING, DIGITAL_WIRING, CAPTURE_PINS);
  return {
    clock: { nowUs: clockUs },
    capture,
    flash: new FlashPartition(flash, 0, settingsAt),
    models: new FlashPartition(flash, modelsAt, MODEL_STORE_BYTES),
    settings,
    digest,
    signer,
    verifier: new ModdableVerifier(digest),
    ports: [new SerialPort(BAUD, SERIAL_PINS)],
    watchdog: { feed: watchdogFeed },
    identity,
    memory: { freeBytes },
    // after the capture, which knows the channels
    evidence: new NativeEvidence(),
    ...openConfiguration(settings, digest, CONFIGURATION, ownDigest, isRestart(identity)),
  };
}
