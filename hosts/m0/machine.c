/* The firmware's machine: put together from a state that the bench exported, then one timer that calls it. */
#include <stddef.h>
#include "host.h"
#include "machine-fields.h"

#define FIELD(NAME) uint32_t NAME;
/* One state as image.ts lays it out, in this order. */
typedef struct {
	MACHINE_FIELDS(FIELD)
	uint32_t chunksEnd, slotsStart, callback;
	const void *arena, *nameTable, *symbolTable, *keyArray, *aliasArray;
} State;
#undef FIELD

extern const State states[];
extern txSlot* const rootKeys[];

#define ARENA_ADDRESS 0x20010000u
#define ARENA_BYTES 117248u

_Static_assert(sizeof(txSlot) == 16 && offsetof(txSlot, value) == 8, "a slot is that of the bench's 32-bit build");
_Static_assert(sizeof(txTypeDispatch) == 28 && sizeof(txTypeAtomics) == 40, "and so are the tables of types");

Machine machine;
const txHostHooks hostHooks = { NULL, NULL, NULL };
static txMachine xs;
static txSlot callback;

ASK(65, uint32_t askState(void))
ASK(66, void askWait(void))
ASK(67, void askFail(const char* message))

void fail(const char* message) {
	for (;;)
		askFail(message);
}

/* --- memory, as in the bench: chunks grow up, slots down --- */

static size_t roomBytes(void) { return (size_t)(machine.slotsStart - machine.chunksEnd); }

void* fxAllocateChunks(txMachine* the, txSize size) {
	(void)the;
	if ((size_t)size > roomBytes())
		return NULL;
	void* chunks = machine.chunksEnd;
	machine.chunksEnd += size;
	return chunks;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count) {
	size_t bytes = (size_t)count * sizeof(txSlot);
	if (bytes > roomBytes())
		return the->freeHeap ? (txSlot*)-1 : NULL;
	return (txSlot*)(machine.slotsStart -= bytes);
}

void fxFreeChunks(txMachine* the, void* chunks) { (void)the, (void)chunks; }
void fxFreeSlots(txMachine* the, void* slots) { (void)the, (void)slots; }

/* --- what a machine at rest never asks for --- */

void fxCreateMachinePlatform(txMachine* the) { (void)the; }
void fxDeleteMachinePlatform(txMachine* the) { (void)the; }
void fxBuildKeys(txMachine* the) { (void)the; }
void fxQueuePromiseJobs(txMachine* the) { (void)the, fail("a promise job"); }
void fxLoadModule(txMachine* the, txSlot* slot, txID id) { (void)the, (void)slot, (void)id, fail("a module is loaded"); }
txID fxFindModule(txMachine* the, txSlot* realm, txID id, txSlot* slot) {
	(void)the, (void)realm, (void)id, (void)slot;
	fail("a module is looked for");
}
txScript* fxParseScript(txMachine* the, void* stream, txGetter getter, txUnsigned flags) {
	(void)the, (void)stream, (void)getter, (void)flags;
	fail("a script is parsed");
}

void fxAbort(txMachine* the, int status) {
	static char message[256];
	if (status == XS_NOT_ENOUGH_MEMORY_EXIT)
		fail("out of memory: the arena is full");
	if (status == XS_STACK_OVERFLOW_EXIT)
		fail("stack overflow");
	strcpy(message, "uncaught exception: ");
	fxToStringBuffer(the, &mxException, message + strlen(message), sizeof message - 32);
	fail(message);
}

/* --- putting it together --- */

static void* copyTable(const void* from, uint32_t count) {
	void* table = malloc(count * sizeof(void*));
	if (count && !table)
		fail("no memory for the tables of keys");
	return memcpy(table, from, count * sizeof(void*));
}

static void restore(const State* state) {
	txMachine* the = machine.xs = &xs;
	machine.arena = memcpy((void*)ARENA_ADDRESS, state->arena, ARENA_BYTES);
	machine.chunksEnd = (uint8_t*)state->chunksEnd;
	machine.slotsStart = (uint8_t*)state->slotsStart;
#define FIELD(NAME) the->NAME = (__typeof__(the->NAME))(state->NAME);
	MACHINE_FIELDS(FIELD)
	the->context = &machine;
	the->nameTable = copyTable(state->nameTable, state->nameModulo);
	the->symbolTable = copyTable(state->symbolTable, state->symbolModulo);
	the->keyArray = copyTable(state->keyArray, state->keyCount - state->keyOffset);
	the->aliasArray = copyTable(state->aliasArray, state->aliasCount);
	the->keyArrayHost = (txSlot**)rootKeys;
	the->dtoa = fxNew_dtoa(the);
	callback.value.reference = (txSlot*)state->callback;
	callback.kind = XS_REFERENCE_KIND;
	fxRemember(the, &callback);
}

void runCallback(void) {
	txMachine* the = machine.xs;
	fxBeginHost(the);
	mxTry(the) {
		mxPushUndefined();
		mxPushSlot(&callback);
		mxCall();
		mxRunCount(0);
		mxPop();
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
}

int main(void) {
	restore(states + askState());
	for (;;) {
		askWait();
		runCallback();
	}
}
