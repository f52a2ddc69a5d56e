/** The ring oscillator (RP2040 datasheet 2.17): running and stable; its random bit comes from a seed. */
import { Random } from '../random.js';
import { PlainRegisters } from './register-block.js';

const STATUS = 0x18;
const RANDOMBIT = 0x1c;
const STABLE_AND_ENABLED = 0x80001000;

export class RingOscillator extends PlainRegisters {
  private readonly random: Random;

  constructor(seed: number) {
    super({ 0: 0x00fabaa0 });
    this.random = new Random(seed, 'ring oscillator');
  }

  override readUint32(offset: number): number {
    if (offset === STATUS) return STABLE_AND_ENABLED;
    return offset === RANDOMBIT ? this.random.word() & 1 : super.readUint32(offset);
  }
}
