/** The whole firmware on a bus that a node jabbers on: it says so, keeps logging, and hands over when the bus is quiet. */
import test, { type ExecutionContext } from 'ava';
import { NodeBoard, publicKeyOf } from '../../hosts/bench/node-board.js';
import { keyOf, keySet } from '../../hosts/collector/keys.js';
import { type Frame, isRefusal, verifyFrame } from '../../hosts/collector/verify.js';
import { Block } from '../../modules/capture/block.js';
import { CLASS_ATTACK, DETECTOR_LINK } from '../../modules/detect/finding.js';
import { KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { NEWS_CLOSED, NEWS_OPEN } from '../../modules/incident/incident.js';
import { REASON_LINK } from '../../modules/incident/triage.js';
import { Sensor } from '../../modules/sensor.js';
import { PolledLine } from '../../simulator/bus/polled-line.js';
import { JABBER_KINDS, type JabberKind } from '../../simulator/bus/trouble.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Simulation } from '../../simulator/simulation.js';
import { decodeDeterministic } from '../frame/strict-cbor.js';

const SECRET = new Uint8Array(32).fill(0x33);
const AT_S = 330;
const JABBER_S = 60;
const AFTER_S = 100;

interface Heard {
  readonly frames: Frame[];
  readonly logged: number;
  /** Uptime of the newest frame heard before the jabber ended. */
  readonly lastBeforeUs: number;
}

/** Plays the scenario, the jabber for a minute; what the collector on the line heard, in order. */
function play(t: ExecutionContext, kind: JabberKind): Heard {
  const simulation = new Simulation('bus-jabber', 1, AT_S);
  const { configuration } = simulation;
  const flash = new SimulatedFlash({ size: 1 << 20, eraseBytes: 4096, pageBytes: 256 }, 1);
  const board = new NodeBoard(configuration, flash, SECRET);
  const line = new PolledLine(configuration.address, 1, kind);
  board.ports.push(line);
  const sensor = new Sensor(board);
  const { x, y } = publicKeyOf(SECRET);
  const keys = keySet(keyOf(x, y));
  const frames: Frame[] = [];
  line.onMessage = (bytes) => {
    const message = decodeDeterministic(bytes) as unknown[];
    if (message[0] !== 2 || message[1] !== line.from) return;
    const frame = verifyFrame(message[4] as Uint8Array, keys);
    if (isRefusal(frame)) return t.fail(frame.reason);
    frames.push(frame);
    line.from++;
  };
  const block = new Block(configuration.analog.length, configuration.digital.length);
  let lastBeforeUs = 0;
  for (let i = 0; i < (AT_S + JABBER_S + AFTER_S) * 100; i++) {
    simulation.nextBlock(block);
    if (block.timeUs > (AT_S + JABBER_S) * 1e6) simulation.world.bus.isJabbered = false;
    else lastBeforeUs = frames.at(-1)?.uptimeUs ?? 0;
    board.nowUs = block.timeUs;
    line.step(block.timeUs, simulation.world.bus.isJabbered);
    sensor.step(block);
    while (sensor.idle());
  }
  return { frames, logged: sensor.reporter.log.head - 1, lastBeforeUs };
}

for (const kind of JABBER_KINDS)
  test(`a jabbering node (${kind}) is an attack on the bus, told when it is over at the latest`, (t) => {
    const { frames, logged, lastBeforeUs } = play(t, kind);
    t.is(frames.length, logged, 'every frame arrives');
    t.true(lastBeforeUs < (AT_S + 1) * 1e6, 'nothing came through meanwhile');
    const told = frames.filter((frame) => frame.kind === KIND_INCIDENT && frame.body.get(4) === DETECTOR_LINK);
    const [open] = told;
    t.true(open.uptimeUs > AT_S * 1e6 && open.uptimeUs < (AT_S + 15) * 1e6, `${open.uptimeUs}`);
    t.deepEqual(
      [2, 3, 8, 14].map((label) => open.body.get(label)),
      [NEWS_OPEN, [], CLASS_ATTACK, REASON_LINK],
    );
    t.deepEqual(open.body.get(9), [19, 'T0829', 'T1695']);
    t.is(told.at(-1)?.body.get(2), NEWS_CLOSED);
    t.is(told.filter(({ body }) => body.get(2) === NEWS_OPEN).length, 1);
  });
