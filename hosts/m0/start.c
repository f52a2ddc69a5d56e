/* From reset to main: no boot ROM, no second stage; the emulator starts here with the clocks of a set-up board. */
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

extern uint8_t dataStart[], dataEnd[], dataLoad[], bssStart[], bssEnd[], heapEnd[];
int main(void);

__attribute__((section(".start"))) void start(void) {
	memcpy(dataStart, dataLoad, (size_t)(dataEnd - dataStart));
	memset(bssStart, 0, (size_t)(bssEnd - bssStart));
	main();
	for (;;);
}

/* The C heap: XS's tables of keys, and what dtoa asks for. */
void* _sbrk(ptrdiff_t bytes) {
	static uint8_t* end = bssEnd;
	if (end + bytes > heapEnd)
		return (void*)-1;
	void* block = end;
	end += bytes;
	return block;
}
