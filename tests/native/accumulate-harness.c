/*
 * accumulate.c as a filter: `accumulate-harness ANALOG DIGITAL VALUE INVALID`. In: per block the place where the ring ends,
 * then ten rows of ANALOG words and one byte of levels. Out: per block a line of its fields.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "accumulate.h"

static uint16_t words[BLOCK_SAMPLES * ANALOG_INPUTS_MAX];
static uint8_t bytes[BLOCK_SAMPLES];

static int readNumber(int* into) {
	return scanf("%d", into) == 1;
}

static int readBlock(int analog, int* split) {
	int number = 0;
	if (!readNumber(split))
		return 0;
	for (int i = 0; i < BLOCK_SAMPLES; i++) {
		for (int j = 0; j < analog; j++)
			words[i * analog + j] = (uint16_t)(readNumber(&number) ? number : 0);
		bytes[i] = (uint8_t)(readNumber(&number) ? number : 0);
	}
	return 1;
}

int main(int argc, char** argv) {
	if (argc != 5)
		return 2;
	const int analog = atoi(argv[1]), digital = atoi(argv[2]);
	const AnalogFormat format = { .stride = (uint8_t)analog, .value = (uint16_t)atoi(argv[3]), .invalid = (uint16_t)atoi(argv[4]) };
	DigitalBlock levels[8];
	int split;
	for (int i = 0; i < digital; i++)
		digitalBegin(&levels[i], -1);
	while (readBlock(analog, &split)) {
		for (int i = 0; i < analog; i++) {
			AnalogBlock block;
			analogBegin(&block);
			analogAdd(&block, words + i, split, &format);
			analogAdd(&block, words + split * analog + i, BLOCK_SAMPLES - split, &format);
			printf("%d %d %d %d %" PRIu64 " ", block.count, block.min, block.max, block.sum, block.sumSquares);
		}
		for (int i = 0; i < digital; i++) {
			DigitalBlock* block = &levels[i];
			digitalBegin(block, block->level);
			digitalAdd(block, bytes, split, i, 0);
			digitalAdd(block, bytes + split, BLOCK_SAMPLES - split, i, split);
			printf("%d %d %d %d %d ", block->level, block->edges, block->high, block->firstEdge, block->lastEdge);
		}
		printf("\n");
	}
	return 0;
}
