import test from 'ava';
import type { Rp2040 } from '../../../simulator/rp2040/rp2040.js';
import { run, SRAM, spinning } from './small-image.js';

const UART1 = 0x40038000;
const IO_BANK0 = 0x40014000;
const FR_TXFF = 0x20;
const FR_BUSY = 0x08;
const FR_TXFE = 0x80;
const INT_TX = 0x20;
const INT_RX = 0x10;
const INT_TIMEOUT = 0x40;
const INT_OVERRUN = 0x400;
const IRQ_UART1 = 1 << 21;
/** 125 MHz over 16 x 67.8125. */
const BIT_US = (16 * 67.8125) / 125;

/** 115200 baud, 8N1, FIFOs on, TX on GPIO8. */
function open(chip: Rp2040): void {
  chip.bus.write32(IO_BANK0 + 8 * 8 + 4, 2);
  chip.bus.write32(UART1 + 0x24, 67);
  chip.bus.write32(UART1 + 0x28, 52);
  chip.bus.write32(UART1 + 0x2c, 0x70);
  chip.bus.write32(UART1 + 0x30, 0x301);
}

const read = (chip: Rp2040, offset: number) => chip.bus.read32(UART1 + offset);

test('a character takes its ten bits on the wire', (t) => {
  const chip = spinning();
  open(chip);
  const sent: [number, number, number][] = [];
  chip.uart[1].onByte = (byte, startNs, endNs) => sent.push([byte, startNs, endNs]);
  chip.bus.write32(UART1, 0x41);
  chip.bus.write32(UART1, 0x42);
  run(chip, 9.5 * BIT_US);
  t.is(sent.length, 0);
  t.is(read(chip, 0x18) & FR_BUSY, FR_BUSY);
  run(chip, 11 * BIT_US);
  t.deepEqual(
    sent.map(([byte]) => byte),
    [0x41, 0x42],
  );
  t.true(Math.abs(sent[1][2] - sent[0][1] - 20 * BIT_US * 1000) < 1);
  t.is(sent[1][1], sent[0][2], 'no gap between');
  t.is(read(chip, 0x18) & (FR_BUSY | FR_TXFE), FR_TXFE);
});

test('the pin shows start bit, data from the lowest bit, and stop bit', (t) => {
  const chip = spinning();
  open(chip);
  const edges: [number, boolean][] = [];
  chip.gpio(8).onChange((isHigh) => edges.push([chip.clock.nanos, isHigh]));
  t.true(chip.gpio(8).isHigh, 'idle');
  chip.bus.write32(UART1, 0x53);
  run(chip, 11 * BIT_US);
  const bits = edges.map(([atNs, isHigh]) => [Math.round((atNs - edges[0][0]) / (BIT_US * 1000)), isHigh]);
  // 0x53 = 1100 1010 from the lowest bit
  t.deepEqual(bits, [
    [0, false],
    [1, true],
    [3, false],
    [5, true],
    [6, false],
    [7, true],
    [8, false],
    [9, true],
  ]);
});

test('the transmit FIFO holds 32 characters', (t) => {
  const chip = spinning();
  open(chip);
  let count = 0;
  chip.uart[1].onByte = () => count++;
  for (let i = 0; i < 32; i++) chip.bus.write32(UART1, i);
  t.is(read(chip, 0x18) & FR_TXFF, 0, 'the first is being sent already');
  chip.bus.write32(UART1, 32);
  t.is(read(chip, 0x18) & FR_TXFF, FR_TXFF);
  chip.bus.write32(UART1, 33);
  run(chip, 400 * BIT_US);
  t.is(count, 33);
});

test('the transmit interrupt comes when the FIFO falls to its level, not before', (t) => {
  const chip = spinning();
  open(chip);
  chip.bus.write32(UART1 + 0x34, 0); // an eighth: 4
  chip.bus.write32(UART1 + 0x38, INT_TX);
  t.is(chip.cpu.lines & IRQ_UART1, 0, 'an empty FIFO alone does not raise it');
  for (let i = 0; i < 8; i++) chip.bus.write32(UART1, i);
  run(chip, 29 * BIT_US);
  t.is(chip.cpu.lines & IRQ_UART1, 0);
  run(chip, 2 * BIT_US);
  t.is(chip.cpu.lines & IRQ_UART1, IRQ_UART1);
  chip.bus.write32(UART1 + 0x44, INT_TX);
  t.is(chip.cpu.lines & IRQ_UART1, 0, 'cleared');
  run(chip, 100 * BIT_US);
  t.is(chip.cpu.lines & IRQ_UART1, 0, 'not raised again by running empty');
});

test('the receive interrupt comes at its level, its timeout after 32 bit times of silence', (t) => {
  const chip = spinning();
  open(chip);
  chip.bus.write32(UART1 + 0x34, 2 << 3); // half: 16
  chip.bus.write32(UART1 + 0x38, INT_RX | INT_TIMEOUT);
  chip.uartReceive(1, new Uint8Array(16).fill(7));
  run(chip, 155 * BIT_US);
  t.is(chip.cpu.lines & IRQ_UART1, 0);
  run(chip, 6 * BIT_US);
  t.is(read(chip, 0x40), INT_RX);
  t.is(read(chip, 0), 7);
  t.is(read(chip, 0x40), 0, 'below the level');
  run(chip, 35 * BIT_US);
  t.is(read(chip, 0x40), INT_TIMEOUT);
  for (let i = 0; i < 15; i++) read(chip, 0);
  t.is(read(chip, 0x40), 0, 'read empty');
});

test('a character that finds no room is an overrun', (t) => {
  const chip = spinning();
  open(chip);
  chip.uartReceive(1, new Uint8Array(34));
  run(chip, 345 * BIT_US);
  t.is(chip.uart[1].overruns, 2);
  t.is(read(chip, 0x3c) & INT_OVERRUN, INT_OVERRUN);
});

test('DMA feeds the transmitter and empties the receiver by their requests', (t) => {
  const chip = spinning();
  open(chip);
  const sent: number[] = [];
  chip.uart[1].onByte = (byte) => sent.push(byte);
  for (let i = 0; i < 100; i++) chip.sram[0x100 + i] = i;
  chip.bus.write32(UART1 + 0x48, 3);
  const channel = 0x50000000;
  chip.bus.write32(channel, SRAM + 0x100);
  chip.bus.write32(channel + 4, UART1);
  chip.bus.write32(channel + 8, 100);
  chip.bus.write32(channel + 12, 1 | (1 << 4) | (22 << 15));
  chip.bus.write32(channel + 0x40, UART1);
  chip.bus.write32(channel + 0x44, SRAM + 0x200);
  chip.bus.write32(channel + 0x48, 5);
  chip.bus.write32(channel + 0x4c, 1 | (1 << 5) | (1 << 11) | (23 << 15));
  chip.uartReceive(1, [9, 8, 7, 6, 5]);
  run(chip, 1010 * BIT_US);
  t.is(sent.length, 100);
  t.is(sent[99], 99);
  t.deepEqual([...chip.sram.subarray(0x200, 0x205)], [9, 8, 7, 6, 5]);
});
