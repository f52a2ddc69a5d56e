/**
 * Frames to an MQTT broker, QoS 1: PREFIX/KEYID/KIND/frame the bytes as received, .../json the same for people and SIEMs,
 * .../senml the pack of a readings frame as it was signed (RFC 8428); PREFIX/KEYID/error/json and .../difference/json what
 * the collector found.
 */
import type { IClientPublishOptions, MqttClient } from 'mqtt';
import { KIND_READINGS, LABEL_BODY } from '../../../modules/frame/kinds.js';
import { labelled } from '../cbor-span.js';
import { parseEnvelope } from '../envelope.js';
import type { FrameError } from '../frame-error.js';
import { differenceJson, errorJson, frameJson } from '../frame-json.js';
import type { KeySet } from '../keys.js';
import type { Difference, Listener } from '../listener.js';
import { createMqttClient, type MqttAddress, mqttReason } from '../mqtt-address.js';
import type { NameBook } from '../name-book.js';
import type { Store } from '../store/store.js';
import type { Frame } from '../verify.js';
import { kindName } from '../vocabulary.js';
import { Outbox } from './outbox.js';

const READINGS_PACK = 1;
const UNKNOWN_KEY = 'unknown';
const END_MS_MAX = 2000;

const FRAME_OPTIONS = messageOptions('application/cose; cose-type="cose-sign1"');
const JSON_OPTIONS = messageOptions('application/json');
const SENML_OPTIONS = messageOptions('application/senml+cbor');

function messageOptions(contentType: string): IClientPublishOptions {
  return { qos: 1, properties: { contentType } };
}

export class MqttForward implements Listener {
  readonly outbox: Outbox;
  private readonly client: MqttClient;
  private readonly prefix: string;
  private readonly book: NameBook;
  private isClosed = false;

  private constructor(
    client: MqttClient,
    address: MqttAddress,
    book: NameBook,
    store: Store | undefined,
    keys: KeySet,
    onInfo: (line: string) => void,
  ) {
    this.client = client;
    this.prefix = address.topic.replace(/\/+$/, '');
    this.book = book;
    let isTold = false;
    const tell = (reason: string): void => {
      if (!isTold && !this.isClosed) onInfo(`${address.shown}: ${reason}, connecting again`);
      isTold = true;
    };
    client.on('connect', () => {
      if (isTold) onInfo(`${address.shown}: connected`);
      isTold = false;
    });
    client.on('error', (error) => tell(mqttReason(error)));
    client.on('close', () => tell('connection lost'));
    this.outbox = new Outbox({ name: address.shown, keys, store, onInfo, send: (frame) => this.send(frame) });
  }

  /** Goes on where the last run ended; a broker that cannot be reached is tried again. */
  static async open(
    address: MqttAddress,
    book: NameBook,
    store: Store | undefined,
    keys: KeySet,
    onInfo: (line: string) => void,
  ): Promise<MqttForward> {
    return new MqttForward(await createMqttClient(address, undefined), address, book, store, keys, onInfo);
  }

  onFrame(frame: Frame): void {
    this.outbox.offer(frame);
  }

  onError(error: FrameError): void {
    const topic = `${this.prefix}/${error.keyId ?? UNKNOWN_KEY}/error/json`;
    for (const json of errorJson(error)) this.tell(topic, json);
  }

  onDifference(difference: Difference): void {
    this.tell(`${this.prefix}/${difference.keyId}/difference/json`, differenceJson(difference));
  }

  /** Waits a little for what is on its way. */
  async close(): Promise<void> {
    const endMs = Date.now() + END_MS_MAX;
    while (this.outbox.waiting > 0 && this.client.connected && Date.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 10));
    this.isClosed = true;
    this.outbox.close();
    await this.client.endAsync(!this.client.connected || this.outbox.waiting > 0);
  }

  private tell(topic: string, json: unknown): void {
    this.client.publish(topic, JSON.stringify(json), JSON_OPTIONS, () => {});
  }

  private async send(frame: Frame): Promise<void> {
    const base = `${this.prefix}/${frame.keyId}/${kindName(frame.kind).replaceAll(' ', '-')}`;
    const json = JSON.stringify(frameJson(frame, this.book.of(frame.keyId).device));
    const pack = frame.kind === KIND_READINGS ? senmlPack(frame) : undefined;
    await Promise.all([
      this.client.publishAsync(`${base}/frame`, Buffer.from(frame.bytes), FRAME_OPTIONS),
      this.client.publishAsync(`${base}/json`, json, JSON_OPTIONS),
      ...(pack === undefined ? [] : [this.client.publishAsync(`${base}/senml`, Buffer.from(pack), SENML_OPTIONS)]),
    ]);
  }
}

/** The SenML pack of a readings frame, byte by byte as it was signed. */
export function senmlPack({ bytes }: Frame): Uint8Array | undefined {
  const envelope = parseEnvelope(bytes, 0, bytes.length);
  const body = typeof envelope === 'string' ? undefined : labelled(envelope.payload, LABEL_BODY);
  return body === undefined ? undefined : labelled(body, READINGS_PACK);
}
