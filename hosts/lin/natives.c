/* What the firmware in the Moddable simulator takes from Linux (natives.d.ts). */
#define _GNU_SOURCE
#include "xsAll.h"
#include "xs.h"
#include "xsmc.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { READ, PRIVATE, REPLACE };

static void check(xsMachine* the, bool isDone)
{
	if (!isDone)
		xsUnknownError("%s", strerror(errno));
}

/* The bytes of argument `index`, which must be an array of at least `length`. */
static void* bytesOf(xsMachine* the, int index, xsUnsignedValue length, bool isWritten)
{
	void* bytes;
	xsUnsignedValue size;
	if (isWritten)
		xsmcGetBufferWritable(xsArg(index), &bytes, &size);
	else
		xsmcGetBufferReadable(xsArg(index), &bytes, &size);
	if (length > size)
		xsRangeError("length");
	return bytes;
}

void xs_lin_argument(xsMachine* the)
{
	int index = xsmcToInteger(xsArg(0));
	FILE* file = fopen("/proc/self/cmdline", "r");
	char* line = NULL;
	size_t room = 0;
	ssize_t length = -1;
	check(the, file != NULL);
	for (int i = 0; i <= index; i++)
		length = getdelim(&line, &room, 0, file);
	fclose(file);
	if (length >= 0)
		xsmcSetString(xsResult, line);
	free(line);
}

void xs_lin_hostName(xsMachine* the)
{
	char name[HOST_NAME_MAX + 1] = "";
	check(the, gethostname(name, sizeof name - 1) == 0);
	xsmcSetString(xsResult, name);
}

void xs_lin_imagePath(xsMachine* the)
{
	Dl_info info;
	if (!dladdr((void*)xs_lin_imagePath, &info))
		xsUnknownError("no image");
	xsmcSetString(xsResult, (char*)info.dli_fname);
}

void xs_lin_print(xsMachine* the)
{
	FILE* to = xsmcToBoolean(xsArg(1)) ? stderr : stdout;
	fprintf(to, "%s\n", xsmcToString(xsArg(0)));
	fflush(to);
}

void xs_lin_exit(xsMachine* the)
{
	exit(xsmcToInteger(xsArg(0)));
}

void xs_lin_nowUs(xsMachine* the)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	xsmcSetNumber(xsResult, (double)now.tv_sec * 1e6 + (double)(now.tv_nsec / 1000));
}

void xs_lin_entropy(xsMachine* the)
{
	uint8_t* into;
	xsUnsignedValue room;
	xsmcGetBufferWritable(xsArg(0), (void**)&into, &room);
	/* Up to 256 bytes come in one piece, without a signal in between. */
	for (xsUnsignedValue done = 0, piece; done < room; done += piece) {
		piece = room - done < 256 ? room - done : 256;
		check(the, getrandom(into + done, piece, 0) == (ssize_t)piece);
	}
}

void xs_lin_freeBytes(xsMachine* the)
{
	size_t slots = (size_t)(the->maximumHeapCount - the->currentHeapCount);
	size_t chunkBytes = (size_t)(the->maximumChunksSize - the->currentChunksSize);
	xsmcSetNumber(xsResult, (double)(slots * sizeof(txSlot) + chunkBytes));
}

void xs_lin_fileOpen(xsMachine* the)
{
	int access = xsmcToInteger(xsArg(1));
	int flags = access == READ ? O_RDONLY : access == PRIVATE ? O_RDWR | O_CREAT : O_RDWR | O_CREAT | O_TRUNC;
	char* path = xsmcTest(xsArg(0)) ? xsmcToString(xsArg(0)) : NULL;
	int file = path == NULL ? memfd_create("memory", MFD_CLOEXEC)
	                        : open(path, flags | O_CLOEXEC, access == PRIVATE ? 0600 : 0644);
	if (file < 0)
		xsUnknownError("%s: %s", path == NULL ? "memory" : path, strerror(errno));
	xsmcSetInteger(xsResult, file);
}

void xs_lin_fileBytes(xsMachine* the)
{
	struct stat status;
	check(the, fstat(xsmcToInteger(xsArg(0)), &status) == 0);
	xsmcSetNumber(xsResult, (double)status.st_size);
}

void xs_lin_fileResize(xsMachine* the)
{
	check(the, ftruncate(xsmcToInteger(xsArg(0)), xsmcToInteger(xsArg(1))) == 0);
}

void xs_lin_fileRead(xsMachine* the)
{
	xsUnsignedValue length = xsmcToUnsigned(xsArg(3));
	void* into = bytesOf(the, 2, length, true);
	ssize_t done = pread(xsmcToInteger(xsArg(0)), into, length, xsmcToInteger(xsArg(1)));
	check(the, done >= 0);
	if ((xsUnsignedValue)done != length)
		xsUnknownError("the file is too short");
}

void xs_lin_fileWrite(xsMachine* the)
{
	xsUnsignedValue length = xsmcToUnsigned(xsArg(3));
	void* from = bytesOf(the, 2, length, false);
	ssize_t done = pwrite(xsmcToInteger(xsArg(0)), from, length, xsmcToInteger(xsArg(1)));
	check(the, done >= 0);
	if ((xsUnsignedValue)done != length)
		xsUnknownError("the file system is full");
}

void xs_lin_fileClose(xsMachine* the)
{
	close(xsmcToInteger(xsArg(0)));
}
