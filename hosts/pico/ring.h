/*
 * An endless ring of samples: two DMA channels write it and count its passes, without the CPU.
 *
 * Channel `data` moves one sample per request until the ring is full, then chains to channel `rearm`. That one writes the
 * ring's address to WRITE_ADDR_TRIG of `data`, so it begins anew with the same count. It takes the address from a table
 * of RING_PASSES equal words that it reads round and round: its own read address counts the passes.
 */
#ifndef WIREWITNESS_RING_H
#define WIREWITNESS_RING_H

#include <stdint.h>

#define RING_PASSES_LOG2 3
#define RING_PASSES (1u << RING_PASSES_LOG2)

typedef struct {
	uint32_t address[RING_PASSES] __attribute__((aligned(4 * RING_PASSES)));
	uint32_t samples;       /* a power of two */
	uint8_t data, rearm;    /* DMA channels */
} Ring;

/* `into` holds `samples` of 2^sizeLog2 bytes each. Waits for the first request of the source. */
void ringStart(Ring* ring, void* into, uint32_t samples, uint32_t sizeLog2, uint32_t source, uint32_t request);
/*
 * Samples since the start, modulo RING_PASSES * samples. The newest may still be on its way into memory: the count changes
 * before the write has landed.
 */
uint32_t ringTotal(const Ring* ring);

#endif
