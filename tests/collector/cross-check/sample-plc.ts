/** A PLC that reports over Modbus TCP: the server of modbus-serial, with registers to set. */
import Modbus from 'modbus-serial';
import { freeTcpPort } from '../mosquitto.js';

export interface SamplePlc {
  readonly port: number;
  readonly holding: Map<number, number>;
  readonly input: Map<number, number>;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function openPlc(): Promise<SamplePlc> {
  const port = await freeTcpPort();
  let server: InstanceType<typeof Modbus.ServerTCP> | undefined;
  const plc: SamplePlc = {
    port,
    holding: new Map(),
    input: new Map(),
    start: () =>
      new Promise((resolve) => {
        server = new Modbus.ServerTCP(
          {
            getHoldingRegister: (at: number) => plc.holding.get(at) ?? 0,
            getInputRegister: (at: number) => plc.input.get(at) ?? 0,
          },
          { host: '127.0.0.1', port, unitID: 1 },
        );
        server.on('initialized', () => resolve());
        server.on('socketError', () => {});
      }),
    stop: () =>
      new Promise((resolve) => {
        const running = server;
        server = undefined;
        if (running === undefined) return resolve();
        running.close(() => resolve());
        for (const socket of running.socks.keys()) socket.destroy();
      }),
    close: () => plc.stop(),
  };
  await plc.start();
  return plc;
}
