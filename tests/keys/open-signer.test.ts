/** The signer that the settings name, over what a host gives. */
import { p256 } from '@noble/curves/nist.js';
import test from 'ava';
import { openSigner, type SignerPorts, type SignerSettings } from '../../hosts/keys/open-signer.js';
import { SimulatedAtecc608 } from '../../simulator/atecc608.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Random } from '../../simulator/random.js';
import { NodeCurve } from './node-curve.js';
import { NODE_DIGEST } from './node-digest.js';
import { SimulatedI2c } from './simulated-i2c.js';

const SECRET = new Uint8Array(32).fill(0x41);

/** A board with everything; `bus.part` is there. */
function newPorts(): { ports: SignerPorts; bus: SimulatedI2c; flash: SimulatedFlash } {
  const flash = new SimulatedFlash({ size: 8192, eraseBytes: 4096, pageBytes: 256 }, 1);
  const bus = new SimulatedI2c();
  const key = {
    publicKey: p256.getPublicKey(SECRET, false).slice(1),
    sign: (digest: Uint8Array) => p256.sign(digest, SECRET, { prehash: false }),
  };
  bus.part = new SimulatedAtecc608(key, { isConfigurationLocked: true, isDataLocked: true }, () => bus.nowUs);
  const random = new Random(1, 'noise');
  const ports: SignerPorts = {
    digest: NODE_DIGEST,
    nowUs: bus.clock,
    keyFlash: flash,
    noise: (into) => {
      for (let i = 0; i < into.length; i++) into[i] = random.below(256);
    },
    createCurve: () => new NodeCurve(),
    i2c: { io: bus.io, data: 20, clock: 21 },
  };
  return { ports, bus, flash };
}

test('a software signer keeps its key over boots, and opens no bus', (t) => {
  const { ports, bus } = newPorts();
  const first = openSigner({ signer: 'software' }, ports);
  const second = openSigner({ signer: 'software' }, ports);
  t.is(first.assurance, 0);
  t.deepEqual(second.publicKey, first.publicKey);
  t.deepEqual(second.keyId, first.keyId);
  t.is(bus.opened, 0);
});

test('an ATECC608 signs with its own key, and no key is made on the board', (t) => {
  const { ports, bus, flash } = newPorts();
  const signer = openSigner({ signer: 'atecc608' }, ports);
  t.is(signer.assurance, 1);
  t.deepEqual(signer.publicKey, p256.getPublicKey(SECRET, false).slice(1));
  t.is(flash.operations, 0);
  t.is(bus.opened, 2);
});

test('a signer that cannot be opened is told in one line, and its bus is given back', (t) => {
  const { ports, bus } = newPorts();
  t.throws(() => openSigner({ signer: 'atecc608' }, { ...ports, i2c: null }), { message: /no bus for an ATECC608/ });
  t.throws(() => openSigner({ signer: 'atecc608', slot: 2 }, ports), { message: /slot 2 gives no public key/ });
  t.throws(() => openSigner({ signer: 'atecc608', address: 0x35 }, ports), { message: /no part answers/ });
  t.is(bus.opened, 0);
  t.throws(() => openSigner({ signer: 'none' } as unknown as SignerSettings, ports), { message: /neither/ });
  const stuck = { ...ports, noise: (into: Uint8Array) => void into.fill(0) };
  t.throws(() => openSigner({ signer: 'software' }, stuck), { message: /fails its health test/ });
});
