/** Prints frames and errors on stdout, as lines for people or as JSON; what is worth knowing on stderr. */
import type { Configuration } from '../../modules/config/configuration.js';
import type { CommandAnswer } from './command-sender.js';
import { describeError, describeFrame } from './describe.js';
import type { FrameError } from './frame-error.js';
import { errorJson, frameJson } from './frame-json.js';
import { Names } from './names.js';
import type { Frame } from './verify.js';
import { COMMAND_RESULTS, wordOf } from './vocabulary.js';

export class Printer {
  private readonly isJson: boolean;
  private readonly configuration: Configuration | undefined;
  private readonly names = new Map<string, Names>();

  /** `configuration`: the boards' wiring where it is known, for the names of channels. */
  constructor(isJson: boolean, configuration?: Configuration) {
    this.isJson = isJson;
    this.configuration = configuration;
  }

  frame(frame: Frame): void {
    const names = this.namesOf(frame.keyId);
    names.learn(frame);
    this.line(this.isJson ? JSON.stringify(frameJson(frame, names.device)) : describeFrame(frame, names));
  }

  error(error: FrameError): void {
    if (this.isJson) for (const json of errorJson(error)) this.line(JSON.stringify(json));
    else this.line(describeError(error));
  }

  info(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** What became of a command that was sent; refusals and answers are frames, too. */
  readonly answer = ({ id, result }: CommandAnswer): void => {
    this.info(`command ${id}: ${result === undefined ? 'no answer' : wordOf(COMMAND_RESULTS, result)}`);
  };

  /** As the collector's options want them. */
  handlers() {
    return {
      onFrame: (frame: Frame) => this.frame(frame),
      onError: (error: FrameError) => this.error(error),
      onInfo: (line: string) => this.info(line),
    };
  }

  private line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  private namesOf(keyId: string): Names {
    const known = this.names.get(keyId);
    if (known !== undefined) return known;
    const names = new Names(keyId);
    if (this.configuration !== undefined) names.useConfiguration(this.configuration);
    this.names.set(keyId, names);
    return names;
  }
}
