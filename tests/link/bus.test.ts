/** The RS-485 bus under load, with errors, collisions and a jabbering node. In virtual time but for the run over a pty. */
import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { JABBER_KINDS } from '../../simulator/bus/trouble.js';
import { type BusPlan, QUIET_PLAN } from './bus-plan.js';
import { runBusOverPty } from './bus-pty.js';
import { type BusResult, runBus } from './bus-run.js';

const FOR_EVER_S = 1e9;
const LOAD = { backlog: 60, quietAtS: FOR_EVER_S };
const LOADED = { fromS: 12, toS: 32 };
/** Everything at once, until the bus is quiet again. */
const TROUBLE = {
  ...{ backlog: 8, frameEveryS: 3, growsUntilS: 10, quietAtS: 10 },
  ...{ bitErrorRate: 1e-4, babbleEveryS: 0.5, stallEveryS: 5, jabberAtS: 2, jabberS: 3 },
};

function arrived(t: ExecutionContext, result: BusResult): void {
  t.is(result.delivered, result.frames);
  t.is(result.outOfOrder, 0);
  t.is(result.changed, 0);
  t.deepEqual(result.errors, []);
}

async function run(t: ExecutionContext, plan: Partial<BusPlan>, window?: { fromS: number; toS: number }) {
  const whole = { ...QUIET_PLAN, ...plan };
  t.log(`seed ${whole.seed}`);
  const result = await runBus(whole, window);
  arrived(t, result);
  return result;
}

test.serial('32 boards fill a 115200 baud bus to 70 % and more, with bits that fall over too', async (t) => {
  const clean = await run(t, LOAD, LOADED);
  t.true(clean.utilisation >= 0.7, `${clean.utilisation}`);
  t.true(clean.useful >= 0.7, `${clean.useful} of it frames`);
  const noisy = await run(t, { ...LOAD, bitErrorRate: 1e-4 }, LOADED);
  t.true(noisy.spoilt > 0);
  t.true(noisy.utilisation >= 0.7, `${noisy.utilisation}`);
});

for (const jabberKind of JABBER_KINDS)
  test.serial(
    `errors, collisions and a jabbering node (${jabberKind}): every frame arrives whole and in order`,
    async (t) => {
      const result = await run(t, { ...TROUBLE, jabberKind, seed: 2 });
      t.true(result.spoilt > 0 && result.collided > 0 && result.jabbered > 10_000);
      t.true(result.refused > 0);
      t.true(result.doneS < 30, `done after ${result.doneS} s`);
    },
  );

test.serial('whoever talks may hear itself', async (t) => {
  const clean = await run(t, { boards: 5, backlog: 10, hasEcho: true });
  t.is(clean.boardNoise, 0);
  await run(t, { ...TROUBLE, boards: 5, hasEcho: true, seed: 3 });
});

for (const [boards, baud] of [
  [1, 9600],
  [247, 115200],
  [32, 1_000_000],
])
  test.serial(`${boards} boards at ${baud} baud`, async (t) => {
    await run(t, { boards, baud, backlog: 4, bitErrorRate: 1e-4, quietAtS: 5, seed: 4 });
  });

test.serial('a collector that comes back after days takes what the boards still have', async (t) => {
  const result = await run(t, { boards: 8, backlog: 60, overwritten: 25 });
  t.is(result.frames, 8 * 35);
});

test.serial('no board waits for the others: each has its turn while all are behind', async (t) => {
  const result = await run(t, { boards: 8, backlog: 60 });
  t.true(result.firstS < result.doneS / 3, `the last board's first frame came after ${result.firstS} s`);
});

test.serial('the real collector on a pty: 32 boards, errors, collisions, jabber (real time)', async (t) => {
  t.timeout(200_000);
  const { status } = spawnSync('make', ['-s', '-C', 'hosts/emulator'], { stdio: 'inherit' });
  t.is(status, 0);
  const plan = { ...QUIET_PLAN, ...TROUBLE, backlog: 4, growsUntilS: 6, quietAtS: 6, jabberS: 2, seed: 5 };
  t.log(`seed ${plan.seed}`);
  const result = await runBusOverPty(plan);
  t.is(result.kept, result.frames);
  t.is(result.strangeBytes, 0);
  t.is(result.outOfOrder, 0);
  t.true(result.spoilt > 0 && result.jabbered > 1000);
  t.is(result.exitCode, 0, result.lines.join('\n'));
});
