/* The last samples of every line: equal to the bit to modules/evidence/raw-ring.ts. No hardware. */
#ifndef WIREWITNESS_RAW_H
#define WIREWITNESS_RAW_H

#include <stdint.h>

/* As in modules/limits.ts and modules/capture/sampled-block.ts. All of it is static. */
#ifndef EVIDENCE_RAW_RING_BYTES
#define EVIDENCE_RAW_RING_BYTES 262144
#endif
#define RAW_BLOCK_SAMPLES_MAX 15
#define NO_SAMPLE 65535
#define NO_LEVELS 65535

/* Empties the ring. Blocks of so many channels that it keeps; 0 when a block is none of its own. */
int32_t rawStart(int32_t analogChannels, int32_t digitalChannels, int32_t samplesOfBlock);
/* A block: of each analog channel its samples, then of each contact the levels, bit n that of sample n. */
void rawRecord(int64_t sequence, const uint16_t* samples);
/* Packs up to `samples` samples that end with sample `end` into a slot of evidence.h; how many, -1: they do not fit. */
int32_t rawHold(int32_t slot, int32_t channel, int64_t end, int32_t samples);

#endif
