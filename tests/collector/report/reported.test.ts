/** Whole runs: firmware, plant and attacker, the collector's store and cross-check, the report. In virtual time. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { CrossCheck } from '../../../hosts/collector/cross-check/cross-check.js';
import type { Reported } from '../../../hosts/collector/cross-check/plan.js';
import { ReportedLog } from '../../../hosts/collector/cross-check/reported-log.js';
import { keyOf, keySet } from '../../../hosts/collector/keys.js';
import type { Difference } from '../../../hosts/collector/listener.js';
import { NameBook } from '../../../hosts/collector/name-book.js';
import { evidencePlots, evidenceSeries } from '../../../hosts/collector/report/evidence-series.js';
import { gatherFacts } from '../../../hosts/collector/report/incident-facts.js';
import { composeNotice } from '../../../hosts/collector/report/notice.js';
import { renderPage } from '../../../hosts/collector/report/page.js';
import { Store } from '../../../hosts/collector/store/store.js';
import { type Frame, verifyFrame } from '../../../hosts/collector/verify.js';
import { ANALOG_FIELDS } from '../../../modules/capture/block.js';
import type { Configuration } from '../../../modules/config/configuration.js';
import { Simulation } from '../../../simulator/simulation.js';
import { SampleTape } from '../../evidence/sample-tape.js';
import { Witness } from '../../sensor/witness.js';

const START_MS = Date.UTC(2026, 0, 1);
const SCADA_EVERY_BLOCKS = 50;

/** Plays a scenario for `seconds`; SCADA is asked for `channels` and held against the wire. */
function play(
  scenario: string,
  seconds: number,
  channels: Readonly<Record<string, number>>,
  raw: Partial<Configuration> = {},
) {
  const simulation = new Simulation(scenario, 1);
  const witness = new Witness({ ...simulation.configuration, ...raw });
  const { publicKey } = witness.signer;
  const keys = keySet(keyOf(publicKey.slice(0, 32), publicKey.slice(32)));
  const directory = mkdtempSync(join(tmpdir(), 'reported-'));
  const nowMs = () => START_MS + witness.nowUs / 1000;
  const store = new Store(directory, { keys, nowMs });
  const book = new NameBook();
  const differences: Difference[] = [];
  const reported = (tolerance: number): Reported => ({
    ...{ table: 'holding', register: 0, type: 'float32', words: 'big', scale: 1, offset: 0, tolerance },
  });
  const plan = {
    ...{ device: undefined, unit: 1, everyMs: 500, holdMs: 20_000 },
    channels: new Map(Object.entries(channels).map(([name, tolerance]) => [name, reported(tolerance)])),
  };
  const onDifference = (difference: Difference) => differences.push(difference);
  const check = new CrossCheck({ plan, book, log: new ReportedLog(directory), nowMs, onDifference });
  let played = 0;
  const blocks = new Map<number, readonly number[]>();
  witness.play(simulation, seconds, () => {
    blocks.set(witness.block.timeUs, [...witness.block.analog]);
    for (const { bytes } of witness.frames()) {
      const frame = verifyFrame(bytes, keys) as Frame;
      store.append(frame);
      book.learn(frame);
      check.onFrame(frame);
    }
    if (played++ % SCADA_EVERY_BLOCKS !== 0) return;
    for (const { name, value } of simulation.scada()) if (plan.channels.has(name)) check.take(name, value);
  });
  store.close();
  return { directory, keys, differences, blocks, configuration: simulation.configuration };
}

function pageOf(directory: string, keys: ReturnType<typeof keySet>): string {
  const store = new Store(directory, { keys, isReadOnly: true });
  const facts = gatherFacts(store, keys, { device: undefined, boot: undefined, id: 1 });
  return renderPage(composeNotice(facts, '72h'), facts);
}

test('order-not-executed: SCADA is told a flow that is not there, and the report shows both', (t) => {
  t.timeout(240_000);
  const { directory, keys, differences } = play('order-not-executed', 620, { 'inlet-flow': 1, 'valve-position': 5 });
  t.deepEqual(
    differences.map(({ channel }) => channel).filter((channel) => channel !== 'inlet-flow'),
    [],
  );
  t.is(differences[0]?.state, 'open');
  t.true(differences[0].sinceMs >= START_MS + 350_000, 'not before the window of the event');
  const page = pageOf(directory, keys);
  t.regex(page, /inlet-flow: REPORTED DIFFERS FROM WIRE in \d+ of \d+ comparisons.*T0832 and T0835/);
  t.regex(page, /valve-position: what was reported agreed with the wire/);
  t.true((page.match(/<polyline class="reported"/g)?.length ?? 0) >= 2);
});

/** Points of the band as the SVG has them, in values: the upper line there, the lower one back. */
function bandOf(svg: string): { atS: number; min: number; max: number }[] {
  const number = (name: string) => Number(new RegExp(`data-${name}="([^"]+)"`).exec(svg)?.[1]);
  const [fromS, toS, bottom, top] = ['from', 'to', 'bottom', 'top'].map(number);
  const corners = (/<polygon class="band" points="([^"]+)"/.exec(svg)?.[1] ?? '').split(' ').map((corner) => {
    const [x, y] = corner.split(',').map(Number);
    // the field of plot.ts: 860 x 220 without its margins
    return { atS: fromS + ((x - 64) / 766) * (toS - fromS), value: bottom + ((190 - y) / 164) * (top - bottom) };
  });
  const half = corners.length / 2;
  return corners
    .slice(0, half)
    .map(({ atS, value }, i) => ({ atS, max: value, min: corners[corners.length - 1 - i].value }));
}

test('evidence is drawn: every point is what was on the wire, to a step of the converter', (t) => {
  t.timeout(240_000);
  const { directory, keys, blocks, configuration } = play('sensor-falsified', 560, {});
  const store = new Store(directory, { keys, isReadOnly: true });
  const facts = gatherFacts(store, keys, { device: undefined, boot: undefined, id: 1 });
  const plots = evidencePlots(facts);
  t.true(plots.length >= 3, `${plots.length} plots`);
  const page = renderPage(composeNotice(facts, '72h'), facts);
  let compared = 0;
  evidenceSeries(facts).forEach(({ channel, periodUs, points }, n) => {
    t.true(page.includes(plots[n]));
    t.true(points[0].atS < 0 && points[points.length - 1].atS > 0, 'before and after the onset');
    const drawn = bandOf(plots[n]);
    t.is(drawn.length, points.length);
    const line = configuration.analog[channel];
    if (line === undefined) return;
    const { countsLow, countsHigh, low, high } = line;
    const inUnits = (counts: number) => low + ((counts - countsLow) * (high - low)) / (countsHigh - countsLow);
    const step = Math.abs(high - low) / (countsHigh - countsLow);
    for (const point of drawn) {
      const fromUs = Math.round((facts.onsetUs + point.atS * 1e6 - periodUs / 2) / 10_000) * 10_000;
      let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let us = 10_000; us <= periodUs; us += 10_000) {
        const block = blocks.get(fromUs + us) as readonly number[];
        min = Math.min(min, block[channel * ANALOG_FIELDS + 1]);
        max = Math.max(max, block[channel * ANALOG_FIELDS + 2]);
      }
      t.true(Math.abs(point.min - inUnits(min)) <= step, `channel ${channel}, ${periodUs} us, ${point.atS} s: min`);
      t.true(Math.abs(point.max - inUnits(max)) <= step, `channel ${channel}, ${periodUs} us, ${point.atS} s: max`);
      compared++;
    }
  });
  t.log(`${compared} points of ${plots.length} plots`);
  t.true(compared > 300);
});

test('raw samples are drawn, each where it was taken and as it was on the wire, and those missing are told', (t) => {
  t.timeout(240_000);
  const [rawBeforeMs, rawAfterMs, seconds] = [200, 400, 440];
  const { directory, keys, configuration } = play('order-not-executed', seconds, {}, { rawBeforeMs, rawAfterMs });
  const store = new Store(directory, { keys, isReadOnly: true });
  const facts = gatherFacts(store, keys, { device: undefined, boot: undefined, id: 1 });
  const tape = new SampleTape(new Simulation('order-not-executed', 1), seconds);
  const plots = evidencePlots(facts);
  const page = renderPage(composeNotice(facts, '72h'), facts);
  let compared = 0;
  evidenceSeries(facts).forEach(({ channel, periodUs, missing, points }, n) => {
    if (missing === undefined) return;
    t.is(missing, 0);
    t.true(page.includes(plots[n]) && plots[n].includes(`${facts.names.channel(channel)}, raw samples every 1 ms`));
    t.true(points[0].atS < 0 && points[points.length - 1].atS > 0, 'before and after the onset');
    const drawn = bandOf(plots[n]);
    t.is(drawn.length, rawBeforeMs + rawAfterMs);
    const line = configuration.analog[channel];
    const counts = drawn.map(({ min, max }) => {
      t.is(min, max);
      if (line === undefined) return Math.round(min);
      const { countsLow, countsHigh, low, high } = line;
      return Math.round(countsLow + ((min - low) * (countsHigh - countsLow)) / (high - low));
    });
    const fromUs = Math.round(facts.onsetUs + drawn[0].atS * 1e6 - periodUs / 2);
    t.is(
      tape.firstWrong({ channel, periodUs, fromUs: Math.round(fromUs / 1000) * 1000, minCounts: counts }),
      undefined,
    );
    compared++;
  });
  t.is(compared, facts.channels.length);
  t.true(page.includes(`${compared} of them with raw samples`));
});

test('sensor-falsified: the lie is on the wire itself, so PLC and witness are told the same, and the report says so', (t) => {
  t.timeout(240_000);
  const { directory, keys, differences } = play('sensor-falsified', 560, { level: 0.05 });
  t.deepEqual(differences, []);
  const page = pageOf(directory, keys);
  t.regex(page, /level: what was reported agreed with the wire, within 0.05/);
  t.regex(page, /<polyline class="reported"/);
});

test('valves-shut-replay: SCADA is told what it was told before, and the report shows both', (t) => {
  t.timeout(240_000);
  const { directory, keys, differences } = play('valves-shut-replay', 700, { level: 0.05 });
  t.true(differences.some(({ channel, state }) => channel === 'level' && state === 'open'));
  t.regex(pageOf(directory, keys), /level: REPORTED DIFFERS FROM WIRE/);
});
