/** Messages of RFC 5424. */
/** Facility 13, log audit (RFC 5424 section 6.2.1). */
const FACILITY_AUDIT = 13;
const NIL = '-';
const BOM = '\uFEFF';
const HOST_CHARACTERS_MAX = 255;

/** Severities of RFC 5424 section 6.2.1. */
export const SYSLOG_ALERT = 1;
export const SYSLOG_ERROR = 3;
export const SYSLOG_WARNING = 4;
export const SYSLOG_NOTICE = 5;
export const SYSLOG_INFORMATIONAL = 6;

export interface SyslogMessage {
  readonly severity: number;
  readonly atMs: number;
  readonly host: string;
  /** MSGID. */
  readonly id: string;
  readonly text: string;
}

/** `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID - BOM TEXT` */
export function formatSyslog({ severity, atMs, host, id, text }: SyslogMessage): string {
  const name = host.replace(/[^\x21-\x7e]/g, '').slice(0, HOST_CHARACTERS_MAX) || NIL;
  const head = `<${FACILITY_AUDIT * 8 + severity}>1 ${new Date(atMs).toISOString()} ${name} wirewitness ${process.pid}`;
  return `${head} ${id} ${NIL} ${BOM}${text}`;
}
