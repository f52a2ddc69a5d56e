import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import test from 'ava';
import { formatCef } from '../../../hosts/collector/forward/cef.js';
import { SyslogForward } from '../../../hosts/collector/forward/syslog-forward.js';
import { NameBook } from '../../../hosts/collector/name-book.js';
import { parseSyslogAddress } from '../../../hosts/collector/syslog-address.js';
import { type Frame, verifyFrame } from '../../../hosts/collector/verify.js';
import { SampleBoard } from '../sample-frames.js';
import { until } from '../until.js';

/** RFC 5424 section 6, as strict as this collector's messages need. */
const MESSAGE =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) - \uFEFF(.*)$/su;

function readCef(text: string) {
  const fields = text.split(/(?<!\\)\|/);
  const extension: Record<string, string> = {};
  for (const pair of fields
    .slice(7)
    .join('|')
    .matchAll(/(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)/gs))
    extension[pair[1]] = pair[2].replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
  return { head: fields.slice(0, 7), extension };
}

function frameOf(board: SampleBoard, kind: number): Frame {
  return verifyFrame(board.frame(kind), board.keys) as Frame;
}

function tellAll(forward: SyslogForward, board: SampleBoard): void {
  forward.onFrame(frameOf(board, 1));
  forward.onFrame(frameOf(board, 2));
  forward.onFrame(frameOf(board, 8));
  forward.onError({ reason: 'the signature does not verify', first: 7, last: 7, keyId: board.key.keyId });
  forward.onError({ reason: 'missing', first: 8, last: 12, keyId: board.key.keyId });
  const spread = { mean: 1, min: 1, max: 1 };
  forward.onDifference({
    ...{ state: 'open', keyId: board.key.keyId, device: 'd', channel: 'le=vel|', unit: 'm', sequence: 9, wire: spread },
    ...{ reported: { ...spread, mean: 2 }, tolerance: 0.1, sinceMs: 1000, atMs: 2000 },
  });
}

function check(t: import('ava').ExecutionContext, lines: readonly string[], board: SampleBoard): void {
  const messages = lines.map((line) => MESSAGE.exec(line));
  t.true(
    messages.every((match) => match !== null),
    lines.join('\n'),
  );
  t.deepEqual(
    messages.map((match) => match?.[6]),
    ['incident-open', 'loss', 'forged', 'missing', 'difference'],
  );
  t.is(Number(messages[0]?.[1]), 13 * 8 + 1);
  const [incident, , forged, missing, difference] = messages.map((match) => readCef(match?.[7] as string));
  t.deepEqual(incident.head.slice(0, 4), ['CEF:0', 'Wirewitness', 'Wirewitness collector', '1']);
  t.is(incident.head[6], '9');
  t.like(incident.extension, {
    externalId: '3',
    cat: 'attack-consistent',
    cs2: 'T1691.001 T0831',
    deviceExternalId: board.key.keyId,
  });
  t.is(forged.extension.reason, 'the signature does not verify');
  t.like(missing.extension, { cn1: '8', cn2: '12' });
  t.like(difference.extension, { cs1: 'le=vel|', cfp1: '2', cfp2: '1', cs2: 'T0832 T0835' });
}

test('incidents, losses, forgeries and differences are RFC 5424 messages with CEF, over UDP', async (t) => {
  const lines: string[] = [];
  const server = createSocket('udp4');
  server.on('message', (bytes) => lines.push(bytes.toString()));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const board = new SampleBoard();
  const forward = new SyslogForward(
    { host: '127.0.0.1', port: server.address().port, isTcp: false },
    new NameBook(),
    t.log,
  );
  tellAll(forward, board);
  await until(() => lines.length === 5);
  check(t, lines, board);
  await forward.close();
});

test('over TCP octets are counted, and a server that comes late gets what waited', async (t) => {
  let text = '';
  const server = createServer((socket) => socket.on('data', (bytes) => (text += bytes.toString('latin1'))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const board = new SampleBoard();
  const infos: string[] = [];
  const forward = new SyslogForward({ host: '127.0.0.1', port, isTcp: true }, new NameBook(), (line) =>
    infos.push(line),
  );
  tellAll(forward, board);
  await until(() => infos.length === 1);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const lines = () => {
    const found: string[] = [];
    for (let rest = text; rest !== ''; ) {
      const head = /^(\d+) /.exec(rest);
      if (head === null || rest.length < head[0].length + Number(head[1])) return found;
      const end = head[0].length + Number(head[1]);
      found.push(Buffer.from(rest.slice(head[0].length, end), 'latin1').toString());
      rest = rest.slice(end);
    }
    return found;
  };
  await until(() => lines().length === 5);
  check(t, lines(), board);
  await forward.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test('CEF escapes what would end a field', (t) => {
  const text = formatCef({
    signature: 'a|b',
    name: 'c\\d\ne',
    severity: 3,
    extension: { msg: 'x=y\\z\nw', none: undefined },
  });
  t.is(text, 'CEF:0|Wirewitness|Wirewitness collector|1|a\\|b|c\\\\d e|3|msg=x\\=y\\\\z\\nw');
});

test('addresses of syslog servers', (t) => {
  t.deepEqual(parseSyslogAddress('syslog://siem.example'), { host: 'siem.example', port: 514, isTcp: false });
  t.deepEqual(parseSyslogAddress('syslog+tcp://[::1]:601'), { host: '::1', port: 601, isTcp: true });
  for (const bad of ['syslog://', 'syslog://h:99999', 'http://h', 'syslog://h:0'])
    t.is(parseSyslogAddress(bad), undefined);
});
