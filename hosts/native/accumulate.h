/* Samples to the fields of one block: equal to the bit to modules/capture/accumulate.ts. No hardware. */
#ifndef WIREWITNESS_ACCUMULATE_H
#define WIREWITNESS_ACCUMULATE_H

#include "port.h"

/* How the samples of one analog input lie in a ring. */
typedef struct {
	uint8_t stride;         /* from one sample to the next, in samples: the inputs that share the ring */
	uint16_t value;         /* the bits of a sample that are its value */
	uint16_t invalid;       /* a sample with any of these bits set was not converted: it is not counted */
} AnalogFormat;

/* A block without samples; a digital channel keeps its level, -1 before its first sample. */
void analogBegin(AnalogBlock* block);
void digitalBegin(DigitalBlock* block, int32_t level);

/* Adds `count` samples. */
void analogAdd(AnalogBlock* block, const uint16_t* samples, int count, const AnalogFormat* format);
/* Adds `count` samples, each a byte whose bit `input` is the level; `place`: of the first one in the block. */
void digitalAdd(DigitalBlock* block, const uint8_t* samples, int count, int input, int place);

#endif
