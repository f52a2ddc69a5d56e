/* Feeds raw.c from stdin and prints what it holds: see raw-ring.test.ts. */
#include <stdio.h>
#include "evidence.h"
#include "raw.h"

int main(void) {
	static uint16_t values[EVIDENCE_CHANNELS_MAX * RAW_BLOCK_SAMPLES_MAX];
	char what;
	int analog = 0, digital = 0, samplesOfBlock = 0;
	while (scanf(" %c", &what) == 1)
		if (what == 's') {
			if (scanf("%d %d %d", &analog, &digital, &samplesOfBlock) != 3)
				return 1;
			printf("%d\n", (int)rawStart(analog, digital, samplesOfBlock));
		}
		else if (what == 'b') {
			long long sequence;
			if (scanf("%lld", &sequence) != 1)
				return 1;
			for (int i = 0; i < analog * samplesOfBlock + digital; i++) {
				unsigned value;
				if (scanf("%u", &value) != 1)
					return 1;
				values[i] = (uint16_t)value;
			}
			rawRecord(sequence, values);
		}
		else {
			int slot, channel, samples;
			long long end;
			if (scanf("%d %d %lld %d", &slot, &channel, &end, &samples) != 4)
				return 1;
			printf("%d ", (int)rawHold(slot, channel, end, samples));
			const uint8_t* bytes;
			const int held = evidenceHeld(slot, &bytes);
			for (int i = 0; i < held; i++)
				printf("%02x", bytes[i]);
			printf("\n");
		}
	return 0;
}
