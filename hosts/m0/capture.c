/* Blocks out of the ring by the boards' own accumulation; the ring itself, here, is filled as DMA fills hosts/pico's. */
#include "accumulate.h"
#include "capture.h"

CaptureRing captureRing;

/* Five of the simulated loops have converters of 16 bits, as in the bench. */
static const AnalogFormat format = { .stride = ANALOG_CHANNELS, .value = 0xFFFF, .invalid = 0 };

static void accumulate(BlockRecord* block, const RawBlock* raw) {
	for (int i = 0; i < ANALOG_CHANNELS; i++) {
		analogBegin(&block->analog[i]);
		analogAdd(&block->analog[i], &raw->analog[0][i], BLOCK_SAMPLES, &format);
	}
	for (int i = 0; i < DIGITAL_CHANNELS; i++) {
		digitalBegin(&block->digital[i], captureRing.levels[i]);
		digitalAdd(&block->digital[i], raw->digital, BLOCK_SAMPLES, i, 0);
		captureRing.levels[i] = block->digital[i].level;
	}
}

bool captureRead(BlockRecord* block) {
	CaptureRing* ring = &captureRing;
	uint32_t waiting = *(volatile uint32_t*)&ring->written - ring->sequence;
	if (waiting == 0)
		return false;
	block->lost = waiting > RING_BLOCKS ? waiting - RING_BLOCKS : 0;
	block->isFresh = block->lost > 0;
	ring->sequence += block->lost;
	ring->endUs += (uint64_t)block->lost * BLOCK_SAMPLES * SAMPLE_US;
	accumulate(block, ring->ring + ring->sequence % RING_BLOCKS);
	block->sequence = ring->sequence++;
	block->timeUs = ring->endUs;
	ring->endUs += BLOCK_SAMPLES * SAMPLE_US;
	return true;
}
