/**
 * A high-speed blower on a frequency converter, which fills a receiver that consumers draw from.
 *
 *     speed      dn/dt = (reference - n) / 0.15 s, 400 Hz/s at most; coasts with 4 s without the converter
 *     head       1200 s^2 - p = 600 Q^2 sign(Q), Q >= 0 (check valve), s = n / 1064, Q follows with 0.2 s   (fan laws)
 *     receiver   V dp/dt = p0 (Q - draw - relief);   draw = 0.5 sqrt(p / 600), less at night
 *     motor      torque = 0.08 + 0.25 s^2 + 0.67 s Q, current of torque and magnetising; run-up adds to it
 *     vibration  unbalance s^2, and the resonance at 700 Hz on the way through
 *     bearing    80 s of heat from s^2 and the motor, oil cools it faster
 */
import type { Plant } from '../plant.js';
import { Random } from '../random.js';
import { Wander } from '../wander.js';
import { Contactor } from './contactor.js';
import * as line from './drive-lines.js';

const SLOW_MS = 20;
const SLOW_S = SLOW_MS / 1000;
const HOUR_MS = 3_600_000;
const NOMINAL_HZ = 1064;
const SPEED_FOLLOW = 1 / 150;
const SPEED_HZ_PER_MS = 0.4;
const COAST = 1 / 4000;
const SHUT_OFF_MBAR = 1200;
const BLOWER_DROP = 600;
const FLOW_FOLLOW = 1 / 200;
const AIR_MBAR = 1013;
const RECEIVER_M3 = 65;
const RELIEF_MBAR = 800;
const RELIEF_PER_MBAR = 0.01;
const START_MBAR = 650;
const DRAW = 0.5;
const DRAW_MBAR = 600;
const NIGHT_FROM_HOUR = 22;
const NIGHT_TO_HOUR = 5;
const NIGHT_DRAW = 0.6;
const AT_SPEED_HZ = 12;
const OFF_SPEED_HZ = 20;
const RESONANCE_HZ = 700;
const RESONANCE_WIDTH_HZ = 40;
const TRIP_MM_S = 7.1;
const RESET_MM_S = 4.5;
const AMBIENT_C = 25;
const START_C = 52;

export class Drive implements Plant {
  readonly values: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  readonly contacts: number[] = [0, 0, 0, 0, 0, 1, 0, 0];
  readonly converter: Contactor;
  readonly breaker: Contactor;
  readonly oilPump: Contactor;
  /** Electrical frequency of the rotor. */
  speedHz = 0;
  flow = 0;
  /** Gas held by the receiver above none, and totals since the start, in cubic metres at ambient pressure. */
  gasM3 = (RECEIVER_M3 * START_MBAR) / AIR_MBAR;
  deliveredM3 = 0;
  drawnM3 = 0;
  relievedM3 = 0;
  /** Of the rotor; 1 as it was balanced. */
  unbalance = 1;

  private ms = 0;
  private acceleration = 0;
  private vibration = 0;
  private isVibrationNormal = true;
  private isAtSpeed = false;
  private bearingC = START_C;
  private readonly draw: Wander;
  private readonly load: Wander;
  private readonly rough: Wander;
  private readonly suction: Wander;

  constructor(seed: number) {
    this.converter = new Contactor(new Random(seed, 'converter'));
    this.breaker = new Contactor(new Random(seed, 'breaker'));
    this.oilPump = new Contactor(new Random(seed, 'oil pump'));
    this.draw = new Wander(seed, 'draw', SLOW_MS, 20_000, 0.08);
    this.load = new Wander(seed, 'motor load', SLOW_MS, 400, 0.006);
    this.rough = new Wander(seed, 'bearing roughness', SLOW_MS, 500, 0.05);
    this.suction = new Wander(seed, 'suction', SLOW_MS, 300, 0.006);
    this.publish(0, 0);
  }

  get pressureMbar(): number {
    return (this.gasM3 * AIR_MBAR) / RECEIVER_M3;
  }

  get hour(): number {
    return (line.START_HOUR + this.ms / HOUR_MS) % 24;
  }

  step(outputs: readonly number[], commands: readonly number[]): void {
    this.ms++;
    this.breaker.step(outputs[line.TRIP_RELEASE]);
    this.converter.step(outputs[line.RUN_ORDER]);
    this.oilPump.step(outputs[line.OIL_PUMP_ORDER]);
    if (this.ms % SLOW_MS === 0) this.stepSlow();
    this.turn(commands[line.SPEED_REFERENCE]);
    this.blow();
    this.publish(commands[line.SPEED_REFERENCE], commands[line.FLOW_PULSES]);
  }

  private get isDriven(): boolean {
    return this.converter.isClosed && this.breaker.isClosed;
  }

  /** The rotor follows the reference, or coasts. */
  private turn(referenceHz: number): void {
    let step = -this.speedHz * COAST;
    if (this.isDriven) {
      step = (referenceHz - this.speedHz) * SPEED_FOLLOW;
      step = step > SPEED_HZ_PER_MS ? SPEED_HZ_PER_MS : step < -SPEED_HZ_PER_MS ? -SPEED_HZ_PER_MS : step;
    }
    this.speedHz += step;
    this.acceleration = step > 0 ? step : 0;
  }

  private blow(): void {
    const share = this.speedHz / NOMINAL_HZ;
    const { pressureMbar } = this;
    const headMbar = SHUT_OFF_MBAR * share * share - pressureMbar;
    const flow = headMbar > 0 ? Math.sqrt(headMbar / BLOWER_DROP) * (1 + this.suction.value) : 0;
    this.flow += (flow - this.flow) * FLOW_FOLLOW;
    const isNight = this.hour >= NIGHT_FROM_HOUR || this.hour < NIGHT_TO_HOUR;
    const wanted = DRAW * (isNight ? NIGHT_DRAW : 1) * (1 + this.draw.value);
    const drawn = wanted * Math.sqrt(pressureMbar / DRAW_MBAR) * 0.001;
    const relieved = pressureMbar > RELIEF_MBAR ? (pressureMbar - RELIEF_MBAR) * RELIEF_PER_MBAR * 0.001 : 0;
    const delivered = this.flow * 0.001;
    this.gasM3 += delivered - drawn - relieved;
    this.deliveredM3 += delivered;
    this.drawnM3 += drawn;
    this.relievedM3 += relieved;
  }

  private stepSlow(): void {
    this.draw.step();
    this.load.step();
    this.rough.step();
    this.suction.step();
    const share = this.speedHz / NOMINAL_HZ;
    const cooling = this.oilPump.isClosed ? 1 / 80 : 1 / 160;
    this.bearingC += (0.5 * share * share - (this.bearingC - AMBIENT_C) * cooling) * SLOW_S;
  }

  private vibrationNow(): number {
    const share = this.speedHz / NOMINAL_HZ;
    const off = (this.speedHz - RESONANCE_HZ) / RESONANCE_WIDTH_HZ;
    const swing = this.unbalance * share * share * (1.6 + 1.5 / (1 + off * off));
    return 0.3 + swing * (1 + this.rough.value);
  }

  private currentA(): number {
    if (!this.isDriven) return 0;
    const share = this.speedHz / NOMINAL_HZ;
    const torque = 0.08 + 0.25 * share * share + 0.67 * share * this.flow + 1.2 * this.acceleration;
    return 110 * Math.sqrt(0.03 + torque * torque) * (1 + this.load.value);
  }

  /** The quantities at the transmitters and the positions of the contacts. */
  private publish(referenceHz: number, pulses: number): void {
    const { values, contacts, speedHz } = this;
    this.vibration = this.vibrationNow();
    const offHz = Math.abs(speedHz - referenceHz);
    this.isAtSpeed = this.isDriven && offHz < (this.isAtSpeed ? OFF_SPEED_HZ : AT_SPEED_HZ);
    this.isVibrationNormal = this.vibration < (this.isVibrationNormal ? TRIP_MM_S : RESET_MM_S);
    values[line.SPEED_REFERENCE] = referenceHz;
    values[line.SPEED_FEEDBACK] = speedHz;
    values[line.MOTOR_CURRENT] = this.currentA();
    values[line.VIBRATION] = this.vibration;
    values[line.BEARING_TEMPERATURE] = this.bearingC;
    values[line.RECEIVER_PRESSURE] = this.pressureMbar;
    values[line.FLOW] = this.flow;
    values[line.FLOW_PULSES] = pulses;
    contacts[line.RUNNING] = this.converter.isClosed ? 1 : 0;
    contacts[line.AT_SPEED] = this.isAtSpeed ? 1 : 0;
    contacts[line.BREAKER_CLOSED] = this.breaker.isClosed ? 1 : 0;
    contacts[line.VIBRATION_NORMAL] = this.isVibrationNormal ? 1 : 0;
    contacts[line.OIL_PUMP_RUNNING] = this.oilPump.isClosed ? 1 : 0;
  }
}
