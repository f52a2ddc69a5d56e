/**
 * The PLC's program for the heating substation: the flow temperature follows the weather and the time of day, two
 * circulating pumps take turns, and the hot water tank is charged with a hotter flow while its thermostat asks for it.
 *
 *     set-point  42 - 1.05 outside, 6 less at night, 66 while charging; moves by 0.1 K/s at most
 *     command    PI with 2.5 %/K and 80 s, once a second, moved in steps of 0.4 % at least
 */
import type { InputImage, Program } from '../plc.js';
import { SCAN_MS } from '../plc.js';
import * as line from './heating-lines.js';

const SCANS_PER_S = 1000 / SCAN_MS;
const FLOW_AT_ZERO_C = 42;
const FLOW_PER_K = 1.05;
const FLOW_C_MIN = 30;
const FLOW_C_MAX = 62;
const NIGHT_FROM_HOUR = 22;
const NIGHT_TO_HOUR = 5;
const NIGHT_K = 6;
const CHARGE_C = 66;
const SETPOINT_K_PER_S = 0.1;
const GAIN_PER_K = 2.5;
const INTEGRAL_S = 80;
const COMMAND_STEP = 0.4;
/** The weather is averaged over an hour or so. */
const OUTSIDE_FOLLOW = 1 / 3600;
const TURN_S = 4 * 3600;
/** Both pumps run while they change over. */
const OVERLAP_S = 8;

export class HeatingProgram implements Program {
  private scans = 0;
  private seconds = 0;
  private outsideC = Number.NaN;
  private setpointC = Number.NaN;
  private integral = 20;
  private command = 20;

  scan(inputs: InputImage, outputs: number[], commands: number[]): void {
    const isCharging = inputs.levels[line.TANK_THERMOSTAT] === 1;
    if (this.scans % SCANS_PER_S === 0) this.control(inputs, isCharging);
    this.scans++;
    const turn = Math.floor(this.seconds / TURN_S) % 2;
    const isChanging = this.seconds % TURN_S < OVERLAP_S && this.seconds > OVERLAP_S;
    outputs[line.PUMP_1_ORDER] = turn === 0 || isChanging ? 1 : 0;
    outputs[line.PUMP_2_ORDER] = turn === 1 || isChanging ? 1 : 0;
    outputs[line.CHARGE_ORDER] = isCharging ? 1 : 0;
    commands[line.VALVE_COMMAND] = this.command;
  }

  private control(inputs: InputImage, isCharging: boolean): void {
    this.seconds++;
    const outsideC = readingOf(inputs, line.OUTSIDE_TEMPERATURE);
    if (Number.isNaN(this.outsideC)) this.outsideC = outsideC;
    this.outsideC += (outsideC - this.outsideC) * OUTSIDE_FOLLOW;
    const wantedC = this.wantedC(isCharging);
    if (Number.isNaN(this.setpointC)) this.setpointC = wantedC;
    const away = wantedC - this.setpointC;
    this.setpointC += Math.min(Math.max(away, -SETPOINT_K_PER_S), SETPOINT_K_PER_S);
    const isSafe = inputs.levels[line.SAFETY_THERMOSTAT] === 1;
    const error = this.setpointC - readingOf(inputs, line.FLOW_TEMPERATURE);
    this.integral = limited(this.integral + (GAIN_PER_K * error) / INTEGRAL_S);
    const command = isSafe ? limited(this.integral + GAIN_PER_K * error) : 0;
    if (Math.abs(command - this.command) >= COMMAND_STEP || !isSafe) this.command = command;
  }

  private wantedC(isCharging: boolean): number {
    if (isCharging) return CHARGE_C;
    const hour = (line.START_HOUR + this.seconds / 3600) % 24;
    const isNight = hour >= NIGHT_FROM_HOUR || hour < NIGHT_TO_HOUR;
    const wantedC = FLOW_AT_ZERO_C - FLOW_PER_K * this.outsideC - (isNight ? NIGHT_K : 0);
    return Math.min(Math.max(wantedC, FLOW_C_MIN), FLOW_C_MAX);
  }
}

function readingOf(inputs: InputImage, loop: number): number {
  const { low, high } = line.HEATING_LOOPS[loop];
  return low + ((inputs.currentsMa[loop] - 4) / 16) * (high - low);
}

function limited(percent: number): number {
  return Math.min(Math.max(percent, 0), 100);
}
