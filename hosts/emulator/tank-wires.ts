/**
 * The simulated tank on the pins of an emulated Pico: its current loops on the MCP3208's inputs, its 24 V lines on GPIO 0
 * to 7, a fresh sample at every millisecond. The pins are those of the board's pin table.
 */
import { countsAt, type LoopLine } from '../../simulator/current-loop.js';
import { TANK_LOOPS } from '../../simulator/plants/tank-lines.js';
import { Mcp3208 } from '../../simulator/rp2040/mcp3208.js';
import type { Rp2040 } from '../../simulator/rp2040/rp2040.js';
import type { Simulation } from '../../simulator/simulation.js';
import type { SampleSink } from '../../simulator/wires.js';
import { PINS } from '../pico/pins.js';

const CONVERTER = {
  miso: PINS.CONVERTER_MISO,
  cs: PINS.CONVERTER_CS,
  sck: PINS.CONVERTER_SCK,
  mosi: PINS.CONVERTER_MOSI,
};
/** GPIO29 sees a third of VSYS: 5 V over 3 against 3.3 V. */
const VSYS_INPUT = 3;
const VSYS_COUNTS = 2068;
const SAMPLE_NS = 1e6;
/** hosts/front-end.md: 49.9 ohm, gain 2, 12 bits over 2.5 V. */
const COUNTS_PER_MA = (0.0499 * 2 * 4096) / 2.5;

/** What the board's converter makes of the current for which the simulated tap has `counts`. */
export function converterCounts(loop: LoopLine, counts: number): number {
  return Math.round((counts * COUNTS_PER_MA) / countsAt(loop, 1));
}

export class TankWires implements SampleSink {
  readonly converter: Mcp3208;
  private readonly chip: Rp2040;
  private readonly counts = new Array<number>(TANK_LOOPS.length).fill(0);

  /** Begins with the next millisecond of the chip's time. */
  constructor(chip: Rp2040, simulation: Simulation) {
    this.chip = chip;
    this.converter = new Mcp3208(chip, CONVERTER);
    this.converter.read = (input) => this.counts[input];
    chip.adc.read = (input) => (input === VSYS_INPUT ? VSYS_COUNTS : 0);
    const alarm = chip.clock.createAlarm(() => {
      alarm.scheduleAt(alarm.atNs + SAMPLE_NS);
      simulation.nextSample(this);
    });
    alarm.scheduleAt(chip.clock.nanos + SAMPLE_NS);
  }

  addAnalog(channel: number, counts: number): void {
    this.counts[channel] = converterCounts(TANK_LOOPS[channel], counts);
  }

  addDigital(channel: number, level: number): void {
    this.chip.gpio(PINS.DI1 + channel).set(level);
  }

  endSample(): void {}
}
