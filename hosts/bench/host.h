/* What the parts of the host share: the machines, the clock, and one declaration per native port. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include "xsAll.h"

/* Ends the process: one line on stderr, "bench: " before it. */
XS_FUNCTION_NORETURN void fail(int status, const char* format, ...) __attribute__((format(printf, 2, 3)));
/* Ends the process after what was written has left (ports, files, stdout). */
XS_FUNCTION_NORETURN void finish(int status);

#define EXIT_USAGE 2

/* main.c: what the command line asked for. */
typedef struct {
	const char *root, *main, *element, *configuration, *flash, *key, *blocks, *record, *udp, *tcp, *tty, *tape, *export;
	const char *preload[16], *argument[64];
	int preloads, arguments;
	long arenaBytes, elementArenaBytes, signMs, flashBytes, ring, exportAtMs[16];
	int exports;
	bool isVirtual;
} Options;
extern Options options;
/* Reads a whole file, a 0 byte after it; NULL when it cannot be read. */
char* readFile(const char* path, size_t* bytes);

/* machine.c: the root machine stands for flash; its clones, each in one fixed arena, for RAM. */
typedef struct Machine {
	txMachine* xs;
	const char* name;          /* "" for the firmware's, else put before an error's text */
	uint8_t *chunksEnd, *slotsStart;  /* the arena: chunks grow up from its start, slots down from its end */
	uint8_t *arena;
	size_t arenaBytes;
	bool hasJobs;
	uint64_t slots, chunkBytes, collections, seenCollections, bytesAfterCollection, computrons;
	uint32_t meter;
	txSlot keep;               /* its host object, see markHost */
	txSlot* errorInfo;         /* the newest error, and the byte code that made it: see trace.c */
	txByte* errorCode;
} Machine;
extern Machine* firmware;
#define machineOf(THE) ((Machine*)(THE)->context)

bool isKernels(const char* path);                          /* the module in the place of modules/base/kernels.js */
void prepareRoot(void);                                    /* parse, preload, freeze, share, write-protect */
Machine* cloneRoot(const char* name, size_t arenaBytes);
void deleteClone(Machine* machine);
void runModule(Machine* machine, const char* path);        /* evaluates it, and what it imports */
void runJobs(Machine* machine);                            /* promise jobs; an unhandled rejection ends the process */
XS_FUNCTION_NORETURN void failUncaught(txMachine* the);    /* reports mxException */
size_t bytesInUse(Machine* machine);
void freezeObject(txSlot* instance);
extern Machine rom;
void updateStatistics(Machine* machine);                   /* called often enough that no counter wraps twice */
bool locateError(Machine* machine, txSlot* exception, char* text, size_t bytes);

/* loader.c: the graph of modules, parsed once; its byte code stays in place, as in a board's flash. */
typedef struct Module {
	struct Module* next;
	char* path;
	txID id;
	int8_t* code;
	txSize codeBytes;
	bool isPreloaded;
} Module;
extern Module* modules;
Module* loadGraph(txMachine* root, const char* path);
Module* findModule(const char* path);
bool isBelow(const char* path, const char* folder);
char* modulePath(const char* name);                        /* of an option: relative to --root; fails when absent */
void* romAllocate(size_t bytes);

/* natives.c */
void defineNatives(txMachine* root);
void runCallback(Machine* machine, txSlot* callback);
uint8_t* bytesOfSlot(txSlot* slot, double least, int* length, const char* what);

/* the clock, the timers and the watchdog, in main.c */
double nowUs(void);
void endVirtualTime(void);
int setTimer(txSlot* callback, double delayMs, double repeatMs);
void clearTimer(int timer);
const txSlot* onlyTimer(void);                             /* its callback; fails unless there is exactly one */
void requestExit(int status);
void watchdogFeed(void);                                   /* from the first time on, it must be fed */
void watchdogBlock(void);                                  /* a block was read */
int resets(void);                                          /* by the watchdog, since the process began */
void markTimers(txMachine* the, txMarkRoot markRoot);

/* capture.c: the block stream. */
#define BLOCK_HEADER 5
#define BLOCK_FIELDS 5
extern int analogChannels, digitalChannels;
/* Samples of a block, where the stream has them; 0: it has none. */
extern int sampledBlock;
/* Those of the record read last, as raw.h takes them. */
const uint16_t* captureSamples(void);
void captureOpen(void);
/* 1 and the record's doubles, 0 none ready, -1 at the end of the stream. */
int captureRead(const double** record);
/* The board was reset: what waits is gone, and the next block is its first. */
void captureReset(void);
void recordOpen(void);
void recordWrite(const double* values, int length);
void recordClose(void);

/* export.c: root and firmware as an RP2040 has them in flash and RAM. */
#define EXPORT_ROM_ADDRESS 0x10074000u
#define EXPORT_ROM_BYTES (1072u << 10)
#define EXPORT_ARENA_ADDRESS 0x20010000u
void* mapAt(uintptr_t address, size_t bytes);              /* fails where something else is */
void exportWhenDue(void);

/* flash.c */
#define FLASH_ERASE_BYTES 4096
extern uint8_t* flash;
void flashOpen(void);
void flashErase(double at);
void flashRead(double at, uint8_t* into, double length);
void flashWrite(double at, const uint8_t* from, double length);

/* element.c: the secure element. */
#define ELEMENT_INPUT_BYTES 4096
#define SIGNATURE_BYTES 64
void elementOpen(void);
void elementHash(const uint8_t* bytes, int length, uint8_t* into);
void elementPublicKey(uint8_t* into);
bool elementIsSigning(void);
bool elementSignStart(const uint8_t* bytes, int length);
int elementSignPoll(uint8_t* signature);
bool elementVerifyStart(const uint8_t* bytes, int length, const uint8_t* signature, const uint8_t* publicKey);
int elementVerifyPoll(void);
/* The board was reset: what it asked is forgotten. */
void elementReset(void);
/* Makes the key that is to replace the element's, or finds the one that was made before; x and y. False: there is none. */
bool elementPrepareKey(bool isNew, uint8_t* publicKey);
bool elementCommitKey(void);
/* For the element's own machine: what it asks, and the three values that serve() hands over. */
const uint8_t* elementSecret(void);
void elementServe(txMachine* the, txSlot* input, txSlot* output, txSlot* run);

/* ports.c: UDP, TCP and the serial line. */
enum { PORT_UDP, PORT_TCP, PORT_TTY, PORTS };
extern char ttyPath[128];
void portsOpen(void);
int portNumber(int kind);            /* -1 when the command line did not ask for it */
bool portSend(int port, const uint8_t* bytes, int length);
int portReceive(int port, uint8_t* into, int room);
void portsFlush(bool isLast);

#endif
