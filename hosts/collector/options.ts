/** Options of `collect`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { ONE_WAY_TIMES_MAX } from '../../modules/limits.js';
import { type MqttAddress, parseMqttAddress } from './mqtt-address.js';
import { ADDRESS_MAX, ADDRESS_MIN, BAUD_DEFAULT } from './serial.js';
import { SEGMENT_BYTES_DEFAULT, SYNC_MS_DEFAULT } from './store/store.js';
import { parseSyslogAddress, type SyslogAddress } from './syslog-address.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface SerialLine {
  readonly device: string;
  /** RS-485 addresses; undefined: those of --address. */
  readonly addresses: readonly number[] | undefined;
}

/** Where frames go on to. */
export type Target = { readonly mqtt: MqttAddress } | { readonly syslog: SyslogAddress };

export interface Options {
  readonly udp: readonly Endpoint[];
  readonly tcp: readonly Endpoint[];
  readonly serial: readonly SerialLine[];
  readonly mqtt: readonly MqttAddress[];
  readonly file?: string;
  readonly read: readonly string[];
  readonly keys: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly address: readonly number[];
  readonly baud: number;
  readonly frames?: string;
  readonly store?: string;
  readonly sync: number;
  readonly segmentBytes: number;
  readonly clientId?: string;
  readonly forward: readonly Target[];
  readonly metrics?: Endpoint;
  readonly modbus?: Endpoint;
  readonly crossCheck?: string;
  readonly from?: number;
  readonly count?: number;
  readonly seconds?: number;
  readonly poll: boolean;
  readonly oneWay?: number;
  readonly command?: readonly string[];
}

function endpoint(text: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new InvalidArgumentError('HOST:PORT is wanted.');
  return { host: match[1] ?? match[2], port };
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`A whole number from ${min} to ${max} is wanted.`);
    return value;
  };
}

/** `1,5,10-20` */
function addresses(text: string): number[] {
  const address = whole(ADDRESS_MIN, ADDRESS_MAX);
  return text.split(',').flatMap((part) => {
    const [first, last] = part.split('-', 2).map(address);
    return Array.from({ length: Math.max((last ?? first) - first + 1, 0) }, (_, i) => first + i);
  });
}

/** `/dev/ttyUSB0` or `/dev/ttyUSB0@1-20` */
function serialLine(text: string): SerialLine {
  const at = text.lastIndexOf('@');
  return at < 0
    ? { device: text, addresses: undefined }
    : { device: text.slice(0, at), addresses: addresses(text.slice(at + 1)) };
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 2_000_000))
    throw new InvalidArgumentError('A number of seconds is wanted.');
  return value;
}

function mqttFilter(text: string): MqttAddress {
  const address = parseMqttAddress(text);
  if (address === undefined || address.topic === '')
    throw new InvalidArgumentError('mqtt://HOST[:PORT]/FILTER is wanted.');
  return address;
}

function target(text: string): Target {
  const mqtt = parseMqttAddress(text);
  if (mqtt !== undefined && mqtt.topic !== '' && !/[+#]/.test(mqtt.topic)) return { mqtt };
  const syslog = parseSyslogAddress(text);
  if (syslog !== undefined) return { syslog };
  throw new InvalidArgumentError('mqtt://HOST[:PORT]/PREFIX or syslog://HOST[:PORT] is wanted.');
}

function each<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)];
}

const SAFE = Number.MAX_SAFE_INTEGER;

export function collectCommand(): Command {
  return new Command('collect')
    .description('Receives frames, verifies signature, sequence and hash chain, and says what is missing or forged.')
    .option(
      '--udp <HOST:PORT>',
      'receive on this address and port; boards push (links: each as often as wanted)',
      each(endpoint),
      [],
    )
    .option('--tcp <HOST:PORT>', 'connect to a board', each(endpoint), [])
    .option('--serial <DEVICE[@N]>', 'poll boards on a serial line or RS-485', each(serialLine), [])
    .option(
      '--mqtt <URL>',
      'frames from a broker: mqtt://HOST[:PORT]/FILTER; $share/GROUP/... shares the load',
      each(mqttFilter),
      [],
    )
    .option('--file <FILE>', 'judge stored frames: a CBOR sequence')
    .option('--read <DIR>', 'judge what is stored; several stores as one', each(String), [])
    .requiredOption('--keys <DIR>', 'directory of public keys: *.cose_key')
    .option('--json', 'one JSON object per line')
    .option('--quiet', 'no line per frame')
    .option('--address <N>', 'RS-485 addresses to poll: 1,5,10-20', addresses, [1])
    .option('--baud <N>', 'speed of the serial lines', whole(50, 4_000_000), BAUD_DEFAULT)
    .option('--frames <FILE>', 'append the verified frames to FILE as received')
    .option('--store <DIR>', 'keep every verified frame once, as received, and go on from there in the next run')
    .option('--sync <MS>', 'stored frames are on the disk after MS; 0: each at once', whole(0, 60_000), SYNC_MS_DEFAULT)
    .option('--segment-bytes <N>', 'size of a file of the store', whole(8192, 2 ** 31), SEGMENT_BYTES_DEFAULT)
    .option(
      '--forward <URL>',
      'mqtt://HOST[:PORT]/PREFIX or syslog://HOST[:PORT]; as often as wanted',
      each(target),
      [],
    )
    .option('--client-id <ID>', 'name of this collector at the brokers')
    .option('--metrics <HOST:PORT>', 'serve metrics for Prometheus', endpoint)
    .option('--modbus <HOST:PORT>', 'PLC or SCADA to read reported values from (Modbus TCP)', endpoint)
    .option('--cross-check <FILE>', 'YAML: which register reports which channel')
    .option('--from <N>', 'first frame wanted; frames missing from there on are an error (a file: 1)', whole(0, SAFE))
    .option('--count <N>', 'stop after N verified frames', whole(1, SAFE))
    .option('--seconds <S>', 'stop after S seconds', seconds)
    .option('--command <FILE...>', 'send these files of signed commands (npm run config), then go on')
    .option('--no-poll', 'never send anything')
    .addOption(
      new Option('--one-way [N]', 'boards hear nothing and send each frame N times (3): never send anything')
        .preset('3')
        .argParser(whole(1, ONE_WAY_TIMES_MAX)),
    )
    .addHelpText('after', '\nExit code: 0 all verified, 1 something is missing or forged, 2 bad usage.')
    .showSuggestionAfterError(false)
    .exitOverride();
}
