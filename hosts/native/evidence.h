/* Rings of block extremes and held stretches: equal to the bit to modules/evidence/rings.ts. No hardware. */
#ifndef WIREWITNESS_EVIDENCE_H
#define WIREWITNESS_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

/* As in modules/limits.ts. All of it is static: 24 KB and a little. */
#define EVIDENCE_CHANNELS_MAX 64
#define EVIDENCE_LEVELS 3
#define EVIDENCE_LEVEL_BLOCKS 10
#define EVIDENCE_RING_BYTES 18432
#define EVIDENCE_DEPTH_MAX 256
#define EVIDENCE_SLOTS 8
#define EVIDENCE_PART_BYTES_MAX 768

/* Empties rings and slots. Points of each level for so many channels; 0 when there are too many. */
int32_t evidenceStart(int32_t analogChannels, int32_t digitalChannels);
/* A block begins; those between it and the one before are gaps. */
void evidenceBegin(int64_t sequence);
/* What a block has of a channel, `channel` counting within its kind. Counts of 0 to 65535. */
void evidenceAnalog(int32_t channel, int32_t count, int32_t min, int32_t max);
void evidenceDigital(int32_t channel, int32_t level, int32_t edges);
/* Packs up to `points` points of a channel (analog ones first) that end with point `end` into a slot; how many it did. */
int32_t evidenceHold(int32_t slot, int32_t channel, int32_t level, int64_t end, int32_t points);
/* What a slot holds. */
int32_t evidenceHeld(int32_t slot, const uint8_t** bytes);

/* Empties a slot for what others put into it (raw.c), EVIDENCE_PART_BYTES_MAX at most; NULL: there is none. */
uint8_t* evidenceSlot(int32_t slot);
void evidenceFilled(int32_t slot, int32_t bytes);

#endif
