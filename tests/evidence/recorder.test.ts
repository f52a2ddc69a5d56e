/** Evidence from end to end on Node: what the frames rebuild is what the blocks had, count by count. */
import test, { type ExecutionContext } from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { rebuildEvidence } from '../../hosts/collector/evidence.js';
import { Block } from '../../modules/capture/block.js';
import { EvidenceRecorder } from '../../modules/evidence/recorder.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import { KIND_EVIDENCE, KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { INCIDENT_OPEN } from '../../modules/incident/incident.js';
import { IncidentTable } from '../../modules/incident/incident-table.js';
import { EVIDENCE_LEVELS, EVIDENCE_SLOTS } from '../../modules/limits.js';
import { Sensor } from '../../modules/sensor.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Simulation } from '../../simulator/simulation.js';
import { decodeDeterministic, type Labels } from '../frame/strict-cbor.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';

const BLOCK_US = 10_000;
const SEED = 1;

/** Every block of a run by its number, and the bodies of its frames. */
function play(scenario: string, seconds: number) {
  const simulation = new Simulation(scenario, SEED);
  const { configuration } = simulation;
  const flash = new SimulatedFlash({ size: 1 << 20, eraseBytes: 4096, pageBytes: 256 }, 1);
  const board = new NodeBoard(configuration, flash, new Uint8Array(32).fill(7));
  const sensor = new Sensor(board);
  const block = new Block(configuration.analog.length, configuration.digital.length);
  const blocks = new Map<number, { analog: number[]; digital: number[] }>();
  for (let i = 0; i < seconds * 100; i++) {
    simulation.nextBlock(block);
    blocks.set(block.timeUs, { analog: [...block.analog], digital: [...block.digital] });
    board.nowUs = block.timeUs;
    sensor.step(block);
    for (let j = 0; j < 20 && sensor.idle(); j++);
  }
  const record = new Uint8Array(2048);
  const bodies: { kind: number; body: Labels; bytes: number }[] = [];
  const { log } = sensor.reporter;
  for (let n = 1; n < log.head; n++) {
    const bytes = log.read(n, record);
    const frame = decodeDeterministic(record.slice(16, 16 + bytes)) as { value?: unknown[] } | unknown[];
    const parts = (Array.isArray(frame) ? frame : frame.value) as Uint8Array[];
    const payload = decodeDeterministic(parts[2]) as Labels;
    bodies.push({ kind: payload.get(3) as number, body: payload.get(8) as Labels, bytes });
  }
  return { blocks, bodies, configuration };
}

function compare(t: ExecutionContext, scenario: string, seconds: number): void {
  const { blocks, bodies, configuration } = play(scenario, seconds);
  const evidence = bodies.filter(({ kind }) => kind === KIND_EVIDENCE);
  t.true(evidence.length >= EVIDENCE_LEVELS, `${evidence.length} parts`);
  for (const { body } of evidence) {
    const s = rebuildEvidence(body);
    const count = body.get(6) as number;
    const isAnalog = s.channel < configuration.analog.length;
    for (let i = 0; i < count; i++) {
      let [min, max, level, edges] = [Infinity, -Infinity, -1, 0];
      for (let us = 0; us < s.periodUs; us += BLOCK_US) {
        const block = blocks.get(s.fromUs + i * s.periodUs + us + BLOCK_US);
        if (block === undefined) continue;
        const at = 5 * (isAnalog ? s.channel : s.channel - configuration.analog.length);
        min = Math.min(min, block.analog[at + 1]);
        max = Math.max(max, block.analog[at + 2]);
        level = block.digital[at];
        edges += block.digital[at + 1];
      }
      if (isAnalog) {
        const { low, high, countsLow, countsHigh } = configuration.analog[s.channel];
        const step = Math.abs((high - low) / (countsHigh - countsLow));
        if (s.minCounts?.[i] !== min || s.maxCounts?.[i] !== max) t.fail(`seed ${SEED}: channel ${s.channel}, ${i}`);
        const value = low + (min - countsLow) * ((high - low) / (countsHigh - countsLow));
        if (!(Math.abs((s.min?.[i] as number) - value) < step / 1000)) t.fail(`channel ${s.channel}: ${value}`);
      } else if (s.level?.[i] !== level || s.edges?.[i] !== Math.min(edges, 126))
        t.fail(`seed ${SEED}: channel ${s.channel}, point ${i} of ${s.periodUs} us`);
    }
  }
  for (const { body } of bodies.filter((b) => b.kind === KIND_INCIDENT && b.body.get(2) === 0)) {
    const [id, onsetUs] = [body.get(1), body.get(6) as number];
    const fine = evidence.filter((b) => b.body.get(1) === id && b.body.get(4) === BLOCK_US);
    const parts = evidence.filter((b) => b.body.get(1) === id);
    t.log(`incident ${id}: ${parts.length} parts, ${parts.reduce((sum, b) => sum + b.bytes, 0)} bytes of frames`);
    for (const { body: part } of fine) {
      const fromUs = part.get(5) as number;
      const toUs = fromUs + (part.get(6) as number) * BLOCK_US;
      t.log(`channel ${part.get(3)}: ${(onsetUs - fromUs) / 1e6} s before onset, ${(toUs - onsetUs) / 1e6} s after`);
      t.true(toUs > onsetUs, 'it goes on after onset');
    }
  }
}

for (const [scenario, seconds] of [
  ['order-not-executed', 500],
  ['wire-break', 470],
] as const)
  test(`${scenario}: evidence frames rebuild every point before and after onset to the count`, (t) => {
    compare(t, scenario, seconds);
  });

test('a flood of incidents: what is not recorded is counted', (t) => {
  const table = new IncidentTable(12);
  const recorder = new EvidenceRecorder(new EvidenceRings(2, 0), table, sampleConfiguration({ blockUs: BLOCK_US }));
  const block = new Block(2, 0);
  for (let i = 0; i < 12; i++) {
    const incident = table.incidents[i];
    Object.assign(incident, { state: INCIDENT_OPEN, id: i + 1, channels: 1 });
  }
  table.opened = 12;
  let told = 0;
  for (block.sequence = 0; block.sequence < 60_000; block.sequence++) {
    block.timeUs = (block.sequence + 1) * BLOCK_US;
    recorder.step(block);
    if (block.sequence === 50_000) for (let s = 0; s < EVIDENCE_SLOTS; s++) recorder.told(s);
  }
  for (let s = 0; s < EVIDENCE_SLOTS; s++) if (recorder.incidentOf(s) > 0) told++;
  t.is(told + EVIDENCE_SLOTS + recorder.loss.count, 12 * EVIDENCE_LEVELS);
  t.true(recorder.loss.count >= 8 * EVIDENCE_LEVELS, `${recorder.loss.count} parts lost`);
});
