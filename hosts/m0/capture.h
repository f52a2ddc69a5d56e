/* The capture's ring, filled by the emulator as DMA fills a board's. */
#ifndef M0_CAPTURE_H
#define M0_CAPTURE_H

#include "port.h"

#define RING_BLOCKS 70
#define ANALOG_CHANNELS_MAX 12

/* One block period of raw samples, as converters and PIO leave them; digital lines are the bits of a word. */
typedef struct {
	uint16_t analog[BLOCK_SAMPLES][ANALOG_CHANNELS_MAX];
	uint16_t digital[BLOCK_SAMPLES];
} RawBlock;

/* Shared with emulation.ts. */
typedef struct {
	uint32_t analogChannels, digitalChannels;
	uint32_t written;     /* blocks since the capture started */
	uint32_t sequence;    /* of the block to be read next */
	uint64_t timeUs;      /* of the end of that block */
	uint64_t baseUs;      /* the clock's time when the timer's was 0 */
	uint32_t levels;      /* digital lines at the end of the block before */
	RawBlock ring[RING_BLOCKS];
} CaptureRing;
_Static_assert(offsetof(CaptureRing, ring) == 36 && sizeof(RawBlock) == 260, "emulation.ts counts on it");

extern CaptureRing captureRing;

#endif
