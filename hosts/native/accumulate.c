/* Samples to the fields of one block: equal to the bit to modules/capture/accumulate.ts. */
#include "accumulate.h"

void analogBegin(AnalogBlock* block) {
	*block = (AnalogBlock){ 0 };
}

void analogAdd(AnalogBlock* block, const uint16_t* samples, int count, const AnalogFormat* format) {
	const uint32_t value = format->value, invalid = format->invalid, stride = format->stride;
	AnalogBlock sums = *block;
	for (; count > 0; count--, samples += stride) {
		const uint32_t sample = *samples;
		if (sample & invalid)
			continue;
		const int32_t counts = (int32_t)(sample & value);
		if (sums.count == 0 || counts < sums.min)
			sums.min = counts;
		if (sums.count == 0 || counts > sums.max)
			sums.max = counts;
		sums.count++;
		sums.sum += counts;
		sums.sumSquares += (uint32_t)counts * (uint32_t)counts;
	}
	*block = sums;
}

void digitalBegin(DigitalBlock* block, int32_t level) {
	*block = (DigitalBlock){ .level = level, .firstEdge = -1, .lastEdge = -1 };
}

void digitalAdd(DigitalBlock* block, const uint8_t* samples, int count, int input, int place) {
	DigitalBlock sums = *block;
	for (int i = 0; i < count; i++) {
		const int32_t level = samples[i] >> input & 1;
		if (sums.level >= 0 && sums.level != level) {
			if (sums.edges == 0)
				sums.firstEdge = place + i;
			sums.lastEdge = place + i;
			sums.edges++;
		}
		sums.level = level;
		sums.high += level;
	}
	*block = sums;
}
