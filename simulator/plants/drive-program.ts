/**
 * The PLC's program for the blower: it fills the receiver between two pressures, the oil pump running before and after.
 * While it runs, the speed moves between a few set-points of the gas that is asked for, 1064 Hz most of all.
 *
 *     reference   to the set-point by 300 Hz/s when it starts, 50 Hz/s from one set-point to the next
 *     trip        the release drops with the vibration switch, and the run order with it, until the power is cycled
 *     pulses      the measured flow, none below 0.02 m3/s
 */
import type { InputImage, Program } from '../plc.js';
import type { Random } from '../random.js';
import * as line from './drive-lines.js';

const START_MBAR = 580;
const STOP_MBAR = 680;
const WORKING_HZ = 1064;
const SETPOINTS_HZ: readonly number[] = [980, 1022, WORKING_HZ, WORKING_HZ, WORKING_HZ, 1100];
const START_HZ_PER_MS = 0.3;
const MOVE_HZ_PER_MS = 0.05;
const SETPOINT_MS_MIN = 5000;
const SETPOINT_MS_MAX = 12000;
const OIL_BEFORE_MS = 1500;
const OIL_AFTER_MS = 5000;
const FLOW_CUT_OFF = 0.02;
const FILTER_SHARE = 0.1;

export class DriveProgram implements Program {
  private mbar = Number.NaN;
  private isWanted = false;
  private isTripped = false;
  private oilMs = 0;
  private afterMs = OIL_AFTER_MS;
  private setpointHz = WORKING_HZ;
  private untilSetpointMs = 0;
  private referenceHz = 0;
  private isStarted = false;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  scan(inputs: InputImage, outputs: number[], commands: number[]): void {
    const { scanMs, levels } = inputs;
    const reading = readingOf(inputs, line.RECEIVER_PRESSURE);
    if (Number.isNaN(this.mbar)) this.mbar = reading;
    this.mbar += (reading - this.mbar) * FILTER_SHARE;
    if (this.mbar < START_MBAR) this.isWanted = true;
    if (this.mbar > STOP_MBAR) this.isWanted = false;
    if (levels[line.VIBRATION_NORMAL] === 0) this.isTripped = true;
    this.oilMs = levels[line.OIL_PUMP_RUNNING] === 1 ? this.oilMs + scanMs : 0;
    const isRunning = this.isWanted && !this.isTripped && this.oilMs >= OIL_BEFORE_MS;
    this.afterMs = isRunning ? 0 : this.afterMs + scanMs;
    this.moveReference(isRunning, scanMs);
    outputs[line.RUN_ORDER] = isRunning ? 1 : 0;
    outputs[line.TRIP_RELEASE] = this.isTripped ? 0 : 1;
    outputs[line.OIL_PUMP_ORDER] = this.isWanted || this.afterMs < OIL_AFTER_MS ? 1 : 0;
    commands[line.SPEED_REFERENCE] = this.referenceHz;
    const flow = readingOf(inputs, line.FLOW);
    commands[line.FLOW_PULSES] = flow < FLOW_CUT_OFF ? 0 : flow;
  }

  private moveReference(isRunning: boolean, scanMs: number): void {
    if (!isRunning) {
      this.isStarted = false;
      this.setpointHz = WORKING_HZ;
      this.untilSetpointMs = this.random.between(SETPOINT_MS_MIN, SETPOINT_MS_MAX);
      this.referenceHz = Math.max(this.referenceHz - START_HZ_PER_MS * scanMs, 0);
      return;
    }
    this.untilSetpointMs -= scanMs;
    if (this.untilSetpointMs < 0) {
      this.setpointHz = SETPOINTS_HZ[this.random.below(SETPOINTS_HZ.length)];
      this.untilSetpointMs = this.random.between(SETPOINT_MS_MIN, SETPOINT_MS_MAX);
    }
    const away = this.setpointHz - this.referenceHz;
    const step = (this.isStarted ? MOVE_HZ_PER_MS : START_HZ_PER_MS) * scanMs;
    if (Math.abs(away) <= step) this.isStarted = true;
    this.referenceHz += Math.min(Math.max(away, -step), step);
  }
}

function readingOf(inputs: InputImage, loop: number): number {
  const { low, high } = line.DRIVE_LOOPS[loop];
  return low + ((inputs.currentsMa[loop] - 4) / 16) * (high - low);
}
