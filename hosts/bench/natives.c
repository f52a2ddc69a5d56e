/* The natives of natives.d.ts, and how they see JavaScript's numbers, arrays and bytes. */
#include "host.h"
#include "evidence.h"
#include "raw.h"

/* --- arguments --- */

static double number(txMachine* the, int index, const char* native) {
	if (mxArgc <= index)
		fail(1, "%s: argument %d is missing", native, index + 1);
	return fxToNumber(the, mxArgv(index));
}

/* The bytes of a Uint8Array, at least `least`; valid until something is allocated. */
uint8_t* bytesOfSlot(txSlot* slot, double least, int* length, const char* native) {
	slot = slot && slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (!slot || slot->kind != XS_TYPED_ARRAY_KIND || slot->value.typedArray.dispatch->size != 1)
		fail(1, "%s: an argument is no Uint8Array", native);
	txSlot* view = slot->next;
	txSlot* buffer = view->next->value.reference->next;
	int size = view->value.dataView.size;
	if (size < 0)
		size = buffer->next->value.bufferInfo.length - view->value.dataView.offset;
	if (!(least >= 0 && least <= size))
		fail(1, "%s: %.0f bytes of an array of %d", native, least, size);
	if (length)
		*length = size;
	return (uint8_t*)buffer->value.arrayBuffer.address + view->value.dataView.offset;
}

static uint8_t* bytesOf(txMachine* the, int index, double least, int* length, const char* native) {
	return bytesOfSlot(mxArgc > index ? mxArgv(index) : NULL, least, length, native);
}

/* The slots of a dense array of numbers. */
static txSlot* slotsOf(txMachine* the, int index, size_t count, const char* native) {
	txSlot* slot = mxArgc > index && mxArgv(index)->kind == XS_REFERENCE_KIND ? mxArgv(index)->value.reference->next : NULL;
	if (!slot || slot->kind != XS_ARRAY_KIND || slot->value.array.length < count)
		fail(1, "%s: argument %d is no array of %zu numbers", native, index + 1, count);
	txSlot* slots = slot->value.array.address;
	for (size_t i = 0; i < count; i++)
		if (*(txIndex*)(slots + i) != i || (slots[i].kind != XS_INTEGER_KIND && slots[i].kind != XS_NUMBER_KIND))
			fail(1, "%s: argument %d has a hole", native, index + 1);
	return slots;
}

static void poke(txSlot* slot, double value) {
	int32_t integer = value >= -2147483648.0 && value <= 2147483647.0 ? (int32_t)value : 0;
	if (integer == value && (integer || !signbit(value))) {
		slot->value.integer = integer;
		slot->kind = XS_INTEGER_KIND;
	}
	else {
		slot->value.number = value;
		slot->kind = XS_NUMBER_KIND;
	}
}

static void returnNumber(txMachine* the, double value) { poke(mxResult, value); }
static void returnBoolean(txMachine* the, bool value) {
	mxResult->value.boolean = value;
	mxResult->kind = XS_BOOLEAN_KIND;
}

/* --- time, text, end --- */

static void native_nowUs(txMachine* the) { returnNumber(the, nowUs()); }

static void native_print(txMachine* the) {
	fputs(mxArgc ? fxToString(the, mxArgv(0)) : "", stdout);
	fputc('\n', stdout);
}

static void native_argument(txMachine* the) {
	const char* name = mxArgc ? fxToString(the, mxArgv(0)) : "";
	size_t length = strlen(name);
	for (int i = 0; i < options.arguments; i++)
		if (!strncmp(options.argument[i], name, length) && options.argument[i][length] == '=') {
			mxResult->value.string = (txString)options.argument[i] + length + 1;
			mxResult->kind = XS_STRING_X_KIND;
		}
}

static void native_setTimer(txMachine* the) {
	if (!mxArgc || mxArgv(0)->kind != XS_REFERENCE_KIND)
		fail(1, "setTimer: argument 1 is no function");
	double delayMs = number(the, 1, "setTimer"), repeatMs = mxArgc > 2 ? number(the, 2, "setTimer") : 0;
	returnNumber(the, setTimer(mxArgv(0), delayMs, repeatMs));
}

static void native_clearTimer(txMachine* the) { clearTimer((int)number(the, 0, "clearTimer")); }
static void native_feed(txMachine* the) { (void)the; watchdogFeed(); }
static void native_resets(txMachine* the) { returnNumber(the, resets()); }
static void native_exit(txMachine* the) { requestExit((int)number(the, 0, "exit")); }

void runCallback(Machine* machine, txSlot* callback) {
	txMachine* the = machine->xs;
	fxBeginHost(the);
	mxTry(the) {
		mxPushUndefined();
		mxPushSlot(callback);
		mxCall();
		mxRunCount(0);
		mxPop();
	}
	mxCatch(the) {
		failUncaught(the);
	}
	fxEndHost(the);
}

/* --- capture --- */

static void native_readBlock(txMachine* the) {
	const double* record;
	int state = captureRead(&record);
	returnNumber(the, state);
	if (state != 1)
		return;
	watchdogBlock();
	const int counts[3] = { BLOCK_HEADER, analogChannels * BLOCK_FIELDS, digitalChannels * BLOCK_FIELDS };
	for (int part = 0; part < 3; part++) {
		txSlot* slots = slotsOf(the, part, (size_t)counts[part], "readBlock");
		for (int i = 0; i < counts[part]; i++)
			poke(slots + i, *record++);
	}
}

static void native_record(txMachine* the) {
	double values[1024];
	double length = number(the, 1, "record");
	if (!(length >= 0 && length <= 1024))
		fail(1, "record: %.0f values, at most 1024", length);
	txSlot* slots = slotsOf(the, 0, (size_t)length, "record");
	for (int i = 0; i < (int)length; i++)
		values[i] = slots[i].kind == XS_INTEGER_KIND ? slots[i].value.integer : slots[i].value.number;
	recordWrite(values, (int)length);
}

/* --- evidence --- */

static double fieldOf(const txSlot* slot) { return slot->kind == XS_INTEGER_KIND ? slot->value.integer : slot->value.number; }

static void native_evidenceStart(txMachine* the) {
	returnNumber(the, evidenceStart((int32_t)number(the, 0, "evidenceStart"), (int32_t)number(the, 1, "evidenceStart")));
}

static void native_evidenceRecord(txMachine* the) {
	const txSlot* analog = slotsOf(the, 1, (size_t)analogChannels * BLOCK_FIELDS, "evidenceRecord");
	const txSlot* digital = slotsOf(the, 2, (size_t)digitalChannels * BLOCK_FIELDS, "evidenceRecord");
	evidenceBegin((int64_t)number(the, 0, "evidenceRecord"));
	for (int i = 0; i < analogChannels; i++, analog += BLOCK_FIELDS)
		evidenceAnalog(i, (int32_t)fieldOf(analog), (int32_t)fieldOf(analog + 1), (int32_t)fieldOf(analog + 2));
	for (int i = 0; i < digitalChannels; i++, digital += BLOCK_FIELDS)
		evidenceDigital(i, (int32_t)fieldOf(digital), (int32_t)fieldOf(digital + 1));
	if (sampledBlock > 0)
		rawRecord((int64_t)number(the, 0, "evidenceRecord"), captureSamples());
}

static void native_evidenceHold(txMachine* the) {
	returnNumber(the, evidenceHold((int32_t)number(the, 0, "evidenceHold"), (int32_t)number(the, 1, "evidenceHold"),
		(int32_t)number(the, 2, "evidenceHold"), (int64_t)number(the, 3, "evidenceHold"),
		(int32_t)number(the, 4, "evidenceHold")));
}

static void native_evidenceHeld(txMachine* the) {
	const uint8_t* bytes;
	returnNumber(the, evidenceHeld((int32_t)number(the, 0, "evidenceHeld"), &bytes));
}

static void native_evidenceTake(txMachine* the) {
	const uint8_t* bytes = NULL;
	int32_t length = evidenceHeld((int32_t)number(the, 0, "evidenceTake"), &bytes);
	double at = number(the, 2, "evidenceTake");
	uint8_t* into = bytesOf(the, 1, at + length, NULL, "evidenceTake");
	if (length > 0)
		memcpy(into + (int)at, bytes, (size_t)length);
}

static void native_rawStart(txMachine* the) { returnNumber(the, rawStart(analogChannels, digitalChannels, sampledBlock)); }

static void native_rawHold(txMachine* the) {
	returnNumber(the, rawHold((int32_t)number(the, 0, "rawHold"), (int32_t)number(the, 1, "rawHold"),
		(int64_t)number(the, 2, "rawHold"), (int32_t)number(the, 3, "rawHold")));
}

/* --- flash --- */

static void native_flashErase(txMachine* the) { flashErase(number(the, 0, "flashErase")); }

static void native_flashRead(txMachine* the) {
	double at = number(the, 0, "flashRead"), length = number(the, 2, "flashRead");
	flashRead(at, bytesOf(the, 1, length, NULL, "flashRead"), length);
}

static void native_flashWrite(txMachine* the) {
	double at = number(the, 0, "flashWrite"), length = number(the, 2, "flashWrite");
	flashWrite(at, bytesOf(the, 1, length, NULL, "flashWrite"), length);
}

/* --- secure element --- */

static void native_sha256(txMachine* the) {
	int length = (int)number(the, 1, "sha256");
	elementHash(bytesOf(the, 0, length, NULL, "sha256"), length, bytesOf(the, 2, 32, NULL, "sha256"));
}

static void native_publicKey(txMachine* the) { elementPublicKey(bytesOf(the, 0, 64, NULL, "publicKey")); }

static void native_prepareKey(txMachine* the) {
	bool isNew = number(the, 1, "prepareKey") != 0;
	returnBoolean(the, elementPrepareKey(isNew, bytesOf(the, 0, 64, NULL, "prepareKey")));
}

static void native_commitKey(txMachine* the) { returnBoolean(the, elementCommitKey()); }

static void native_signStart(txMachine* the) {
	int length = (int)number(the, 1, "signStart");
	returnBoolean(the, elementSignStart(bytesOf(the, 0, length, NULL, "signStart"), length));
}

static void native_signPoll(txMachine* the) {
	returnNumber(the, elementSignPoll(bytesOf(the, 0, SIGNATURE_BYTES, NULL, "signPoll")));
}

static void native_verifyStart(txMachine* the) {
	int length = (int)number(the, 1, "verifyStart");
	double signatureAt = number(the, 2, "verifyStart");
	double publicKeyAt = number(the, 3, "verifyStart");
	int size;
	const uint8_t* bytes = bytesOf(the, 0, length, &size, "verifyStart");
	if (!(signatureAt >= 0 && signatureAt + SIGNATURE_BYTES <= size && publicKeyAt >= 0 && publicKeyAt + 64 <= size))
		fail(1, "verifyStart: signature or key outside of the array");
	returnBoolean(the, elementVerifyStart(bytes, length, bytes + (int)signatureAt, bytes + (int)publicKeyAt));
}

static void native_verifyPoll(txMachine* the) { returnNumber(the, elementVerifyPoll()); }

/* --- ports --- */

static void native_openUdp(txMachine* the) { returnNumber(the, portNumber(PORT_UDP)); }
static void native_openTcp(txMachine* the) { returnNumber(the, portNumber(PORT_TCP)); }
static void native_openTty(txMachine* the) { returnNumber(the, portNumber(PORT_TTY)); }

static void native_send(txMachine* the) {
	int port = (int)number(the, 0, "send"), length = (int)number(the, 2, "send");
	returnBoolean(the, portSend(port, bytesOf(the, 1, length, NULL, "send"), length));
}

static void native_receive(txMachine* the) {
	int room;
	uint8_t* into = bytesOf(the, 1, 0, &room, "receive");
	returnNumber(the, portReceive((int)number(the, 0, "receive"), into, room));
}

/* --- memory --- */

static void native_statistics(txMachine* the) {
	Machine* machine = machineOf(the);
	updateStatistics(machine);
	const double values[] = { (double)machine->computrons, (double)machine->slots, (double)machine->chunkBytes,
		(double)machine->collections, (double)machine->arenaBytes, (double)bytesInUse(machine),
		(double)machine->bytesAfterCollection, sizeof(txSlot) };
	txSlot* slots = slotsOf(the, 0, sizeof values / sizeof *values, "statistics");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		poke(slots + i, values[i]);
}

static void native_collect(txMachine* the) { fxCollectGarbage(the); }

/* --- the secure element's own machine --- */

static void native_element_secret(txMachine* the) { memcpy(bytesOf(the, 0, 32, NULL, "secret"), elementSecret(), 32); }

static void native_element_serve(txMachine* the) {
	if (mxArgc < 3)
		fail(1, "serve: 3 arguments are needed");
	elementServe(the, mxArgv(0), mxArgv(1), mxArgv(2));
}

/* --- the objects `bench` and `element`, in the root: constant, and no slot of an arena --- */

typedef struct {
	const char* name;
	txCallback call;
	int arguments;
} Native;

/* hosts/native/kernels.c */
#define KERNELS(_) _(addQuietLines, 3) _(addSettledContacts, 3) _(restlessContact, 3) _(sumPicked, 5) \
	_(fitPicked, 8) _(addToHistogram, 7) _(completeRow, 6) _(restartRow, 2) _(addToReadings, 3) _(standardiseRow, 7) \
	_(watchChannels, 7) _(fitChannel, 12) _(combineChannels, 2) _(addGoodValues, 4) _(addProducts, 5) \
	_(knownValues, 3) _(learnRanges, 2) _(learnBands, 7) _(leftGuard, 7) _(keepStates, 8) _(longDwell, 6) \
	_(largestMove, 5) _(addToFlats, 4) _(rollHashes, 4) _(crc32c, 3) _(findZero, 3) \
	_(followCodes, 3) _(cobsEncode, 4) _(cobsDecode, 4) _(ln, 1) _(exp, 1)
#define KERNEL_DECLARATION(NAME, ARGUMENTS) void xs_##NAME(txMachine* the);
#define KERNEL_NATIVE(NAME, ARGUMENTS) { #NAME, xs_##NAME, ARGUMENTS },
KERNELS(KERNEL_DECLARATION)

static const Native benchNatives[] = {
	{ "nowUs", native_nowUs, 0 }, { "print", native_print, 1 }, { "argument", native_argument, 1 },
	{ "setTimer", native_setTimer, 3 }, { "clearTimer", native_clearTimer, 1 }, { "exit", native_exit, 1 },
	{ "feed", native_feed, 0 }, { "resets", native_resets, 0 },
	{ "readBlock", native_readBlock, 3 }, { "record", native_record, 2 },
	{ "evidenceStart", native_evidenceStart, 2 }, { "evidenceRecord", native_evidenceRecord, 3 },
	{ "evidenceHold", native_evidenceHold, 5 }, { "evidenceHeld", native_evidenceHeld, 1 },
	{ "evidenceTake", native_evidenceTake, 3 },
	{ "rawStart", native_rawStart, 0 }, { "rawHold", native_rawHold, 4 },
	{ "flashErase", native_flashErase, 1 }, { "flashRead", native_flashRead, 3 }, { "flashWrite", native_flashWrite, 3 },
	{ "sha256", native_sha256, 3 }, { "publicKey", native_publicKey, 1 },
	{ "prepareKey", native_prepareKey, 2 }, { "commitKey", native_commitKey, 0 },
	{ "signStart", native_signStart, 2 }, { "signPoll", native_signPoll, 1 },
	{ "verifyStart", native_verifyStart, 4 }, { "verifyPoll", native_verifyPoll, 0 },
	{ "openUdp", native_openUdp, 0 }, { "openTcp", native_openTcp, 0 }, { "openTty", native_openTty, 0 },
	{ "send", native_send, 3 }, { "receive", native_receive, 2 },
	{ "statistics", native_statistics, 1 }, { "collect", native_collect, 0 },
	KERNELS(KERNEL_NATIVE) { NULL, NULL, 0 },
};

static const Native elementNatives[] = {
	{ "secret", native_element_secret, 1 }, { "serve", native_element_serve, 3 }, { NULL, NULL, 0 },
};

/* Leaves the new object on the stack, its last property as the result. */
static txSlot* newObject(txMachine* the, const Native* native) {
	mxPush(mxObjectPrototype);
	txSlot* property = fxLastProperty(the, fxNewObjectInstance(the));
	for (; native->name; native++)
		property = fxNextHostFunctionProperty(the, property, native->call, native->arguments,
			fxNewNameC(the, (txString)native->name), XS_NO_FLAG);
	return property;
}

static void defineGlobal(txMachine* the, const char* name) {
	txSlot* last = fxLastProperty(the, mxGlobal.value.reference);
	freezeObject(the->stack->value.reference);
	fxNextSlotProperty(the, last, the->stack, fxNewNameC(the, (txString)name), XS_GET_ONLY);
	mxPop();
}

void defineNatives(txMachine* the) {
	txSlot* property = newObject(the, benchNatives);
	const struct { const char* name; double value; } numbers[] = {
		{ "analogChannels", analogChannels }, { "digitalChannels", digitalChannels },
		{ "flashBytes", (double)options.flashBytes }, { "flashEraseBytes", FLASH_ERASE_BYTES },
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		property = fxNextIntegerProperty(the, property, (txInteger)numbers[i].value,
			fxNewNameC(the, (txString)numbers[i].name), XS_NO_FLAG);
	property = fxNextStringXProperty(the, property, (txString)options.configuration,
		fxNewNameC(the, "configuration"), XS_NO_FLAG);
	fxNextStringXProperty(the, property, ttyPath, fxNewNameC(the, "ttyPath"), XS_NO_FLAG);
	defineGlobal(the, "bench");
	newObject(the, elementNatives);
	defineGlobal(the, "element");
}
