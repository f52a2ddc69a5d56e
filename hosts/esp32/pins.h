/* The order in which board.ts hands its pins over. */
#ifndef WIREWITNESS_ESP32_PINS_H
#define WIREWITNESS_ESP32_PINS_H

#include "port.h"

/* A digital input that this board does not bring out. */
#define NO_PIN 255

typedef struct {
	uint8_t digital[8];
	uint8_t pulse;
	uint8_t select, clock, mosi, miso;  /* of the converter */
} CapturePins;

typedef struct {
	uint8_t transmit, receive, driverEnable;
} SerialPins;

_Static_assert(sizeof(CapturePins) == 13 && sizeof(SerialPins) == 3, "one byte a pin");

#endif
