/* An endless ring of samples: two DMA channels write it and count its passes, without the CPU. */
#include "ring.h"
#include "rp2040.h"

void ringStart(Ring* ring, void* into, uint32_t samples, uint32_t sizeLog2, uint32_t source, uint32_t request) {
	const uint32_t data = ring->data, rearm = ring->rearm;
	ring->samples = samples;
	for (uint32_t i = 0; i < RING_PASSES; i++)
		ring->address[i] = (uint32_t)(uintptr_t)into;
	REGISTER(DMA_CHANNEL(rearm, DMA_READ_ADDRESS)) = (uint32_t)(uintptr_t)ring->address;
	REGISTER(DMA_CHANNEL(rearm, DMA_WRITE_ADDRESS)) = DMA_CHANNEL(data, DMA_WRITE_ADDRESS_TRIGGER);
	REGISTER(DMA_CHANNEL(rearm, DMA_COUNT)) = 1;
	/* A channel that chains to itself chains to none. */
	REGISTER(DMA_CHANNEL(rearm, DMA_CONTROL)) = DMA_ENABLE | DMA_SIZE(2) | DMA_INCREMENT_READ
		| DMA_RING_READ(2u + RING_PASSES_LOG2) | DMA_CHAIN_TO(rearm) | DMA_REQUEST(REQUEST_NONE) | DMA_QUIET;
	REGISTER(DMA_CHANNEL(data, DMA_READ_ADDRESS)) = source;
	REGISTER(DMA_CHANNEL(data, DMA_WRITE_ADDRESS)) = (uint32_t)(uintptr_t)into;
	REGISTER(DMA_CHANNEL(data, DMA_COUNT)) = samples;
	REGISTER(DMA_CHANNEL(data, DMA_CONTROL_TRIGGER)) = DMA_ENABLE | DMA_SIZE(sizeLog2) | DMA_INCREMENT_WRITE
		| DMA_CHAIN_TO(rearm) | DMA_REQUEST(request) | DMA_QUIET;
}

/*
 * A count of 0 is the moment between "full" and "begun anew": asked again, else a pass could be counted twice.
 * READ_ADDR of a channel in flight can read low by a word: masked, and asked until it stands still.
 */
uint32_t ringTotal(const Ring* ring) {
	uint32_t pass, again, left;
	do {
		pass = REGISTER(DMA_CHANNEL(ring->rearm, DMA_READ_ADDRESS));
		left = REGISTER(DMA_CHANNEL(ring->data, DMA_COUNT));
		again = REGISTER(DMA_CHANNEL(ring->rearm, DMA_READ_ADDRESS));
	} while (pass != again || left == 0);
	pass = (pass - (uint32_t)(uintptr_t)ring->address) >> 2 & (RING_PASSES - 1);
	return pass * ring->samples + ring->samples - left;
}
