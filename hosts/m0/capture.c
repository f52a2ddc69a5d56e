/* Samples to blocks, equal to modules/capture/accumulate.ts; the ring stands for the DMA rings of hosts/pico. */
#include "capture.h"

#define TIMERAWH (*(volatile uint32_t*)0x40054024)
#define TIMERAWL (*(volatile uint32_t*)0x40054028)

CaptureRing captureRing;

uint64_t clockUs(void) {
	uint32_t high, low;
	do {
		high = TIMERAWH;
		low = TIMERAWL;
	} while (high != TIMERAWH);
	return captureRing.baseUs + ((uint64_t)high << 32 | low);
}

static void accumulateAnalog(AnalogBlock* analog, const uint16_t* sample) {
	uint32_t min = *sample, max = *sample, sum = 0, squares = 0;
	for (int i = 0; i < BLOCK_SAMPLES; i++, sample += ANALOG_CHANNELS_MAX) {
		uint32_t value = *sample;
		if (value < min)
			min = value;
		if (value > max)
			max = value;
		sum += value;
		squares += value * value;  /* 12 bits squared, ten times: 28 bits */
	}
	*analog = (AnalogBlock){ BLOCK_SAMPLES, (int32_t)min, (int32_t)max, (int32_t)sum, squares };
}

static void accumulateDigital(DigitalBlock* digital, const uint16_t* sample, int channel, uint32_t level) {
	*digital = (DigitalBlock){ .firstEdge = -1, .lastEdge = -1 };
	for (int i = 0; i < BLOCK_SAMPLES; i++) {
		uint32_t next = sample[i] >> channel & 1;
		if (next != level) {
			if (digital->edges++ == 0)
				digital->firstEdge = i;
			digital->lastEdge = i;
			level = next;
		}
		digital->high += (int32_t)level;
	}
	digital->level = (int32_t)level;
}

bool captureRead(BlockRecord* block) {
	CaptureRing* ring = &captureRing;
	uint32_t waiting = *(volatile uint32_t*)&ring->written - ring->sequence, lost = 0;
	if (waiting == 0)
		return false;
	if (waiting > RING_BLOCKS) {
		lost = waiting - RING_BLOCKS;
		ring->sequence += lost;
		ring->timeUs += (uint64_t)lost * BLOCK_SAMPLES * SAMPLE_US;
	}
	const RawBlock* raw = ring->ring + ring->sequence % RING_BLOCKS;
	block->sequence = ring->sequence++;
	block->timeUs = ring->timeUs;
	ring->timeUs += BLOCK_SAMPLES * SAMPLE_US;
	block->lost = lost;
	block->isFresh = lost > 0;
	for (uint32_t i = 0; i < ring->analogChannels; i++)
		accumulateAnalog(block->analog + i, &raw->analog[0][i]);
	for (uint32_t i = 0; i < ring->digitalChannels; i++)
		accumulateDigital(block->digital + i, raw->digital, (int)i, ring->levels >> i & 1);
	ring->levels = raw->digital[BLOCK_SAMPLES - 1];
	return true;
}
