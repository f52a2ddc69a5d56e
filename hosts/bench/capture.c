/* The capture: a stream of blocks from a file or pipe, in real time through a ring that loses and counts. */
#include "host.h"
#include "raw.h"
#include <fcntl.h>

int analogChannels, digitalChannels, sampledBlock;

enum { SEQUENCE, TIME_US, LOST, IS_FRESH };

static int stream = -1, recordDoubles, samplesAt;
static const char* streamName;
static FILE* recording;
static double *current;

/* The ring, and the newest record of those that found it full: the stream's last one is never lost unseen. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static double *ring, *spare;
static long ringStart, ringCount;
static double dropped;
static bool isEnded;

/* Since the board was reset: sequence numbers and times count from its first block. */
static bool isFirst;
static double sequenceBase, timeBaseUs, periodUs;

/* The number of bytes read, less than asked for only at the end. */
static size_t readAll(void* into, size_t bytes) {
	size_t count = 0;
	while (count < bytes) {
		ssize_t got = read(stream, (char*)into + count, bytes - count);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fail(1, "%s: %s", streamName, strerror(errno));
		if (got == 0)
			break;
		count += (size_t)got;
	}
	return count;
}

/* False at the end of the stream. */
static bool readRecord(double* into) {
	size_t bytes = (size_t)recordDoubles * sizeof(double), count = readAll(into, bytes);
	if (count == 0)
		return false;
	if (count < bytes)
		fail(1, "%s: truncated: %zu bytes of a record of %zu", streamName, count, bytes);
	if (!(into[SEQUENCE] >= 0 && into[TIME_US] >= 0 && into[LOST] >= 0))
		fail(1, "%s: malformed record", streamName);
	return true;
}

static void keep(const double* record) {
	size_t bytes = (size_t)recordDoubles * sizeof(double);
	pthread_mutex_lock(&mutex);
	double* into = spare;
	if (ringCount < options.ring) {
		into = ring + (ringStart + ringCount) % options.ring * recordDoubles;
		ringCount++;
	}
	memcpy(into, record, bytes);
	into[LOST] += dropped;
	if (dropped > 0)
		into[IS_FRESH] = 1;
	dropped = into == spare ? into[LOST] + 1 : 0;
	pthread_mutex_unlock(&mutex);
}

static void* fillRing(void* unused) {
	double* record = calloc((size_t)recordDoubles, sizeof(double));
	(void)unused;
	while (readRecord(record))
		keep(record);
	pthread_mutex_lock(&mutex);
	isEnded = true;
	pthread_mutex_unlock(&mutex);
	free(record);
	return NULL;
}

void captureOpen(void) {
	struct { char magic[4]; uint16_t analog, digital; uint32_t periodUs, samples; } header;
	_Static_assert(sizeof header == 16, "the header of a block stream has 16 bytes");
	if (!options.blocks)
		return;
	streamName = !strcmp(options.blocks, "-") ? "standard input" : options.blocks;
	stream = !strcmp(options.blocks, "-") ? STDIN_FILENO : open(options.blocks, O_RDONLY | O_CLOEXEC);
	if (stream < 0)
		fail(EXIT_USAGE, "%s: %s", streamName, strerror(errno));
	if (readAll(&header, sizeof header) != sizeof header || (memcmp(header.magic, "WWB1", 4) && memcmp(header.magic, "WWB2", 4)) || header.periodUs == 0)
		fail(1, "%s: not a block stream", streamName);
	periodUs = header.periodUs;
	analogChannels = header.analog;
	digitalChannels = header.digital;
	recordDoubles = samplesAt = BLOCK_HEADER + BLOCK_FIELDS * (analogChannels + digitalChannels);
	if (header.magic[3] == '2') {
		if (header.samples == 0 || header.samples > RAW_BLOCK_SAMPLES_MAX)
			fail(1, "%s: blocks of %u samples", streamName, header.samples);
		sampledBlock = (int)header.samples;
		recordDoubles += (analogChannels * sampledBlock + digitalChannels + 3) / 4;
	}
	current = calloc((size_t)recordDoubles, sizeof(double));
	if (options.isVirtual)
		return;
	pthread_t thread;
	ring = calloc((size_t)(options.ring * recordDoubles), sizeof(double));
	spare = calloc((size_t)recordDoubles, sizeof(double));
	if (!ring || !spare || pthread_create(&thread, NULL, fillRing, NULL))
		fail(1, "cannot start the capture");
}

void captureReset(void) {
	isFirst = true;
	pthread_mutex_lock(&mutex);
	ringCount = 0;
	dropped = 0;
	pthread_mutex_unlock(&mutex);
}

/* Counts `current` as the board does that has started with its first block. */
static void rebase(void) {
	if (isFirst) {
		sequenceBase = current[SEQUENCE];
		timeBaseUs = current[TIME_US] - periodUs;
		current[LOST] = 0;
		current[IS_FRESH] = 1;
	}
	isFirst = false;
	current[SEQUENCE] -= sequenceBase;
	current[TIME_US] -= timeBaseUs;
}

/* In virtual time the stream is read when asked for, and a block is there from its own time on. */
static int readVirtual(void) {
	static bool isPending;
	if (!isPending && !isEnded) {
		isEnded = !readRecord(current);
		isPending = !isEnded;
		if (isPending)
			rebase();
	}
	if (isEnded) {
		endVirtualTime();
		return -1;
	}
	if (current[TIME_US] > nowUs())
		return 0;
	isPending = false;
	return 1;
}

static int readRing(void) {
	int state = 0;
	size_t bytes = (size_t)recordDoubles * sizeof(double);
	pthread_mutex_lock(&mutex);
	if (ringCount > 0) {
		memcpy(current, ring + ringStart * recordDoubles, bytes);
		ringStart = (ringStart + 1) % options.ring;
		ringCount--;
		state = 1;
	}
	else if (isEnded && dropped > 0) {
		memcpy(current, spare, bytes);
		dropped = 0;
		state = 1;
	}
	else if (isEnded)
		state = -1;
	pthread_mutex_unlock(&mutex);
	if (state == 1)
		rebase();
	return state;
}

const uint16_t* captureSamples(void) { return (const uint16_t*)(current + samplesAt); }

int captureRead(const double** record) {
	*record = current;
	return stream < 0 ? -1 : options.isVirtual ? readVirtual() : readRing();
}

void recordOpen(void) {
	if (options.record && !(recording = fopen(options.record, "wb")))
		fail(EXIT_USAGE, "%s: %s", options.record, strerror(errno));
}

void recordWrite(const double* values, int length) {
	if (recording && fwrite(values, sizeof(double), (size_t)length, recording) != (size_t)length)
		fail(1, "%s: %s", options.record, strerror(errno));
}

void recordClose(void) {
	if (recording && fclose(recording))
		fprintf(stderr, "bench: %s: %s\n", options.record, strerror(errno));
	recording = NULL;
}
