/** The parts of the Moddable simulator's host that need no SDK: pace, capture, flash over a file, command line. */
import test from 'ava';
import { KEY_STORE_SECTORS, KeyStore } from '../../hosts/keys/key-store.js';
import { type FileBytes, FileFlash } from '../../hosts/lin/file-flash.js';
import { OptionError, parseOptions } from '../../hosts/lin/options.js';
import { Pace } from '../../hosts/lin/pace.js';
import { SimulatedCapture } from '../../hosts/lin/simulated-capture.js';
import { Block } from '../../modules/capture/block.js';
import { Simulation } from '../../simulator/simulation.js';

const SECTOR_BYTES = 4096;
const FLASH_BYTES = 4 * SECTOR_BYTES;

/** Real time that a test moves. */
class Hand {
  us = 5e9;
}

function openCapture(speed: number, seconds = Infinity) {
  const hand = new Hand();
  const simulation = new Simulation('order-not-executed', 1, 0.5);
  const pace = new Pace(() => hand.us, speed);
  const said: string[] = [];
  const capture = new SimulatedCapture(
    simulation,
    pace,
    seconds,
    (timeUs) => said.push(`event ${timeUs}`),
    () => said.push('end'),
  );
  const block = new Block(capture.analogChannels, capture.digitalChannels);
  const drain = () => {
    let blocks = 0;
    while (blocks < 100 && capture.read(block)) blocks++;
    return blocks;
  };
  return { hand, pace, capture, block, said, drain };
}

/** What a file of this content would be, in memory. */
class MemoryFile implements FileBytes {
  readonly content: Uint8Array;
  readonly bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.content = new Uint8Array(FLASH_BYTES);
  }

  read(at: number, into: Uint8Array, length: number): void {
    into.set(this.content.subarray(at, at + length));
  }

  write(at: number, from: Uint8Array, length: number): void {
    this.content.set(from.subarray(0, length), at);
  }
}

test('in real time a block is handed over when it has ended, and the clock is the real one', (t) => {
  const { hand, pace, block, drain } = openCapture(1);
  t.is(drain(), 0);
  hand.us += 9999;
  t.is(drain(), 0);
  hand.us += 1;
  t.is(drain(), 1);
  t.is(block.timeUs, 10000);
  hand.us += 35000;
  t.is(drain(), 3);
  t.is(pace.nowUs(), 45000);
});

test('at ten times the speed ten blocks are due in 10 ms, and the clock skips to the last one', (t) => {
  const { hand, pace, block, drain } = openCapture(10);
  for (let tick = 1; tick <= 3; tick++) {
    hand.us += 10000;
    t.is(drain(), 10);
    t.is(pace.nowUs(), block.timeUs);
    t.is(block.timeUs, tick * 100000);
  }
  // Between two blocks the firmware has real time to work in.
  hand.us += 4000;
  t.is(pace.nowUs(), 304000);
});

test('as fast as it goes: none is ready once in 32 blocks, and the clock never goes back', (t) => {
  const { hand, pace, capture, block } = openCapture(Infinity);
  let before = pace.nowUs();
  for (let i = 1; i <= 50; i++) {
    if (i === 33) t.false(capture.read(block), 'the firmware has slow work to do too');
    t.true(capture.read(block));
    t.is(block.sequence, i - 1);
    t.is(block.lost, 0);
    // A pause longer than a block: the clock is then ahead of the plant, as on a board that catches up.
    hand.us += i % 7 === 0 ? 25000 : 300;
    t.true(pace.nowUs() > before && pace.nowUs() >= block.timeUs);
    before = pace.nowUs();
  }
});

test('the blocks are those of the simulation', (t) => {
  const { capture, block } = openCapture(Infinity);
  const simulation = new Simulation('order-not-executed', 1, 0.5);
  const expected = new Block(capture.analogChannels, capture.digitalChannels);
  for (let i = 0; i < 100; i++) {
    if (!capture.read(block)) capture.read(block);
    simulation.nextBlock(expected);
    t.deepEqual(block, expected);
  }
});

test('the event is told once, and so is the end', (t) => {
  const { drain, said } = openCapture(Infinity, 30);
  let blocks = 0;
  for (let i = 0; i < 100; i++) blocks += drain();
  t.is(blocks, 3000);
  t.is(said.filter((line) => line.startsWith('event')).length, 1);
  t.is(said.at(-1), 'end');
  t.is(said.length, 2);
});

test('a new file is erased flash; a write clears bits, sets none, and an erase brings them back', (t) => {
  const flash = new FileFlash(new MemoryFile(0), FLASH_BYTES, SECTOR_BYTES);
  const bytes = new Uint8Array(4);
  flash.read(FLASH_BYTES - 4, bytes, 4);
  t.deepEqual([...bytes], [255, 255, 255, 255]);
  flash.write(SECTOR_BYTES - 2, Uint8Array.of(1, 2, 3, 0x0f), 4);
  flash.write(SECTOR_BYTES + 1, Uint8Array.of(0x0c), 1);
  flash.read(SECTOR_BYTES - 2, bytes, 4);
  t.deepEqual([...bytes], [1, 2, 3, 0x0c]);
  t.throws(() => flash.write(SECTOR_BYTES, Uint8Array.of(7), 1), { message: 'flash: write at 4096 would set bits' });
  flash.erase(SECTOR_BYTES);
  flash.read(SECTOR_BYTES - 2, bytes, 4);
  t.deepEqual([...bytes], [1, 2, 255, 255]);
});

test('flash refuses what a chip could not do, and a file that is not its own', (t) => {
  const flash = new FileFlash(new MemoryFile(0), FLASH_BYTES, SECTOR_BYTES);
  const bytes = new Uint8Array(8);
  t.throws(() => flash.erase(100), { message: /not the start of a sector/ });
  t.throws(() => flash.erase(FLASH_BYTES), { message: /outside/ });
  t.throws(() => flash.read(FLASH_BYTES - 4, bytes, 8), { message: /outside/ });
  t.throws(() => flash.write(-1, bytes, 1), { message: /outside/ });
  t.throws(() => new FileFlash(new MemoryFile(77), FLASH_BYTES, SECTOR_BYTES), {
    message: 'flash: the file has 77 bytes, not 16384',
  });
});

test('the key store keeps its key in a file, and replaces it there', (t) => {
  const [first, next] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const file = new MemoryFile(0);
  const store = new KeyStore(new FileFlash(file, KEY_STORE_SECTORS * SECTOR_BYTES, SECTOR_BYTES));
  t.true(store.save(first) && store.prepare(next) && store.commit());
  const again = new MemoryFile(KEY_STORE_SECTORS * SECTOR_BYTES);
  again.content.set(file.content);
  t.deepEqual(new KeyStore(new FileFlash(again, again.bytes, SECTOR_BYTES)).load(), next);
  t.false(Buffer.from(file.content).includes(Buffer.from(first)));
});

test('a restart finds in the file what was written before', (t) => {
  const file = new MemoryFile(0);
  new FileFlash(file, FLASH_BYTES, SECTOR_BYTES).write(8, Uint8Array.of(1, 2, 3), 3);
  const again = new MemoryFile(FLASH_BYTES);
  again.content.set(file.content);
  const bytes = new Uint8Array(3);
  new FileFlash(again, FLASH_BYTES, SECTOR_BYTES).read(8, bytes, 3);
  t.deepEqual([...bytes], [1, 2, 3]);
});

test('options are read with a space or an equals sign', (t) => {
  const options = parseOptions(['--scenario', 'wire-break', '--seed=7', '--speed', 'max', '--udp=127.0.0.1:4750']);
  t.like(options, { scenario: 'wire-break', seed: 7, speed: Infinity, udp: { host: '127.0.0.1', port: 4750 } });
  t.like(parseOptions([]), { scenario: 'order-not-executed', seed: 1, speed: 1, seconds: Infinity, baud: 115200 });
  t.is(parseOptions(['--seed', '3', '--help']), null);
});

for (const [words, says] of [
  [['--colour', 'red'], "unknown option '--colour'; --help lists them"],
  [['now'], "unknown option 'now'; --help lists them"],
  [['--seed'], '--seed needs a value'],
  [['--seed='], '--seed needs a value'],
  [['--seed', '1.5'], "--seed takes a whole number from 0 to 4294967295, not '1.5'"],
  [['--speed', '0.5'], "--speed takes a number from 1 to 1000000, not '0.5'"],
  [['--seconds', 'x'], "--seconds takes a number from 0 to 100000000, not 'x'"],
  [['--udp', 'collector:4750'], "--udp takes an address such as 127.0.0.1:4750, not 'collector:4750'"],
  [['--udp', '300.0.0.1:4750'], "--udp takes an address such as 127.0.0.1:4750, not '300.0.0.1:4750'"],
  [['--udp', '127.0.0.1:0'], "--udp takes an address such as 127.0.0.1:4750, not '127.0.0.1:0'"],
  [['--device', 'too long a name'], "--device takes 1 to 8 letters, not 'too long a name'"],
] as const) {
  test(`a wrong command line is told in one line: ${words.join(' ')}`, (t) => {
    const error = t.throws(() => parseOptions(words), { instanceOf: OptionError });
    t.is(error?.message, says);
  });
}
