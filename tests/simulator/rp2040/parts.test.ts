import test from 'ava';
import type { I2cPart } from '../../../simulator/rp2040/i2c.js';
import { I2cMessages } from '../../../simulator/rp2040/i2c-messages.js';
import { Mcp3208 } from '../../../simulator/rp2040/mcp3208.js';
import type { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { Rs485Line } from '../../../simulator/rp2040/rs485-line.js';
import { run, spinning } from './small-image.js';

const SIO = 0xd0000000;
const IO_BANK0 = 0x40014000;
const I2C0 = 0x40044000;
const UART1 = 0x40038000;

function output(chip: Rp2040, pin: number): void {
  chip.bus.write32(IO_BANK0 + 8 * pin + 4, 5);
  chip.bus.write32(SIO + 0x24, 1 << pin);
}

function setPin(chip: Rp2040, pin: number, isHigh: boolean): void {
  chip.bus.write32(SIO + (isHigh ? 0x14 : 0x18), 1 << pin);
}

/** 24 clocks as DS21298 figure 6-1: five zeros, start, SGL, D2 to D0, then the answer. */
function convert(chip: Rp2040, command: number): number {
  setPin(chip, 17, false);
  let word = 0;
  const bits = (0b10000 | command) << 14;
  for (let i = 23; i >= 0; i--) {
    setPin(chip, 19, ((bits >>> i) & 1) === 1);
    run(chip, 0.5);
    setPin(chip, 18, true);
    word = (word << 1) | ((chip.bus.read32(SIO + 4) >>> 16) & 1);
    run(chip, 0.5);
    setPin(chip, 18, false);
  }
  setPin(chip, 17, true);
  return (word >>> 0) & 0x1fff;
}

test('an MCP3208 answers each input after its null bit', (t) => {
  const chip = spinning();
  const converter = new Mcp3208(chip, { miso: 16, cs: 17, sck: 18, mosi: 19 });
  converter.read = (input) => 0x800 + 0x111 * input;
  setPin(chip, 17, true);
  for (const pin of [17, 18, 19]) output(chip, pin);
  for (let input = 0; input < 8; input++) t.is(convert(chip, 8 | input), Math.min(0x800 + 0x111 * input, 0xfff));
  t.is(convert(chip, 1), 0x111, 'differential: CH1 - CH0');
  t.is(converter.conversions, 9);
  t.true(Math.abs(converter.clockNsMin - 1000) < 50);
});

/** Remembers what is written, reads back counting bytes; NACKs 0xee. */
class Part implements I2cPart {
  readonly address = 0x60;
  readonly log: string[] = [];
  private next = 0x10;

  start(isRead: boolean): boolean {
    this.log.push(isRead ? 'read' : 'write');
    return true;
  }

  write(byte: number): boolean {
    this.log.push(byte.toString(16));
    return byte !== 0xee;
  }

  read(isLast: boolean): number {
    this.log.push(isLast ? 'last' : 'more');
    return this.next++;
  }

  stop(): void {
    this.log.push('stop');
  }

  wake(lowUs: number): void {
    this.log.push(`low ${Math.round(lowUs)} us`);
  }
}

function i2c(chip: Rp2040, address: number): void {
  chip.bus.write32(I2C0 + 0x6c, 0);
  chip.bus.write32(I2C0, 0x63 | 4);
  chip.bus.write32(I2C0 + 4, address);
  chip.bus.write32(I2C0 + 0x1c, 600); // 125 MHz / 1250: 100 kHz
  chip.bus.write32(I2C0 + 0x20, 650);
  chip.bus.write32(I2C0 + 0x6c, 1);
}

test('an I2C part is addressed, written and read byte by byte, in the time of its clock', (t) => {
  const chip = spinning();
  const part = new Part();
  chip.i2c[0].attach(part);
  i2c(chip, 0x60);
  chip.bus.write32(I2C0 + 0x10, 0x03);
  chip.bus.write32(I2C0 + 0x10, 0x07);
  chip.bus.write32(I2C0 + 0x10, 0x100 | 0x400);
  chip.bus.write32(I2C0 + 0x10, 0x100 | 0x200);
  run(chip, 400);
  t.is(chip.bus.read32(I2C0 + 0x78), 0, 'six bytes of 90 us are not over');
  run(chip, 200);
  t.deepEqual(part.log, ['write', '3', '7', 'read', 'more', 'last', 'stop']);
  t.is(chip.bus.read32(I2C0 + 0x10) & 0xff, 0x10);
  t.is(chip.bus.read32(I2C0 + 0x10) & 0xff, 0x11);
});

test('an address that nobody has, and a byte that is refused, are NACKs', (t) => {
  const chip = spinning();
  const part = new Part();
  chip.i2c[0].attach(part);
  i2c(chip, 0x33);
  chip.bus.write32(I2C0 + 0x10, 0x200 | 1);
  run(chip, 300);
  t.is(chip.bus.read32(I2C0 + 0x34) & 0x40, 0x40, 'TX_ABRT');
  t.is(chip.bus.read32(I2C0 + 0x80) & 1, 1, 'ABRT_7B_ADDR_NOACK');
  chip.bus.read32(I2C0 + 0x54);
  i2c(chip, 0x60);
  chip.bus.write32(I2C0 + 0x10, 0x200 | 0xee);
  run(chip, 300);
  t.is(chip.bus.read32(I2C0 + 0x80) & 8, 8, 'ABRT_TXDATA_NOACK');
  t.deepEqual(part.log, ['write', 'ee', 'stop']);
});

test('address 0 is the low pulse that wakes a part', (t) => {
  const chip = spinning();
  const part = new Part();
  chip.i2c[0].attach(part);
  i2c(chip, 0);
  chip.bus.write32(I2C0 + 0x10, 0x200);
  run(chip, 300);
  t.deepEqual(part.log, ['low 90 us']);
});

test('a part of whole messages gets them at the stop, and may not acknowledge', (t) => {
  const chip = spinning();
  const messages: string[] = [];
  let isAwake = false;
  const part = {
    holdLow: () => {
      isAwake = true;
    },
    write: (bytes: Uint8Array) => {
      if (bytes.length > 0) messages.push(Buffer.from(bytes).toString('hex'));
      return isAwake;
    },
    read: (count: number) => (isAwake ? new Uint8Array(count).fill(0x33) : null),
  };
  chip.i2c[0].attach(new I2cMessages(0x60, part));
  const send = (...commands: number[]) => {
    for (const command of commands) chip.bus.write32(I2C0 + 0x10, command);
    run(chip, 600);
  };
  i2c(chip, 0x60);
  send(0x200 | 3);
  t.is(chip.bus.read32(I2C0 + 0x80) & 1, 1, 'asleep');
  i2c(chip, 0);
  chip.bus.read32(I2C0 + 0x54);
  send(0x200);
  chip.bus.read32(I2C0 + 0x54);
  i2c(chip, 0x60);
  send(3, 7, 0x200 | 0x17);
  t.deepEqual(messages, ['030717']);
  send(0x100, 0x300);
  t.is(chip.bus.read32(I2C0 + 0x78), 2);
  t.is(chip.bus.read32(I2C0 + 0x10) & 0xff, 0x33);
});

/** 115200 baud on GPIO8 and 9, driver enable on GPIO10. */
function openLine(chip: Rp2040): Rs485Line {
  const line = new Rs485Line(chip, 1, 10);
  chip.bus.write32(IO_BANK0 + 8 * 8 + 4, 2);
  output(chip, 10);
  chip.bus.write32(UART1 + 0x24, 67);
  chip.bus.write32(UART1 + 0x28, 52);
  chip.bus.write32(UART1 + 0x2c, 0x70);
  chip.bus.write32(UART1 + 0x30, 0x301);
  return line;
}

test('only what is sent with the driver on reaches the line; its release is measured', (t) => {
  const chip = spinning();
  const line = openLine(chip);
  const heard: number[] = [];
  line.onByte = (byte) => heard.push(byte);
  chip.bus.write32(UART1, 1);
  run(chip, 100);
  t.is(line.spoiled, 1);
  setPin(chip, 10, true);
  chip.bus.write32(UART1, 2);
  run(chip, 100);
  setPin(chip, 10, false);
  t.deepEqual(heard, [2]);
  t.is(line.transmissions, 1);
  t.true(Math.abs(line.releaseNsMax - 13_200) < 200, `${line.releaseNsMax}`);
  setPin(chip, 10, true);
  chip.bus.write32(UART1, 3);
  run(chip, 80);
  setPin(chip, 10, false);
  run(chip, 100);
  t.is(line.spoiled, 2, 'cut');
});

test('what the other end sends waits for the driver to be off, and comes at the line speed', (t) => {
  const chip = spinning();
  const line = openLine(chip);
  setPin(chip, 10, true);
  line.send([5, 6]);
  run(chip, 500);
  t.is(chip.bus.read32(UART1 + 0x18) & 0x10, 0x10, 'nothing yet');
  setPin(chip, 10, false);
  run(chip, 100);
  t.is(chip.bus.read32(UART1), 5);
  t.is(chip.bus.read32(UART1 + 0x18) & 0x10, 0x10);
  run(chip, 100);
  t.is(chip.bus.read32(UART1), 6);
  line.send([7]);
  setPin(chip, 10, true);
  t.is(line.collisions, 1);
});
