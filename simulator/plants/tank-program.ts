/**
 * The PLC's program for the tank: the pump fills between two levels, the valve serves a consumer whose demand comes and
 * goes at random. The low level switch keeps the valve shut (the consumer's pipe must not run dry).
 */
import type { InputImage, Program } from '../plc.js';
import { SCAN_MS } from '../plc.js';
import type { Random } from '../random.js';
import * as line from './tank-lines.js';

const PUMP_ON_M = 0.85;
const PUMP_OFF_M = 1.15;
const FILTER_SHARE = 0.1;
const RUNNING_SCANS = 500 / SCAN_MS;

/** How long the consumer wants water, and how long it does not: from and to, in seconds. */
export interface Recipe {
  readonly demandS: readonly [number, number];
  readonly pauseS: readonly [number, number];
}

const USUAL: Recipe = { demandS: [15, 35], pauseS: [4, 10] };

export class TankProgram implements Program {
  recipe = USUAL;
  private levelM = Number.NaN;
  private isPumpOn = false;
  private isWanted = false;
  private demandScans = 0;
  private runningScans = 0;
  private running = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
    this.demandScans = this.scansBetween(1, USUAL.pauseS[1]);
  }

  scan(inputs: InputImage, outputs: number[]): void {
    const level = line.TANK_LOOPS[line.LEVEL];
    const reading = level.low + ((inputs.currentsMa[line.LEVEL] - 4) / 16) * (level.high - level.low);
    // The first scan has nothing to smooth with.
    if (Number.isNaN(this.levelM)) this.levelM = reading;
    this.levelM += (reading - this.levelM) * FILTER_SHARE;
    if (this.levelM < PUMP_ON_M) this.isPumpOn = true;
    if (this.levelM > PUMP_OFF_M) this.isPumpOn = false;
    this.serveDemand();
    this.showRunning();
    const isWet = inputs.levels[line.LOW_LEVEL] === 1;
    outputs[line.PUMP_ORDER] = this.isPumpOn ? 1 : 0;
    outputs[line.VALVE_ORDER] = this.isWanted && isWet ? 1 : 0;
    outputs[line.PLC_RUNNING] = this.running;
  }

  private serveDemand(): void {
    if (--this.demandScans > 0) return;
    this.isWanted = !this.isWanted;
    const { demandS, pauseS } = this.recipe;
    this.demandScans = this.isWanted ? this.scansBetween(...demandS) : this.scansBetween(...pauseS);
  }

  private showRunning(): void {
    if (--this.runningScans > 0) return;
    this.runningScans = RUNNING_SCANS;
    this.running = 1 - this.running;
  }

  private scansBetween(lowS: number, highS: number): number {
    return Math.round((this.random.between(lowS, highS) * 1000) / SCAN_MS);
  }
}
