/** Every plant that the simulator can play. */
import type { PlantKind } from '../plant.js';
import { Drive } from './drive.js';
import { DRIVE_LINES, DRIVE_LOOPS, driveConfiguration } from './drive-lines.js';
import { DriveProgram } from './drive-program.js';
import { Heating } from './heating.js';
import { HEATING_LINES, HEATING_LOOPS, heatingConfiguration } from './heating-lines.js';
import { HeatingProgram } from './heating-program.js';
import { Packaging } from './packaging.js';
import { PACKAGING_LINES, PACKAGING_LOOPS, packagingConfiguration } from './packaging-lines.js';
import { PackagingProgram } from './packaging-program.js';
import { Press } from './press.js';
import { PRESS_LINES, PRESS_LOOPS, pressConfiguration } from './press-lines.js';
import { PressProgram } from './press-program.js';
import { Tank } from './tank.js';
import { BOOSTER_LINES, boosterConfiguration, TankBooster } from './tank-booster.js';
import { TANK_DIGITAL_LINES, TANK_LOOPS, tankConfiguration } from './tank-lines.js';
import { TankProgram } from './tank-program.js';

export const PLANTS: readonly PlantKind[] = [
  {
    name: 'tank',
    learnHours: 12,
    loops: TANK_LOOPS,
    lines: TANK_DIGITAL_LINES,
    configuration: tankConfiguration,
    createPlant: (seed) => new Tank(seed),
    createProgram: (random) => new TankProgram(random),
  },
  {
    name: 'heating',
    // A day in each quarter of learning: less, and learning rightly says that it has not seen the plant's ways.
    learnHours: 96,
    loops: HEATING_LOOPS,
    lines: HEATING_LINES,
    configuration: heatingConfiguration,
    createPlant: (seed) => new Heating(seed),
    createProgram: () => new HeatingProgram(),
  },
  {
    name: 'press',
    learnHours: 12,
    loops: PRESS_LOOPS,
    lines: PRESS_LINES,
    configuration: pressConfiguration,
    createPlant: (seed) => new Press(seed),
    createProgram: () => new PressProgram(),
  },
  {
    name: 'drive',
    learnHours: 24,
    loops: DRIVE_LOOPS,
    lines: DRIVE_LINES,
    configuration: driveConfiguration,
    createPlant: (seed) => new Drive(seed),
    createProgram: (random) => new DriveProgram(random),
  },
  {
    name: 'packaging',
    learnHours: 12,
    loops: PACKAGING_LOOPS,
    lines: PACKAGING_LINES,
    configuration: packagingConfiguration,
    createPlant: (seed) => new Packaging(seed),
    createProgram: () => new PackagingProgram(),
  },
];

/** Variants that show one thing: no figure is of them. */
export const VARIANTS: readonly PlantKind[] = [
  {
    name: 'tank-booster',
    learnHours: 12,
    loops: TANK_LOOPS,
    lines: BOOSTER_LINES,
    configuration: boosterConfiguration,
    createPlant: (seed) => new TankBooster(seed),
    createProgram: (random) => new TankProgram(random),
  },
];

/** Throws with the known names when there is none of this name. */
export function plantNamed(name: string): PlantKind {
  const plant = [...PLANTS, ...VARIANTS].find((candidate) => candidate.name === name);
  if (plant !== undefined) return plant;
  throw new Error(`unknown plant '${name}'; known: ${PLANTS.map((known) => known.name).join(', ')}`);
}
