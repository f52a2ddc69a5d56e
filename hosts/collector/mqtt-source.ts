/**
 * Frames from an MQTT broker: one frame, as received, per message (as `--forward mqtt://` publishes them). With a shared
 * subscription ($share/GROUP/FILTER) collectors share the load. A message is acknowledged (QoS 1) when its frame is stored,
 * so what a collector that dies has not stored comes again, to it or to another one.
 */
import type { MqttClient } from 'mqtt';
import { MESSAGE_DATA } from '../../modules/link/message.js';
import { parseEnvelope } from './envelope.js';
import { connected, createMqttClient, type MqttAddress, mqttReason } from './mqtt-address.js';
import { type OnMessage, type Source, SourceError } from './source.js';
import { keyIdOfHeader } from './verify.js';

const HELD_BACK_MS = 250;
const GRANT_FAILED = 0x80;

export class MqttSource implements Source {
  readonly peers: readonly string[] = [];
  readonly answerBytesMax = 0;
  refused = 0;
  private readonly address: MqttAddress;
  private readonly clientId: string | undefined;
  private client: MqttClient | undefined;
  private isClosed = false;

  /** `clientId`: of a session that the broker keeps while we are away; undefined: none. */
  constructor(address: MqttAddress, clientId: string | undefined) {
    this.address = address;
    this.clientId = clientId;
  }

  async start(onMessage: OnMessage, onTrouble: (line: string) => void): Promise<void> {
    const client = await createMqttClient(this.address, this.clientId);
    this.client = client;
    client.handleMessage = ({ payload }, done) => this.take(Buffer.from(payload), onMessage, done);
    await connected(client, this.address);
    client.on('error', (error) => onTrouble(`${this.address.shown}: ${mqttReason(error)}`));
    client.on('close', () => {
      if (!this.isClosed) onTrouble(`${this.address.shown}: connection lost, connecting again`);
    });
    const [grant] = await client.subscribeAsync(this.address.topic, { qos: 1 }).catch((error: Error) => {
      throw new SourceError(`${this.address.shown}: ${mqttReason(error)}`);
    });
    if (grant !== undefined && grant.qos >= GRANT_FAILED) {
      await this.close();
      throw new SourceError(`${this.address.shown}: the broker refuses the subscription`);
    }
  }

  /** The broker keeps what it has; there is nobody to ask. */
  poll(): boolean {
    return true;
  }

  /** Also without $share: whoever published may bring what is missing long after what follows it. */
  isShared(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client?.endAsync();
  }

  private take(bytes: Uint8Array, onMessage: OnMessage, done: () => void): void {
    const envelope = parseEnvelope(bytes, 0, bytes.length);
    const keyId = typeof envelope === 'string' ? undefined : keyIdOfHeader(envelope.protectedHeader);
    if (typeof keyId !== 'string') {
      this.refused++;
      done();
      return;
    }
    const message = { type: MESSAGE_DATA, sequence: 0, offset: 0, total: bytes.length, bytes } as const;
    const offer = (): void => {
      if (this.isClosed) return;
      if (onMessage(keyId, message) === false) setTimeout(offer, HELD_BACK_MS);
      else done();
    };
    offer();
  }
}
