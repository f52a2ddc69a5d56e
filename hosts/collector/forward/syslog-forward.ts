/** Incidents, losses, forgeries and differences as CEF in syslog (RFC 5424), over UDP or TCP. Memory: QUEUE_MAX lines. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, isIPv6, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { KIND_INCIDENT, KIND_LOSS, LABEL_WALL_CLOCK } from '../../../modules/frame/kinds.js';
import { describeDifference, describeError, describeFrame } from '../describe.js';
import type { FrameError } from '../frame-error.js';
import { bodyJson } from '../frame-json.js';
import type { Difference, Listener } from '../listener.js';
import type { NameBook } from '../name-book.js';
import type { SyslogAddress } from '../syslog-address.js';
import type { Frame } from '../verify.js';
import { DIFFERENCE_TECHNIQUES } from '../vocabulary.js';
import { type CefEvent, formatCef } from './cef.js';
import {
  formatSyslog,
  SYSLOG_ALERT,
  SYSLOG_ERROR,
  SYSLOG_INFORMATIONAL,
  SYSLOG_NOTICE,
  SYSLOG_WARNING,
} from './syslog-message.js';

const QUEUE_MAX = 10_000;
const RECONNECT_MS = 1000;
const CEF_SEVERITY: Readonly<Record<string, number>> = Object.freeze({ notice: 2, low: 4, medium: 7, high: 9 });
const CEF_LOSS = 5;
const CEF_ERROR = 8;
const CEF_DIFFERENCE = 9;
const CEF_CLOSED = 3;

export class SyslogForward implements Listener {
  /** Lines that the target will never get. */
  dropped = 0;
  private readonly address: SyslogAddress;
  private readonly book: NameBook;
  private readonly say: (line: string) => void;
  private readonly udp: UdpSocket | undefined;
  private tcp: Socket | undefined;
  private readonly queue: string[] = [];
  private reconnect: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isTold = false;

  constructor(address: SyslogAddress, book: NameBook, onInfo: (line: string) => void) {
    this.address = address;
    this.book = book;
    this.say = onInfo;
    if (address.isTcp) this.connect();
    else {
      this.udp = createSocket(isIPv6(address.host) ? 'udp6' : 'udp4');
      this.udp.on('error', (error) => this.trouble(error.message));
      this.udp.unref();
    }
  }

  onFrame(frame: Frame): void {
    if (frame.kind === KIND_INCIDENT) this.incident(frame);
    else if (frame.kind === KIND_LOSS)
      this.tell(SYSLOG_WARNING, frame, {
        signature: 'loss',
        name: 'The witness lost blocks or frames',
        severity: CEF_LOSS,
      });
  }

  onError(error: FrameError): void {
    const { reason, first, last, keyId } = error;
    const isMissing = reason.startsWith('missing') || reason.startsWith('overwritten');
    this.send(isMissing ? SYSLOG_WARNING : SYSLOG_ERROR, isMissing ? 'missing' : 'forged', {
      signature: isMissing ? 'missing' : 'forged',
      name: isMissing ? 'Frames are missing' : 'A frame does not verify',
      severity: CEF_ERROR,
      extension: {
        reason,
        deviceExternalId: keyId,
        cn1: first,
        cn1Label: 'first',
        cn2: last,
        cn2Label: 'last',
        msg: describeError(error),
      },
    });
  }

  onDifference(difference: Difference): void {
    const { state, keyId, device, channel, wire, reported, sinceMs, sequence } = difference;
    const isOpen = state === 'open';
    this.send(isOpen ? SYSLOG_ALERT : SYSLOG_NOTICE, 'difference', {
      signature: 'difference',
      name: isOpen ? 'Reported differs from wire' : 'Reported agrees with wire again',
      severity: isOpen ? CEF_DIFFERENCE : CEF_CLOSED,
      extension: {
        ...{ deviceExternalId: keyId, dvchost: device, start: sinceMs, cs1: channel, cs1Label: 'channel' },
        ...{ cfp1: reported.mean, cfp1Label: 'reported', cfp2: wire.mean, cfp2Label: 'wire' },
        ...{ cs2: DIFFERENCE_TECHNIQUES.join(' '), cs2Label: 'consistentWith', cn1: sequence, cn1Label: 'sequence' },
        msg: describeDifference(difference),
      },
    });
  }

  onStoreState(reason: string | undefined): void {
    const name = reason === undefined ? 'The store takes frames again' : 'The store takes no frames';
    const severity = reason === undefined ? CEF_CLOSED : CEF_ERROR;
    this.send(reason === undefined ? SYSLOG_NOTICE : SYSLOG_ALERT, 'store', {
      signature: 'store',
      name,
      severity,
      extension: { reason },
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.reconnect);
    const { udp, tcp } = this;
    if (udp !== undefined) await new Promise<void>((resolve) => udp.close(() => resolve()));
    if (tcp !== undefined) await new Promise<void>((resolve) => (tcp.destroyed ? resolve() : tcp.end(() => resolve())));
  }

  private incident(frame: Frame): void {
    const body = bodyJson(frame.kind, frame.body) as Record<string, string & { ids?: string[] }>;
    const isClosed = body.state === 'closed';
    const isAttack = body.class === 'attack-consistent';
    const severity = isClosed ? SYSLOG_NOTICE : isAttack ? SYSLOG_ALERT : SYSLOG_INFORMATIONAL;
    this.tell(severity, frame, {
      signature: `incident-${body.state}`,
      name: `Incident ${body.state}: ${body.class}`,
      severity: isClosed ? CEF_CLOSED : (CEF_SEVERITY[body.severity] ?? CEF_ERROR),
      extension: {
        ...{ externalId: body.id, cat: body.class, cs1: body.detector, cs1Label: 'detector' },
        ...{ cs2: body.techniques?.ids?.join(' '), cs2Label: body.techniques && 'consistentWith' },
      },
    });
  }

  /** An event that a frame tells. */
  private tell(severity: number, frame: Frame, event: Omit<CefEvent, 'extension'> & Partial<CefEvent>): void {
    const names = this.book.of(frame.keyId);
    const wallClock = frame.payload.get(LABEL_WALL_CLOCK) as readonly number[] | undefined;
    this.send(severity, event.signature, {
      ...event,
      extension: {
        ...{ deviceExternalId: frame.keyId, dvchost: names.device, rt: wallClock?.[0] },
        ...{ cn1: frame.sequence, cn1Label: 'sequence', cn2: frame.boot, cn2Label: 'boot' },
        ...event.extension,
        msg: describeFrame(frame, names),
      },
    });
  }

  private send(severity: number, id: string, event: CefEvent): void {
    const text = formatCef(event);
    const line = formatSyslog({ severity, atMs: Date.now(), host: hostname(), id, text });
    if (this.udp !== undefined) {
      this.udp.send(line, this.address.port, this.address.host, (error) => error && this.trouble(error.message));
      return;
    }
    if (this.queue.length < QUEUE_MAX) this.queue.push(line);
    else this.dropped++;
    this.flush();
  }

  /** Octet counting: MSG-LEN SP SYSLOG-MSG. */
  private flush(): void {
    const { tcp } = this;
    while (tcp !== undefined && this.queue.length > 0) {
      const line = this.queue.shift() as string;
      tcp.write(`${Buffer.byteLength(line)} ${line}`);
    }
  }

  private connect(): void {
    const { host, port } = this.address;
    const socket = connect({ host, port });
    socket.unref();
    socket.on('connect', () => {
      this.tcp = socket;
      this.isTold = false;
      this.flush();
    });
    socket.on('error', (error) => this.trouble(error.message));
    socket.on('close', () => {
      this.tcp = undefined;
      if (this.isClosed) return;
      this.trouble('connection lost');
      this.reconnect = setTimeout(() => this.connect(), RECONNECT_MS).unref();
    });
  }

  private trouble(reason: string): void {
    if (!this.isTold && !this.isClosed) this.say(`syslog ${this.address.host}:${this.address.port}: ${reason}`);
    this.isTold = true;
  }
}
