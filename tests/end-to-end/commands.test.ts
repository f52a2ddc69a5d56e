/** Operators' commands from `config` by way of `collect` to the firmware on XS, and the signed answers back, on two links. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { COMMAND_REPLAYED } from '../../modules/command/results.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { type Carrier, CommandedBench, type Line } from './commanded-bench.js';

const isKind = (kind: string) => (line: Line) => line.kind === kind;
const bodyOf = ({ payload }: Line) => payload.body;

/** The wiring file of a configuration, with a limit that it has not. */
function wiringOf({ analog, digital }: Configuration, lowLimit: number): string {
  return JSON.stringify({
    analog: analog.map(({ name, kind, unit, low, high, countsLow, countsHigh }, i) => ({
      ...{ name, kind, unit, range: [low, high], counts: [countsLow, countsHigh] },
      limits: [i === 0 ? lowLimit : null, null],
    })),
    digital: digital.map(({ name }) => ({ name })),
    learnMinutes: 0.5,
  });
}

/** A board that was provisioned, learned, and told what time it is. */
async function provisioned(carrier: Carrier): Promise<CommandedBench> {
  const bench = new CommandedBench(carrier);
  await bench.config('keygen', '--out', bench.operator);
  await bench.config('provision', '--operator', join(bench.operator, 'operator.cose_key'), '--flash', bench.flash);
  await bench.powerOn();
  bench.startCollect();
  await bench.until('boot frame', isKind('boot'), 0);
  return bench;
}

/** Its commands are counted as refused, by reason, in heartbeats. */
const refusals = (line: Line) => (line.kind === 'heartbeat' ? bodyOf(line).commandsRefused : undefined);

for (const carrier of ['udp', 'rs485'] as const)
  test.serial(`${carrier}: commands are carried out once and answered by verified frames`, async (t) => {
    t.timeout(300_000);
    const bench = await provisioned(carrier);
    t.teardown(async () => {
      await bench.endCollect();
      await bench.powerOff();
    });
    await bench.until('model', (line) => line.kind === 'model' && bodyOf(line).why === 'learned', 0);

    t.deepEqual(await bench.send(await bench.sign('set-time')), ['accepted']);
    const timed = await bench.until('time', ({ payload }) => payload?.wallClock !== undefined);
    const { unixMs, uncertaintyMs } = timed.payload.wallClock;
    t.true(uncertaintyMs >= 100 && Math.abs(unixMs - Date.now()) < 3_600_000);
    const selfTest = await bench.signByClock('self-test');
    t.deepEqual(await bench.send(selfTest), ['accepted']);
    t.deepEqual(await bench.send(await bench.sign('learn')), ['accepted']);
    await bench.until('learning', (line) => line.kind === 'heartbeat' && bodyOf(line).phase === 'learning');
    await bench.until('model', (line) => line.kind === 'model' && bodyOf(line).why === 'learned');

    await bench.endCollect();
    bench.startCollect(selfTest);
    const refused = await bench.until('refusal', (line) => refusals(line) !== undefined);
    t.true(refusals(refused)[COMMAND_REPLAYED] > 0);

    t.deepEqual(await bench.send(await bench.sign('rotate-key')), ['accepted']);
    const rotated = await bench.until('a frame of the new key', ({ signedBy }) => signedBy !== undefined, 0);
    t.deepEqual(await bench.send(await bench.sign('identify')), ['accepted']);
    await bench.endCollect();
    await bench.powerOff();

    await bench.powerOn();
    bench.startCollect(selfTest);
    const boot = await bench.until('boot', isKind('boot'));
    t.is(boot.signedBy, rotated.signedBy, 'the new key survives');
    t.deepEqual(bodyOf(boot).resetReason, 'power-on');
    const again = await bench.until('refusal', (line) => refusals(line) !== undefined);
    t.true(refusals(again)[COMMAND_REPLAYED] > 0, 'nor after a reset');
    t.is(await bench.endCollect(), 0, bench.text());
    t.deepEqual(
      bench.lines.filter(({ error }) => error !== undefined),
      [],
    );

    const secret = readFileSync(bench.privateKey).subarray(-32);
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      t.false(bench.printed.join('\n').includes(secret.toString(encoding).slice(0, 40)));
  });

for (const carrier of ['udp', 'rs485'] as const)
  test.serial(
    `${carrier}: a configuration by command restarts the board, survives, and a bad one does not stay`,
    async (t) => {
      t.timeout(300_000);
      const bench = await provisioned(carrier);
      t.teardown(async () => {
        await bench.endCollect();
        await bench.powerOff();
      });
      const own = bodyOf(bench.lines.find(isKind('boot')) as Line).configurationDigest;
      await bench.until('model', (line) => line.kind === 'model' && bodyOf(line).why === 'learned', 0);

      const wiring = join(bench.folder, 'wiring.json');
      writeFileSync(wiring, wiringOf(bench.configuration, 0.1));
      const from = bench.lines.length;
      t.deepEqual([...new Set(await bench.send(await bench.compile(wiring)))], ['accepted']);
      const kept = await bench.until('configuration', isKind('configuration'), from);
      t.is(bodyOf(kept).state, 'kept for the next start');
      const boot = await bench.until('boot', isKind('boot'), from);
      const { digest } = bodyOf(kept);
      t.like(bodyOf(boot), { resetReason: 'watchdog', configurationDigest: digest });
      t.not(digest, own);
      const after = (line: Line) => line.sequence > boot.sequence;
      t.is(
        bodyOf(await bench.until('in use', (line) => line.kind === 'configuration' && after(line), from)).state,
        'in use',
      );
      const model = await bench.until('model refused', (line) => line.kind === 'model' && after(line), from);
      t.is(bodyOf(model).why, 'refused: of another configuration');
      await bench.until('learning', (line) => line.kind === 'heartbeat' && bodyOf(line).phase === 'learning', from);
      await bench.until('model', (line) => line.kind === 'model' && bodyOf(line).why === 'learned', from);

      const bad = join(bench.folder, 'bad.json');
      const { analog, ...rest } = bench.configuration;
      writeFileSync(bad, wiringOf({ ...rest, analog: analog.slice(1) }, 0.1));
      const before = bench.lines.length;
      t.deepEqual([...new Set(await bench.send(await bench.compile(bad)))], ['accepted']);
      const again = await bench.until('boot', isKind('boot'), before);
      t.is(bodyOf(again).configurationDigest, digest, 'the one before it is used');
      const state = await bench.until(
        'refused',
        (line) => line.kind === 'configuration' && line.sequence > again.sequence,
        before,
      );
      t.is(bodyOf(state).state, 'refused at start');
      t.not(bodyOf(state).digest, digest);

      await bench.endCollect();
      await bench.powerOff();
      await bench.powerOn();
      bench.startCollect();
      t.is(bodyOf(await bench.until('boot', isKind('boot'))).configurationDigest, digest, 'it survives the power');
      t.is(await bench.endCollect(), 0, bench.text());
      t.deepEqual(
        bench.lines.filter(({ error }) => error !== undefined),
        [],
      );
    },
  );
