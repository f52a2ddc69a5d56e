/**
 * A packaging machine: a conveyor brings boxes to a photo-cell, a pusher takes them past a glue nozzle, a press closes
 * them.
 *
 *     boxes      0.5 m apart on the belt, now and then a gap
 *     cylinders  `cylinder.ts`, fed from one air receiver: each fill takes 0.1 bar of it
 *     air        a receiver between two pressures; the compressor loads below the lower
 *     glue       tank dT/dt = 0.055 K/s power - (T - hall) / 6000 s - what a shot draws; a shot lowers its pressure
 */
import type { Plant } from '../plant.js';
import { Random } from '../random.js';
import { Wander } from '../wander.js';
import { Contactor } from './contactor.js';
import { Cylinder } from './cylinder.js';
import * as line from './packaging-lines.js';

const SLOW_MS = 20;
const SLOW_S = SLOW_MS / 1000;
const BELT_M_PER_S = 0.3;
const BELT_FOLLOW = 1 / 120;
const SPACING_M = 0.5;
const SPACING_DEVIATION_M = 0.015;
const BOX_M = 0.2;
const GAP_SHARE = 1 / 25;
const GAP_M_MIN = 0.5;
const GAP_M_MAX = 2;
const PUSHER_MS = 280;
const SEAL_MS = 220;
const AIR_LOW_BAR = 6.2;
const AIR_HIGH_BAR = 7;
const AIR_FILL_BAR = 0.1;
const AIR_BAR_PER_S = 0.12;
const AIR_LEAK_BAR_PER_S = 0.004;
const HEAT_K_PER_S = 0.055;
const COOL_PER_S = 1 / 6000;
const SHOT_K = 0.004;
const GLUE_BAR = 6;
const SHOT_BAR = 0.9;
const GLUE_FOLLOW = 1 / 50;

export class Packaging implements Plant {
  readonly values: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  readonly contacts: number[] = [0, 0, 0, 0, 0, 1, 0, 0];
  readonly conveyor: Contactor;
  readonly pusher: Cylinder;
  readonly seal: Cylinder;
  /** Boxes closed since the start. */
  closed = 0;
  airBar = 6.6;

  private ms = 0;
  /** Way of the next box's front to the beam; negative once it has broken it. */
  private boxM = 0.2;
  /** Of the belt, 0 to 1. */
  private belt = 0;
  private isLoaded = false;
  private glueC = 165;
  private glueBar = GLUE_BAR;
  private isShooting = false;
  private isSealing = false;
  private readonly random: Random;
  private readonly load: Wander;
  private readonly hall: Wander;
  private readonly gluePump: Wander;

  constructor(seed: number) {
    this.random = new Random(seed, 'boxes');
    this.conveyor = new Contactor(new Random(seed, 'conveyor'));
    this.pusher = new Cylinder(PUSHER_MS, new Random(seed, 'pusher'));
    this.seal = new Cylinder(SEAL_MS, new Random(seed, 'seal'));
    this.load = new Wander(seed, 'belt load', SLOW_MS, 400, 0.04);
    this.hall = new Wander(seed, 'hall temperature', SLOW_MS, 3_600_000, 1);
    this.gluePump = new Wander(seed, 'glue pump', SLOW_MS, 200, 0.03);
    this.publish(0);
  }

  step(outputs: readonly number[], commands: readonly number[]): void {
    this.ms++;
    this.conveyor.step(outputs[line.CONVEYOR_ORDER]);
    this.moveBelt();
    if (this.pusher.step(outputs[line.PUSHER_ORDER], this.airBar)) this.airBar -= AIR_FILL_BAR;
    if (this.seal.step(outputs[line.SEAL_ORDER], this.airBar)) this.airBar -= AIR_FILL_BAR;
    this.glue();
    if (this.ms % SLOW_MS === 0) this.stepSlow(commands[line.HEATER_POWER]);
    this.publish(commands[line.HEATER_POWER]);
  }

  private moveBelt(): void {
    this.belt += ((this.conveyor.isClosed ? 1 : 0) - this.belt) * BELT_FOLLOW;
    this.boxM -= this.belt * BELT_M_PER_S * 0.001;
    if (this.boxM < -BOX_M) this.boxM += this.distanceM();
  }

  /** From one box's front to the next. */
  private distanceM(): number {
    const { random } = this;
    const distanceM = SPACING_M + SPACING_DEVIATION_M * random.gaussian();
    return random.uniform() < GAP_SHARE ? distanceM + random.between(GAP_M_MIN, GAP_M_MAX) : distanceM;
  }

  /** The nozzle is open while the pusher is on its way out. */
  private glue(): void {
    const { pusher, seal } = this;
    const isShooting = pusher.bar > 3 && !pusher.isBack && !pusher.isOut;
    if (isShooting && !this.isShooting) this.glueC -= SHOT_K;
    this.isShooting = isShooting;
    this.glueBar += ((isShooting ? GLUE_BAR - SHOT_BAR : GLUE_BAR) - this.glueBar) * GLUE_FOLLOW;
    if (seal.isOut && !this.isSealing) this.closed++;
    this.isSealing = seal.isOut;
  }

  private stepSlow(heaterPercent: number): void {
    this.load.step();
    this.hall.step();
    this.gluePump.step();
    this.airBar += ((this.isLoaded ? AIR_BAR_PER_S : 0) - AIR_LEAK_BAR_PER_S) * SLOW_S;
    this.isLoaded = this.airBar < (this.isLoaded ? AIR_HIGH_BAR : AIR_LOW_BAR);
    const hallC = 22 + this.hall.value;
    this.glueC += ((HEAT_K_PER_S * heaterPercent) / 100 - (this.glueC - hallC) * COOL_PER_S) * SLOW_S;
  }

  /** The quantities at the transmitters and the positions of the switches. */
  private publish(heaterPercent: number): void {
    const { values, contacts, conveyor, pusher, seal, belt } = this;
    const isOnBelt = this.boxM < 0;
    const isRunning = conveyor.isClosed;
    values[line.AIR_PRESSURE] = this.airBar;
    values[line.PUSHER_PRESSURE] = pusher.bar;
    values[line.SEAL_PRESSURE] = seal.bar;
    values[line.CONVEYOR_SPEED] = belt * BELT_M_PER_S * (1 + 0.1 * this.load.value);
    values[line.CONVEYOR_CURRENT] = isRunning ? 1.8 + (isOnBelt ? 0.2 : 0) + 4 * (1 - belt) + this.load.value : 0;
    values[line.GLUE_TEMPERATURE] = this.glueC;
    values[line.GLUE_PRESSURE] = this.glueBar + this.gluePump.value;
    values[line.HEATER_POWER] = heaterPercent;
    contacts[line.CONVEYOR_RUNNING] = isRunning ? 1 : 0;
    contacts[line.BOX_PRESENT] = isOnBelt ? 1 : 0;
    contacts[line.PUSHER_OUT] = pusher.isOut ? 1 : 0;
    contacts[line.PUSHER_BACK] = pusher.isBack ? 1 : 0;
    contacts[line.SEAL_DOWN] = seal.isOut ? 1 : 0;
  }
}
