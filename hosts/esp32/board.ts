/** The module `board` on the ESP32: the ports of modules/board.ts over the C of this folder and the SDK's network. */
import I2C from 'embedded:io/i2c';
import { assert } from '../../modules/base/assert.js';
import type { Board, Identity, Port } from '../../modules/board.js';
import { openConfiguration } from '../../modules/command/open-configuration.js';
import { SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import { MODEL_STORE_BYTES } from '../../modules/limits.js';
import { FlashPartition } from '../keys/flash-partition.js';
import { KEY_STORE_SECTORS } from '../keys/key-store.js';
import { ModdableCurve } from '../keys/moddable-curve.js';
import { ModdableDigest } from '../keys/moddable-digest.js';
import { ModdableVerifier } from '../keys/moddable-verifier.js';
import { openSigner } from '../keys/open-signer.js';
import { TcpPort } from '../moddable/tcp-port.js';
import { UdpPort } from '../moddable/udp-port.js';
import { configurationDigest, isRestart, readIdentity } from '../native/identity.js';
import { NativeCapture } from '../native/native-capture.js';
import { NativeEvidence } from '../native/native-evidence.js';
import { NativeFlash } from '../native/native-flash.js';
import { clockUs, entropyRead, freeBytes, watchdogFeed, watchdogStart } from '../native/natives.js';
import { SerialPort } from '../native/serial-port.js';
import {
  ANALOG_INPUTS,
  COLLECTOR,
  CONFIGURATION,
  CONFIGURATION_TEXT,
  DIGITAL_INPUTS,
  LOCAL_PORT,
  SERIAL_BAUD,
  SIGNER,
  STATIC_ADDRESS,
  WATCHDOG_MS,
} from './configuration.js';
import { EthernetNetwork } from './ethernet.js';
import { PINS } from './pins.js';

export function openBoard(): Board {
  assert(CONFIGURATION.analog.length === ANALOG_INPUTS.length, 'esp32: an input for each analog channel');
  assert(CONFIGURATION.digital.length === DIGITAL_INPUTS.length, 'esp32: an input for each digital channel');
  const digest = new ModdableDigest();
  const identity = readIdentity();
  const flash = new NativeFlash();
  assert(flash.size > 0, 'esp32: the partition "witness" is missing');
  const keysAt = flash.size - KEY_STORE_SECTORS * flash.eraseBytes;
  const modelsAt = keysAt - MODEL_STORE_BYTES;
  const settingsAt = modelsAt - SETTINGS_SECTORS * flash.eraseBytes;
  const settings = new FlashPartition(flash, settingsAt, modelsAt - settingsAt);
  const signer = openSigner(SIGNER, {
    digest,
    nowUs: clockUs,
    keyFlash: new FlashPartition(flash, keysAt, flash.size - keysAt),
    noise: entropyRead,
    createCurve: () => new ModdableCurve(),
    i2c: { io: I2C, data: PINS.elementData, clock: PINS.elementClock },
  });
  const ports = openPorts(identity);
  watchdogStart(WATCHDOG_MS);
  const ownDigest = configurationDigest(CONFIGURATION_TEXT, digest);
  // last: key and digests may take longer than its ring holds
  const capture = new NativeCapture(ANALOG_INPUTS, DIGITAL_INPUTS, capturePins());
  return {
    clock: { nowUs: clockUs },
    capture,
    flash: new FlashPartition(flash, 0, settingsAt),
    models: new FlashPartition(flash, modelsAt, MODEL_STORE_BYTES),
    settings,
    digest,
    signer,
    verifier: new ModdableVerifier(digest),
    ports,
    watchdog: { feed: watchdogFeed },
    identity,
    memory: { freeBytes },
    // after the capture, which knows the channels
    evidence: new NativeEvidence(),
    ...openConfiguration(settings, digest, CONFIGURATION, ownDigest, isRestart(identity)),
  };
}

/** In the order of CapturePins in pins.h. */
function capturePins(): number[] {
  return [
    PINS.digital1,
    PINS.digital2,
    PINS.digital3,
    PINS.digital4,
    PINS.digital5,
    PINS.digital6,
    PINS.digital7,
    PINS.digital8,
    PINS.pulse,
    PINS.converterSelect,
    PINS.converterClock,
    PINS.converterMosi,
    PINS.converterMiso,
  ];
}

function openPorts({ deviceId }: Identity): Port[] {
  const network = new EthernetNetwork(hostnameOf(deviceId), STATIC_ADDRESS);
  return [
    new UdpPort(network, LOCAL_PORT, COLLECTOR),
    new TcpPort(network, LOCAL_PORT),
    new SerialPort(SERIAL_BAUD, [PINS.serialTransmit, PINS.serialReceive, PINS.serialDriverEnable]),
  ];
}

function hostnameOf(id: Uint8Array): string {
  let name = 'wirewitness-';
  for (let i = 3; i < 6; i++) name += (256 + id[i]).toString(16).slice(1);
  return name;
}
