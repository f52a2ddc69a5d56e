/** Pairs with modes on XS and on Node: the same is learned to the bit, told, and counted. */
import test from 'ava';
import { framesOf, newFlash } from '../../hosts/bench/scenario-play.js';
import { KIND_INCIDENT, KIND_MODEL, KIND_READINGS } from '../../modules/frame/kinds.js';
import type { TankBooster } from '../../simulator/plants/tank-booster.js';
import { Simulation } from '../../simulator/simulation.js';
import { decodeDeterministic, type Labels } from '../frame/strict-cbor.js';

const LEARN_BLOCKS = 120_000;
const BLOCKS = 150_000;
const SLOW_FROM_US = 1_350_000_000;
const KINDS = [KIND_INCIDENT, KIND_READINGS, KIND_MODEL];
/** Tag 18, array of 4, protected header of 16 bytes, empty map. */
const PAYLOAD_AT = 20;

/** The payload of a frame, by where COSE leaves it. */
function payloadOf(frame: Uint8Array): Labels {
  const head = frame[PAYLOAD_AT] === 0x58 ? 2 : 3;
  return decodeDeterministic(frame.slice(PAYLOAD_AT + head, frame.length - 66)) as Labels;
}

async function bodiesOn(engine: 'node' | 'xs'): Promise<unknown[]> {
  const simulation = new Simulation('normal', 1, undefined, 'tank-booster');
  const configuration = { ...simulation.configuration, learnBlocks: LEARN_BLOCKS };
  const plant = simulation.world.plant as TankBooster;
  const frames = await framesOf(
    {
      ...{ simulation, configuration, flash: newFlash().cells, blocks: BLOCKS },
      look: (_, { timeUs }) => {
        plant.isAlwaysStepping = timeUs >= SLOW_FROM_US;
      },
    },
    engine,
  );
  return frames
    .map(payloadOf)
    .filter((payload) => KINDS.includes(payload.get(3) as number))
    .map((payload) => [payload.get(3), payload.get(8)]);
}

test('what pairs learn in each mode, and what they make of it, is the same on XS and on Node', async (t) => {
  const onNode = await bodiesOn('node');
  const told = (onNode as [number, Labels][]).filter(([kind, body]) => kind === KIND_MODEL && body.has(9));
  const modes = told.flatMap(([, body]) => (body.get(9) as unknown[][]).map((pair) => pair.length - 1));
  t.deepEqual(modes, [1, 3, 3, 1, 3]);
  t.true((onNode as [number, Labels][]).some(([kind]) => kind === KIND_INCIDENT));
  t.deepEqual(await bodiesOn('xs'), onNode);
  t.log(`${onNode.length} frames`);
});
