/**
 * The text of a notice under Directive (EU) 2022/2555 (NIS2), article 23(4): early warning (a) within 24 hours, incident
 * notification (b) within 72 hours of becoming aware, final report (d) within one month of (b). What frames cannot say is
 * left open in square brackets for those who answer for it.
 */
import { describeFrame } from '../describe.js';
import type { IncidentFacts } from './incident-facts.js';

export const STAGES = ['24h', '72h', 'month'] as const;
export type Stage = (typeof STAGES)[number];

const HOUR_MS = 3_600_000;
const DEADLINE_MS: Readonly<Record<Stage, number>> = { '24h': 24 * HOUR_MS, '72h': 72 * HOUR_MS, month: 72 * HOUR_MS };

const TITLES: Readonly<Record<Stage, string>> = {
  '24h': 'Early warning (NIS2 article 23(4)(a))',
  '72h': 'Incident notification (NIS2 article 23(4)(b))',
  month: 'Final report (NIS2 article 23(4)(d))',
};

const CLASS_TEXT: Readonly<Record<string, string>> = {
  'attack-consistent': 'What was measured is consistent with an unlawful or malicious act.',
  fault:
    'What was measured is that of a fault of equipment or wiring; an unlawful or malicious act is not indicated by it, nor excluded.',
  process:
    'What was measured is that of a change of the process; an unlawful or malicious act is not indicated by it, nor excluded.',
};

const VERDICT_TEXT: Readonly<Record<string, string>> = {
  late: 'An order was executed late.',
  missing: 'An order was given on the wire and not executed.',
  contradicted: 'The execution measured contradicts the order.',
  unordered: 'An actuator moved without an order on the wire.',
};

export interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

export interface Notice {
  readonly title: string;
  readonly sections: readonly Section[];
}

export function composeNotice(facts: IncidentFacts, stage: Stage): Notice {
  const sections = [who(facts), when(facts, stage), suspicion(facts)];
  if (stage !== '24h') sections.push(impact(facts), indicators(facts));
  if (stage === 'month')
    sections.push(cause(facts), { heading: 'Measures', lines: ['[mitigation measures applied and under way]'] });
  sections.push(crossBorder(stage), reportedAgainstWire(facts), proof(facts));
  return { title: TITLES[stage], sections: sections.filter(({ lines }) => lines.length > 0) };
}

/** Time of day of an uptime, or the uptime where no clock is known. */
export function timeText({ clock }: IncidentFacts, uptimeUs: number): string {
  const uptime = `${(uptimeUs / 1e6).toFixed(3)} s after the boot of the device`;
  if (clock.source === 'none') return uptime;
  const date = new Date(clock.zeroMs + uptimeUs / 1000);
  return `${date.toISOString()} (${clock.source}, uncertain by ${clock.uncertaintyMs} ms; ${uptime})`;
}

function who({ keyId, names, boot, id, bootBody }: IncidentFacts): Section {
  const lines = [
    '[entity, sector and contact]',
    `Incident ${id} of boot ${boot}, seen by the witness ${names.device} (key ${keyId}).`,
  ];
  if (bootBody !== undefined)
    lines.push(
      `Firmware ${bootBody.firmwareVersion} (digest ${bootBody.firmwareDigest}), configuration digest ${bootBody.configurationDigest}, key in ${bootBody.keyAssurance}.`,
    );
  return { heading: 'Who reports', lines };
}

function when(facts: IncidentFacts, stage: Stage): Section {
  const { frames, onsetUs, closedUs, bodies } = facts;
  const lines = [`Onset: ${timeText(facts, onsetUs)}.`];
  lines.push(
    closedUs === undefined
      ? 'It is not closed in the frames stored.'
      : `Closed: ${timeText(facts, closedUs)}, after ${bodies.at(-1)?.durationMs / 1000} s.`,
  );
  const [{ receivedMs }] = frames;
  if (receivedMs > 0) {
    const dueMs = receivedMs + DEADLINE_MS[stage];
    const month = new Date(dueMs);
    if (stage === 'month') month.setUTCMonth(month.getUTCMonth() + 1);
    const due =
      stage === 'month'
        ? `${month.toISOString()} if the notification went out at its limit`
        : new Date(dueMs).toISOString();
    lines.push(
      `First frame of it received: ${new Date(receivedMs).toISOString()} (clock of the collector). If that is when the entity became aware, this notice is due by ${due}.`,
    );
  } else lines.push('When the first frame of it was received is not known; [when the entity became aware].');
  return { heading: 'When', lines };
}

function suspicion({ bodies, names }: IncidentFacts): Section {
  const first = bodies[0];
  const worst = bodies.find(({ class: kind }) => kind === 'attack-consistent') ?? first;
  const lines = [CLASS_TEXT[worst.class] ?? `Class ${worst.class}.`];
  const verdict = bodies.find((body) => body.verdict !== undefined)?.verdict;
  if (verdict !== undefined)
    lines.push(`${VERDICT_TEXT[verdict.verdict] ?? `Verdict ${verdict.verdict}.`} (${names.pair(verdict.pair)})`);
  lines.push('[whether it is suspected of being caused by unlawful or malicious acts]');
  return { heading: 'Suspected cause', lines };
}

function impact({ bodies, channels, names }: IncidentFacts): Section {
  const worst = bodies.reduce(
    (most, body) => (Number(body.scorePerMille) > Number(most.scorePerMille) ? body : most),
    bodies[0],
  );
  const lines = [
    `Severity by the witness: ${worst.severity}; largest score ${worst.scorePerMille / 1000} times the alarm threshold, detector ${worst.detector}.`,
    `Channels concerned: ${channels.map((channel) => names.channel(channel)).join(', ') || 'none, the links'}.`,
    '[impact on the service, users and territory concerned]',
  ];
  return { heading: 'Severity and impact', lines };
}

function indicators({ bodies }: IncidentFacts): Section {
  const techniques = bodies.filter((body) => body.techniques !== undefined).pop()?.techniques;
  const lines =
    techniques === undefined
      ? ['The frames name no technique.']
      : [`Consistent with ${techniques.ids.join(', ')} of ATT&CK for ICS, catalogue version ${techniques.version}.`];
  return { heading: 'Indicators', lines: [...lines, '[indicators of compromise from hosts and networks]'] };
}

function cause({ frames, names }: IncidentFacts): Section {
  const course = frames.map(({ frame }) => describeFrame(frame, names));
  return {
    heading: 'Course and likely root cause',
    lines: [...course, '[type of threat or root cause that is likely to have triggered it]'],
  };
}

function crossBorder(stage: Stage): Section {
  const lines = [
    stage === 'month' ? '[cross-border impact, where there is any]' : '[whether it could have a cross-border impact]',
  ];
  return { heading: 'Cross-border impact', lines };
}

function reportedAgainstWire(facts: IncidentFacts): Section {
  const lines: string[] = [];
  for (const channel of new Set(facts.reported.map((line) => line.channel))) {
    const own = facts.reported.filter((line) => line.channel === channel);
    const open = own.filter(({ isOpen }) => isOpen);
    if (open.length === 0)
      lines.push(
        `${channel}: what was reported agreed with the wire, within ${own[0].tolerance}, in ${own.length} comparisons.`,
      );
    else
      lines.push(
        `${channel}: REPORTED DIFFERS FROM WIRE in ${open.length} of ${own.length} comparisons, from ${new Date(open[0].atMs).toISOString()} to ${new Date(open[open.length - 1].atMs).toISOString()}: consistent with T0832 and T0835.`,
      );
  }
  if (lines.length > 0)
    lines.push(
      'The wire side is signed by the witness; the reported side was read by the collector over Modbus and is not signed.',
    );
  return { heading: 'Reported against wire', lines };
}

function proof({ chain, frames, keys, losses, names }: IncidentFacts): Section {
  const sequences = frames.map(({ frame }) => frame.sequence).join(', ');
  const lines = [
    `What is not said to come from the collector comes from frames whose signatures were verified; this incident is in the frames ${sequences}.`,
    `Stored frames of this device: ${chain.verified} verified, ${chain.refused} refused, ${chain.missing.length === 0 ? 'none missing in between, hash chain unbroken' : `missing or out of place: ${chain.missing.join('; ')}`}.`,
    ...keys.map((frame) => `The device replaced its key, announced by the old one: ${describeFrame(frame, names)}`),
    ...losses.map((frame) => `The witness itself says: ${describeFrame(frame, names)}`),
  ];
  return { heading: 'Proof', lines };
}
