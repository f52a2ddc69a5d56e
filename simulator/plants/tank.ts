/**
 * A buffer tank: pump and contactor on the inlet, motorised valve on the outlet.
 *
 *     mass balance     area dL/dt = Qin - Qout - Qover
 *     valve and pipe   L + drop = Q^2 / (Kv position^2)^2 + c Q^2      (orifice, then the consumer's pipe)
 *     surface          w'' + 2 z k w' + k^2 w = turbulence of the inlet (the tank's first slosh mode)
 *     temperature      volume dT/dt = Qin (Tin - T) + losses
 */
import type { Plant } from '../plant.js';
import { Gaussians, Random } from '../random.js';
import { Wander } from '../wander.js';
import { Contactor } from './contactor.js';
import { MotorValve } from './motor-valve.js';
import { Pump } from './pump.js';
import * as line from './tank-lines.js';

const AREA_M2 = 0.25;
const LITRES_PER_M = AREA_M2 * 1000;
const HEIGHT_M = 2;
const START_LEVEL_M = 1;
/** The inlet comes in over the top: the pump lifts to the same height at any level. */
const LIFT_M = 10.5;
/** From the tank's bottom down to the valve. */
const OUTLET_DROP_M = 1.5;
const VALVE_KV = 3.6;
const CONSUMER_DROP = 0.05;
const OUTLET_FOLLOW = 1 / 100;
const HPA_PER_M = 98.07;
const HIGH_SWITCH_M = 1.1;
const LOW_SWITCH_M = 0.5;
const SWITCH_HYSTERESIS_M = 0.02;
const SLOSH_RAD_S = 5;
const SLOSH_DAMPING = 0.08;
const SLOSH_M = 0.0015;
const FULL_FLOW_LPS = 8;
/** Slow quantities take a step every 20 ms. */
const SLOW_MS = 20;
const AMBIENT_C = 22;
const INLET_C = 15;
const LOSS_PER_S = 1 / 600;

export class Tank implements Plant {
  readonly values: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  readonly contacts: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  readonly contactor: Contactor;
  readonly pump: Pump;
  readonly valve: MotorValve;
  /** Of the water at rest. */
  levelM = START_LEVEL_M;
  /** Totals since the start, in litres. */
  filledL = 0;
  drainedL = 0;
  overflowL = 0;

  private consumerDrop: number;
  private outletLps = 0;
  private temperatureC = 17;
  private waveM = 0;
  private waveSpeed = 0;
  private isHigh = false;
  private isWet = true;
  private sinceSlowMs = 0;
  private readonly sloshKick: number;
  private readonly kicks: Gaussians;
  private readonly consumer: Wander;
  private readonly inletC: Wander;
  private readonly turbulence: Wander;

  constructor(seed: number) {
    this.kicks = new Gaussians(seed, 'slosh');
    this.contactor = new Contactor(new Random(seed, 'contactor'));
    this.pump = new Pump(seed);
    this.valve = new MotorValve(new Random(seed, 'valve'));
    this.consumer = new Wander(seed, 'consumer', SLOW_MS, 25000, 0.18);
    this.consumerDrop = CONSUMER_DROP * Math.exp(this.consumer.value);
    this.inletC = new Wander(seed, 'inlet temperature', SLOW_MS, 120000, 0.3);
    this.turbulence = new Wander(seed, 'outlet turbulence', 1, 40, 0.006);
    // Variance of a resonator driven by white noise s: s^2 / (4 z k^3); one step of 1 ms carries s sqrt(0.001).
    this.sloshKick = SLOSH_M * Math.sqrt(4 * SLOSH_DAMPING * SLOSH_RAD_S ** 3 * 0.001);
    this.publish(CONSUMER_DROP);
  }

  get waterL(): number {
    return this.levelM * LITRES_PER_M;
  }

  step(outputs: readonly number[]): void {
    if (++this.sinceSlowMs === SLOW_MS) {
      this.sinceSlowMs = 0;
      this.consumerDrop = CONSUMER_DROP * Math.exp(this.consumer.step());
      this.inletC.step();
      this.mix();
    }
    this.contactor.step(outputs[line.PUMP_ORDER]);
    this.valve.step(outputs[line.VALVE_ORDER]);
    this.pump.step(this.contactor.isClosed, LIFT_M);
    this.drain(this.consumerDrop);
    this.balance();
    this.slosh();
    this.publish(this.consumerDrop);
  }

  private drain(consumer: number): void {
    const position = this.valve.position;
    let flow = 0;
    if (position > 0) {
      const kv = VALVE_KV * position * position;
      flow = Math.sqrt((this.levelM + OUTLET_DROP_M) / (1 / (kv * kv) + consumer)) * (1 + this.turbulence.step());
    } else {
      this.turbulence.step();
    }
    this.outletLps = position > 0 ? this.outletLps + (flow - this.outletLps) * OUTLET_FOLLOW : 0;
    if (this.levelM <= 0 && this.outletLps > this.pump.flowLps) this.outletLps = this.pump.flowLps;
  }

  private balance(): void {
    const inL = this.pump.flowLps * 0.001;
    let outL = this.outletLps * 0.001;
    let waterL = this.levelM * LITRES_PER_M + inL - outL;
    if (waterL < 0) {
      outL += waterL;
      waterL = 0;
    }
    const overL = waterL > HEIGHT_M * LITRES_PER_M ? waterL - HEIGHT_M * LITRES_PER_M : 0;
    this.filledL += inL;
    this.drainedL += outL;
    this.overflowL += overL;
    this.levelM = (waterL - overL) / LITRES_PER_M;
  }

  private slosh(): void {
    const drive = (this.sloshKick * (this.pump.flowLps + 1)) / FULL_FLOW_LPS;
    const pull = 2 * SLOSH_DAMPING * SLOSH_RAD_S * this.waveSpeed + SLOSH_RAD_S * SLOSH_RAD_S * this.waveM;
    this.waveSpeed += drive * this.kicks.next() - pull * 0.001;
    this.waveM += this.waveSpeed * 0.001;
  }

  private mix(): void {
    const share = this.pump.flowLps / (this.waterL + 1);
    const gain = share * (INLET_C + this.inletC.value - this.temperatureC);
    this.temperatureC += (gain + (AMBIENT_C - this.temperatureC) * LOSS_PER_S) * (SLOW_MS / 1000);
  }

  /** The quantities at the transmitters and the positions of the contacts. */
  private publish(consumer: number): void {
    const { values, contacts, pump, valve } = this;
    const surfaceM = this.levelM + this.waveM;
    values[line.LEVEL] = surfaceM;
    values[line.INLET_FLOW] = pump.flowLps;
    values[line.OUTLET_FLOW] = this.outletLps;
    values[line.PUMP_PRESSURE] = pump.headM * HPA_PER_M;
    values[line.MOTOR_CURRENT] = pump.currentA;
    values[line.TANK_TEMPERATURE] = this.temperatureC;
    values[line.VALVE_POSITION] = valve.position * 100;
    values[line.OUTLET_PRESSURE] = consumer * this.outletLps * this.outletLps * HPA_PER_M;
    this.isHigh = surfaceM > (this.isHigh ? HIGH_SWITCH_M - SWITCH_HYSTERESIS_M : HIGH_SWITCH_M);
    this.isWet = surfaceM > (this.isWet ? LOW_SWITCH_M - SWITCH_HYSTERESIS_M : LOW_SWITCH_M);
    contacts[line.PUMP_AUXILIARY] = this.contactor.isClosed ? 1 : 0;
    contacts[line.VALVE_OPENED] = valve.isOpened ? 1 : 0;
    contacts[line.VALVE_CLOSED] = valve.isClosed ? 1 : 0;
    contacts[line.HIGH_LEVEL] = this.isHigh ? 1 : 0;
    contacts[line.LOW_LEVEL] = this.isWet ? 1 : 0;
  }
}
