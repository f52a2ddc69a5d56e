import test from 'ava';
import {
  ANALOG_COUNT,
  ANALOG_FIELDS,
  ANALOG_MAX,
  ANALOG_SUM,
  ANALOG_SUM_SQUARES,
  DIGITAL_EDGES,
  DIGITAL_FIELDS,
  DIGITAL_LEVEL,
} from '../../modules/capture/block.js';
import { Drive } from '../../simulator/plants/drive.js';
import * as line from '../../simulator/plants/drive-lines.js';
import { PulseLine } from '../../simulator/pulse-line.js';
import { Simulation } from '../../simulator/simulation.js';
import { run } from './run.js';

const PULSES_PER_M3 = 500;

function driveOf(simulation: Simulation): Drive {
  if (simulation.world.plant instanceof Drive) return simulation.world.plant;
  throw new Error('not the drive');
}

test('over an hour no gas is lost or made, and the pressure stays between the start and the stop of the blower', (t) => {
  const simulation = new Simulation('normal', 3, undefined, 'drive');
  const drive = driveOf(simulation);
  const startM3 = drive.gasM3;
  let [lowest, highest, starts] = [9999, 0, 0];
  run(simulation, 3600, (block) => {
    lowest = Math.min(lowest, drive.pressureMbar);
    highest = Math.max(highest, drive.pressureMbar);
    const order = line.RUN_ORDER * DIGITAL_FIELDS;
    if (block.digital[order + DIGITAL_EDGES] === 1 && block.digital[order + DIGITAL_LEVEL] === 1) starts++;
  });
  t.true(lowest > 500 && highest < 720, `${lowest} to ${highest} mbar`);
  t.is(drive.relievedM3, 0);
  const away = startM3 + drive.deliveredM3 - drive.drawnM3 - drive.gasM3;
  t.true(Math.abs(away) < 1e-6 * drive.deliveredM3, `${away} of ${drive.deliveredM3} m3`);
  t.true(starts > 60 && starts < 140, `${starts} starts`);
});

test('the speed follows the reference within its envelope, and at-speed says when', (t) => {
  const simulation = new Simulation('normal', 4, undefined, 'drive');
  const drive = driveOf(simulation);
  let [highest, blocks] = [0, 0];
  run(simulation, 900, (block) => {
    highest = Math.max(highest, drive.speedHz);
    if (block.digital[line.AT_SPEED * DIGITAL_FIELDS + DIGITAL_LEVEL] === 0) return;
    const { outputs, commands } = simulation.world.plc;
    blocks++;
    if (outputs[line.RUN_ORDER] === 1 && Math.abs(drive.speedHz - commands[line.SPEED_REFERENCE]) > 25)
      t.fail(`${drive.speedHz} of ${commands[line.SPEED_REFERENCE]} Hz`);
  });
  t.true(highest > 1060 && highest < 1110, `${highest} Hz`);
  t.true(blocks > 20000);
});

test('flow grows with the speed and falls with the pressure behind it', (t) => {
  const flowAt = (speedHz: number, mbar: number) => {
    const drive = new Drive(1);
    let sum = 0;
    for (let ms = 0; ms < 8000; ms++) {
      drive.speedHz = speedHz;
      drive.gasM3 = (65 * mbar) / 1013;
      drive.step([1, 0, 0, 1, 0, 0, 1, 0], [speedHz, 0, 0, 0, 0, 0, 0, 0]);
      if (ms >= 4000) sum += drive.flow / 4000;
    }
    return sum;
  };
  t.true(Math.abs(flowAt(1064, 600) - 1) < 0.01);
  t.true(Math.abs(flowAt(1410, 600) - Math.sqrt((1200 * (1410 / 1064) ** 2 - 600) / 600)) < 0.02);
  t.true(flowAt(1064, 700) < flowAt(1064, 600));
  t.true(flowAt(700, 600) < 1e-6, 'the check valve holds');
});

test('the pulses add up to the gas delivered, one a millisecond at most', (t) => {
  const simulation = new Simulation('normal', 5, undefined, 'drive');
  const drive = driveOf(simulation);
  const pulses = simulation.world.wires.loops[line.FLOW_PULSES];
  let counted = 0;
  run(simulation, 600, ({ analog }) => {
    const at = line.FLOW_PULSES * ANALOG_FIELDS;
    counted += analog[at + ANALOG_SUM];
    if (analog[at + ANALOG_COUNT] !== 10 || analog[at + ANALOG_MAX] > 1) t.fail('more than a pulse in a millisecond');
    if (analog[at + ANALOG_SUM_SQUARES] !== analog[at + ANALOG_SUM]) t.fail('squares');
  });
  t.true(pulses instanceof PulseLine);
  t.is(counted, (pulses as PulseLine).total);
  t.true(Math.abs(counted / PULSES_PER_M3 / drive.deliveredM3 - 1) < 0.01, `${counted / PULSES_PER_M3} m3`);
});

test('a rotor out of balance opens the vibration switch, and the program trips the breaker within two scans', (t) => {
  const simulation = new Simulation('normal', 2, undefined, 'drive');
  const drive = driveOf(simulation);
  run(simulation, 60);
  while (drive.contacts[line.AT_SPEED] === 0) run(simulation, 0.1);
  drive.unbalance = 6;
  run(simulation, 0.02);
  t.is(drive.contacts[line.VIBRATION_NORMAL], 0);
  run(simulation, 0.06);
  t.is(simulation.world.plc.outputs[line.TRIP_RELEASE], 0);
  t.is(simulation.world.plc.outputs[line.RUN_ORDER], 0);
  run(simulation, 5);
  t.is(drive.contacts[line.BREAKER_CLOSED], 0);
  t.true(drive.speedHz < 500, `${drive.speedHz} Hz`);
});
