/**
 * A hydraulic press fed by a conveyor, with a pneumatic clamp.
 *
 *     parts      0.6 m apart on the belt, now and then a gap; a pause of some ten minutes every two hours
 *     clamp      pressure follows the air supply with 80 ms, travel with the pressure
 *     ram        260 mm/s down to the part, 25 mm/s through it, 300 mm/s up; thinner oil is faster, 0.3 % a kelvin
 *     force      stiffness of the part times the way into it; parts differ by 4 %
 *     air        a receiver between two pressures; the compressor loads below the lower
 *     oil        warms with the pump's work, the cooler runs between two temperatures
 */
import type { Plant } from '../plant.js';
import { Random } from '../random.js';
import { Wander } from '../wander.js';
import { Contactor } from './contactor.js';
import * as line from './press-lines.js';

const SLOW_MS = 20;
const SLOW_S = SLOW_MS / 1000;
const BELT_M_PER_MS = 0.25 / 1000;
const SPACING_M = 0.6;
const SPACING_DEVIATION_M = 0.02;
const PART_M = 0.15;
const GAP_SHARE = 1 / 40;
const GAP_M_MIN = 1;
const GAP_M_MAX = 8;
const PAUSE_EVERY_MS = 7_200_000;
const PAUSE_MS_MIN = 540_000;
const PAUSE_MS_MAX = 660_000;
const TOUCH_MM = 300;
const BOTTOM_MM = 320;
const DOWN_AT_MM = 318;
const UP_AT_MM = 4;
const APPROACH_MM_PER_MS = 0.26;
const PRESS_MM_PER_MS = 0.025;
const RETURN_MM_PER_MS = 0.3;
const STIFFNESS_KN_PER_MM = 8;
const HARDNESS_DEVIATION = 0.04;
const BAR_PER_KN = 1.05;
const CLAMP_FOLLOW = 1 / 80;
const CLAMP_MS = 350;
const AIR_LOW_BAR = 6.2;
const AIR_HIGH_BAR = 7.2;
const AIR_STROKE_BAR = 0.12;
const COOL_FROM_C = 52;
const COOL_TO_C = 47;

export class Press implements Plant {
  readonly values: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  readonly contacts: number[] = [0, 0, 0, 0, 0, 0, 0, 1];
  readonly conveyor: Contactor;
  /** Parts pressed since the start. */
  pressed = 0;
  ramMm = 0;

  private ms = 0;
  /** Way of the next part's front to the beam; negative once it has broken it. */
  private partM = 0.3;
  private beltSpeed = 0;
  private untilPauseMs: number;
  private clampBar = 0;
  private clampTravel = 0;
  private clampOrder = 0;
  private ramOrder = 0;
  private ramDelayMs = 0;
  private hardness = 1;
  private oilBar = 12;
  private airBar = 6.8;
  private isLoaded = false;
  private oilC = 45;
  private isCooling = false;
  private powerA = 8;
  private readonly random: Random;
  private readonly load: Wander;
  private readonly ambient: Wander;
  private readonly ripple: Wander;

  constructor(seed: number) {
    this.random = new Random(seed, 'parts');
    this.conveyor = new Contactor(new Random(seed, 'conveyor'));
    this.load = new Wander(seed, 'belt load', SLOW_MS, 400, 0.05);
    this.ambient = new Wander(seed, 'hall temperature', SLOW_MS, 3_600_000, 1.5);
    this.ripple = new Wander(seed, 'oil ripple', SLOW_MS, 60, 0.4);
    this.untilPauseMs = PAUSE_EVERY_MS * this.random.uniform();
    this.publish();
  }

  step(outputs: readonly number[]): void {
    this.ms++;
    this.untilPauseMs--;
    this.conveyor.step(outputs[line.CONVEYOR_ORDER]);
    this.moveBelt();
    this.moveClamp(outputs[line.CLAMP_ORDER]);
    this.moveRam(outputs[line.RAM_ORDER]);
    if (this.ms % SLOW_MS === 0) this.stepSlow();
    this.publish();
  }

  private moveBelt(): void {
    this.beltSpeed += ((this.conveyor.isClosed ? 1 : 0) - this.beltSpeed) / 150;
    this.partM -= this.beltSpeed * BELT_M_PER_MS;
    if (this.partM < -PART_M) this.partM += this.distanceM();
  }

  /** From one part's front to the next. */
  private distanceM(): number {
    const { random } = this;
    this.hardness = 1 + HARDNESS_DEVIATION * random.gaussian();
    const distanceM = SPACING_M + SPACING_DEVIATION_M * random.gaussian();
    if (this.untilPauseMs <= 0) {
      this.untilPauseMs = PAUSE_EVERY_MS;
      return distanceM + random.between(PAUSE_MS_MIN, PAUSE_MS_MAX) * BELT_M_PER_MS;
    }
    return random.uniform() < GAP_SHARE ? distanceM + random.between(GAP_M_MIN, GAP_M_MAX) : distanceM;
  }

  private moveClamp(order: number): void {
    if (order !== this.clampOrder) {
      this.clampOrder = order;
      if (order === 1) this.airBar -= AIR_STROKE_BAR;
    }
    this.clampBar += ((order === 1 ? this.airBar : 0) - this.clampBar) * CLAMP_FOLLOW;
    const speed = order === 1 ? this.clampBar / 6.5 : -1.1;
    const travel = this.clampTravel + speed / CLAMP_MS;
    this.clampTravel = travel < 0 ? 0 : travel > 1 ? 1 : travel;
  }

  private moveRam(order: number): void {
    if (order !== this.ramOrder) {
      this.ramOrder = order;
      this.ramDelayMs = Math.round(this.random.between(40, 60));
      if (order === 0) this.pressed++;
    }
    let bar = 12;
    if (this.ramDelayMs > 0) {
      this.ramDelayMs--;
      bar = this.ramOrder === 1 ? 12 : this.oilBar;
    } else if (order === 1) {
      bar = this.lowerRam();
    } else if (this.ramMm > 0) {
      bar = 55;
      this.ramMm = Math.max(this.ramMm - RETURN_MM_PER_MS * this.thinness(), 0);
    }
    this.oilBar += (bar - this.oilBar) / 20;
  }

  /** Gives the pressure that the way down takes. */
  private lowerRam(): number {
    const intoMm = this.ramMm - TOUCH_MM;
    const speed = (intoMm < 0 ? APPROACH_MM_PER_MS : PRESS_MM_PER_MS) * this.thinness();
    this.ramMm = Math.min(this.ramMm + speed, BOTTOM_MM);
    return 40 + BAR_PER_KN * this.forceKn();
  }

  private thinness(): number {
    return 1 + 0.003 * (this.oilC - 50);
  }

  private forceKn(): number {
    return this.ramMm > TOUCH_MM ? STIFFNESS_KN_PER_MM * this.hardness * (this.ramMm - TOUCH_MM) : 0;
  }

  private stepSlow(): void {
    this.load.step();
    this.ambient.step();
    this.ripple.step();
    this.airBar += ((this.isLoaded ? 0.06 : 0) - 0.004) * SLOW_S;
    this.isLoaded = this.airBar < (this.isLoaded ? AIR_HIGH_BAR : AIR_LOW_BAR);
    const hallC = 22 + this.ambient.value;
    const warming = 0.0012 * this.powerA - (this.oilC - hallC) / 4000 - (this.isCooling ? 0.012 : 0);
    this.oilC += warming * SLOW_S;
    this.isCooling = this.oilC > (this.isCooling ? COOL_TO_C : COOL_FROM_C);
    const wantedA = 7 + 0.11 * this.oilBar + this.load.value;
    this.powerA += (wantedA - this.powerA) * 0.3;
  }

  /** The quantities at the transmitters and the positions of the switches. */
  private publish(): void {
    const { values, contacts, ramMm, beltSpeed } = this;
    const isOnBelt = this.partM < 0;
    const isRunning = this.conveyor.isClosed;
    values[line.RAM_POSITION] = ramMm;
    values[line.OIL_PRESSURE] = this.oilBar + this.ripple.value;
    values[line.CLAMP_PRESSURE] = this.clampBar;
    values[line.AIR_SUPPLY] = this.airBar;
    values[line.CONVEYOR_CURRENT] = isRunning ? 2.2 + (isOnBelt ? 0.3 : 0) + 5 * (1 - beltSpeed) + this.load.value : 0;
    values[line.PUMP_CURRENT] = this.powerA;
    values[line.OIL_TEMPERATURE] = this.oilC;
    values[line.PRESS_FORCE] = this.forceKn();
    contacts[line.CONVEYOR_RUNNING] = isRunning ? 1 : 0;
    contacts[line.PART_PRESENT] = isOnBelt ? 1 : 0;
    contacts[line.CLAMPED] = this.clampTravel > 0.98 ? 1 : 0;
    contacts[line.RAM_DOWN] = ramMm > DOWN_AT_MM ? 1 : 0;
    contacts[line.RAM_UP] = ramMm < UP_AT_MM ? 1 : 0;
  }
}
