/**
 * A PLC with a 10 ms scan: inputs are read when the scan starts, the program runs, outputs are written at its end.
 * So every output moves on a 10 ms grid; where the grid lies against the capture's blocks depends on the seed.
 * Another program may be loaded while the plant runs, with a scan time of its own.
 */
import type { Wires } from './wires.js';

export const SCAN_MS = 10;
/** From reading the inputs to writing the outputs. */
export const SCAN_WORK_MS = 4;

/** The inputs as the PLC holds them during one scan. */
export interface InputImage {
  /** One per loop, in milliamperes. */
  readonly currentsMa: number[];
  /** One per 24 V line. */
  readonly levels: number[];
  /** From one scan to the next. */
  scanMs: number;
}

export interface Program {
  /**
   * Called once per scan; leaves in `outputs` the level of each 24 V line that the PLC drives, in `commands` the value
   * of each loop that it drives.
   */
  scan(inputs: InputImage, outputs: number[], commands: number[]): void;
}

/** A value as the PLC tells it to SCADA. */
export interface Report {
  name: string;
  value: number;
}

export class Plc {
  readonly inputs: InputImage = { currentsMa: [], levels: [], scanMs: SCAN_MS };
  /** On the terminals; 0 on lines that the PLC does not drive. */
  readonly outputs: number[] = [];
  /** On the analog outputs, in the loops' units; 0 on loops that the PLC does not drive. */
  readonly commands: number[] = [];
  private readonly pending: number[] = [];
  private readonly pendingCommands: number[] = [];
  program: Program;
  private untilScanMs: number;

  constructor(program: Program, wires: Wires, phaseMs: number) {
    this.program = program;
    this.untilScanMs = phaseMs;
    for (let i = 0; i < wires.loops.length; i++) {
      this.inputs.currentsMa.push(4);
      this.commands.push(0);
      this.pendingCommands.push(0);
    }
    for (let i = 0; i < wires.levels.length; i++) {
      this.inputs.levels.push(wires.levels[i]);
      this.outputs.push(0);
      this.pending.push(0);
    }
  }

  /** Replaces the program, as an engineering station would: outputs stay as they are, the next step begins a scan. */
  load(program: Program, scanMs: number): void {
    this.program = program;
    this.inputs.scanMs = scanMs;
    this.untilScanMs = 0;
  }

  /** True when the next step reads the inputs. */
  get isAboutToRead(): boolean {
    return this.untilScanMs === 0;
  }

  /** One millisecond on. */
  step(wires: Wires): void {
    if (this.untilScanMs === 0) {
      this.untilScanMs = this.inputs.scanMs;
      this.readInputs(wires);
      this.program.scan(this.inputs, this.pending, this.pendingCommands);
    } else if (this.untilScanMs === this.inputs.scanMs - SCAN_WORK_MS) {
      for (let i = 0; i < this.outputs.length; i++) this.outputs[i] = this.pending[i];
      for (let i = 0; i < this.commands.length; i++) this.commands[i] = this.pendingCommands[i];
    }
    this.untilScanMs--;
  }

  private readInputs(wires: Wires): void {
    const { currentsMa, levels } = this.inputs;
    for (let i = 0; i < currentsMa.length; i++) currentsMa[i] = wires.loops[i].currentMa;
    for (let i = 0; i < levels.length; i++) levels[i] = wires.levels[i];
  }
}
