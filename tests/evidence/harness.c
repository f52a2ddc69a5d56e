/* Feeds evidence.c from stdin and prints what it holds: see rings.test.ts. */
#include <stdio.h>
#include "evidence.h"

int main(void) {
	char what;
	int analog = 0, digital = 0;
	while (scanf(" %c", &what) == 1)
		if (what == 's') {
			if (scanf("%d %d", &analog, &digital) != 2)
				return 1;
			printf("%d\n", (int)evidenceStart(analog, digital));
		}
		else if (what == 'b') {
			long long sequence;
			if (scanf("%lld", &sequence) != 1)
				return 1;
			evidenceBegin(sequence);
			for (int i = 0; i < analog; i++) {
				int count, min, max;
				if (scanf("%d %d %d", &count, &min, &max) != 3)
					return 1;
				evidenceAnalog(i, count, min, max);
			}
			for (int i = 0; i < digital; i++) {
				int level, edges;
				if (scanf("%d %d", &level, &edges) != 2)
					return 1;
				evidenceDigital(i, level, edges);
			}
		}
		else {
			int slot, channel, level, points;
			long long end;
			if (scanf("%d %d %d %lld %d", &slot, &channel, &level, &end, &points) != 5)
				return 1;
			printf("%d ", (int)evidenceHold(slot, channel, level, end, points));
			const uint8_t* bytes;
			const int held = evidenceHeld(slot, &bytes);
			for (int i = 0; i < held; i++)
				printf("%02x", bytes[i]);
			printf("\n");
		}
	return 0;
}
