/** hosts/pico/capture.c on the emulated chip: no sample is lost, doubled or misplaced, whatever the CPU does. */
import test, { type ExecutionContext } from 'ava';
import { chipTest, prepareImage } from './chip-test.js';
import { ANALOG_INPUTS, CountingWires, DIGITAL_INPUTS } from './counting-wires.js';
import { CAPTURE_PINS, DEAF, ERASE_FROM_FLASH, FLASH_ERASE, TestBoard } from './test-board.js';

const BLOCK_US = 10_000;
const INPUT_PINS = [0, 1, 2, 3, 4, 5, 6, 7, 11, 26, 27, 28, 29];
const PAD_OUTPUT_DISABLE = 0x80;
const CYCLES_A_MS = 125_000;
/** Without the external converter: emulated faster. */
const QUICK_INPUTS = [8, 9, 10, 11];

test.before(prepareImage);

/** A board that captures, and its wires. */
function begin(t: ExecutionContext, eraseMs = 45, inputs = ANALOG_INPUTS): { board: TestBoard; wires: CountingWires } {
  const board = new TestBoard({ eraseMs });
  const wires = new CountingWires(board, inputs);
  t.true(board.captureStart(inputs, DIGITAL_INPUTS));
  return { board, wires };
}

/** Reads and checks every block that is ready; how many were read and lost. */
function drain(t: ExecutionContext, board: TestBoard, wires: CountingWires): { read: number; lost: number } {
  const count = { read: 0, lost: 0 };
  for (let block = board.captureRead(); block !== null; block = board.captureRead()) {
    count.read++;
    count.lost += block.lost;
    const difference = wires.check(block);
    if (difference !== null) {
      t.fail(difference);
      return count;
    }
  }
  return count;
}

function runAndDrain(t: ExecutionContext, board: TestBoard, wires: CountingWires, blocks: number): void {
  for (let i = 0; i < blocks; i++) {
    board.run(BLOCK_US);
    t.is(drain(t, board, wires).lost, 0);
  }
}

// Typical and longest time that a sector takes.
for (const eraseMs of [45, 400]) {
  chipTest(`a deaf CPU, a sector erase of ${eraseMs} ms and RS-485 traffic lose no sample`, (t) => {
    const { board, wires } = begin(t, eraseMs);
    const sent: number[] = [];
    t.true(board.serialOpen(115_200));
    board.chip.uart[1].onByte = (byte) => sent.push(byte);
    const message = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 0xff);
    const incoming = Uint8Array.from({ length: 1500 }, (_, i) => (i * 5 + 1) & 0xff);
    runAndDrain(t, board, wires, 3);
    t.true(board.serialSend(message));
    board.command(DEAF, 600_000);
    t.true(drain(t, board, wires).read >= 60);
    runAndDrain(t, board, wires, 10);
    t.deepEqual(Uint8Array.from(sent.splice(0)), message, 'late, but whole');
    t.true(board.serialSend(message));
    board.chip.uartReceive(1, incoming);
    t.is(board.command(FLASH_ERASE, 8192), 1);
    t.true(drain(t, board, wires).read >= Math.floor(eraseMs / 10));
    runAndDrain(t, board, wires, 14);
    t.deepEqual(Uint8Array.from(sent), message);
    t.deepEqual(board.serialReceive(), incoming, 'no byte is lost while the flash is busy');
    t.true(wires.converter.clockNsMin >= 1000, 'the converter is clocked as it permits at 2.7 V');
  });
}

/** Blocks that have ended by now, from the capture's start. */
function blocksUntilNow(board: TestBoard, wires: CountingWires): number {
  return Math.floor((board.chip.clock.nanos - wires.startNs) / (BLOCK_US * 1000));
}

// Within the ring, just beyond, far beyond, and so far that the rings' pass counters are of no use (8192 ms).
for (const [pauseMs, inputs] of [
  [1000, ANALOG_INPUTS],
  [1035, ANALOG_INPUTS],
  [1500, ANALOG_INPUTS],
  [8700, QUICK_INPUTS],
] as const) {
  chipTest(`after a pause of ${pauseMs} ms every block is read or counted as lost`, (t) => {
    const { board, wires } = begin(t, 45, inputs);
    runAndDrain(t, board, wires, 2);
    board.command(DEAF, pauseMs * 1000, 0, 10e6);
    const { read, lost } = drain(t, board, wires);
    t.is(read + lost + 2, blocksUntilNow(board, wires));
    t.is(lost > 0, pauseMs > 1024);
    t.true(read >= 90, `${read} read`);
    runAndDrain(t, board, wires, 2);
  });
}

chipTest('a block that is overwritten while it is read is not handed over', (t) => {
  const { board, wires } = begin(t, 45, QUICK_INPUTS);
  runAndDrain(t, board, wires, 2);
  board.command(DEAF, 1_000_000);
  let isSlow = true;
  board.chip.onAddress(board.symbols.get('analogAdd')!, () => {
    if (isSlow) board.chip.clock.cycles += 60 * CYCLES_A_MS;
    isSlow = false;
  });
  const { read, lost } = drain(t, board, wires);
  t.true(lost > 0);
  t.is(read + lost + 2, blocksUntilNow(board, wires));
});

chipTest('no pin of a tapped line is ever driven', (t) => {
  const { board } = begin(t);
  for (const pin of INPUT_PINS) {
    t.truthy(board.chip.gpio(pin).padValue & PAD_OUTPUT_DISABLE, `GPIO ${pin}`);
    t.false(board.chip.gpio(pin).isDriven);
  }
});

chipTest('pins and inputs that cannot be are refused', (t) => {
  const board = new TestBoard();
  const [digital, pulse, cs, sck, mosi, miso, adc] = CAPTURE_PINS;
  const bad = [
    [digital, 12, cs, sck, mosi, miso, adc],
    [digital, pulse, cs, 20, mosi, miso, adc],
    [digital, pulse, cs, sck, cs, miso, adc],
    [23, pulse, cs, sck, mosi, miso, adc],
    [4, pulse, cs, sck, mosi, miso, adc],
    [digital, pulse, cs, sck, mosi, miso, 25],
    CAPTURE_PINS.slice(1),
  ];
  for (const pins of bad) t.false(board.captureStart(ANALOG_INPUTS, DIGITAL_INPUTS, pins), `${pins}`);
  t.false(board.captureStart([12], DIGITAL_INPUTS));
  t.false(board.captureStart(ANALOG_INPUTS, [8]));
  t.true(board.captureStart(ANALOG_INPUTS, DIGITAL_INPUTS));
  t.false(board.captureStart(ANALOG_INPUTS, DIGITAL_INPUTS), 'twice');
});

chipTest('code in flash that makes the flash unreadable is stopped (the emulator can fail)', (t) => {
  const board = new TestBoard();
  t.throws(() => board.command(ERASE_FROM_FLASH), { message: /XIP is off/ });
});
