/** `mqtt://[USER:PASSWORD@]HOST[:PORT]/TOPIC`, or mqtts:// over TLS. */
import { hostname } from 'node:os';
import type { IClientOptions, MqttClient } from 'mqtt';
import { SourceError, systemReason } from './source.js';

const SESSION_SECONDS = 7 * 86400;
const RECONNECT_MS = 1000;
const CONNECT_TIMEOUT_MS = 5000;

export interface MqttAddress {
  /** Without password: what may be shown. */
  readonly shown: string;
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** What stands behind the host: a prefix or a filter of topics. */
  readonly topic: string;
}

/** Undefined when it is none. */
export function parseMqttAddress(text: string): MqttAddress | undefined {
  if (!/^mqtts?:\/\//.test(text)) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const topic = decode(`${url.pathname}${url.hash}`.slice(1));
  if (url.hostname === '' || topic === undefined) return undefined;
  const base = `${url.protocol}//${url.host}`;
  const [username, password] = [decode(url.username), decode(url.password)];
  return {
    shown: `${base}/${topic}`,
    url: base,
    username: username || undefined,
    password: password || undefined,
    topic,
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A client identifier that is the same in the next run with the same `purpose`. */
export function clientIdFor(purpose: string): string {
  return `wirewitness-${hostname()}-${purpose}`.slice(0, 64);
}

/**
 * A client that connects, and again whenever the connection is lost. `clientId`: of a session that the broker keeps;
 * undefined for one that ends with the connection. The library is loaded only here.
 */
export async function createMqttClient(address: MqttAddress, clientId: string | undefined): Promise<MqttClient> {
  const { connect } = (await import('mqtt')).default;
  const options: IClientOptions = {
    protocolVersion: 5,
    clean: clientId === undefined,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(clientId === undefined ? {} : { clientId, properties: { sessionExpiryInterval: SESSION_SECONDS } }),
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
  };
  return connect(address.url, options);
}

/** Until it is connected for the first time; a SourceError, and no more attempts, when that fails. */
export function connected(client: MqttClient, address: MqttAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => {
      client.off('error', refuse);
      resolve();
    });
    function refuse(error: Error): void {
      client.end(true);
      client.on('error', () => {});
      reject(new SourceError(`${address.shown}: ${mqttReason(error)}`));
    }
    client.once('error', refuse);
  });
}

/** One line of what the client says. */
export function mqttReason(error: Error): string {
  const first = (error as AggregateError).errors?.[0] ?? error;
  return systemReason(first);
}
