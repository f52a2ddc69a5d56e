/**
 * A quantity that wanders about its mean: Ornstein-Uhlenbeck process, exact in discrete time.
 * x' = a x + s sqrt(1 - a^2) g with a = exp(-step / time constant); s is the standing deviation.
 */
import { Gaussians } from './random.js';

export class Wander {
  value: number;
  private readonly keep: number;
  private readonly kick: number;
  private readonly noise: Gaussians;

  constructor(seed: number, name: string, stepMs: number, constantMs: number, deviation: number) {
    this.noise = new Gaussians(seed, name);
    this.keep = Math.exp(-stepMs / constantMs);
    this.kick = deviation * Math.sqrt(1 - this.keep * this.keep);
    this.value = deviation * this.noise.next();
  }

  step(): number {
    this.value = this.keep * this.value + this.kick * this.noise.next();
    return this.value;
  }
}
