/**
 * Evidence frames (kind 3) in the report: what each line of the incident did before and after its onset, smallest and
 * largest of every point, finer than readings, and its raw samples where the board keeps them; one plot per channel and
 * period, rebuilt from verified frames only.
 */
import { rebuildEvidence, type Stretch } from '../evidence.js';
import type { Frame } from '../verify.js';
import type { IncidentFacts } from './incident-facts.js';
import { drawPlot, type PlotPoint } from './plot.js';

const US_PER_S = 1e6;
const US_PER_MS = 1000;

export interface EvidenceSeries {
  readonly channel: number;
  readonly periodUs: number;
  /** Samples one by one, and how many of those wanted are missing; undefined: points of blocks. */
  readonly missing?: number;
  /** In the middle of each period, in seconds from the onset; a contact's level from 0 to 1, both where it moved. */
  readonly points: readonly PlotPoint[];
}

/** The stretches that can be rebuilt, finest first and in the order of the incident's channels. */
export function evidenceSeries({ evidence, onsetUs, channels }: IncidentFacts): EvidenceSeries[] {
  const place = (channel: number) => (channels.includes(channel) ? channels.indexOf(channel) : channels.length);
  const series = evidence.flatMap((frame) => {
    const stretch = rebuilt(frame);
    if (stretch === undefined) return [];
    const { channel, periodUs, missing } = stretch;
    return [{ channel, periodUs, missing, points: pointsOf(stretch, onsetUs) }];
  });
  return series.sort((a, b) => place(a.channel) - place(b.channel) || a.channel - b.channel || a.periodUs - b.periodUs);
}

/** Undefined where the body, though signed, is not as the contract says. */
function rebuilt({ body }: Frame): Stretch | undefined {
  try {
    return rebuildEvidence(body);
  } catch {
    return undefined;
  }
}

function pointsOf({ periodUs, fromUs, min, max, level, edges }: Stretch, onsetUs: number): PlotPoint[] {
  const points: PlotPoint[] = [];
  const count = min?.length ?? level?.length ?? 0;
  for (let i = 0; i < count; i++) {
    const hasMoved = (edges?.[i] ?? 0) > 0;
    const low = min === undefined && hasMoved ? 0 : (min ?? level)?.[i];
    const high = min === undefined && hasMoved ? 1 : (max ?? level)?.[i];
    if (typeof low !== 'number' || typeof high !== 'number') continue;
    const atS = (fromUs + (i + 0.5) * periodUs - onsetUs) / US_PER_S;
    const mean = min === undefined ? (level?.[i] ?? low) : (low + high) / 2;
    points.push({ atS, mean, min: low, max: high });
  }
  return points;
}

/** A plot per channel and period. */
export function evidencePlots(facts: IncidentFacts): string[] {
  const { names, onsetUs, closedUs } = facts;
  return evidenceSeries(facts).map(({ channel, periodUs, missing, points }) => {
    const endS = closedUs === undefined ? undefined : (closedUs - onsetUs) / US_PER_S;
    const isSeen = endS !== undefined && points.some(({ atS }) => atS >= endS);
    return drawPlot({
      title: `${names.channel(channel)}, ${titleOf(missing)} every ${periodUs / US_PER_MS} ms`,
      ...{ unit: names.unit(channel), wire: points, reported: [], low: null, high: null },
      // an end far behind the stretch would leave no room for it
      endS: isSeen ? endS : undefined,
    });
  });
}

function titleOf(missing: number | undefined): string {
  if (missing === undefined) return 'evidence';
  return missing === 0 ? 'raw samples' : `raw samples (${missing} missing)`;
}

/** What the report says of the evidence frames of an incident. */
export function evidenceText(evidence: readonly Frame[]): string {
  if (evidence.length === 0) return 'No evidence frames of this incident are stored.';
  const sequences = evidence.map(({ sequence }) => sequence).join(', ');
  const stretches = evidence.map(rebuilt);
  const bad = stretches.filter((stretch) => stretch === undefined).length;
  const raw = stretches.filter((stretch) => stretch?.missing !== undefined).length;
  const missing = stretches.reduce((sum, stretch) => sum + (stretch?.missing ?? 0), 0);
  const drawn = `${evidence.length} evidence frames of this incident are stored (sequence numbers ${sequences}), and drawn above${raw === 0 ? '' : `; ${raw} of them with raw samples${missing === 0 ? '' : `, of which ${missing} are missing`}`}`;
  return bad === 0 ? `${drawn}.` : `${drawn}, but ${bad} that cannot be read.`;
}
