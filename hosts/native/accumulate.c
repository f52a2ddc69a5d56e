/* Samples to the fields of one block: equal to the bit to modules/capture/accumulate.ts. */
#include "accumulate.h"

/* Most of what a block costs the CPU is spent here: a tenth of it for 200 bytes of code. */
#pragma GCC optimize("O2")

void analogBegin(AnalogBlock* block) {
	block->count = block->min = block->max = block->sum = 0;
	block->sumSquares = 0;
}

/* Sixteen bits squared are 32, so the loop adds halves: 64-bit sums would not stay in the registers of a Cortex-M0+. */
void analogAdd(AnalogBlock* block, const uint16_t* samples, int count, const AnalogFormat* format) {
	const uint32_t stride = format->stride;
	uint32_t min = block->count ? (uint32_t)block->min : UINT32_MAX, max = (uint32_t)block->max, sum = 0, low = 0, high = 0;
	int valid = 0;
	for (; count > 0; count--, samples += stride) {
		uint32_t counts = *samples;
		if (counts & format->invalid)
			continue;
		counts &= format->value;
		if (counts < min)
			min = counts;
		if (counts > max)
			max = counts;
		valid++;
		sum += counts;
		counts *= counts;
		low += counts & 0xFFFF;
		high += counts >> 16;
	}
	if (valid == 0)
		return;
	block->count += valid;
	block->min = (int32_t)min;
	block->max = (int32_t)max;
	block->sum += (int32_t)sum;
	block->sumSquares += ((uint64_t)high << 16) + low;
}

void digitalBegin(DigitalBlock* block, int32_t level) {
	block->level = level;
	block->edges = block->high = 0;
	block->firstEdge = block->lastEdge = -1;
}

void digitalAdd(DigitalBlock* block, const uint8_t* samples, int count, int input, int place) {
	if (count == 0)
		return;
	const int32_t bit = 1 << input;
	int32_t level = block->level < 0 ? *samples & bit : block->level << input, high = 0;
	for (int i = 0; i < count; i++) {
		const int32_t now = samples[i] & bit;
		high += now;
		if (now == level)
			continue;
		level = now;
		if (block->edges++ == 0)
			block->firstEdge = place + i;
		block->lastEdge = place + i;
	}
	block->level = level >> input;
	block->high += high >> input;
}
