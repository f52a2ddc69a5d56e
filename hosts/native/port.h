/*
 * What the C of a board gives to the firmware: one declaration for every port of modules/board.ts.
 * Each board implements it (hosts/pico, hosts/esp32); natives.c hands it to JavaScript.
 */
#ifndef WIREWITNESS_PORT_H
#define WIREWITNESS_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANALOG_INPUTS_MAX 12
#define DIGITAL_INPUTS_MAX 16
#define BLOCK_SAMPLES 10
#define SAMPLE_US 1000

/* --- capture: samples at 1 kHz of every input, by hardware, whatever the CPU does --- */

/* The fields of modules/capture/block.ts, in their order. Counts are converter counts; of a pulse input, pulses per sample. */
typedef struct {
	int32_t count, min, max, sum;
	uint64_t sumSquares;
} AnalogBlock;

typedef struct {
	int32_t level, edges, high, firstEdge, lastEdge;
} DigitalBlock;

typedef struct {
	uint64_t sequence;      /* blocks since the capture started, lost ones included: 32 bits would last 497 days */
	uint32_t lost;          /* blocks lost directly before this one */
	bool isFresh;           /* the samples do not continue the block before */
	uint64_t timeUs;        /* of the board's clock, one sample period after the block's last sample */
	AnalogBlock analog[ANALOG_INPUTS_MAX];
	DigitalBlock digital[DIGITAL_INPUTS_MAX];
} BlockRecord;

/* Which input feeds which channel: the number of the board's input for each analog and each digital channel. */
typedef struct {
	int analogChannels, digitalChannels;
	uint8_t analogInput[ANALOG_INPUTS_MAX], digitalInput[DIGITAL_INPUTS_MAX];
} CaptureWiring;

/* Pins by name, as board.ts lists them; what each number means is the board's own (its board.ts and pins.h agree). */
#define PINS_MAX 24

/* False when an input does not exist or a pin cannot do what it is for. */
bool captureStart(const CaptureWiring* wiring, const uint8_t* pins, int pinCount);
/* The oldest block not yet read; false when none is complete. */
bool captureRead(BlockRecord* block);

/* --- time --- */

/* Microseconds since the board started, monotonic, of the capture's own clock. */
uint64_t clockUs(void);

/* --- flash: the part of it that belongs to the firmware's data; addresses count from its start --- */

uint32_t flashBytes(void);
uint32_t flashEraseBytes(void);
/* False when the chip reports a failure or the range is outside. Capture and serial line go on meanwhile. */
bool flashErase(uint32_t at);
bool flashRead(uint32_t at, uint8_t* into, uint32_t length);
/* Bits that are already 0 stay 0. */
bool flashWrite(uint32_t at, const uint8_t* from, uint32_t length);

/* The running image, for its digest. */
uint32_t imageBytes(void);
bool imageRead(uint32_t at, uint8_t* into, uint32_t length);

/* --- RS-485: half duplex, driver enable released within one character after the last bit --- */

bool serialOpen(uint32_t baud, const uint8_t* pins, int pinCount);
/* All of it or nothing. */
bool serialSend(const uint8_t* bytes, uint32_t length);
uint32_t serialReceive(uint8_t* into, uint32_t room);
/* Bytes that came in and found no room, since boot. */
uint32_t serialOverruns(void);

/* --- the rest --- */

/* Resets the board when it is not fed for this long. */
void watchdogStart(uint32_t timeoutMs);
void watchdogFeed(void);
/* RESET_* of modules/frame/kinds.ts. */
int resetReason(void);
/* 8 bytes, unique to the chip. */
void deviceId(uint8_t* into);
/* Raw bits of the chip's physical noise source; to be conditioned before they become a key. False without a source. */
bool entropyRead(uint8_t* into, uint32_t length);

#endif
