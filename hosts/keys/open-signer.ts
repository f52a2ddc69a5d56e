/**
 * The signer that the board's settings name: a key in the board's own flash, made on the first boot, or an ATECC608's.
 * On a board that can have both the host gives the ports of both; only what is chosen is opened.
 */
import type { Digest, FlashPort, Signer } from '../../modules/board.js';
import { Atecc608, type I2cConstructor } from './atecc608.js';
import { Atecc608Signer, type SecondSlot } from './atecc608-signer.js';
import type { Curve } from './curve.js';
import { type Noise, openDeviceKey } from './device-key.js';
import { KeyStore } from './key-store.js';
import { SlotStore } from './slot-store.js';
import { SoftwareSigner } from './software-signer.js';

/** Stated by the installer. */
export interface SignerSettings {
  readonly signer: 'software' | 'atecc608';
  /** Of the ATECC608 on its bus; 0x60 where it is not stated. */
  readonly address?: number;
  /** Slot of the private key in the ATECC608; 0 where it is not stated. */
  readonly slot?: number;
  /** The slot in which a key is made that replaces it, and so on in turn; none: the key cannot be replaced. */
  readonly otherSlot?: number;
}

/** What a host gives. */
export interface SignerPorts {
  readonly digest: Digest;
  readonly nowUs: () => number;
  /** KEY_STORE_SECTORS sectors of flash: the software key, or which slot of the ATECC608 is in use. */
  readonly keyFlash: FlashPort;
  /** For the software key: the chip's noise, the curve. */
  readonly noise: Noise;
  readonly createCurve: () => Curve;
  /** For the ATECC608: the SDK's I2C and its pins; null on a host without. */
  readonly i2c: { readonly io: I2cConstructor; readonly data: number; readonly clock: number } | null;
}

/** Throws a one-line reason when there can be no signer: a board that cannot sign must not start. */
export function openSigner(settings: SignerSettings, ports: SignerPorts): Signer {
  const { digest, nowUs, i2c } = ports;
  if (settings.signer === 'software') {
    const { noise } = ports;
    const store = new KeyStore(ports.keyFlash);
    return new SoftwareSigner(openDeviceKey(store, noise, digest), ports.createCurve(), digest, { store, noise });
  }
  if (settings.signer !== 'atecc608') throw new Error('signer: neither software nor atecc608');
  if (i2c === null) throw new Error('signer: this board has no bus for an ATECC608');
  const part = new Atecc608({ ...i2c, address: settings.address, nowUs });
  try {
    return new Atecc608Signer(part, settings.slot ?? 0, digest, secondSlot(settings, ports));
  } catch (error) {
    part.close();
    throw error;
  }
}

function secondSlot({ otherSlot }: SignerSettings, { keyFlash }: SignerPorts): SecondSlot | null {
  return otherSlot === undefined ? null : { slot: otherSlot, store: new SlotStore(keyFlash) };
}
