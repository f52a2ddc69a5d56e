/**
 * The pins of the pico board by GPIO number. README.md's table is held against it by a test.
 * Those of a tapped line are inputs for good: capture.c disables their output drivers.
 */
export const PINS = Object.freeze({
  DI1: 0,
  DI2: 1,
  DI3: 2,
  DI4: 3,
  DI5: 4,
  DI6: 5,
  DI7: 6,
  DI8: 7,
  RS485_TX: 8,
  RS485_RX: 9,
  RS485_DE: 10,
  PULSE1: 11,
  CONVERTER_MISO: 16,
  CONVERTER_CS: 17,
  CONVERTER_SCK: 18,
  CONVERTER_MOSI: 19,
  ELEMENT_SDA: 20,
  ELEMENT_SCL: 21,
  AI9: 26,
  AI10: 27,
  AI11: 28,
});

/** Analog inputs as capture.c numbers them: eight of the SPI converter, three of the chip, the pulse counter. */
export const ANALOG_INPUTS = Object.freeze({
  AI1: 0,
  AI2: 1,
  AI3: 2,
  AI4: 3,
  AI5: 4,
  AI6: 5,
  AI7: 6,
  AI8: 7,
  AI9: 8,
  AI10: 9,
  AI11: 10,
  PULSE1: 11,
});

/** In the order that capture.c and serial.c take them. */
export const CAPTURE_PINS: readonly number[] = Object.freeze([
  PINS.DI1,
  PINS.PULSE1,
  PINS.CONVERTER_CS,
  PINS.CONVERTER_SCK,
  PINS.CONVERTER_MOSI,
  PINS.CONVERTER_MISO,
  PINS.AI9,
]);
export const SERIAL_PINS: readonly number[] = Object.freeze([PINS.RS485_TX, PINS.RS485_RX, PINS.RS485_DE]);
