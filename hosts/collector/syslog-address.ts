/** `syslog://HOST[:PORT]` over UDP (RFC 5426), or `syslog+tcp://` with counted octets (RFC 6587 section 3.4.1). */
const PORT_DEFAULT = 514;

export interface SyslogAddress {
  readonly host: string;
  readonly port: number;
  readonly isTcp: boolean;
}

/** Undefined when it is none. */
export function parseSyslogAddress(text: string): SyslogAddress | undefined {
  const match = /^syslog(\+tcp|\+udp)?:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]]+))(?::(\d{1,5}))?\/?$/.exec(text);
  const port = Number(match?.[4] ?? PORT_DEFAULT);
  if (match === null || port > 65535 || port === 0) return undefined;
  return { host: match[2] ?? match[3], port, isTcp: match[1] === '+tcp' };
}
