/**
 * One run of a scenario in virtual time: plant, PLC and wires at 1 kHz, handed over as the capture's blocks.
 * The same scenario and seed give the same blocks; up to the onset they are those of `normal`.
 *
 * Sample n is taken at n milliseconds: the PLC first, then the scenario, the plant, the wires.
 */
import { Accumulator } from '../modules/capture/accumulate.js';
import type { Block } from '../modules/capture/block.js';
import type { Configuration } from '../modules/config/configuration.js';
import { Tank } from './plants/tank.js';
import { TANK_DIGITAL_LINES, TANK_LOOPS, tankConfiguration } from './plants/tank-lines.js';
import { TankProgram } from './plants/tank-program.js';
import { Plc, type Report, SCAN_MS } from './plc.js';
import { Random } from './random.js';
import { scenarioNamed } from './scenarios/index.js';
import type { Scenario, World } from './scenarios/scenario.js';
import { type SampleSink, Wires } from './wires.js';

/** What really happened. */
export interface Truth {
  /**
   * Time of the sample with which the event begins, in microseconds of the capture's clock; null: not yet. The wires
   * equal those of `normal` up to it; an order not executed shows only once the answer is due, 30 ms later or more.
   */
  onsetUs: number | null;
}

export class Simulation {
  readonly scenario: Scenario;
  readonly configuration: Configuration = tankConfiguration();
  readonly truth: Truth = { onsetUs: null };
  readonly world: World;
  private readonly accumulator: Accumulator;
  private readonly atMs: number;
  private sample = 0;
  private continueEvent: (() => void) | null = null;

  /** Throws when there is no such scenario. `atS` moves the event's start, in seconds. */
  constructor(scenarioName: string, seed: number, atS?: number) {
    this.scenario = scenarioNamed(scenarioName);
    const startS = this.scenario.atS === null ? null : (atS ?? this.scenario.atS);
    this.atMs = startS === null ? -1 : Math.round(startS * 1000);
    const { analog, digital, blockSamples } = this.configuration;
    this.accumulator = new Accumulator(analog.length, digital.length, blockSamples);
    const tank = new Tank(seed);
    const wires = new Wires(TANK_LOOPS, TANK_DIGITAL_LINES, tank, seed);
    const random = new Random(seed, 'program');
    const plc = new Plc(new TankProgram(random), wires, random.below(SCAN_MS));
    const markOnset = () => {
      this.truth.onsetUs ??= this.sample * 1000;
    };
    this.world = { tank, plc, wires, lies: new Map(), markOnset };
  }

  /** Lets one block period pass and gives what the capture saw of it. */
  nextBlock(block: Block): void {
    while (!this.accumulator.isFull()) this.nextSample(this.accumulator);
    this.accumulator.take(block, this.sample * 1000);
  }

  /** What SCADA is told at this moment, channel by channel: the PLC's own readings, or an attacker's lies. */
  scada(): Report[] {
    const { plc, lies } = this.world;
    const readings: Report[] = TANK_LOOPS.map((loop, i) => {
      const share = (plc.inputs.currentsMa[i] - 4) / 16;
      return { name: loop.name, value: loop.low + Math.min(Math.max(share, 0), 1) * (loop.high - loop.low) };
    });
    TANK_DIGITAL_LINES.forEach((line, i) => {
      readings.push({ name: line.name, value: line.source === 'output' ? plc.outputs[i] : plc.inputs.levels[i] });
    });
    for (const reading of readings) reading.value = lies.get(reading.name)?.() ?? reading.value;
    return readings;
  }

  /** Lets one millisecond pass; the sample of every line goes to `sink`. */
  nextSample(sink: SampleSink): void {
    const { tank, plc, wires } = this.world;
    plc.step(wires);
    if (this.sample === this.atMs) this.continueEvent = this.scenario.apply(this.world);
    if (this.continueEvent !== null) this.continueEvent();
    tank.step(plc.outputs);
    wires.step(tank, plc.outputs);
    wires.sampleInto(sink);
    this.sample++;
  }
}
