/**
 * The 50 Hz that couples into every cable: one common phase whose frequency wanders by some 20 mHz, as the grid's does.
 */
import { Wander } from './wander.js';

const NOMINAL_HZ = 50;
const DEVIATION_HZ = 0.02;
const WANDER_MS = 30000;
/** The frequency is held this long; between, the phase turns by a fixed angle per sample. */
const HOLD_MS = 100;

export class Mains {
  sine = 0;
  cosine = 1;
  private readonly frequency: Wander;
  private phase = 0;
  private heldMs = HOLD_MS;
  private turnSine = 0;
  private turnCosine = 1;

  constructor(seed: number) {
    this.frequency = new Wander(seed, 'mains', HOLD_MS, WANDER_MS, DEVIATION_HZ);
  }

  /** One millisecond on. */
  step(): void {
    if (this.heldMs === HOLD_MS) this.hold();
    this.heldMs++;
    const sine = this.sine;
    this.sine = sine * this.turnCosine + this.cosine * this.turnSine;
    this.cosine = this.cosine * this.turnCosine - sine * this.turnSine;
  }

  private hold(): void {
    const turn = (2 * Math.PI * (NOMINAL_HZ + this.frequency.step())) / 1000;
    this.turnSine = Math.sin(turn);
    this.turnCosine = Math.cos(turn);
    this.sine = Math.sin(this.phase);
    this.cosine = Math.cos(this.phase);
    this.phase = (this.phase + turn * HOLD_MS) % (2 * Math.PI);
    this.heldMs = 0;
  }
}
