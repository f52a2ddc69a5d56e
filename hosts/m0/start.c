/* From reset to main: no second stage and no clocks to set up, the emulator starts with those of a running board. */
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include "rp2040.h"

extern uint8_t dataStart[], dataEnd[], dataLoad[], bssStart[], bssEnd[], heapEnd[];
int main(void);

static void start(void) {
	memcpy(dataStart, dataLoad, (size_t)(dataEnd - dataStart));
	memset(bssStart, 0, (size_t)(bssEnd - bssStart));
	releaseFromReset(RESET_TIMER);
	main();
	for (;;);
}

static void fault(void) { __asm volatile("bkpt 80"); }

/* No interrupt is ever enabled. */
__attribute__((section(".vectors"), used)) static void* const vectors[] = {
	(void*)0x20042000, (void*)start, (void*)fault, (void*)fault,
};

/* The C heap: XS's tables of keys, and what dtoa asks for. The emulator reads how far it went. */
uint8_t* heapTop = bssEnd;

void* _sbrk(ptrdiff_t bytes) {
	if (heapTop + bytes > heapEnd)
		return (void*)-1;
	void* block = heapTop;
	heapTop += bytes;
	return block;
}
