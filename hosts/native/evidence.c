/* Rings of block extremes and held stretches: equal to the bit to modules/evidence/rings.ts, which says how it works. */
#include "evidence.h"
#include <string.h>

#pragma GCC optimize("O2")

#define NO_CONTACT 255
#define EDGES_MAX 126
#define POINT_BYTES_MAX 6
#define CUT_POINTS 16

typedef struct {
	int64_t first, entry;   /* the first one ever, the one under way */
	int32_t place;          /* in the ring, of the one under way */
	int32_t blocksLeft;     /* of it */
	int32_t blocks;         /* of a full one */
} Level;

typedef struct { uint16_t min, max; } Extremes;

static int32_t analogCount, digitalCount, depth;
static int64_t lastSequence = -1;
static Level levels[EVIDENCE_LEVELS];
/* Extremes of every level, then its contacts: [level][place][channel] of both. */
static union { Extremes extremes[EVIDENCE_RING_BYTES / sizeof(Extremes)]; uint8_t bytes[EVIDENCE_RING_BYTES]; } ring;
static uint8_t slots[EVIDENCE_SLOTS][EVIDENCE_PART_BYTES_MAX];
static int32_t slotBytes[EVIDENCE_SLOTS];

static inline Extremes* extremesAt(int32_t level, int32_t place) {
	return ring.extremes + (level * depth + place) * analogCount;
}

static inline uint8_t* contactsAt(int32_t level, int32_t place) {
	return ring.bytes + EVIDENCE_LEVELS * depth * analogCount * (int32_t)sizeof(Extremes)
		+ (level * depth + place) * digitalCount;
}

int32_t evidenceStart(int32_t analogChannels, int32_t digitalChannels) {
	if (analogChannels < 0 || digitalChannels < 0 || analogChannels + digitalChannels > EVIDENCE_CHANNELS_MAX
		|| analogChannels + digitalChannels == 0)
		return depth = 0;
	analogCount = analogChannels;
	digitalCount = digitalChannels;
	depth = EVIDENCE_RING_BYTES / (EVIDENCE_LEVELS * (analogCount * (int32_t)sizeof(Extremes) + digitalCount));
	if (depth > EVIDENCE_DEPTH_MAX)
		depth = EVIDENCE_DEPTH_MAX;
	lastSequence = -1;
	memset(slotBytes, 0, sizeof slotBytes);
	return depth;
}

static void clear(int32_t level, int32_t place) {
	Extremes* extremes = extremesAt(level, place);
	for (int32_t i = 0; i < analogCount; i++)
		extremes[i] = (Extremes){ .min = 65535, .max = 0 };
	memset(contactsAt(level, place), NO_CONTACT, (size_t)digitalCount);
}

/* Not the block after the one before: the start, or blocks are lost. */
static void jump(int64_t sequence) {
	int32_t blocks = 1;
	for (int32_t i = 0; i < EVIDENCE_LEVELS; i++, blocks *= EVIDENCE_LEVEL_BLOCKS) {
		Level* level = levels + i;
		const int64_t entry = sequence / blocks;
		const bool isStart = lastSequence < 0 || sequence <= lastSequence;
		const int64_t behind = isStart ? depth : entry - level->entry;
		const int32_t gap = behind < depth ? (int32_t)behind : depth;
		if (isStart)
			level->first = entry;
		level->entry = entry;
		level->place = (int32_t)(entry % depth);
		level->blocks = blocks;
		level->blocksLeft = blocks - (int32_t)(sequence % blocks);
		for (int32_t j = 0; j < gap; j++)
			clear(i, level->place >= j ? level->place - j : level->place - j + depth);
	}
}

void evidenceBegin(int64_t sequence) {
	if (lastSequence < 0 || sequence != lastSequence + 1)
		jump(sequence);
	else
		for (int32_t i = 0; i < EVIDENCE_LEVELS; i++) {
			Level* level = levels + i;
			if (--level->blocksLeft > 0)
				continue;
			level->entry++;
			if (++level->place == depth)
				level->place = 0;
			level->blocksLeft = level->blocks;
			clear(i, level->place);
		}
	lastSequence = sequence;
}

static inline uint16_t inRange(int32_t counts) {
	return (uint16_t)(counts < 0 ? 0 : counts > 65535 ? 65535 : counts);
}

void evidenceAnalog(int32_t channel, int32_t count, int32_t min, int32_t max) {
	if (count == 0)
		return;
	const uint16_t low = inRange(min), high = inRange(max);
	for (int32_t i = 0; i < EVIDENCE_LEVELS; i++) {
		Extremes* extremes = extremesAt(i, levels[i].place) + channel;
		if (low < extremes->min)
			extremes->min = low;
		if (high > extremes->max)
			extremes->max = high;
	}
}

void evidenceDigital(int32_t channel, int32_t level, int32_t edges) {
	if (level < 0)
		return;
	for (int32_t i = 0; i < EVIDENCE_LEVELS; i++) {
		uint8_t* contact = contactsAt(i, levels[i].place) + channel;
		const int32_t sum = (*contact == NO_CONTACT ? 0 : *contact >> 1) + edges;
		*contact = (uint8_t)((sum > EDGES_MAX ? EDGES_MAX : sum) << 1 | level);
	}
}

static uint8_t* varint(uint8_t* to, uint32_t value) {
	for (; value > 127; value >>= 7)
		*to++ = (uint8_t)(value | 128);
	*to++ = (uint8_t)value;
	return to;
}

static int32_t packAnalog(uint8_t* slot, int32_t level, int32_t channel, int64_t first, int32_t points) {
	uint8_t* to = slot;
	int32_t place = (int32_t)(first % depth), before = 0;
	for (; points > 0; points--) {
		if (to - slot > EVIDENCE_PART_BYTES_MAX - POINT_BYTES_MAX)
			return -1;
		const Extremes* extremes = extremesAt(level, place) + channel;
		const int32_t width = extremes->max - extremes->min, step = extremes->min - before;
		place = place + 1 == depth ? 0 : place + 1;
		if (width < 0) {
			*to++ = 0;
			continue;
		}
		to = varint(to, (uint32_t)width + 1);
		to = varint(to, step < 0 ? (uint32_t)(-2 * step - 1) : (uint32_t)(2 * step));
		before = extremes->min;
	}
	return (int32_t)(to - slot);
}

static int32_t packContact(uint8_t* slot, int32_t level, int32_t channel, int64_t first, int32_t points) {
	uint8_t* to = slot;
	int32_t place = (int32_t)(first % depth);
	while (points > 0) {
		if (to - slot > EVIDENCE_PART_BYTES_MAX - POINT_BYTES_MAX)
			return -1;
		const uint8_t contact = contactsAt(level, place)[channel];
		uint32_t run = 0;
		for (; points > 0 && contactsAt(level, place)[channel] == contact; points--, run++)
			place = place + 1 == depth ? 0 : place + 1;
		to = varint(to, run);
		to = varint(to, contact == NO_CONTACT ? 0 : contact + 1u);
	}
	return (int32_t)(to - slot);
}

int32_t evidenceHold(int32_t slot, int32_t channel, int32_t level, int64_t end, int32_t points) {
	if (slot < 0 || slot >= EVIDENCE_SLOTS)
		return 0;
	slotBytes[slot] = 0;
	if (level < 0 || level >= EVIDENCE_LEVELS || channel < 0 || channel >= analogCount + digitalCount || lastSequence < 0)
		return 0;
	const Level* from = levels + level;
	int64_t first = end - points + 1;
	if (end > from->entry)
		end = from->entry;
	if (first < from->entry - depth + 1)
		first = from->entry - depth + 1;
	if (first < from->first)
		first = from->first;
	for (; first <= end; first += CUT_POINTS) {
		const int32_t count = (int32_t)(end - first + 1);
		const int32_t bytes = channel < analogCount ? packAnalog(slots[slot], level, channel, first, count)
			: packContact(slots[slot], level, channel - analogCount, first, count);
		if (bytes < 0)
			continue;
		slotBytes[slot] = bytes;
		return count;
	}
	return 0;
}

int32_t evidenceHeld(int32_t slot, const uint8_t** bytes) {
	if (slot < 0 || slot >= EVIDENCE_SLOTS)
		return 0;
	*bytes = slots[slot];
	return slotBytes[slot];
}

uint8_t* evidenceSlot(int32_t slot) {
	if (slot < 0 || slot >= EVIDENCE_SLOTS)
		return NULL;
	slotBytes[slot] = 0;
	return slots[slot];
}

void evidenceFilled(int32_t slot, int32_t bytes) { slotBytes[slot] = bytes; }
