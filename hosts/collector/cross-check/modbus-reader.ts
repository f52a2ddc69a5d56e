/** Reads the reported values from a PLC or SCADA over Modbus TCP, over and over; only reads, never writes. */
import type { ModbusRTU } from 'modbus-serial/ModbusRTU.js';
import { systemReason } from '../source.js';
import type { Plan, Reported } from './plan.js';

const TIMEOUT_MS = 2000;
const RECONNECT_MS = 1000;

export interface ModbusHandlers {
  /** One value of a channel, in engineering units. */
  onValue(channel: string, value: number): void;
  /** One line on what the connection suffers; it is made again by itself. */
  onTrouble(line: string): void;
}

export class ModbusReader {
  private readonly host: string;
  private readonly port: number;
  private readonly plan: Plan;
  private readonly handlers: ModbusHandlers;
  private client: ModbusRTU | undefined;
  private isClosed = false;
  private isTold = false;
  private running: Promise<void> = Promise.resolve();
  private wake: () => void = () => {};

  constructor(host: string, port: number, plan: Plan, handlers: ModbusHandlers) {
    this.host = host;
    this.port = port;
    this.plan = plan;
    this.handlers = handlers;
  }

  start(): void {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.round();
        await this.pause(this.plan.everyMs);
      } catch (error) {
        if (!this.isTold) this.handlers.onTrouble(`modbus ${this.host}:${this.port}: ${reasonOf(error)}, trying again`);
        this.isTold = true;
        this.drop();
        await this.pause(RECONNECT_MS);
      }
    }
    this.drop();
  }

  private async round(): Promise<void> {
    this.client ??= await this.connect();
    for (const [channel, reported] of this.plan.channels) {
      if (this.isClosed) return;
      const count = reported.type.endsWith('32') ? 2 : 1;
      const { data } =
        reported.table === 'holding'
          ? await this.client.readHoldingRegisters(reported.register, count)
          : await this.client.readInputRegisters(reported.register, count);
      this.handlers.onValue(channel, engineeringValue(reported, data));
    }
    this.isTold = false;
  }

  private async connect(): Promise<ModbusRTU> {
    const { default: ModbusRTU } = (await import('modbus-serial')).default;
    const client = new ModbusRTU();
    client.setTimeout(TIMEOUT_MS);
    client.on('error', () => {});
    await client.connectTCP(this.host, { port: this.port });
    client.setID(this.plan.unit);
    return client;
  }

  private drop(): void {
    const { client } = this;
    this.client = undefined;
    try {
      client?.close(() => {});
    } catch {
      // It was not open.
    }
  }

  private pause(ms: number): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? systemReason(error) : String((error as { message?: unknown })?.message ?? error);
}

/** The engineering value of the registers read. */
export function engineeringValue({ type, words, scale, offset }: Reported, data: readonly number[]): number {
  const [first, second = 0] = data;
  const [high, low] = words === 'big' ? [first, second] : [second, first];
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, type.endsWith('32') ? high : first);
  view.setUint16(2, low);
  return rawOf(type, view) * scale + offset;
}

function rawOf(type: Reported['type'], view: DataView): number {
  switch (type) {
    case 'int16':
      return view.getInt16(0);
    case 'uint16':
      return view.getUint16(0);
    case 'int32':
      return view.getInt32(0);
    case 'uint32':
      return view.getUint32(0);
    case 'float32':
      return view.getFloat32(0);
  }
}
