/** Prints frames and errors on stdout, as lines for people or as JSON; what is worth knowing on stderr. */
import type { Configuration } from '../../modules/config/configuration.js';
import type { CommandAnswer } from './command-sender.js';
import { describeDifference, describeError, describeFrame } from './describe.js';
import type { FrameError } from './frame-error.js';
import { differenceJson, errorJson, frameJson } from './frame-json.js';
import type { Difference, Listener } from './listener.js';
import { NameBook } from './name-book.js';
import type { Frame } from './verify.js';
import { COMMAND_RESULTS, wordOf } from './vocabulary.js';

export class Printer {
  private readonly isJson: boolean;
  private readonly book: NameBook;

  /** `configuration`: the boards' wiring where it is known, for the names of channels; or a book of names. */
  constructor(isJson: boolean, configuration?: Configuration | NameBook) {
    this.isJson = isJson;
    this.book = configuration instanceof NameBook ? configuration : new NameBook(configuration);
  }

  frame(frame: Frame): void {
    const names = this.book.learn(frame);
    this.line(this.isJson ? JSON.stringify(frameJson(frame, names.device)) : describeFrame(frame, names));
  }

  error(error: FrameError): void {
    if (this.isJson) for (const json of errorJson(error)) this.line(JSON.stringify(json));
    else this.line(describeError(error));
  }

  difference(difference: Difference): void {
    this.line(this.isJson ? JSON.stringify(differenceJson(difference)) : describeDifference(difference));
  }

  storeState(reason: string | undefined): void {
    const line = reason === undefined ? 'store: it takes frames again' : `store: it takes no frames: ${reason}`;
    if (this.isJson) this.line(JSON.stringify({ store: reason === undefined ? 'good' : 'refusing', reason }));
    this.info(line);
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
      onDifference: (difference: Difference) => this.difference(difference),
      onStoreState: (reason: string | undefined) => this.storeState(reason),
      onInfo: (line: string) => this.info(line),
    } satisfies Listener;
  }

  private line(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
