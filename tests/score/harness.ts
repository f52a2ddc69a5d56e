/** One replay under one detector: the firmware in a process of its own, or a trivial detector here. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Recording, readRecording, rowSeconds } from '../../hosts/bench/recording.js';
import { type Predictions, parsePredictions, predictionsOf } from './predictions.js';
import { TRIVIAL } from './trivial.js';

/** This file runs from build/tests/score. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REPLAY = join(ROOT, 'build', 'hosts', 'bench', 'replay.js');
const SECONDS_PER_DAY = 86_400;
/** Replays at the same time. */
const PROCESSES = 2;

/** What is learned from and what is watched: FILE[:A-B] each. */
export interface Run {
  readonly learn: readonly string[];
  readonly watch: readonly string[];
}

/** What an installer states of a suite. */
export interface Wiring {
  readonly falseAlarmsPerDay: number;
  /** Path of a wiring file from the root. */
  readonly wiring?: string;
}

/** What the firmware says of its learning; '-' where it does not. */
export type LearningLevel = 'not learned' | 'provisional' | 'sufficient' | '-';

export interface Learning {
  readonly level: LearningLevel;
  /** The largest over channels of the variance of the quarters' means over the mean of their variances. */
  readonly convergence: number | null;
}

/** Says what a detector makes of a run. */
export type Detect = (run: Run, wiring: Wiring) => Promise<Predictions>;

/** Replays, each once however often it is asked for. */
export class Harness {
  private readonly folder: string;
  private readonly engine: string;
  private readonly replays = new Map<string, Promise<{ predictions: Predictions; learning: Learning }>>();
  private readonly recordings = new Map<string, Recording>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  /** `folder`: for files of the run; `engine`: where the firmware runs. */
  constructor(folder: string, engine: string) {
    this.folder = folder;
    this.engine = engine;
  }

  readonly firmware: Detect = async (run, wiring) => (await this.replay(run, wiring)).predictions;

  /** The trivial detector of that name. */
  trivial(name: string): Detect {
    return async (run, wiring) => {
      const learn = run.learn.map((source) => this.recording(source));
      const watch = run.watch.map((source) => this.recording(source));
      const rowsPerAlarm = this.rowsPerAlarm(run, wiring);
      return predictionsOf(watch, TRIVIAL[name]({ learn, watch, rowsPerAlarm }));
    };
  }

  async learning(run: Run, wiring: Wiring): Promise<Learning> {
    return (await this.replay(run, wiring)).learning;
  }

  recording(source: string): Recording {
    let recording = this.recordings.get(source);
    if (recording === undefined) {
      recording = readRecording(source);
      this.recordings.set(source, recording);
    }
    return recording;
  }

  rowsPerAlarm({ learn }: Run, { falseAlarmsPerDay }: Wiring): number {
    return SECONDS_PER_DAY / (rowSeconds(this.recording(learn[0])) * falseAlarmsPerDay);
  }

  private replay(run: Run, wiring: Wiring): Promise<{ predictions: Predictions; learning: Learning }> {
    const key = JSON.stringify([run, wiring]);
    let replay = this.replays.get(key);
    if (replay === undefined) {
      replay = this.start(run, wiring, join(this.folder, `replay-${this.replays.size}.csv`));
      this.replays.set(key, replay);
    }
    return replay;
  }

  private async start(run: Run, { falseAlarmsPerDay, wiring }: Wiring, out: string) {
    if (this.running === PROCESSES) await new Promise<void>((free) => this.waiting.push(free));
    else this.running++;
    try {
      const arguments_ = ['--learn', ...run.learn, '--watch', ...run.watch, '--out', out, '--json'];
      arguments_.push('--false-alarms-per-day', `${falseAlarmsPerDay}`, '--engine', this.engine);
      if (wiring) arguments_.push('--wiring', join(ROOT, wiring));
      const { stdout } = await promisify(execFile)(process.execPath, [REPLAY, ...arguments_]);
      const { learning = '-', convergence = null } = JSON.parse(stdout.trim().split('\n').pop() as string);
      return { predictions: parsePredictions(readFileSync(out, 'utf8')), learning: { level: learning, convergence } };
    } catch (error) {
      const { stderr = '', message } = error as { stderr?: string; message: string };
      const told = stderr.trim().split('\n').pop() || message;
      throw new Error(told.replace(/^replay: /, ''));
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
