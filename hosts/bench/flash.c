/* The flash: a file (or plain memory) that behaves as NOR flash does, and ends the process where a driver would err. */
#include "host.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

uint8_t* flash;

void flashOpen(void) {
	size_t size = (size_t)options.flashBytes;
	int file = -1;
	bool isNew = true;
	if (options.flash) {
		struct stat status;
		file = open(options.flash, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (file < 0 || fstat(file, &status))
			fail(EXIT_USAGE, "%s: %s", options.flash, strerror(errno));
		isNew = status.st_size == 0;
		if (!isNew && (size_t)status.st_size != size)
			fail(EXIT_USAGE, "%s: %lld bytes, --flash-bytes says %zu", options.flash, (long long)status.st_size, size);
		if (isNew && ftruncate(file, (off_t)size))
			fail(EXIT_USAGE, "%s: %s", options.flash, strerror(errno));
	}
	flash = mmap(NULL, size, PROT_READ | PROT_WRITE, file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, file, 0);
	if (flash == MAP_FAILED)
		fail(1, "no memory for %zu bytes of flash", size);
	if (isNew)
		memset(flash, 0xFF, size);
	if (file >= 0)
		close(file);
}

static void check(const char* what, double at, double length) {
	if (!(at >= 0 && length >= 0 && at + length <= options.flashBytes && at == (long)at && length == (long)length))
		fail(1, "flash: %s of %.15g bytes at %.15g: outside of %ld bytes", what, length, at, options.flashBytes);
}

void flashErase(double at) {
	check("erase", at, FLASH_ERASE_BYTES);
	if ((long)at % FLASH_ERASE_BYTES)
		fail(1, "flash: erase at %ld: not a multiple of %d", (long)at, FLASH_ERASE_BYTES);
	memset(flash + (long)at, 0xFF, FLASH_ERASE_BYTES);
}

void flashRead(double at, uint8_t* into, double length) {
	check("read", at, length);
	memcpy(into, flash + (long)at, (size_t)length);
}

void flashWrite(double at, const uint8_t* from, double length) {
	check("write", at, length);
	uint8_t* to = flash + (long)at;
	for (long i = 0; i < (long)length; i++) {
		if (from[i] & ~to[i])
			fail(1, "flash: write at %ld sets bits (0x%02x over 0x%02x): erase first", (long)at + i, from[i], to[i]);
		to[i] = from[i];
	}
}
