/** A real mosquitto on a port of its own. Where it is not installed tests say so and skip; with CI=true they fail. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CANDIDATES = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'];
const START_MS_MAX = 20_000;

/** The program; undefined where it is not installed. */
export function mosquittoPath(): string | undefined {
  return CANDIDATES.find((path) => spawnSync(path, ['-h'], { stdio: 'ignore' }).error === undefined);
}

/** One line where a test cannot run without mosquitto; undefined where it can. Throws in CI. */
export function withoutMosquitto(): string | undefined {
  if (mosquittoPath() !== undefined) return undefined;
  if (process.env.CI === 'true') throw new Error('mosquitto is not installed');
  return 'skipped: mosquitto is not installed';
}

export interface Broker {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
  /** Starts it again after `stop`, on the same port, with what it had kept. */
  start(): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
    socket.on('connect', () => socket.destroy());
  });
}

export async function openMosquitto(): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const port = await freeTcpPort();
  const configuration = join(directory, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    // Nothing is dropped for a collector that is away or slow.
    'max_queued_messages 0',
    'max_inflight_messages 200',
    'persistence true',
    `persistence_location ${directory}/`,
    'log_type error',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  let child: ReturnType<typeof spawn> | undefined;
  const broker: Broker = {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      child = spawn(mosquittoPath() as string, ['-c', configuration], { stdio: ['ignore', 'ignore', 'inherit'] });
      const endMs = Date.now() + START_MS_MAX;
      while (!(await isListening(port))) {
        if (Date.now() > endMs) throw new Error('mosquitto does not start');
        await sleep(50);
      }
    },
    async stop() {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null) return;
      running.kill('SIGTERM');
      await new Promise((resolve) => running.once('close', resolve));
    },
    async close() {
      await broker.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await broker.start();
  return broker;
}
