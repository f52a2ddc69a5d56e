import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { decode } from 'cborg';
import mqtt from 'mqtt';
import { senmlPack } from '../../../hosts/collector/forward/mqtt-forward.js';
import { Store } from '../../../hosts/collector/store/store.js';
import { type Frame, verifyFrame } from '../../../hosts/collector/verify.js';
import { startCollect } from '../collect-process.js';
import { type Broker, openMosquitto, withoutMosquitto } from '../mosquitto.js';
import { bodyOf, cbor, SampleBoard } from '../sample-frames.js';
import { freeUdpPort, UdpFleet } from '../udp-fleet.js';
import { until } from '../until.js';

interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly contentType: string | undefined;
}

async function listen(t: ExecutionContext, broker: Broker, filter: string): Promise<Received[]> {
  const received: Received[] = [];
  const client = await mqtt.connectAsync(broker.url, {
    protocolVersion: 5,
    clean: false,
    clientId: 'listener',
    properties: { sessionExpiryInterval: 600 },
  });
  client.on('message', (topic, payload, { qos, properties }) =>
    received.push({ topic, payload, qos, contentType: properties?.contentType }),
  );
  await client.subscribeAsync(filter, { qos: 1 });
  t.teardown(() => client.endAsync(true));
  return received;
}

async function site(t: ExecutionContext, boards: number) {
  const directory = mkdtempSync(join(tmpdir(), 'forward-'));
  const port = await freeUdpPort();
  const fleet = new UdpFleet(boards, port);
  const [keys, store] = [join(directory, 'keys'), join(directory, 'store')];
  fleet.writeKeys(keys);
  await fleet.open();
  t.teardown(() => fleet.close());
  return { directory, fleet, keys, store, udp: `127.0.0.1:${port}` };
}

const missing = withoutMosquitto();
const brokerTest = missing === undefined ? test.serial : test.serial.skip;
if (missing !== undefined) process.stderr.write(`${missing}\n`);

test('the SenML pack that is passed on is, byte by byte, the one that was signed', (t) => {
  const board = new SampleBoard();
  const frame = verifyFrame(board.frame(4), board.keys) as Frame;
  t.deepEqual(senmlPack(frame), Uint8Array.from(cbor(bodyOf(4, board).get(1))));
});

brokerTest('frames reach the broker as received and as JSON, per device and kind, with QoS 1', async (t) => {
  t.timeout(120_000);
  const broker = await openMosquitto();
  t.teardown(() => broker.close());
  const received = await listen(t, broker, 'plant/#');
  const { fleet, keys, store, udp } = await site(t, 2);
  const collect = startCollect(
    ...['--udp', udp, '--keys', keys, '--store', store, '--quiet'],
    '--forward',
    `${broker.url}/plant`,
  );
  t.teardown(() => collect.child.kill('SIGKILL'));
  await until(() => collect.err.some((line) => line.startsWith('collecting')));
  for (let n = 0; n < 20; n++) for (let i = 0; i < 2; i++) fleet.speak(i);
  const frames = () => received.filter(({ topic }) => topic.endsWith('/frame'));
  await until(() => frames().length >= 40);
  for (const [i, board] of fleet.boards.entries()) {
    const { keyId } = board.key;
    const own = frames().filter(({ topic }) => topic.startsWith(`plant/${keyId}/`));
    const sent = [...fleet.logs[i].frames.values()].map((bytes) => Buffer.from(bytes).toString('hex'));
    t.deepEqual(own.map(({ payload }) => payload.toString('hex')).sort(), sent.sort());
    t.true(received.some(({ topic }) => topic === `plant/${keyId}/incident/json`));
    const pack = received.find(({ topic }) => topic === `plant/${keyId}/readings/senml`);
    t.is(pack?.contentType, 'application/senml+cbor');
    t.is(
      (
        decode(pack?.payload as Buffer, { useMaps: true, tags: { 4: (d: () => unknown) => d() } }) as Map<
          number,
          unknown
        >[]
      )[0].get(0),
      'level',
    );
  }
  t.true(received.every(({ qos }) => qos === 1));
  const json = JSON.parse(received.find(({ topic }) => topic.endsWith('/boot/json'))?.payload.toString() as string);
  t.like(json, { kind: 'boot', sequence: 1, verified: true, device: '0102030405060708' });
  collect.child.kill('SIGTERM');
  t.is(await collect.ended, 0);
});

brokerTest('a broker that is away gets every frame later, also from the next run of the collector', async (t) => {
  t.timeout(120_000);
  const broker = await openMosquitto();
  t.teardown(() => broker.close());
  const received = await listen(t, broker, 'plant/+/+/frame');
  const { fleet, keys, store, udp } = await site(t, 1);
  const args = ['--udp', udp, '--keys', keys, '--store', store, '--quiet', '--forward', `${broker.url}/plant`];
  await broker.stop();
  const first = startCollect(...args);
  await until(() => first.err.some((line) => line.startsWith('collecting')));
  for (let n = 0; n < 30; n++) fleet.speak(0);
  const held = () =>
    new Store(store, { keys: fleet.boards[0].keys, isReadOnly: true }).held(fleet.boards[0].key.keyId).size;
  await until(() => held() === 30);
  first.child.kill('SIGKILL');
  await first.ended;
  await broker.start();
  const second = startCollect(...args);
  t.teardown(() => second.child.kill('SIGKILL'));
  await until(() => second.err.some((line) => line.startsWith('collecting')));
  fleet.speak(0);
  const distinct = () => new Set(received.map(({ payload }) => payload.toString('hex'))).size;
  await until(() => distinct() === 31);
  second.child.kill('SIGTERM');
  await second.ended;
  t.true(
    first.err.some((line) => /connection refused, connecting again/.test(line)),
    first.err.join('\n'),
  );
  const before = received.length;
  const third = startCollect(...args, '--seconds', '1');
  await third.ended;
  t.is(received.length, before, 'what was acknowledged is not sent again');
});

brokerTest('two collectors share a subscription: together they have every frame, each once', async (t) => {
  t.timeout(120_000);
  const broker = await openMosquitto();
  t.teardown(() => broker.close());
  const boards = Array.from({ length: 5 }, () => new SampleBoard());
  const directory = mkdtempSync(join(tmpdir(), 'shared-'));
  const keys = join(directory, 'keys');
  mkdirSync(keys);
  for (const { key, coseKey } of boards) writeFileSync(join(keys, `${key.keyId}.cose_key`), coseKey);
  const stores = ['a', 'b'].map((name) => join(directory, name));
  const collectors = stores.map((store) =>
    startCollect(
      ...['--mqtt', `${broker.url}/$share/center/plant/+/+/frame`, '--keys', keys, '--store', store, '--quiet'],
    ),
  );
  for (const { child } of collectors) t.teardown(() => child.kill('SIGKILL'));
  for (const { err } of collectors) await until(() => err.some((line) => line.startsWith('collecting')));
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  t.teardown(() => client.endAsync(true));
  for (const board of boards)
    await Promise.all(
      board
        .frames(40)
        .map((bytes) => client.publishAsync(`plant/${board.key.keyId}/any/frame`, Buffer.from(bytes), { qos: 1 })),
    );
  const all = new Map(boards.flatMap((board) => [...board.keys]));
  const held = () =>
    stores.map((path) => {
      const store = new Store(path, { keys: all, isReadOnly: true });
      return store.keyIds.reduce((total, keyId) => total + store.held(keyId).size, 0);
    });
  await until(() => held()[0] + held()[1] === 200);
  t.true(
    held().every((frames) => frames > 20),
    `both take part: ${held()}`,
  );
  for (const { child, ended } of collectors) {
    child.kill('SIGTERM');
    t.is(await ended, 0);
  }
  const judged = startCollect('--read', stores[0], '--read', stores[1], '--keys', keys, '--quiet');
  t.is(await judged.ended, 0);
  t.deepEqual(judged.err, ['200 frames verified, 0 errors, 0 duplicates']);
  const half = startCollect('--read', stores[0], '--keys', keys, '--quiet');
  t.is(await half.ended, 1);
});
