/** Evidence from end to end on Node: what the frames rebuild is what the blocks had, count by count. */
import test, { type ExecutionContext } from 'ava';
import { NodeBoard } from '../../hosts/bench/node-board.js';
import { rebuildEvidence } from '../../hosts/collector/evidence.js';
import { Block } from '../../modules/capture/block.js';
import { SampledBlock } from '../../modules/capture/sampled-block.js';
import { checkConfiguration } from '../../modules/config/check.js';
import type { Configuration } from '../../modules/config/configuration.js';
import { EvidenceRecorder } from '../../modules/evidence/recorder.js';
import { EvidenceRings } from '../../modules/evidence/rings.js';
import { KIND_EVIDENCE, KIND_INCIDENT } from '../../modules/frame/kinds.js';
import { INCIDENT_OPEN } from '../../modules/incident/incident.js';
import { IncidentTable } from '../../modules/incident/incident-table.js';
import { EVIDENCE_LEVELS, EVIDENCE_PART_BYTES_MAX, EVIDENCE_SLOTS } from '../../modules/limits.js';
import { Sensor } from '../../modules/sensor.js';
import { createBlock } from '../../simulator/block-stream.js';
import { SimulatedFlash } from '../../simulator/flash.js';
import { Simulation } from '../../simulator/simulation.js';
import { decodeDeterministic, type Labels } from '../frame/strict-cbor.js';
import { sampleConfiguration } from '../sensor/sample-configuration.js';
import { SampleTape } from './sample-tape.js';

const BLOCK_US = 10_000;
const SEED = 1;

/** Every block of a run by its number, and the bodies of its frames. */
function play(scenario: string, seconds: number, raw: Partial<Configuration> = {}) {
  const simulation = new Simulation(scenario, SEED);
  const configuration = { ...simulation.configuration, ...raw };
  const flash = new SimulatedFlash({ size: 1 << 20, eraseBytes: 4096, pageBytes: 256 }, 1);
  const board = new NodeBoard(configuration, flash, new Uint8Array(32).fill(7));
  const sensor = new Sensor(board);
  const block = createBlock(configuration);
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

for (const [scenario, seconds, rawBeforeMs, rawAfterMs] of [
  ['order-not-executed', 500, 200, 400],
  ['wire-break', 470, 750, 0],
  ['wire-break', 470, 1, 3],
] as const)
  test(`${scenario}: ${rawBeforeMs} + ${rawAfterMs} raw samples around onset are those of the wires, to the count`, (t) => {
    const { bodies } = play(scenario, seconds, { rawBeforeMs, rawAfterMs });
    const tape = new SampleTape(new Simulation(scenario, SEED), seconds);
    const raw = bodies.filter(({ kind, body }) => kind === KIND_EVIDENCE && body.has(9));
    const incident = bodies.find(({ kind }) => kind === KIND_INCIDENT);
    const onsetUs = incident?.body.get(6) as number;
    t.true(raw.length > 0);
    for (const channel of (incident?.body.get(3) ?? []) as number[])
      t.true(
        raw.some(({ body }) => body.get(3) === channel),
        `channel ${channel}`,
      );
    for (const { body, bytes } of raw) {
      const part = rebuildEvidence(body);
      t.is(tape.firstWrong(part), undefined, `seed ${SEED}`);
      const samples = body.get(6) as number;
      t.is(samples + (part.missing ?? 0), rawBeforeMs + rawAfterMs);
      const before = Math.ceil((onsetUs - part.fromUs) / 1000);
      t.log(`channel ${part.channel}: ${samples} samples, ${before} before onset, in ${bytes} bytes`);
      if (part.missing === 0) t.is(before, rawBeforeMs);
    }
    t.true(raw.some(({ body }) => body.get(10) === 0));
  });

test('a window that no frame could hold, or below zero, is refused in one line; one that just fits is not', (t) => {
  const block = { blockUs: BLOCK_US, blockSamples: 10 };
  const check = (c: Partial<Configuration>) => checkConfiguration(sampleConfiguration({ ...block, ...c }));
  t.is(check({ rawBeforeMs: 250, rawAfterMs: 500 }), null);
  t.is(check({ rawBeforeMs: 0, rawAfterMs: 0 }), null);
  t.regex(`${check({ rawBeforeMs: 251, rawAfterMs: 500 })}`, /more than 750 samples/);
  t.regex(`${check({ rawBeforeMs: -1, rawAfterMs: 500 })}`, /must not be negative/);
  t.regex(`${check({ rawAfterMs: Number.NaN })}`, /must not be negative/);
  t.regex(`${check({ rawAfterMs: 10, blockSamples: 16 })}`, /blocks of at most 15/);
});

test('samples wanted where none are kept are counted as lost, and the rest of the evidence is told', (t) => {
  const table = new IncidentTable(1);
  const wanted = sampleConfiguration({ blockUs: BLOCK_US, blockSamples: 10, rawBeforeMs: 100, rawAfterMs: 100 });
  const recorder = new EvidenceRecorder(new EvidenceRings(2, 0), table, wanted);
  const block = new Block(2, 0);
  Object.assign(table.incidents[0], { state: INCIDENT_OPEN, id: 1, channels: 1 });
  table.opened = 1;
  for (block.sequence = 0; block.sequence < 20_000; block.sequence++) {
    block.timeUs = (block.sequence + 1) * BLOCK_US;
    recorder.step(block);
  }
  t.is(recorder.loss.count, 1);
  const parts = [];
  for (let s = 0; s < EVIDENCE_SLOTS; s++) if (recorder.incidentOf(s) > 0) parts.push(recorder.partOf(s));
  t.deepEqual(parts, [1, 2, 3]);
});

test('an onset that is no longer in the ring: the samples are those around the opening', (t) => {
  const wanted = sampleConfiguration({ blockUs: BLOCK_US, blockSamples: 10, rawBeforeMs: 100, rawAfterMs: 100 });
  const rings = new EvidenceRings(2, 0, 10);
  const depth = rings.raw?.depth ?? 0;
  const openedAt = 2 * depth;
  for (const [onsetBlock, middle] of [
    [openedAt - depth / 2, openedAt - depth / 2],
    [openedAt - depth, openedAt],
    [3, openedAt],
  ]) {
    const table = new IncidentTable(1);
    const recorder = new EvidenceRecorder(rings, table, wanted);
    const block = new SampledBlock(2, 0, 10);
    for (block.sequence = 0; block.sequence < openedAt + 100; block.sequence++) {
      block.timeUs = (block.sequence + 1) * BLOCK_US;
      if (block.sequence === openedAt) {
        const onsetUs = Math.floor(onsetBlock) * BLOCK_US;
        Object.assign(table.incidents[0], { state: INCIDENT_OPEN, id: 1, channels: 1, onsetUs });
        table.opened = 1;
      }
      recorder.step(block);
    }
    t.is(recorder.pointsOf(0), 200);
    t.is(recorder.fromUsOf(0), Math.floor(middle) * BLOCK_US - 100_000);
  }
});

test('a signal too wild for one frame: both ends are cut, the onset stays, and what is missing is said', (t) => {
  const wanted = sampleConfiguration({ blockUs: BLOCK_US, blockSamples: 10, rawBeforeMs: 250, rawAfterMs: 500 });
  const table = new IncidentTable(1);
  const rings = new EvidenceRings(1, 0, 10);
  const recorder = new EvidenceRecorder(rings, table, wanted);
  const block = new SampledBlock(1, 0, 10);
  const onsetUs = 300 * BLOCK_US;
  for (block.sequence = 0; block.sequence < 400; block.sequence++) {
    block.timeUs = (block.sequence + 1) * BLOCK_US;
    for (let i = 0; i < 10; i++) block.samples[i] = i % 2 === 0 ? 60_000 : 100;
    if (block.sequence === 302) {
      Object.assign(table.incidents[0], { state: INCIDENT_OPEN, id: 1, channels: 1, onsetUs });
      table.opened = 1;
    }
    recorder.step(block);
  }
  const samples = recorder.pointsOf(0);
  t.true(samples >= 180 && samples < 256, `${samples} samples of 3 bytes`);
  t.true(rings.heldBytes(0) <= EVIDENCE_PART_BYTES_MAX);
  const before = (onsetUs - recorder.fromUsOf(0)) / 1000;
  t.is(before, Math.floor(samples / 3));
  t.is(recorder.rawOf(0)?.samples, 750);
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
