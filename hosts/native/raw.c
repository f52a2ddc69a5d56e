/* The last samples of every line: equal to the bit to modules/evidence/raw-ring.ts, which says how it works. */
#include "raw.h"
#include "evidence.h"
#include <string.h>

#pragma GCC optimize("O2")

#define ITEM_BYTES_MAX 3
#define STATES 3

static int32_t analogCount, channelCount, blockSamples, width, depth;
/* The number of the block in each place, then the blocks. */
static union { int64_t sequences[EVIDENCE_RAW_RING_BYTES / 8]; uint16_t values[EVIDENCE_RAW_RING_BYTES / 2]; } ring;

static inline uint16_t* blockAt(int64_t place) {
	return ring.values + depth * (int32_t)(sizeof *ring.sequences / sizeof *ring.values) + place * width;
}

int32_t rawStart(int32_t analogChannels, int32_t digitalChannels, int32_t samplesOfBlock) {
	depth = 0;
	if (analogChannels < 0 || digitalChannels < 0 || analogChannels + digitalChannels > EVIDENCE_CHANNELS_MAX
		|| analogChannels + digitalChannels == 0 || samplesOfBlock < 1 || samplesOfBlock > RAW_BLOCK_SAMPLES_MAX)
		return 0;
	analogCount = analogChannels;
	channelCount = analogChannels + digitalChannels;
	blockSamples = samplesOfBlock;
	width = analogCount * blockSamples + digitalChannels;
	depth = EVIDENCE_RAW_RING_BYTES / (int32_t)(sizeof *ring.sequences + sizeof *ring.values * (size_t)width);
	for (int32_t i = 0; i < depth; i++)
		ring.sequences[i] = -1;
	return depth;
}

void rawRecord(int64_t sequence, const uint16_t* samples) {
	if (depth == 0)
		return;
	const int64_t place = sequence % depth;
	ring.sequences[place] = sequence;
	memcpy(blockAt(place), samples, sizeof *samples * (size_t)width);
}

/* A block's values; NULL: it is not in the ring. */
static const uint16_t* blockOf(int64_t sequence) {
	return sequence >= 0 && ring.sequences[sequence % depth] == sequence ? blockAt(sequence % depth) : NULL;
}

static uint8_t* varint(uint8_t* to, uint32_t value) {
	for (; value > 127; value >>= 7)
		*to++ = (uint8_t)(value | 128);
	*to++ = (uint8_t)value;
	return to;
}

static int32_t packAnalog(uint8_t* slot, int32_t channel, int64_t first, int64_t end) {
	uint8_t* to = slot;
	int64_t sequence = first / blockSamples;
	const uint16_t* values = blockOf(sequence);
	int32_t next = (int32_t)(first % blockSamples), before = 0;
	for (int64_t i = first; i <= end; i++) {
		if (to - slot > EVIDENCE_PART_BYTES_MAX - ITEM_BYTES_MAX)
			return -1;
		const int32_t value = values ? values[channel * blockSamples + next] : NO_SAMPLE;
		if (value == NO_SAMPLE)
			*to++ = 0;
		else {
			to = varint(to, (uint32_t)(value < before ? 2 * (before - value) : 2 * (value - before) + 1));
			before = value;
		}
		if (++next < blockSamples)
			continue;
		next = 0;
		values = blockOf(++sequence);
	}
	return (int32_t)(to - slot);
}

static int32_t packContact(uint8_t* slot, int32_t contact, int64_t first, int64_t end) {
	uint8_t* to = slot;
	int64_t sequence = first / blockSamples, changed = first;
	const uint16_t* values = blockOf(sequence);
	int32_t next = (int32_t)(first % blockSamples), state = -1;
	for (int64_t i = first; i <= end; i++) {
		const int32_t levels = values ? values[analogCount * blockSamples + contact] : NO_LEVELS;
		const int32_t now = levels == NO_LEVELS ? 0 : 1 + (levels >> next & 1);
		if (now != state) {
			if (to - slot > EVIDENCE_PART_BYTES_MAX - ITEM_BYTES_MAX)
				return -1;
			to = varint(to, state < 0 ? (uint32_t)now : (uint32_t)(STATES * (i - changed) + now));
			state = now;
			changed = i;
		}
		if (++next < blockSamples)
			continue;
		next = 0;
		values = blockOf(++sequence);
	}
	return (int32_t)(to - slot);
}

int32_t rawHold(int32_t slot, int32_t channel, int64_t end, int32_t samples) {
	uint8_t* bytes = evidenceSlot(slot);
	if (!bytes || depth == 0 || channel < 0 || channel >= channelCount)
		return 0;
	int64_t first = end - samples + 1;
	if (first < 0)
		first = 0;
	while (first <= end && !blockOf(first / blockSamples))
		first += blockSamples - first % blockSamples;
	if (first > end)
		return 0;
	const int32_t length = channel < analogCount ? packAnalog(bytes, channel, first, end)
		: packContact(bytes, channel - analogCount, first, end);
	if (length < 0)
		return -1;
	evidenceFilled(slot, length);
	return (int32_t)(end - first + 1);
}
