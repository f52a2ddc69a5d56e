/** The module `board` in the Moddable simulator: the simulated plant on the wires, links and flash from Linux. */
import { Digest as SdkDigest } from 'crypt';
import Timer from 'timer';
import type { Board, Digest, Identity, Port } from '../../modules/board.js';
import { openConfiguration } from '../../modules/command/open-configuration.js';
import { SETTINGS_SECTORS } from '../../modules/command/settings-layout.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import { RESET_POWER_ON } from '../../modules/frame/kinds.js';
import { MODEL_STORE_BYTES } from '../../modules/limits.js';
import { Simulation } from '../../simulator/simulation.js';
import { openDeviceKey } from '../keys/device-key.js';
import { FlashPartition } from '../keys/flash-partition.js';
import { KEY_STORE_SECTORS, KeyStore } from '../keys/key-store.js';
import { ModdableCurve } from '../keys/moddable-curve.js';
import { ModdableDigest } from '../keys/moddable-digest.js';
import { ModdableVerifier } from '../keys/moddable-verifier.js';
import { SoftwareSigner } from '../keys/software-signer.js';
import { TcpPort } from '../moddable/tcp-port.js';
import { UdpPort } from '../moddable/udp-port.js';
import { FileFlash } from './file-flash.js';
import { saveCoseKey } from './key-file.js';
import * as natives from './natives.js';
import { HELP, OptionError, type Options, parseOptions } from './options.js';
import { Pace } from './pace.js';
import { SerialPort } from './serial-port.js';
import { SimulatedCapture } from './simulated-capture.js';

const FIRMWARE_VERSION = '0.1.0';
const FLASH_BYTES = 1 << 20;
const SECTOR_BYTES = 4096;
const DIGEST_BYTES = 16;
const PIECE_BYTES = 16384;
/** After the last block: time for the last frame. */
const SETTLE_MS = 2000;
const EXIT_USAGE = 2;
/** Linux has brought it up; the local port is any that is free. */
const NETWORK = Object.freeze({ isUp: true });
const ANY_PORT = 0;

export function openBoard(): Board {
  try {
    return assemble(readOptions());
  } catch (error) {
    natives.print((error as Error).message, true);
    natives.exit(EXIT_USAGE);
  }
}

function readOptions(): Options {
  const options = parseOptions(programArguments());
  if (options !== null) return options;
  natives.print(HELP, false);
  natives.exit(0);
}

/** What stands behind the program, or behind the path of this code where a simulator was told to load it. */
function programArguments(): string[] {
  let words: string[] = [];
  for (let i = 1, word = natives.argument(i); word !== undefined; word = natives.argument(++i)) {
    if (word.endsWith('/mc.so')) words = [];
    else words.push(word);
  }
  return words;
}

function assemble(options: Options): Board {
  const digest = new ModdableDigest();
  const signer = openSigner(options, digest);
  if (options.keys !== undefined) saveCoseKey(`${options.keys}/device.cose_key`, signer.publicKey);
  const simulation = openSimulation(options);
  const pace = new Pace(natives.nowUs, options.speed);
  const onEvent = (timeUs: number) => natives.print(`${timeUs / 1e6} s: ${options.scenario} begins`, false);
  const onEnd = () => {
    Timer.set(() => natives.exit(0), SETTLE_MS);
  };
  const { configuration } = simulation;
  const flash = openFlash(options.flash, FLASH_BYTES);
  const modelsAt = flash.size - MODEL_STORE_BYTES;
  const settingsAt = modelsAt - SETTINGS_SECTORS * SECTOR_BYTES;
  const settings = new FlashPartition(flash, settingsAt, modelsAt - settingsAt);
  const ownDigest = digestOf(asciiBytes(JSON.stringify(configuration)), digest, DIGEST_BYTES);
  const board: Board = {
    clock: pace,
    capture: new SimulatedCapture(simulation, pace, options.seconds, onEvent, onEnd),
    flash: new FlashPartition(flash, 0, settingsAt),
    models: new FlashPartition(flash, modelsAt, MODEL_STORE_BYTES),
    settings,
    digest,
    signer,
    verifier: new ModdableVerifier(digest),
    ports: openPorts(options),
    watchdog: { feed: () => {} },
    identity: identify(options, digest),
    memory: { freeBytes: natives.freeBytes },
    evidence: new EvidenceRings(configuration.analog.length, configuration.digital.length),
    ...openConfiguration(settings, digest, configuration, ownDigest, false),
  };
  announce(options, board);
  if (options.seconds === 0) natives.exit(0);
  return board;
}

function openSimulation({ scenario, seed, at }: Options): Simulation {
  try {
    return new Simulation(scenario, seed, at);
  } catch (error) {
    throw new OptionError(`--scenario: ${(error as Error).message}`);
  }
}

/** The key store is a file of its own beside the flash. */
function openSigner({ flash }: Options, digest: Digest): SoftwareSigner {
  const { entropy: noise } = natives;
  const keyPath = flash === undefined ? undefined : `${flash}.key`;
  const store = new KeyStore(openFlash(keyPath, KEY_STORE_SECTORS * SECTOR_BYTES));
  return new SoftwareSigner(openDeviceKey(store, noise, digest), new ModdableCurve(), digest, { store, noise });
}

function openFlash(path: string | undefined, size: number): FileFlash {
  const file = natives.fileOpen(path, natives.PRIVATE);
  const bytes = natives.fileBytes(file);
  return new FileFlash(
    {
      bytes,
      read: (at, into, length) => natives.fileRead(file, at, into, length),
      write: (at, from, length) => natives.fileWrite(file, at, from, length),
    },
    size,
    SECTOR_BYTES,
  );
}

function openPorts({ udp, tcp, serial, baud }: Options): Port[] {
  const ports: Port[] = [];
  if (udp !== undefined) ports.push(new UdpPort(NETWORK, ANY_PORT, udp));
  if (tcp !== undefined) ports.push(opened(`--tcp ${tcp}`, () => listen(tcp)));
  if (serial !== undefined) ports.push(opened(`--serial ${serial}`, () => new SerialPort(serial, baud)));
  return ports;
}

function opened(option: string, open: () => Port): Port {
  try {
    return open();
  } catch (error) {
    throw new OptionError(`${option}: ${(error as Error).message}`);
  }
}

/** A first call opens the port: one that is in use is told at once. */
function listen(tcp: number): TcpPort {
  const port = new TcpPort(NETWORK, tcp);
  port.receive(new Uint8Array(0));
  return port;
}

function identify({ device }: Options, digest: Digest): Identity {
  const deviceId = new Uint8Array(8);
  if (device === undefined) deviceId.set(digestOf(asciiBytes(natives.hostName()), digest, deviceId.length));
  else deviceId.set(asciiBytes(device));
  return {
    deviceId,
    firmwareVersion: FIRMWARE_VERSION,
    firmwareDigest: imageDigest(),
    resetReason: RESET_POWER_ON,
  };
}

/** Read in pieces: the file is larger than the engine's memory. */
function imageDigest(): Uint8Array {
  const file = natives.fileOpen(natives.imagePath(), natives.READ);
  const digest = new SdkDigest('SHA256');
  const piece = new Uint8Array(PIECE_BYTES);
  const bytes = natives.fileBytes(file);
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, bytes - at);
    natives.fileRead(file, at, piece, length);
    digest.write(piece.slice(0, length).buffer);
  }
  natives.fileClose(file);
  return new Uint8Array(digest.close().slice(0, DIGEST_BYTES));
}

function digestOf(bytes: Uint8Array, digest: Digest, length: number): Uint8Array {
  const hash = new Uint8Array(32);
  digest.sha256(bytes, bytes.length, hash);
  return hash.slice(0, length);
}

function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function announce({ scenario, seed, speed }: Options, { signer, identity, memory }: Board): void {
  const hex = (bytes: Uint8Array) => {
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += (256 + bytes[i]).toString(16).slice(1);
    return text;
  };
  const pace = speed === Infinity ? 'as fast as it goes' : `${speed} x real time`;
  natives.print(
    `scenario ${scenario}, seed ${seed}, ${pace}; device ${hex(identity.deviceId)}, ` +
      `key ${hex(signer.keyId)}, ${memory.freeBytes()} bytes free`,
    false,
  );
}
