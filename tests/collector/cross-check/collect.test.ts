import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startCollect } from '../collect-process.js';
import { decimal } from '../sample-frames.js';
import { dataMessages } from '../sample-log.js';
import { freeUdpPort, UdpFleet } from '../udp-fleet.js';
import { openPlc } from './sample-plc.js';

test('the command reads a PLC over Modbus TCP and says in JSON that reported differs from wire', async (t) => {
  t.timeout(60_000);
  const plc = await openPlc();
  t.teardown(() => plc.close());
  plc.holding.set(3, 2000);
  const directory = mkdtempSync(join(tmpdir(), 'modbus-'));
  const [keys, plan] = [join(directory, 'keys'), join(directory, 'plan.yaml')];
  const level = '{register: 3, type: int16, scale: 0.001, tolerance: 0.1}';
  writeFileSync(plan, `everyMs: 100\nholdMs: 1500\nchannels:\n  level: ${level}\n`);
  const port = await freeUdpPort();
  const fleet = new UdpFleet(1, port);
  fleet.writeKeys(keys);
  await fleet.open();
  t.teardown(() => fleet.close());
  const collect = startCollect(
    ...['--udp', `127.0.0.1:${port}`, '--keys', keys, '--store', join(directory, 'store'), '--json'],
    ...['--modbus', `127.0.0.1:${plc.port}`, '--cross-check', plan],
  );
  t.teardown(() => collect.child.kill('SIGKILL'));
  const [board] = fleet.boards;
  const differences = () => collect.out.map((line) => JSON.parse(line)).filter(({ difference }) => difference);
  for (let i = 0; i < 40 && differences().length === 0; i++) {
    const record = (name: string) =>
      new Map<number, unknown>([
        [0, name],
        [1, 'm'],
        [2, decimal(25, -1)],
      ]);
    const pack = ['level', 'level/min', 'level/max'].map(record);
    const frame = board.frame(4, [
      [
        8,
        new Map<number, unknown>([
          [1, pack],
          [2, 0],
        ]),
      ],
    ]);
    fleet.send(0, dataMessages(fleet.logs[0].append(frame), frame)[0]);
    await sleep(1000);
  }
  const [found] = differences();
  t.like(found, {
    difference: 'reported differs from wire',
    state: 'open',
    channel: 'level',
    unit: 'm',
    keyId: board.key.keyId,
  });
  t.deepEqual(found.techniques.ids, ['T0832', 'T0835']);
  t.is(found.wire.mean, 2.5);
  t.true(Math.abs(found.reported.mean - 2) < 1e-9);
  collect.child.kill('SIGTERM');
  t.is(await collect.ended, 0);
});
