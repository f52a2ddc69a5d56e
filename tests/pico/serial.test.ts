/** hosts/pico/serial.c on the emulated chip: what is on the line, and when the driver is. */
import test, { type ExecutionContext } from 'ava';
import { chipTest, prepareImage } from './chip-test.js';
import { DEAF, SERIAL_OVERRUNS, SERIAL_PINS, TestBoard } from './test-board.js';

const DRIVER_PIN = SERIAL_PINS[2];
const BITS_A_CHARACTER = 10;
/** To the emulator's clock and the state machine's divider of 1/256. */
const BAUD_TOLERANCE = 0.002;

test.before(prepareImage);

/** The line as a receiver sees it. */
class Line {
  readonly bytes: number[] = [];
  /** Driver on and off, in order. */
  readonly driver: { readonly isOn: boolean; readonly atNs: number }[] = [];
  private lastEndNs = -1;
  private readonly t: ExecutionContext;
  private readonly characterNs: number;

  constructor(t: ExecutionContext, board: TestBoard, baud: number) {
    this.t = t;
    this.characterNs = (BITS_A_CHARACTER * 1e9) / baud;
    board.chip.uart[1].onByte = (byte, startNs, endNs) => this.take(byte, startNs, endNs);
    board.chip.gpio(DRIVER_PIN).onChange((isOn) => this.drive(isOn, board.chip.clock.nanos));
  }

  get isOn(): boolean {
    return this.driver.at(-1)?.isOn === true;
  }

  /** The driver must have been on before the start bit. */
  private take(byte: number, startNs: number, endNs: number): void {
    const on = this.driver.at(-1);
    if (on?.isOn !== true || on.atNs >= startNs) this.t.fail(`byte ${this.bytes.length} left with the driver off`);
    this.bytes.push(byte);
    this.lastEndNs = endNs;
  }

  /** It must go off after the last stop bit, within one character. */
  private drive(isOn: boolean, atNs: number): void {
    this.driver.push({ isOn, atNs });
    if (isOn) return;
    const afterNs = atNs - this.lastEndNs;
    if (afterNs <= 0 || afterNs >= this.characterNs)
      this.t.fail(`the driver went off ${afterNs} ns after the last bit`);
  }
}

function message(length: number, first: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (first + i * 37) & 0xff);
}

function open(t: ExecutionContext, baud: number): { board: TestBoard; line: Line } {
  const board = new TestBoard();
  t.true(board.serialOpen(baud));
  t.true(Math.abs(board.chip.uart[1].baud / baud - 1) < BAUD_TOLERANCE);
  return { board, line: new Line(t, board, baud) };
}

for (const baud of [9600, 115_200]) {
  chipTest(`at ${baud} baud the driver is on around each message and off within a character`, (t) => {
    const { board, line } = open(t, baud);
    const characterUs = (BITS_A_CHARACTER * 1e6) / baud;
    const expected: number[] = [];
    let messages = 0;
    for (const length of [1, 2, 33, 1000]) {
      const bytes = message(length, length);
      t.true(board.serialSend(bytes));
      board.run((length + 3) * characterUs);
      messages++;
      expected.push(...bytes);
      t.deepEqual(line.bytes, expected);
      t.false(line.isOn);
      t.is(line.driver.length, 2 * messages);
    }
  });
}

chipTest('messages one after the other leave whole, and what finds no room is refused', (t) => {
  const { board, line } = open(t, 115_200);
  const lengths = [1000, 1, 1000, 1000, 1000];
  lengths.forEach((length, i) => {
    t.true(board.serialSend(message(length, i)));
  });
  t.false(board.serialSend(message(1000, 9)), 'no room');
  board.run(400_000);
  t.deepEqual(
    line.bytes,
    lengths.flatMap((length, i) => [...message(length, i)]),
  );
  t.is(line.driver.length, 2 * lengths.length);
  t.true(board.serialSend(message(1000, 9)), 'room again');
});

chipTest('a gap within a message leaves the driver on', (t) => {
  const { board, line } = open(t, 115_200);
  t.true(board.serialSend(message(200, 1)));
  board.command(DEAF, 50_000);
  t.true(line.bytes.length < 200 && line.isOn, `${line.bytes.length} bytes while deaf`);
  board.run(30_000);
  t.deepEqual(Uint8Array.from(line.bytes), message(200, 1));
  t.is(line.driver.length, 2);
});

chipTest('bytes that find no room are counted', (t) => {
  const { board } = open(t, 115_200);
  board.chip.uartReceive(1, message(2100, 5));
  board.run(200_000);
  t.deepEqual(board.serialReceive(), message(2048, 5));
  t.is(board.command(SERIAL_OVERRUNS), 2100 - 2048);
  board.chip.uartReceive(1, message(100, 7));
  board.command(DEAF, 20_000);
  t.true(board.command(SERIAL_OVERRUNS) > 2100 - 2048, 'the FIFO was full while the CPU was deaf');
});

chipTest('a machine that misses start bits is restarted: the driver does not stay on', (t) => {
  const board = new TestBoard();
  t.true(board.serialOpen(115_200));
  t.true(board.serialSend(message(100, 1)));
  board.run(3000);
  // The TX pin is held high for some characters, as by a short circuit.
  const pin = board.chip.gpio(SERIAL_PINS[0]);
  const ctrl = pin.ctrl;
  pin.ctrl = ctrl | (3 << 8);
  pin.update();
  board.run(2000);
  pin.ctrl = ctrl;
  pin.update();
  board.run(10_000);
  t.true(board.chip.gpio(DRIVER_PIN).isHigh, 'the machine waits for start bits that are gone');
  board.serialReceive();
  board.run(1000);
  board.serialReceive();
  t.false(board.chip.gpio(DRIVER_PIN).isHigh);
  const line = new Line(t, board, 115_200);
  t.true(board.serialSend(message(50, 2)));
  board.run(10_000);
  t.deepEqual(Uint8Array.from(line.bytes), message(50, 2), 'and the next message leaves');
});

chipTest('pins that cannot be are refused', (t) => {
  const board = new TestBoard();
  for (const pins of [
    [9, 10, 11],
    [8, 10, 11],
    [8, 9, 9],
    [8, 9, 30],
    [8, 9],
  ]) {
    t.false(board.serialOpen(115_200, pins), `${pins}`);
  }
  t.false(board.serialOpen(100));
  t.true(board.serialOpen(115_200));
  t.false(board.serialOpen(115_200), 'twice');
});
