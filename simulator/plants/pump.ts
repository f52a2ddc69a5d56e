/**
 * A centrifugal pump with its motor, and the pipe with a check valve up to the tank.
 *
 *     head of the pump        H = 22 s^2 - 0.094 Q^2      (s speed 0 to 1, Q in l/s, H in m)
 *     inertia of the water    0.41 dQ/dt = suction + H - lift - 0.109 Q^2,   Q >= 0
 *     motor                   s follows the contactor, 0.25 s up and 0.4 s down; inrush while it runs up
 */
import { Wander } from '../wander.js';

const SHUT_OFF_HEAD_M = 22;
const PUMP_DROP = 0.094;
const PIPE_DROP = 0.109;
const INERTIA = 0.41;
const RUN_UP_SHARE = 1 / 250;
const RUN_DOWN_SHARE = 1 / 400;
const IDLE_A = 1.6;
const LOAD_A_PER_LPS = 0.28;
const INRUSH_A = 14;
const SUCTION_M = 1.5;
/** Suction head and voltage wander slowly: they take a step every 20 ms. */
const SLOW_MS = 20;

export class Pump {
  flowLps = 0;
  currentA = 0;
  /** At the pump's outlet, before the check valve. */
  headM = SUCTION_M;
  private speed = 0;
  private sinceSlowMs = 0;
  private readonly suction: Wander;
  private readonly voltage: Wander;
  private readonly turbulence: Wander;

  constructor(seed: number) {
    this.suction = new Wander(seed, 'suction head', SLOW_MS, 20000, 0.25);
    this.voltage = new Wander(seed, 'motor voltage', SLOW_MS, 15000, 0.01);
    this.turbulence = new Wander(seed, 'pump turbulence', 1, 60, 0.006);
  }

  /** One millisecond on; `liftM` is the height the water is raised to. */
  step(isOn: boolean, liftM: number): void {
    if (++this.sinceSlowMs === SLOW_MS) {
      this.sinceSlowMs = 0;
      this.suction.step();
      this.voltage.step();
    }
    const speed = this.speed + (isOn ? (1 - this.speed) * RUN_UP_SHARE : -this.speed * RUN_DOWN_SHARE);
    const flow = this.flowLps;
    const rough = 1 + this.turbulence.step();
    this.speed = speed;
    this.headM = SUCTION_M + this.suction.value + (SHUT_OFF_HEAD_M * speed * speed - PUMP_DROP * flow * flow) * rough;
    const next = flow + ((this.headM - liftM - PIPE_DROP * flow * flow) * 0.001) / INERTIA;
    this.flowLps = Math.max(next, 0);
    const slip = 1 - speed;
    this.currentA = isOn ? (IDLE_A + LOAD_A_PER_LPS * flow * rough + INRUSH_A * slip) * (1 - this.voltage.value) : 0;
  }
}
