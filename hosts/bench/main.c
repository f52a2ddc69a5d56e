/* The bench host: options, the clock, timers and the event loop. */
#include "host.h"
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

/* The boards' 110 KB (manifest.json), and 4.5 KB for the configuration, which boards have in flash. */
Options options = { .arenaBytes = 117248, .elementArenaBytes = 196608, .signMs = 100, .flashBytes = 1 << 20, .ring = 70 };

static const char help[] =
	"Runs ES modules on XS as a board would: preloaded modules read-only, everything else in one fixed arena.\n"
	"  --root DIR              compiled modules (build)        --main MODULE            below it, runs\n"
	"  --preload DIR|MODULE    read-only modules (modules)     --element MODULE         (hosts/bench/element.js)\n"
	"  --arena BYTES           with 16-byte slots (117248)      --element-arena BYTES    (196608)\n"
	"  --virtual               time jumps, nothing sleeps      --sign-ms N              virtual latency (100)\n"
	"  --configuration FILE    JSON for bench.configuration    --argument NAME=VALUE    for bench.argument()\n"
	"  --flash FILE            (memory)                        --flash-bytes N          (1048576)\n"
	"  --key FILE              32 bytes; made when absent      --record FILE            doubles written\n"
	"  --blocks PATH|-         the block stream                --ring N                 blocks (70)\n"
	"  --export PREFIX         for an RP2040: hosts/m0        --export-at MS           as often as is wanted\n"
	"  --udp LOCAL:HOST:PORT   --tcp PORT (loopback)           --tty PATH|new           115200 baud, raw\n"
	"  --tape FILE             a serial line that brings what the file has for each moment of virtual time\n";

/* --- ends --- */

static void leave(int status) {
	recordClose();
	fflush(stdout);
	_exit(status);
}

void fail(int status, const char* format, ...) {
	static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
	char line[1024];
	va_list arguments;
	pthread_mutex_lock(&once);  /* never unlocked: of two threads that fail, the first has its say */
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	fflush(stdout);
	fprintf(stderr, "bench: %s\n", line);
	leave(status);
	abort();
}

void finish(int status) {
	portsFlush(true);
	leave(status);
	abort();
}

/* --- the clock and the timers --- */

#define TIMERS_MAX 32

typedef struct {
	int number;      /* 0: free */
	double dueUs, repeatUs;
	txSlot callback;
} Timer;

static Timer timers[TIMERS_MAX];
static int lastNumber, exitStatus = -1;
static double virtualUs, virtualEndedUs = -1;  /* the monotonic time at which virtual time ended */

static double monotonicUs(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)(time.tv_nsec / 1000);
}

static double startUs = -1;

double nowUs(void) {
	if (options.isVirtual)
		return virtualEndedUs < 0 ? virtualUs : virtualUs + monotonicUs() - virtualEndedUs;
	if (startUs < 0)
		startUs = monotonicUs();
	return monotonicUs() - startUs;
}

/* The block stream has ended: from here on time passes as it does, so that links can be emptied in peace. */
void endVirtualTime(void) {
	if (options.isVirtual && virtualEndedUs < 0)
		virtualEndedUs = monotonicUs();
}

int setTimer(txSlot* callback, double delayMs, double repeatMs) {
	for (int i = 0; i < TIMERS_MAX; i++)
		if (!timers[i].number) {
			timers[i] = (Timer){ .number = ++lastNumber, .dueUs = nowUs() + (delayMs > 0 ? delayMs * 1000 : 0),
				.repeatUs = repeatMs > 0 ? repeatMs * 1000 : 0, .callback = *callback };
			return lastNumber;
		}
	fail(1, "more than %d timers", TIMERS_MAX);
}

void clearTimer(int number) {
	for (int i = 0; i < TIMERS_MAX; i++)
		if (number && timers[i].number == number)
			timers[i].number = 0;
}

void markTimers(txMachine* the, txMarkRoot markRoot) {
	for (int i = 0; i < TIMERS_MAX; i++)
		if (timers[i].number)
			markRoot(the, &timers[i].callback);
}

void requestExit(int status) { exitStatus = status & 255; }

const txSlot* onlyTimer(void) {
	const txSlot* callback = NULL;
	for (int i = 0; i < TIMERS_MAX; i++)
		if (timers[i].number) {
			if (callback)
				fail(1, "more than one timer");
			callback = &timers[i].callback;
		}
	if (!callback)
		fail(1, "no timer");
	return callback;
}

/* --- the watchdog: a firmware that goes on reading blocks and does not feed it is reset, as a board is --- */

#define UNFED_BLOCKS_MAX 200

static bool isWatched;
static int unfedBlocks, resetCount;

void watchdogFeed(void) {
	isWatched = true;
	unfedBlocks = 0;
}

void watchdogBlock(void) { unfedBlocks++; }
int resets(void) { return resetCount; }

/* RAM and the clock begin anew; flash, secure element, lines and links are what they were. */
static void resetBoard(void) {
	resetCount++;
	unfedBlocks = 0;
	isWatched = false;
	portsFlush(false);
	elementReset();
	captureReset();
	memset(timers, 0, sizeof timers);
	virtualUs = 0;
	startUs = -1;
	deleteClone(firmware);
	firmware = cloneRoot("", (size_t)options.arenaBytes);
	runModule(firmware, options.main);
	runJobs(firmware);
}

static Timer* nextTimer(void) {
	Timer* next = NULL;
	for (int i = 0; i < TIMERS_MAX; i++)
		if (timers[i].number && (!next || timers[i].dueUs < next->dueUs
				|| (timers[i].dueUs == next->dueUs && timers[i].number < next->number)))
			next = &timers[i];
	return next;
}

static void runTimer(Timer* timer) {
	txSlot callback = timer->callback;  /* the stack holds it while it runs */
	if (timer->repeatUs > 0) {
		timer->dueUs += timer->repeatUs;
		if (timer->dueUs < nowUs())       /* late by more than a period: no burst */
			timer->dueUs = nowUs();
	}
	else
		timer->number = 0;
	runCallback(firmware, &callback);
	runJobs(firmware);
}

static void runLoop(void) {
	runJobs(firmware);
	while (exitStatus < 0) {
		Timer* timer = nextTimer();
		if (!timer)
			break;
		portsFlush(false);
		updateStatistics(firmware);
		double waitUs = timer->dueUs - nowUs();
		if (waitUs <= 0) {
			runTimer(timer);
			exportWhenDue();
			if (isWatched && unfedBlocks >= UNFED_BLOCKS_MAX)
				resetBoard();
		}
		else if (options.isVirtual && virtualEndedUs < 0)
			virtualUs = timer->dueUs;
		else {
			fflush(stdout);
			struct timespec wait = { .tv_sec = (time_t)(waitUs / 1e6), .tv_nsec = (long)(fmod(waitUs, 1e6) * 1000) };
			ppoll(NULL, 0, &wait, NULL);
		}
	}
	finish(exitStatus < 0 ? 0 : exitStatus);
}

/* --- options --- */

char* readFile(const char* path, size_t* bytes) {
	FILE* file = fopen(path, "rb");
	if (!file)
		return NULL;
	size_t room = 4096, length = 0;
	char* text = malloc(room);
	for (size_t count; (count = fread(text + length, 1, room - length - 1, file)) > 0;) {
		length += count;
		if (room - length == 1)
			text = realloc(text, room *= 2);
	}
	bool isRead = !ferror(file);
	fclose(file);
	text[length] = 0;
	if (bytes)
		*bytes = length;
	return isRead ? text : NULL;
}

static long toInteger(const char* option, const char* text, long least, long most) {
	char* end;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (end == text || *end || errno || value < least || value > most)
		fail(EXIT_USAGE, "--%s: %s is no integer from %ld to %ld", option, text, least, most);
	return value;
}

enum { ROOT = 256, MAIN, PRELOAD, ARENA, ELEMENT_ARENA, ELEMENT, VIRTUAL, SIGN_MS, CONFIGURATION, FLASH, FLASH_BYTES, KEY,
	BLOCKS, RING, RECORD, UDP, TCP, TTY, TAPE, ARGUMENT, EXPORT, EXPORT_AT, HELP };

static const struct option known[] = {
	{ "root", 1, NULL, ROOT }, { "main", 1, NULL, MAIN }, { "preload", 1, NULL, PRELOAD }, { "arena", 1, NULL, ARENA },
	{ "element-arena", 1, NULL, ELEMENT_ARENA }, { "element", 1, NULL, ELEMENT }, { "virtual", 0, NULL, VIRTUAL },
	{ "sign-ms", 1, NULL, SIGN_MS }, { "configuration", 1, NULL, CONFIGURATION }, { "flash", 1, NULL, FLASH },
	{ "flash-bytes", 1, NULL, FLASH_BYTES }, { "key", 1, NULL, KEY }, { "blocks", 1, NULL, BLOCKS },
	{ "ring", 1, NULL, RING }, { "record", 1, NULL, RECORD }, { "udp", 1, NULL, UDP }, { "tcp", 1, NULL, TCP },
	{ "tty", 1, NULL, TTY }, { "tape", 1, NULL, TAPE }, { "argument", 1, NULL, ARGUMENT },
	{ "export", 1, NULL, EXPORT }, { "export-at", 1, NULL, EXPORT_AT }, { "help", 0, NULL, HELP }, { NULL, 0, NULL, 0 },
};

static void setOption(int option, const char* value, const char* name) {
	switch (option) {
	case ROOT: options.root = value; break;
	case MAIN: options.main = value; break;
	case PRELOAD:
		if (options.preloads == 16)
			fail(EXIT_USAGE, "--preload: more than 16");
		options.preload[options.preloads++] = value;
		break;
	case ARENA: options.arenaBytes = toInteger(name, value, 16384, 64 << 20); break;
	case ELEMENT_ARENA: options.elementArenaBytes = toInteger(name, value, 16384, 64 << 20); break;
	case ELEMENT: options.element = value; break;
	case VIRTUAL: options.isVirtual = true; break;
	case SIGN_MS: options.signMs = toInteger(name, value, 0, 3600000); break;
	case CONFIGURATION:
		if (!(options.configuration = readFile(value, NULL)))
			fail(EXIT_USAGE, "--configuration: %s: %s", value, strerror(errno));
		break;
	case FLASH: options.flash = value; break;
	case FLASH_BYTES:
		options.flashBytes = toInteger(name, value, FLASH_ERASE_BYTES, 256 << 20);
		if (options.flashBytes % FLASH_ERASE_BYTES)
			fail(EXIT_USAGE, "--flash-bytes: %s is no multiple of %d", value, FLASH_ERASE_BYTES);
		break;
	case KEY: options.key = value; break;
	case BLOCKS: options.blocks = value; break;
	case RING: options.ring = toInteger(name, value, 1, 1 << 20); break;
	case RECORD: options.record = value; break;
	case UDP: options.udp = value; break;
	case TCP: options.tcp = value; break;
	case TTY: options.tty = value; break;
	case TAPE: options.tape = value; break;
	case ARGUMENT:
		if (!strchr(value, '=') || value[0] == '=')
			fail(EXIT_USAGE, "--argument: %s is not NAME=VALUE", value);
		if (options.arguments == 64)
			fail(EXIT_USAGE, "--argument: more than 64");
		options.argument[options.arguments++] = value;
		break;
	case EXPORT: options.export = value; break;
	case EXPORT_AT:
		if (options.exports == 16)
			fail(EXIT_USAGE, "--export-at: more than 16");
		options.exportAtMs[options.exports++] = toInteger(name, value, 0, LONG_MAX);
		break;
	case HELP:
		fputs(help, stdout);
		leave(0);
	}
}

static void readOptions(int count, char** values) {
	int option, index = -1;
	opterr = 0;
	while ((option = getopt_long(count, values, ":", known, &index)) != -1) {
		if (option == '?')
			fail(EXIT_USAGE, "unknown option: %s (see --help)", values[optind - 1]);
		if (option == ':')
			fail(EXIT_USAGE, "%s: a value is missing", values[optind - 1]);
		setOption(option, optarg, known[index].name);
	}
	if (optind < count)
		fail(EXIT_USAGE, "unknown argument: %s (see --help)", values[optind]);
	if (!options.root || !options.main)
		fail(EXIT_USAGE, "--root and --main are needed (see --help)");
	if (!options.configuration)
		options.configuration = "";
	char* root = realpath(options.root, NULL);
	if (!root)
		fail(EXIT_USAGE, "--root: %s: %s", options.root, strerror(errno));
	options.root = root;
	options.main = modulePath(options.main);
	if (options.element)
		options.element = modulePath(options.element);
	else {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/hosts/bench/element.js", root);
		options.element = access(path, R_OK) ? NULL : strdup(path);
	}
	if (options.preloads == 0) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/modules", root);
		options.preload[options.preloads++] = strdup(path);
	}
	else
		for (int i = 0; i < options.preloads; i++)
			options.preload[i] = modulePath(options.preload[i]);
}

int main(int count, char** values) {
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	readOptions(count, values);
	flashOpen();
	portsOpen();
	recordOpen();
	captureOpen();
	prepareRoot();
	elementOpen();
	firmware = cloneRoot("", (size_t)options.arenaBytes);
	nowUs();
	runModule(firmware, options.main);
	runLoop();
}
