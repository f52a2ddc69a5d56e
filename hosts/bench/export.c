/*
 * Writes root and firmware as they would lie in an RP2040's flash and RAM, for hosts/m0: both live at the chip's addresses
 * (machine.c), so only words that point elsewhere need the linker. PREFIX.bin is the memory, PREFIX.json says what it is.
 */
#include "host.h"
#include "machine-fields.h"

static FILE *memory, *description;
static Machine* exported;
static int pointers;

static bool isInside(const Machine* machine, uintptr_t address) {
	return address >= (uintptr_t)machine->arena && address < (uintptr_t)machine->arena + machine->arenaBytes;
}

/* A word at `at` points to something; outside of flash and RAM it is a symbol of C's or, if it says so, a text. */
static void notePointer(const void* at, bool isText) {
	uintptr_t value = *(const uintptr_t*)at;
	if (!value || isInside(&rom, value) || (exported != &rom && isInside(exported, value)))
		return;
	fprintf(description, "%s\n[%lu,", pointers++ ? "," : "", (unsigned long)(uintptr_t)at);
	if (isText) {
		fputc('"', description);
		for (const char* p = (const char*)value; *p; p++)
			fprintf(description, "%02x", (unsigned char)*p);
		fputs("\"]", description);
	}
	else if (value == (uintptr_t)exported)
		fputs("\"machine\",0]", description);
	else
		fprintf(description, "%lu]", (unsigned long)value);
}

static void noteSlot(const txSlot* slot);

static void noteItems(const txSlot* address, txIndex length) {
	if (!address)
		return;
	size_t room = ((size_t)((const txChunk*)((const txByte*)address - sizeof(txChunk)))->size - sizeof(txChunk)) / sizeof(txSlot);
	for (size_t i = 0; i < room && i < length; i++)
		noteSlot(address + i);
}

/* By kind, as fxMarkValue (xsMemory.c) knows them: which of the two words of a value are pointers. */
static void noteSlot(const txSlot* slot) {
	const txSlot* const* words = (const txSlot* const*)&slot->value;
	switch (slot->kind) {
	case XS_UNDEFINED_KIND: case XS_UNINITIALIZED_KIND: case XS_NULL_KIND: case XS_BOOLEAN_KIND: case XS_INTEGER_KIND:
	case XS_NUMBER_KIND: case XS_SYMBOL_KIND: case XS_DATE_KIND: case XS_DATA_VIEW_KIND: case XS_BUFFER_INFO_KIND:
	case XS_AT_KIND: case XS_PROMISE_KIND:
		break;
	case XS_STRING_KIND: case XS_STRING_X_KIND: case XS_KEY_KIND: case XS_KEY_X_KIND:
		notePointer(words, true);
		break;
	case XS_ARGUMENTS_SLOPPY_KIND: case XS_ARGUMENTS_STRICT_KIND: case XS_ARRAY_KIND: case XS_STACK_KIND:
		notePointer(words, false);
		noteItems(slot->value.array.address, slot->value.array.length);
		break;
	case XS_BIGINT_KIND: case XS_BIGINT_X_KIND: case XS_REFERENCE_KIND: case XS_CLOSURE_KIND: case XS_MODULE_KIND:
	case XS_PROGRAM_KIND: case XS_MAP_KIND: case XS_SET_KIND: case XS_ENTRY_KIND: case XS_ERROR_KIND: case XS_IDS_KIND:
		notePointer(words, false);
		break;
	case XS_INSTANCE_KIND:
		notePointer(words + 1, false);
		break;
	case XS_ARRAY_BUFFER_KIND: case XS_CALLBACK_KIND: case XS_CALLBACK_X_KIND: case XS_CODE_KIND: case XS_CODE_X_KIND:
	case XS_HOST_KIND: case XS_HOME_KIND: case XS_TYPED_ARRAY_KIND: case XS_ACCESSOR_KIND: case XS_LIST_KIND:
	case XS_EXPORT_KIND: case XS_PRIVATE_KIND: case XS_REGEXP_KIND: case XS_PROXY_KIND: case XS_WEAK_MAP_KIND:
	case XS_WEAK_SET_KIND: case XS_WEAK_REF_KIND: case XS_WEAK_ENTRY_KIND: case XS_FINALIZATION_REGISTRY_KIND:
	case XS_FINALIZATION_CELL_KIND:
		notePointer(words, false);
		notePointer(words + 1, false);
		break;
	default:
		fail(1, "export: a slot of kind %d", slot->kind);
	}
}

static void writeRange(const char* section, const void* start, const void* end) {
	static bool isLater;
	size_t bytes = (size_t)((const uint8_t*)end - (const uint8_t*)start);
	if (ftell(memory) == 0)
		isLater = false;
	fprintf(description, "%s\n{\"section\":\"%s\",\"address\":%lu,\"bytes\":%zu}", isLater ? "," : "", section,
		(unsigned long)(uintptr_t)start, bytes);
	isLater = true;
	if (fwrite(start, 1, bytes, memory) != bytes)
		fail(1, "--export: %s", strerror(errno));
}

/* Byte code of the secure element's own modules: the chip has none of it. */
static bool isElement(const Module* module) {
	return strstr(module->path, "/es2021/") || (options.element && !strcmp(module->path, options.element));
}

static void writeRanges(Machine* machine) {
	txMachine* the = machine->xs;
	if (machine != &rom) {
		writeRange("memory", machine->arena, machine->arena + machine->arenaBytes);
		writeRange("nameTable", the->nameTable, the->nameTable + the->nameModulo);
		writeRange("symbolTable", the->symbolTable, the->symbolTable + the->symbolModulo);
		writeRange("keyArray", the->keyArray, the->keyArray + (the->keyCount - the->keyOffset));
		writeRange("aliasArray", the->aliasArray, the->aliasArray + the->aliasCount);
		return;
	}
	writeRange("memory", machine->arena, machine->chunksEnd);
	const uint8_t* at = machine->slotsStart;
	/* The newest module lies lowest. The stack's unused part, below `stack`, is left out as the element's code is. */
	for (Module* module = modules; module; module = module->next) {
		if (!isElement(module))
			continue;
		writeRange("memory", at, module->code);
		at = (const uint8_t*)module->code + ((module->codeBytes + 15) & ~15);
	}
	writeRange("memory", at, the->stackBottom);
	writeRange("memory", the->stack, machine->arena + machine->arenaBytes);
	writeRange("keyArray", the->keyArray, the->keyArray + the->keyIndex);
}

static void notePointers(Machine* machine) {
	txMachine* the = machine->xs;
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			notePointer(&slot->next, false);
			noteSlot(slot);
		}
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		noteSlot(slot);
}

/* Where each module's byte code lies. */
static void describeRoot(void) {
	fputs("},\n\"modules\":[", description);
	bool isLater = false;
	for (Module* module = modules; module; module = module->next) {
		if (isElement(module))
			continue;
		fprintf(description, "%s\n{\"path\":\"%s\",\"address\":%lu,\"bytes\":%d}", isLater ? "," : "",
			module->path + strlen(options.root) + 1, (unsigned long)(uintptr_t)module->code, (int)module->codeBytes);
		isLater = true;
	}
	fputs("]", description);
}

static void exportMachine(Machine* machine, const char* name, void (*more)(void)) {
	char path[4096];
	exported = machine;
	pointers = 0;
	snprintf(path, sizeof path, "%s%s.bin", options.export, name);
	memory = fopen(path, "wb");
	snprintf(path, sizeof path, "%s%s.json", options.export, name);
	description = fopen(path, "w");
	if (!memory || !description)
		fail(EXIT_USAGE, "--export: %s: %s", path, strerror(errno));
	fputs("{\"ranges\":[", description);
	writeRanges(machine);
	fputs("],\n\"pointers\":[", description);
	notePointers(machine);
	fputs("],\n\"fields\":{", description);
#define FIELD(NAME) fprintf(description, "\n\"" #NAME "\":%lu,", (unsigned long)machine->xs->NAME);
	MACHINE_FIELDS(FIELD)
	fprintf(description, "\n\"chunksEnd\":%lu,\"slotsStart\":%lu", (unsigned long)(uintptr_t)machine->chunksEnd,
		(unsigned long)(uintptr_t)machine->slotsStart);
	more();
	fputs("}\n", description);
	if (fclose(memory) || fclose(description))
		fail(1, "--export: %s", strerror(errno));
}

/* What the firmware's machine has in C: its timer, its clock, its flash. */
static void describeFirmware(void) {
	if (firmware->xs->frame || firmware->xs->firstWeakListLink)
		fail(1, "export: the machine is not at rest");
	fprintf(description, ",\"callback\":%lu,\"nowUs\":%.0f}", (unsigned long)(uintptr_t)onlyTimer()->value.reference, nowUs());
	if (fwrite(flash, 1, (size_t)options.flashBytes, memory) != (size_t)options.flashBytes)
		fail(1, "--export: %s", strerror(errno));
}

/* Between two timers; while a signature is under way the machine waits for C, so that moment is let pass. */
void exportWhenDue(void) {
	static int next;
	if (!options.export || next == options.exports || nowUs() < options.exportAtMs[next] * 1000.0 || elementIsSigning())
		return;
	if (sizeof(txSlot) != 16)
		fail(EXIT_USAGE, "--export needs slots of 16 bytes: gcc-multilib is missing");
	char name[16];
	if (next == 0)
		exportMachine(&rom, "root", describeRoot);
	snprintf(name, sizeof name, "%d", next++);
	exportMachine(firmware, name, describeFirmware);
	if (next == options.exports)
		finish(0);
}
