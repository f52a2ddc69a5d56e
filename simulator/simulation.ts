/**
 * One run of a scenario in virtual time: plant, PLC and wires at 1 kHz, handed over as the capture's blocks.
 * The same plant, scenario and seed give the same blocks; up to the onset they are those of `normal`.
 *
 * Sample n is taken at n milliseconds: the PLC first, then the scenario, the plant, the wires.
 */
import { Accumulator } from '../modules/capture/accumulate.js';
import type { Block } from '../modules/capture/block.js';
import { SampledBlock } from '../modules/capture/sampled-block.js';
import type { Configuration } from '../modules/config/configuration.js';
import { copyState } from './copy-state.js';
import type { PlantKind } from './plant.js';
import { plantNamed } from './plants/index.js';
import { Plc, type Report, SCAN_MS } from './plc.js';
import { Random } from './random.js';
import { SampleKeeper } from './sample-keeper.js';
import { scenarioNamed } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';
import { type SampleSink, Wires } from './wires.js';
import { World } from './world.js';

const PLANT_DEFAULT = 'tank';

/** What really happened. */
export interface Truth {
  /**
   * Time of the sample with which the event begins, in microseconds of the capture's clock; null: not yet. The wires
   * equal those of `normal` up to it; an order not executed shows only once the answer is due, 30 ms later or more.
   */
  readonly onsetUs: number | null;
}

export class Simulation {
  readonly scenario: Scenario;
  readonly configuration: Configuration;
  readonly world: World;
  private readonly kind: PlantKind;
  private readonly accumulator: Accumulator;
  private readonly atMs: number;
  private readonly seed: number;
  private continueEvent: (() => void) | null = null;

  /**
   * Throws when there is no such scenario or plant, or when the scenario is played at another one. `atS` moves the
   * event's start, in seconds.
   */
  constructor(scenarioName: string, seed: number, atS?: number, plantName?: string) {
    this.scenario = scenarioNamed(scenarioName);
    this.seed = seed;
    this.kind = plantNamed(plantName ?? this.scenario.plant ?? PLANT_DEFAULT);
    if (this.scenario.plant !== null && this.scenario.plant !== this.kind.name)
      throw new Error(`scenario '${scenarioName}' is played at the plant '${this.scenario.plant}'`);
    const startS = this.scenario.atS === null ? null : (atS ?? this.scenario.atS);
    this.atMs = startS === null ? -1 : Math.round(startS * 1000);
    this.configuration = this.kind.configuration();
    const { analog, digital, blockSamples } = this.configuration;
    this.accumulator = new Accumulator(analog.length, digital.length, blockSamples);
    const plant = this.kind.createPlant(seed);
    const wires = new Wires(this.kind.loops, this.kind.lines, plant, seed);
    const random = new Random(seed, 'program');
    const program = this.kind.createProgram(random);
    const plc = new Plc(program, wires, random.below(SCAN_MS));
    this.world = new World(this.kind, seed, plant, plc, wires);
  }

  get truth(): Truth {
    return this.world;
  }

  /** Lets one block period pass and gives what the capture saw of it. */
  nextBlock(block: Block): void {
    const { accumulator, atMs, world } = this;
    const { sample } = world;
    if (block instanceof SampledBlock) {
      this.keepSamples(block);
      return;
    }
    const isBeginning = atMs >= sample && atMs < sample + this.configuration.blockSamples;
    if (this.continueEvent === null && !isBeginning) {
      this.runAhead(block);
      return;
    }
    while (!accumulator.isFull()) this.nextSample(accumulator);
    accumulator.take(block, this.world.sample * 1000);
  }

  /** The same block, sample by sample, and its samples. */
  private keepSamples(block: SampledBlock): void {
    const { accumulator, configuration } = this;
    const keeper = new SampleKeeper(accumulator, block, configuration.analog.length, configuration.blockSamples);
    while (!accumulator.isFull()) this.nextSample(keeper);
    accumulator.take(block, this.world.sample * 1000);
  }

  /** A block of nothing but normal operation: the same samples to the bit, those of the loops several at a time. */
  private runAhead(block: Block): void {
    const { accumulator, world } = this;
    const { plant, plc, wires } = world;
    while (!accumulator.isFull()) {
      if (plc.isAboutToRead) wires.catchUp();
      plc.step(wires);
      plant.step(plc.outputs, plc.commands);
      wires.stepAhead(plant, plc.outputs, accumulator);
      world.sample++;
    }
    accumulator.take(block, this.world.sample * 1000);
    wires.takeInto(block, this.configuration.blockSamples);
  }

  /** What SCADA is told at this moment, channel by channel: the PLC's own readings, or an attacker's lies. */
  scada(): Report[] {
    return this.world.scada();
  }

  /**
   * The same run from this moment on with `scenarioName` instead, its event `inS` seconds from now; this one stays as
   * it is. Only before an event has begun.
   */
  fork(scenarioName: string, inS: number): Simulation {
    if (this.continueEvent !== null) throw new Error('the event has begun');
    const fork = new Simulation(scenarioName, this.seed, this.world.sample / 1000 + inS, this.kind.name);
    copyState(this.accumulator, fork.accumulator);
    copyState(this.world, fork.world);
    return fork;
  }

  /** Lets one millisecond pass; the sample of every line goes to `sink`. */
  nextSample(sink: SampleSink): void {
    const { plant, plc, wires } = this.world;
    plc.step(wires);
    if (this.world.sample === this.atMs) this.continueEvent = this.scenario.apply(this.world);
    if (this.continueEvent !== null) this.continueEvent();
    plant.step(plc.outputs, plc.commands);
    wires.step(plant, plc.outputs);
    wires.sampleInto(sink);
    this.world.sample++;
  }
}
