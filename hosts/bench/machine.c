/* The root machine stands for a board's flash: frozen, shared, write-protected; its clones each live in one arena. */
#include "host.h"
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>

#define ROM_BYTES (options.export ? EXPORT_ROM_BYTES : 64u << 20)
#define STACK_SLOTS 384
/* Options count an arena as on a board, whose slots have 16 bytes. */
#define ARENA_SCALE (sizeof(txSlot) / 16)

Machine* firmware;
Machine rom;

/* --- memory: chunks grow up, slots grow down, in one block that never grows --- */

static size_t roomBytes(Machine* machine) {
	return (size_t)(machine->slotsStart - machine->chunksEnd);
}

void* fxAllocateChunks(txMachine* the, txSize size) {
	Machine* machine = machineOf(the);
	if ((size_t)size > roomBytes(machine))
		return NULL;
	void* chunks = machine->chunksEnd;
	machine->chunksEnd += size;
	return chunks;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count) {
	Machine* machine = machineOf(the);
	size_t bytes = (size_t)count * sizeof(txSlot);
	if (bytes > roomBytes(machine))  /* -1: XS goes on with the slots that the last collection freed */
		return the->freeHeap ? (txSlot*)-1 : NULL;
	return (txSlot*)(machine->slotsStart -= bytes);
}

void fxFreeChunks(txMachine* the, void* chunks) { (void)the, (void)chunks; }
void fxFreeSlots(txMachine* the, void* slots) { (void)the, (void)slots; }
void fxCreateMachinePlatform(txMachine* the) { machineOf(the)->xs = the; }
void fxDeleteMachinePlatform(txMachine* the) { (void)the; }
void fxQueuePromiseJobs(txMachine* the) { machineOf(the)->hasJobs = true; }

void* romAllocate(size_t bytes) {
	bytes = (bytes + 15) & ~(size_t)15;
	if (bytes > roomBytes(&rom))
		fail(1, "the modules do not fit in %u bytes", ROM_BYTES);
	return rom.slotsStart -= bytes;
}

static void openArena(Machine* machine, const char* name, void* block, size_t bytes) {
	machine->name = name;
	machine->arena = block;
	machine->arenaBytes = bytes & ~(size_t)15;
	machine->chunksEnd = machine->arena;
	machine->slotsStart = machine->arena + machine->arenaBytes;
}

/* --- statistics: the linker's --wrap puts these around XS's own allocators (their only callers are other files) --- */

txSlot* __real_fxNewSlot(txMachine* the);
txSlot* __real_fxDuplicateSlot(txMachine* the, txSlot* slot);
void* __real_fxNewChunk(txMachine* the, txSize size);
void* __real_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
void* __real_fxRenewChunk(txMachine* the, void* data, txSize size);

#define chunkOf(DATA) ((txChunk*)((txByte*)(DATA) - sizeof(txChunk)))

size_t bytesInUse(Machine* machine) {
	txMachine* the = machine->xs;
	return (size_t)the->currentHeapCount * sizeof(txSlot) + (size_t)the->currentChunksSize
		+ (size_t)(the->stackTop - the->stackBottom) * sizeof(txSlot);
}

static void noteCollection(Machine* machine) {
	if (machine->seenCollections == machine->collections)
		return;
	machine->seenCollections = machine->collections;
	size_t bytes = bytesInUse(machine);
	if (machine->bytesAfterCollection < bytes)
		machine->bytesAfterCollection = bytes;
}

static void* countChunk(txMachine* the, void* data) {
	machineOf(the)->chunkBytes += (size_t)(chunkOf(data)->temporary - (txByte*)chunkOf(data));
	noteCollection(machineOf(the));
	return data;
}

txSlot* __wrap_fxNewSlot(txMachine* the) {
	txSlot* slot = __real_fxNewSlot(the);
	machineOf(the)->slots++;
	noteCollection(machineOf(the));
	return slot;
}

txSlot* __wrap_fxDuplicateSlot(txMachine* the, txSlot* from) {
	txSlot* slot = __real_fxDuplicateSlot(the, from);
	machineOf(the)->slots++;
	noteCollection(machineOf(the));
	return slot;
}

void* __wrap_fxNewChunk(txMachine* the, txSize size) {
	return countChunk(the, __real_fxNewChunk(the, size));
}

void* __wrap_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity) {
	return countChunk(the, __real_fxNewGrowableChunk(the, size, capacity));
}

void* __wrap_fxRenewChunk(txMachine* the, void* data, txSize size) {
	txSize before = chunkOf(data)->size;
	data = __real_fxRenewChunk(the, data, size);
	if (data && chunkOf(data)->size > before)
		machineOf(the)->chunkBytes += (size_t)(chunkOf(data)->size - before);
	return data;
}

/* XS's meter is 32 bits wide. */
void updateStatistics(Machine* machine) {
	uint32_t meter = machine->xs->meterIndex;
	machine->computrons += (uint32_t)(meter - machine->meter);
	machine->meter = meter;
	noteCollection(machine);
}

/* A host object that every collection marks: it counts collections and keeps the callbacks of timers alive. */
static void markHost(txMachine* the, void* data, txMarkRoot markRoot) {
	Machine* machine = data;
	machine->collections++;
	if (machine == firmware)
		markTimers(the, markRoot);
}

static txHostHooks hostHooks = { NULL, markHost, NULL };

/* --- failures --- */

void failUncaught(txMachine* the) {
	Machine* machine = machineOf(the);
	char text[512] = "?", stack[512] = "", place[PATH_MAX];
	bool isLocated = locateError(machine, &mxException, place, sizeof place);
	mxTry(the) {
		mxPush(mxException);
		if (mxIsReference(the->stack)) {
			mxDub();
			mxGetID(mxID(_stack));
			if (the->stack->kind == XS_STRING_KIND)
				fxToStringBuffer(the, the->stack, stack, sizeof stack);
			mxPop();
		}
		fxToStringBuffer(the, the->stack, text, sizeof text);
	}
	mxCatch(the) {
	}
	/* XS's stack: the message, then a line " at name ()" for each frame. */
	char calls[256] = "", name[64];
	for (char* line = strchr(stack, '\n'); line; line = strchr(line + 1, '\n'))
		if (sscanf(line, "\n at %63[^ (\n]", name) == 1)
			snprintf(calls + strlen(calls), sizeof calls - strlen(calls), ", in %s", name);
	for (char* p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	fail(1, "%suncaught exception: %s%s%s%s", machine->name, text, isLocated ? " at " : "", isLocated ? place : "", calls);
}

void fxAbort(txMachine* the, int status) {
	Machine* machine = machineOf(the);
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		fail(1, "%sout of memory: arena of %zu bytes is full", machine->name, machine->arenaBytes / ARENA_SCALE);
	case XS_STACK_OVERFLOW_EXIT:
		fail(1, "%sstack overflow: more than %d slots", machine->name, STACK_SLOTS);
	case XS_UNHANDLED_EXCEPTION_EXIT:
	case XS_UNHANDLED_REJECTION_EXIT:
		failUncaught(the);
	default:
		fail(1, "%sXS aborts with status %d", machine->name, status);
	}
}

static void catchFault(int signal, siginfo_t* info, void* context) {
	uint8_t* address = info->si_addr;
	(void)context;
	if (signal == SIGSEGV && address >= rom.arena && address < rom.arena + rom.arenaBytes) {
		static const char line[] = "bench: write to preloaded (read-only) memory\n";
		if (write(STDERR_FILENO, line, sizeof line - 1)) {}
		_exit(1);
	}
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigaction(signal, &action, NULL);
}

/* --- the root --- */

/* What the linker does on a board: an object whose every property is constant needs no copy in RAM. */
void freezeObject(txSlot* instance) {
	if (!instance || instance->kind != XS_INSTANCE_KIND || (instance->flag & XS_DONT_PATCH_FLAG))
		return;
	instance->flag |= XS_DONT_PATCH_FLAG;
	freezeObject(instance->value.instance.prototype);
	for (txSlot* property = instance->next; property; property = property->next) {
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind == XS_ACCESSOR_KIND) {
			freezeObject(property->value.accessor.getter);
			freezeObject(property->value.accessor.setter);
			continue;
		}
		property->flag |= XS_DONT_SET_FLAG;
		if (property->kind == XS_REFERENCE_KIND)
			freezeObject(property->value.reference);
	}
}

static void freezeBuiltIns(txMachine* the) {
	for (int index = XS_SYMBOL_ID_COUNT; index < mxCompartmentGlobalStackIndex; index++) {
		txSlot* slot = &the->stackPrototypes[-1 - index];
		if (slot->kind == XS_REFERENCE_KIND)
			freezeObject(slot->value.reference);
		else if (slot->kind == XS_ACCESSOR_KIND) {
			freezeObject(slot->value.accessor.getter);
			freezeObject(slot->value.accessor.setter);
		}
	}
}

/* A clone copies such slots to its stack: chunks outside its arena must be known to its collector as constant. */
static void makeConstant(txSlot* slot) {
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_ARRAY_KIND:
		if (slot->value.array.address) {
			size_t count = (size_t)chunkOf(slot->value.array.address)->size / sizeof(txSlot);
			for (size_t i = 0; i < count && i < slot->value.array.length; i++)
				makeConstant(slot->value.array.address + i);
		}
		break;
	default:
		break;
	}
}

/* The global of a machine of its own is exotic (it caches in a table that it writes); a linked one is ordinary. */
static void makeGlobalOrdinary(txMachine* the) {
	txSlot* global = mxGlobal.value.reference;
	if (global->next && global->next->kind == XS_GLOBAL_KIND) {
		global->next = global->next->next;
		global->flag &= ~XS_EXOTIC_FLAG;
	}
}

void* mapAt(uintptr_t address, size_t bytes) {
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED_NOREPLACE : 0);
	void* block = mmap((void*)address, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (block == MAP_FAILED)
		fail(1, "no memory for a machine of %zu bytes", bytes);
	return block;
}

void prepareRoot(void) {
	/* An exported root has to fit in a flash: it grows in small steps. */
	bool isSmall = options.export;
	txCreation creation = { .initialChunkSize = 1 << (isSmall ? 15 : 20), .incrementalChunkSize = 1 << (isSmall ? 12 : 16),
		.initialHeapCount = 1 << (isSmall ? 12 : 15), .incrementalHeapCount = isSmall ? 256 : 4096, .stackCount = 4096, .initialKeyCount = 4096, .incrementalKeyCount = 1024,
		.nameModulo = isSmall ? 53 : 1993, .symbolModulo = isSmall ? 3 : 127, .parserBufferSize = 64 << 10, .parserTableModulo = 1993 };
	openArena(&rom, "", mapAt(options.export ? EXPORT_ROM_ADDRESS : 0, ROM_BYTES), ROM_BYTES);
	txMachine* the = rom.xs = fxCreateMachine(&creation, "root", &rom, XS_NO_ID);
	if (!the)
		fail(1, "cannot create the root machine");
	fxBeginHost(the);
	defineNatives(the);
	fxEndHost(the);
	freezeBuiltIns(the);

	loadGraph(the, options.main);
	if (options.element)
		loadGraph(the, options.element);
	for (Module* module = modules; module; module = module->next) {
		for (int i = 0; i < options.preloads; i++)
			if (isBelow(module->path, options.preload[i]))
				module->isPreloaded = true;
		if (isKernels(module->path))
			module->isPreloaded = true;
		if (module->isPreloaded)
			runModule(&rom, module->path);
	}

	makeGlobalOrdinary(the);
	fxShareMachine(the);
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			makeConstant(slot);
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		makeConstant(slot);
	struct sigaction action = { .sa_sigaction = catchFault, .sa_flags = SA_SIGINFO };
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (mprotect(rom.arena, rom.arenaBytes, PROT_READ))
		fail(1, "cannot protect the root machine");
}

Machine* cloneRoot(const char* name, size_t arenaBytes) {
	arenaBytes *= ARENA_SCALE;
	/* A quarter each for chunks and slots; the rest goes to whichever needs it, in small steps, to the last one. */
	txCreation creation = { .initialChunkSize = (txSize)(arenaBytes / 4), .incrementalChunkSize = 256,
		.initialHeapCount = (txSize)(arenaBytes / 4 / sizeof(txSlot)), .incrementalHeapCount = 64,
		.stackCount = STACK_SLOTS, .initialKeyCount = 64, .incrementalKeyCount = 64,
		.nameModulo = rom.xs->nameModulo, .symbolModulo = rom.xs->symbolModulo,
		.parserBufferSize = 1024, .parserTableModulo = 127 };
	Machine* machine = calloc(1, sizeof *machine);
	bool isExported = options.export && !firmware && !*name;
	openArena(machine, name, isExported ? mapAt(EXPORT_ARENA_ADDRESS, arenaBytes)
		: aligned_alloc(16, arenaBytes & ~(size_t)15), arenaBytes);
	if (STACK_SLOTS * sizeof(txSlot) > arenaBytes / 2 - 64)
		fail(1, "%sout of memory: arena of %zu bytes is full", name, machine->arenaBytes / ARENA_SCALE);
	txMachine* the = machine->xs = fxCloneMachine(&creation, rom.xs, "clone", machine);
	if (!the)
		fail(1, "cannot clone the root machine");
	fxBeginHost(the);
	fxNewHostObject(the, NULL);
	txSlot* host = the->stack->value.reference->next;
	host->flag |= XS_HOST_HOOKS_FLAG;
	host->value.host.data = machine;
	host->value.host.variant.hooks = &hostHooks;
	machine->keep = *the->stack;
	fxRemember(the, &machine->keep);
	fxEndHost(the);
	return machine;
}

void deleteClone(Machine* machine) {
	fxDeleteMachine(machine->xs);
	free(machine->arena);
	free(machine);
}

/* --- running --- */

static void importFulfilled(txMachine* the) { (void)the; }
static void importRejected(txMachine* the) {
	mxException = *mxArgv(0);
	failUncaught(the);
}

void runModule(Machine* machine, const char* path) {
	txMachine* the = machine->xs;
	fxBeginHost(the);
	mxTry(the) {
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		mxPushStringX((txString)path);
		fxRunImport(the, realm, XS_NO_ID);
		mxDub();
		mxGetID(mxID(_then));
		mxCall();
		fxNewHostFunction(the, importFulfilled, 1, XS_NO_ID, XS_NO_ID);
		fxNewHostFunction(the, importRejected, 1, XS_NO_ID, XS_NO_ID);
		mxRunCount(2);
		mxPop();
	}
	mxCatch(the) {
		failUncaught(the);
	}
	fxEndHost(the);
	runJobs(machine);
}

void runJobs(Machine* machine) {
	while (machine->hasJobs) {
		machine->hasJobs = false;
		fxBeginHost(machine->xs);
		fxRunPromiseJobs(machine->xs);
		fxEndHost(machine->xs);
	}
	fxCheckUnhandledRejections(machine->xs, 1);
}
