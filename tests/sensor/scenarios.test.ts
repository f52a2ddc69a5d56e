import test from 'ava';
import {
  CLASS_ATTACK,
  CLASS_FAULT,
  DETECTOR_LIMITS,
  DETECTOR_ORDER,
  VERDICT_MISSING,
} from '../../modules/detect/finding.js';
import { KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { NEWS_OPEN } from '../../modules/incident/incident.js';
import { INLET_FLOW, PUMP_AUXILIARY, PUMP_ORDER, TANK_LOOPS } from '../../simulator/plants/tank-lines.js';
import { Simulation } from '../../simulator/simulation.js';
import type { ReceivedFrame } from '../sign/received-frame.js';
import { Witness } from './witness.js';

const SEED = 1;

interface Played {
  readonly witness: Witness;
  readonly incidents: readonly ReceivedFrame[];
  readonly onsetUs: number;
}

function play(scenario: string, seconds: number, seed = SEED): Played {
  const simulation = new Simulation(scenario, seed);
  const witness = new Witness(simulation.configuration);
  witness.play(simulation, seconds);
  return {
    witness,
    incidents: witness.frames().filter((frame) => frame.kind === KIND_INCIDENT),
    onsetUs: simulation.truth.onsetUs ?? -1,
  };
}

for (const seed of [1, 2, 3])
  test(`900 s of normal work open no incident (seed ${seed})`, (t) => {
    const { witness, incidents } = play('normal', 900, seed);
    t.is(witness.sensor.condition.learnedPerMille, 1000);
    t.is(witness.sensor.table.opened, 0);
    t.deepEqual(incidents, []);
  });

for (const seed of [1, 2, 3])
  test(`an order that is not executed opens an order incident within 5 s and none before (seed ${seed})`, (t) => {
    const { incidents, onsetUs } = play('order-not-executed', 600, seed);
    t.true(incidents.length > 0);
    for (const frame of incidents) t.true(frame.uptimeUs >= onsetUs, `incident at ${frame.uptimeUs}, onset ${onsetUs}`);
    const first = incidents[0];
    const { body } = first;
    t.true(first.uptimeUs <= onsetUs + 5e6);
    t.is(body.get(2), NEWS_OPEN);
    t.is(body.get(4), DETECTOR_ORDER);
    t.is(body.get(8), CLASS_ATTACK);
    t.deepEqual(body.get(12), [0, VERDICT_MISSING]);
    t.deepEqual(body.get(3), [TANK_LOOPS.length + PUMP_AUXILIARY, TANK_LOOPS.length + PUMP_ORDER]);
    t.deepEqual(body.get(9), [19, 'T1691.001', 'T0831']);
    t.true(Math.abs((body.get(6) as number) - onsetUs) <= 1000, 'the onset is the order, to the millisecond');
  });

test(`a broken wire is a fault of its channel, told within a second, and no attack (seed ${SEED})`, (t) => {
  const { incidents, onsetUs } = play('wire-break', 500);
  const first = incidents[0];
  t.is(first.body.get(4), DETECTOR_LIMITS);
  t.is(first.body.get(8), CLASS_FAULT);
  t.deepEqual(first.body.get(3), [INLET_FLOW]);
  t.false(first.body.has(9), 'a fault names no technique');
  t.true(first.uptimeUs > onsetUs && first.uptimeUs < onsetUs + 1e6);
  for (const { body } of incidents) t.not(body.get(8), CLASS_ATTACK);
});
