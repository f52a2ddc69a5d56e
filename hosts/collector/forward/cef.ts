/** ArcSight Common Event Format, version 0: one line per event, its fields escaped. */
export interface CefEvent {
  /** Identifies the kind of event. */
  readonly signature: string;
  readonly name: string;
  /** 0 to 10. */
  readonly severity: number;
  readonly extension: Readonly<Record<string, string | number | undefined>>;
}

const VENDOR = 'Wirewitness';
const PRODUCT = 'Wirewitness collector';
const VERSION = '1';

/** `CEF:0|vendor|product|version|signature|name|severity|key=value ...` */
export function formatCef({ signature, name, severity, extension }: CefEvent): string {
  const head = [VENDOR, PRODUCT, VERSION, signature, name, String(severity)].map(escapeHead).join('|');
  const pairs = Object.entries(extension)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${escapeValue(String(value))}`);
  return `CEF:0|${head}|${pairs.join(' ')}`;
}

function escapeHead(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/[\r\n]+/g, ' ');
}

function escapeValue(text: string): string {
  return text.replace(/[\\=]/g, '\\$&').replace(/\r?\n|\r/g, '\\n');
}
