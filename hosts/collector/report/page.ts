/** A notice with its plots as one HTML file that needs nothing else. */
import { evidencePlots, evidenceText } from './evidence-series.js';
import type { IncidentFacts } from './incident-facts.js';
import type { Notice } from './notice.js';
import { escapeXml } from './plot.js';
import { plotsOf } from './plots.js';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; color: #1a1a1a; }
h1 { font-size: 1.5em; } h2 { font-size: 1.1em; margin: 1.4em 0 0.3em; }
p { margin: 0.3em 0; overflow-wrap: anywhere; } .open { background: #fff3c4; }
svg { width: 100%; height: auto; margin: 0.6em 0; } svg text { font-size: 11px; fill: #555; }
svg .title { font-size: 13px; fill: #1a1a1a; } svg .value { text-anchor: end; } svg .time { text-anchor: middle; }
svg .band { fill: #1f6feb; opacity: 0.18; } svg .wire { fill: none; stroke: #1f6feb; stroke-width: 1.6; }
svg .reported { fill: none; stroke: #d1242f; stroke-width: 1.6; stroke-dasharray: 6 3; }
svg .expected { stroke: #57606a; stroke-dasharray: 2 3; } svg .onset { stroke: #d1242f; } svg .end { stroke: #57606a; }
`;

const EVIDENCE_LEGEND =
  'As the witness recorded it before and after the onset (upright line, 0 s): band from the smallest to the largest value of each point, line between them; raw samples one by one, where they were kept.';

/** Lines in square brackets are for people to fill in, and marked so. */
export function renderPage(notice: Notice, facts: IncidentFacts): string {
  const plots = plotsOf(facts);
  const evidence = evidencePlots(facts);
  const legend =
    'Blue: measured on the wire, mean in the band from smallest to largest. Red, broken: reported by PLC or SCADA. Dotted: expected range. Upright lines: onset and end.';
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeXml(notice.title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeXml(notice.title)}</h1>`,
    ...notice.sections.flatMap(({ heading, lines }) => [
      `<h2>${escapeXml(heading)}</h2>`,
      ...lines.map((line) => `<p${line.startsWith('[') ? ' class="open"' : ''}>${escapeXml(line)}</p>`),
    ]),
    '<h2>Plots</h2>',
    `<p>${escapeXml(plots.length === 0 ? 'No readings of its channels are stored.' : legend)}</p>`,
    ...plots,
    '<h2>Evidence</h2>',
    ...(evidence.length === 0 ? [] : [`<p>${escapeXml(EVIDENCE_LEGEND)}</p>`]),
    ...evidence,
    `<p>${escapeXml(evidenceText(facts.evidence))}</p>`,
    '</body></html>',
    '',
  ].join('\n');
}
