/** The command line of the program. */
import type { Address } from '../moddable/network.js';

export const HELP = `Usage: wirewitness [options]

The firmware in the Moddable simulator, a simulated tank on its wires.

  --scenario NAME    what happens in the plant (order-not-executed): normal, order-not-executed, sensor-falsified,
                     wire-break
  --seed N           of the simulation (1)
  --at S             when the event begins, in seconds of plant time (400; learning takes 300)
  --speed N          plant time runs N times as fast, or 'max' (1)
  --seconds S        of plant time, then the program ends; 0 only writes the key (no end)
  --udp HOST:PORT    the collector that frames are pushed to; HOST as four numbers
  --tcp PORT         where a collector may connect, on every interface
  --serial DEVICE    an RS-485 adapter or a pseudo-terminal
  --baud N           of the device (115200)
  --flash FILE       keeps log, model and, in FILE.key, the private key; without it a restart forgets all
  --keys DIR         writes the public key to DIR/device.cose_key; the folder exists
  --device NAME      8 letters at most (made from the host's name)
  --help
`;

export interface Options {
  scenario: string;
  seed: number;
  at: number | undefined;
  speed: number;
  seconds: number;
  udp: Address | undefined;
  tcp: number | undefined;
  serial: string | undefined;
  baud: number;
  flash: string | undefined;
  keys: string | undefined;
  device: string | undefined;
}

/** What is wrong with the command line, in one line. */
export class OptionError extends Error {}

/** The options; null when help is asked for. An OptionError says what is wrong. */
export function parseOptions(words: readonly string[]): Options | null {
  const options: Options = {
    scenario: 'order-not-executed',
    seed: 1,
    at: undefined,
    speed: 1,
    seconds: Infinity,
    udp: undefined,
    tcp: undefined,
    serial: undefined,
    baud: 115200,
    flash: undefined,
    keys: undefined,
    device: undefined,
  };
  for (let i = 0; i < words.length; i++) {
    const equals = words[i].indexOf('=');
    const name = equals < 0 ? words[i] : words[i].slice(0, equals);
    if (name === '--help') return null;
    const value = equals < 0 ? words[++i] : words[i].slice(equals + 1);
    take(options, name, value);
  }
  return options;
}

function take(options: Options, name: string, value: string | undefined): void {
  const text = () => {
    if (value === undefined || value === '') throw new OptionError(`${name} needs a value`);
    return value;
  };
  const number = (low: number, high: number, isWhole: boolean) => {
    const result = Number(text());
    if (!(result >= low && result <= high) || (isWhole && !Number.isInteger(result)))
      throw new OptionError(`${name} takes a ${isWhole ? 'whole ' : ''}number from ${low} to ${high}, not '${value}'`);
    return result;
  };
  if (name === '--scenario') options.scenario = text();
  else if (name === '--seed') options.seed = number(0, 0xffffffff, true);
  else if (name === '--at') options.at = number(0, 1e8, false);
  else if (name === '--speed') options.speed = text() === 'max' ? Infinity : number(1, 1e6, false);
  else if (name === '--seconds') options.seconds = number(0, 1e8, false);
  else if (name === '--udp') options.udp = addressIn(text());
  else if (name === '--tcp') options.tcp = number(1, 65535, true);
  else if (name === '--serial') options.serial = text();
  else if (name === '--baud') options.baud = number(300, 4e6, true);
  else if (name === '--flash') options.flash = text();
  else if (name === '--keys') options.keys = text();
  else if (name === '--device') options.device = deviceIn(text());
  else throw new OptionError(`unknown option '${name}'; --help lists them`);
}

/** The simulator's sockets know no names, only IPv4 addresses. */
function addressIn(text: string): Address {
  const parts = /^(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/.exec(text);
  const port = parts === null ? 0 : Number(parts[2]);
  if (parts === null || port < 1 || port > 65535 || parts[1].split('.').some((byte) => Number(byte) > 255))
    throw new OptionError(`--udp takes an address such as 127.0.0.1:4750, not '${text}'`);
  return { host: parts[1], port };
}

function deviceIn(text: string): string {
  if (/^[ -~]{1,8}$/.test(text)) return text;
  throw new OptionError(`--device takes 1 to 8 letters, not '${text}'`);
}
