/**
 * A heating substation: a heat exchanger on the district network, radiators of a building, a hot water tank.
 *
 *     exchanger   Q = e Cmin (Tns - Tr), e of counterflow with UA = 7 (Cp Cs / (Cp0 Cs0))^0.4   (VDI Heat Atlas, C1)
 *     radiators   Q = 0.55 (Tm - Troom)^1.3                                                       (EN 442)
 *     building    60 MJ/K dT/dt = Q - 1.6 (Troom - Toutside) + gains
 *     hot water   3.35 MJ/K dT/dt = charge - draws; draws follow the time of day
 *     weather     daily rhythm of 4 K, and wander over hours and minutes
 */
import type { Plant } from '../plant.js';
import { Random } from '../random.js';
import { Wander } from '../wander.js';
import { Contactor } from './contactor.js';
import { ControlValve } from './control-valve.js';
import * as line from './heating-lines.js';

/** Flows take a step every 20 ms, temperatures every 100 ms. */
const FLOW_MS = 20;
const HEAT_MS = 100;
const HEAT_S = HEAT_MS / 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const WATER = 4.19;
const NETWORK_LPS = 1.2;
const RADIATORS_LPS = 1.6;
const SECOND_PUMP_GAIN = 1.15;
const CHARGE_LPS = 0.5;
const EXCHANGER = 7;
const RADIATOR = 0.55;
const RADIATOR_EXPONENT = 1.3;
const BUILDING_KJ_PER_K = 60_000;
const BUILDING_LOSS = 1.6;
const GAIN_KW = 3;
const TANK_KJ_PER_K = 3350;
const TANK_COIL = 0.85;
const TANK_COLD_C = 52;
const TANK_WARM_C = 57;
const MAINS_C = 10;
const DAILY_K = 4;
const COLDEST_HOUR = 4;
const SAFETY_C = 95;
const PUMP_FOLLOW = FLOW_MS / 1500;

export class Heating implements Plant {
  readonly values: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  readonly contacts: number[] = [0, 0, 0, 0, 0, 0, 0, 1];
  readonly valve = new ControlValve(0.5);
  readonly pumps: readonly Contactor[];
  roomC = 21;
  outsideC: number;
  /** What the season adds to the outside temperature. */
  seasonK = 0;

  /** What the network lets through the exchanger now. */
  networkLps = 0;
  private readonly startHour: number;

  private ms = 0;
  private radiatorsLps = 0;
  private chargeLps = 0;
  private thermostats = 0.75;
  private networkReturnC = 45;
  private flowC = 45;
  private radiatorsReturnC = 38;
  private tankC = 54;
  private isTankCold = false;
  private drawLps = 0;
  private untilDrawS = 60;
  private readonly random: Random;
  private readonly weather: Wander;
  private readonly gusts: Wander;
  private readonly network: Wander;
  private readonly networkPressure: Wander;
  private readonly gains: Wander;
  private readonly turbulence: Wander;

  /** `startHour` of the day. */
  constructor(seed: number, startHour = line.START_HOUR) {
    this.startHour = startHour;
    this.random = new Random(seed, 'draws');
    this.pumps = ['pump 1', 'pump 2', 'charge pump'].map((name) => new Contactor(new Random(seed, name)));
    this.weather = new Wander(seed, 'weather', HEAT_MS, 30 * HOUR_MS, 1.5);
    this.gusts = new Wander(seed, 'gusts', HEAT_MS, 10 * MINUTE_MS, 0.15);
    this.network = new Wander(seed, 'network temperature', HEAT_MS, 40 * MINUTE_MS, 1);
    this.networkPressure = new Wander(seed, 'network pressure', HEAT_MS, 5 * MINUTE_MS, 0.02);
    this.gains = new Wander(seed, 'gains', HEAT_MS, 2 * HOUR_MS, 1);
    this.turbulence = new Wander(seed, 'circuit turbulence', FLOW_MS, 200, 0.006);
    this.outsideC = this.outsideNow();
    this.publish(0);
  }

  get hour(): number {
    return (this.startHour + this.ms / HOUR_MS) % 24;
  }

  step(outputs: readonly number[], commands: readonly number[]): void {
    this.ms++;
    const { pumps, contacts } = this;
    pumps[0].step(outputs[line.PUMP_1_ORDER]);
    pumps[1].step(outputs[line.PUMP_2_ORDER]);
    pumps[2].step(outputs[line.CHARGE_ORDER]);
    contacts[line.PUMP_1_RUNNING] = pumps[0].isClosed ? 1 : 0;
    contacts[line.PUMP_2_RUNNING] = pumps[1].isClosed ? 1 : 0;
    contacts[line.CHARGE_RUNNING] = pumps[2].isClosed ? 1 : 0;
    // the command is the PLC's own: it is on the wire at once
    this.values[line.VALVE_COMMAND] = commands[line.VALVE_COMMAND];
    if (this.ms % FLOW_MS !== 0) return;
    this.stepFlows();
    if (this.ms % HEAT_MS === 0) this.stepHeat(commands[line.VALVE_COMMAND]);
    this.publish(commands[line.VALVE_COMMAND]);
  }

  private stepFlows(): void {
    const [first, second, charge] = this.pumps;
    const running = (first.isClosed ? 1 : 0) + (second.isClosed ? 1 : 0);
    const gain = running === 2 ? SECOND_PUMP_GAIN : running;
    this.radiatorsLps += (RADIATORS_LPS * gain * this.thermostats - this.radiatorsLps) * PUMP_FOLLOW;
    this.chargeLps += ((charge.isClosed ? CHARGE_LPS : 0) - this.chargeLps) * PUMP_FOLLOW;
    this.turbulence.step();
  }

  private outsideNow(): number {
    const daily = -DAILY_K * Math.cos((2 * Math.PI * (this.hour - COLDEST_HOUR)) / 24);
    return 1 + this.seasonK + daily + this.weather.value + this.gusts.value;
  }

  private stepHeat(command: number): void {
    this.weather.step();
    this.gusts.step();
    this.outsideC = this.outsideNow();
    this.valve.step(command / 100, HEAT_S);
    this.heatTank();
    this.heatBuilding();
    this.exchange();
  }

  /** The exchanger: network side on the left, circuit on the right. */
  private exchange(): void {
    const networkLps = NETWORK_LPS * this.valve.flowShare * (1 + this.networkPressure.step());
    this.networkLps = networkLps;
    const circuitLps = this.radiatorsLps + this.chargeLps;
    const supplyC = this.networkSupplyC();
    this.network.step();
    const a = WATER * networkLps + 1e-6;
    const b = WATER * circuitLps + 1e-6;
    const least = Math.min(a, b);
    const ratio = least / Math.max(a, b);
    const transfer = EXCHANGER * ((networkLps * circuitLps) / (NETWORK_LPS * RADIATORS_LPS)) ** 0.4;
    const decay = Math.exp((-transfer / least) * (1 - ratio));
    const share = ratio > 0.999 ? transfer / (transfer + least) : (1 - decay) / (1 - ratio * decay);
    const returnC = this.returnC();
    const heatKw = share * least * (supplyC - returnC);
    // still water takes its time
    this.flowC += ((returnC + heatKw / b - this.flowC) * HEAT_S) / (circuitLps > 0.05 ? 8 : 600);
    this.networkReturnC += ((supplyC - heatKw / a - this.networkReturnC) * HEAT_S) / (networkLps > 0.01 ? 12 : 900);
  }

  private networkSupplyC(): number {
    return 85 - 0.8 * this.outsideC + this.network.value;
  }

  private returnC(): number {
    const coilC = this.tankC + (1 - TANK_COIL) * (this.flowC - this.tankC);
    const circuitLps = this.radiatorsLps + this.chargeLps;
    if (circuitLps < 0.01) return this.radiatorsReturnC;
    return (this.radiatorsLps * this.radiatorsReturnC + this.chargeLps * coilC) / circuitLps;
  }

  private heatBuilding(): void {
    const meanK = (this.flowC + this.radiatorsReturnC) / 2 - this.roomC;
    const heatKw = meanK > 0 ? RADIATOR * meanK ** RADIATOR_EXPONENT * Math.min(1, this.radiatorsLps * 2) : 0;
    const coldC = Math.max(this.flowC - heatKw / (WATER * this.radiatorsLps + 0.2), this.roomC);
    this.radiatorsReturnC += ((coldC - this.radiatorsReturnC) * HEAT_S) / 90;
    const lossKw = BUILDING_LOSS * (this.roomC - this.outsideC) - GAIN_KW - this.gains.step();
    this.roomC += ((heatKw - lossKw) * HEAT_S) / BUILDING_KJ_PER_K;
    // thermostatic valves close as the rooms get warm
    const wanted = Math.min(Math.max(0.75 + (21 - this.roomC) * 0.4, 0.5), 1);
    this.thermostats += ((wanted - this.thermostats) * HEAT_S) / 300;
  }

  private heatTank(): void {
    this.untilDrawS -= HEAT_S;
    if (this.untilDrawS < 0) this.turnTap();
    const chargeKw = WATER * this.chargeLps * TANK_COIL * (this.flowC - this.tankC);
    const drawKw = WATER * this.drawLps * (this.tankC - MAINS_C);
    this.tankC += ((chargeKw - drawKw - 0.2) * HEAT_S) / TANK_KJ_PER_K;
    this.isTankCold = this.tankC < (this.isTankCold ? TANK_WARM_C : TANK_COLD_C);
  }

  /** A tap is opened or closed: often in the morning and in the evening, rarely at night. */
  private turnTap(): void {
    if (this.drawLps > 0) {
      this.drawLps = 0;
      const { hour } = this;
      const activity = hour < 5 ? 0.25 : hour < 9 || (hour > 17 && hour < 22) ? 1.6 : 0.9;
      this.untilDrawS = 10 - (200 / activity) * Math.log(this.random.uniform());
    } else {
      this.drawLps = this.random.between(0.05, 0.25);
      this.untilDrawS = this.random.between(10, 120);
    }
  }

  /** The quantities at the transmitters and the positions of the thermostats. */
  private publish(command: number): void {
    const { values, contacts } = this;
    values[line.NETWORK_SUPPLY] = this.networkSupplyC();
    values[line.NETWORK_RETURN] = this.networkReturnC;
    values[line.FLOW_TEMPERATURE] = this.flowC;
    values[line.RETURN_TEMPERATURE] = this.returnC();
    values[line.OUTSIDE_TEMPERATURE] = this.outsideC;
    values[line.VALVE_COMMAND] = command;
    values[line.VALVE_POSITION] = this.valve.position * 100;
    values[line.CIRCUIT_FLOW] = (this.radiatorsLps + this.chargeLps) * (1 + this.turbulence.value);
    contacts[line.TANK_THERMOSTAT] = this.isTankCold ? 1 : 0;
    contacts[line.SAFETY_THERMOSTAT] = this.flowC < SAFETY_C ? 1 : 0;
  }
}
