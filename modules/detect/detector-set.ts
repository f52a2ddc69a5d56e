/** The detectors that work on rows, as the wiring asks for them: those that are fused into one alarm, and the drift. */
import type { AnalogSignal } from '../condition/analog-signal.js';
import type { ContactSignal } from '../condition/contact-signal.js';
import type { Configuration } from '../config/configuration.js';
import { ContactHistory } from '../model/contact-history.js';
import { CycleClock } from '../model/cycle-clock.js';
import { ModelRow } from '../model/model-row.js';
import { ResidualModel } from '../model/residual-model.js';
import { ChatterDetector } from './chatter.js';
import { DriftDetector } from './drift.js';
import { DwellDetector } from './dwell.js';
import { Fusion } from './fusion.js';
import { GuardDetector } from './guard.js';
import { lineKinds, pairedLines } from './line-kind.js';
import { NoiseDetector } from './noise.js';
import { OccupancyDetector } from './occupancy.js';
import { PhaseEnvelope } from './phase-envelope.js';
import { ProgramStop } from './program-stop.js';
import { Ranking } from './ranking.js';
import { RateDetector } from './rate.js';
import { ReplayDetector } from './replay.js';
import { ResidualDetector } from './residual.js';
import type { RowDetector } from './row-detector.js';
import { ScanTimeDetector } from './scan-time.js';
import { SequenceDetector } from './sequence.js';

/** Made once at boot. */
export class DetectorSet {
  /** In the order of their work and of the archive. */
  readonly all: RowDetector[] = [];
  readonly model: ResidualModel;
  /** Samples one channel's blocks in turn: it wants to see them. */
  readonly noise: NoiseDetector;
  readonly drift: DriftDetector;
  readonly fusion: Fusion;
  readonly history: ContactHistory;
  readonly stop: ProgramStop;
  private readonly fused: RowDetector[];

  /** `row`: what `signals` and `contacts` gather, in this order. */
  constructor(c: Configuration, row: ModelRow, signals: readonly AnalogSignal[], contacts: readonly ContactSignal[]) {
    const rowUs = c.blockUs * c.modelBlocks;
    const resolutions: number[] = [];
    for (let i = 0; i < c.analog.length; i++) resolutions.push(c.analog[i].resolution);
    const learnRows = Math.floor(c.learnBlocks / c.modelBlocks);
    // linear residuals fail where a machine moves in cycles: the envelope of the phase takes their place
    const clock = c.cycleStart === null ? null : new CycleClock(c.cycleStart);
    const modelled = clock === null ? row : new ModelRow(0, c.modelBlocks, c.blockSamples);
    this.model = new ResidualModel(modelled, clock === null ? resolutions : [], learnRows, c.neighboursMax);
    const channels = c.analog.length;
    const ranking = new Ranking(channels > c.digital.length ? channels : c.digital.length);
    const fused: RowDetector[] = [new ResidualDetector(this.model, ranking)];
    if (clock !== null) fused.push(new PhaseEnvelope(row, resolutions, clock, ranking));
    const history = new ContactHistory(c.analog.length, c.digital.length);
    this.history = history;
    const dwell = new DwellDetector(history, rowUs / 1e6, pairedLines(c));
    fused.push(dwell, new GuardDetector(history, row), new SequenceDetector(history));
    const kinds = lineKinds(c);
    this.stop = new ProgramStop(contacts, kinds, dwell);
    this.noise = new NoiseDetector(signals, channels, c.blockSamples, ranking);
    fused.push(
      this.noise,
      // how fast a machine may move depends on the phase of its cycle, too: the envelope knows it
      new RateDetector(clock === null ? resolutions : []),
      new ReplayDetector(channels, ranking),
      new ChatterDetector(contacts, kinds, channels, ranking),
      new ScanTimeDetector(contacts, kinds, channels, c.blockSamples, c.blockUs / c.blockSamples, ranking),
    );
    if (c.hasOccupancy) fused.push(new OccupancyDetector(history, row, resolutions));
    this.drift = new DriftDetector(this.model, rowUs, ranking);
    this.fusion = new Fusion(fused, [this.drift], clock);
    this.fused = fused;
    this.all.push(...fused, this.drift);
  }

  /** Lets go of all of them, before others are made: both do not fit. */
  release(): void {
    this.all.length = 0;
    this.fused.length = 0;
    this.model.release();
  }
}
