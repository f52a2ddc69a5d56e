/* The capture's ring, filled by the emulator as DMA fills a board's. */
#ifndef M0_CAPTURE_H
#define M0_CAPTURE_H

#include <stddef.h>
#include "port.h"

#define RING_BLOCKS 70
#define ANALOG_CHANNELS 8
#define DIGITAL_CHANNELS 8

/* One block period of raw samples, as hosts/pico's converter and PIO leave them. */
typedef struct {
	uint16_t analog[BLOCK_SAMPLES][ANALOG_CHANNELS];
	uint8_t digital[BLOCK_SAMPLES];
} RawBlock;

/* Shared with emulation.ts. The state that the firmware goes on from had its own time and blocks. */
typedef struct {
	uint64_t baseUs;      /* the board's time when the timer's was 0 */
	uint64_t endUs;       /* of the block to be read next, in the board's time */
	uint32_t written;     /* blocks since the capture started */
	uint32_t sequence;    /* of the block to be read next */
	int32_t levels[DIGITAL_CHANNELS];
	RawBlock ring[RING_BLOCKS];
} CaptureRing;
_Static_assert(sizeof(RawBlock) == 170 && offsetof(CaptureRing, ring) == 56, "emulation.ts counts on it");

extern CaptureRing captureRing;

#endif
