/* The natives of natives.d.ts: port.h for JavaScript, one function each. Misuse throws. */
#include "xsAll.h"
#include "evidence.h"
#include "port.h"

#define HEADER_FIELDS 4
#define FIELDS 5

/* How many channels captureStart wired: the length of the arrays that captureRead fills. */
static int analogChannels, digitalChannels;

/* --- arguments --- */

static txSlot* argument(txMachine* the, int index) {
	if (mxArgc <= index)
		mxTypeError("argument %d is missing", index + 1);
	return mxArgv(index);
}

/* A whole number of 0 to 2^32 - 1. */
static uint32_t whole(txMachine* the, int index) {
	txSlot* slot = argument(the, index);
	if (slot->kind == XS_INTEGER_KIND && slot->value.integer >= 0)
		return (uint32_t)slot->value.integer;
	const txNumber number = fxToNumber(the, slot);
	if (!(number >= 0 && number <= 4294967295.0 && number == (txNumber)(uint32_t)number))
		mxRangeError("argument %d is no whole number", index + 1);
	return (uint32_t)number;
}

/* The bytes of a Uint8Array, at least `least`; valid until something is allocated. */
static uint8_t* bytesOf(txMachine* the, int index, uint32_t least, uint32_t* length) {
	txSlot* slot = argument(the, index);
	slot = slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (!slot || slot->kind != XS_TYPED_ARRAY_KIND || slot->value.typedArray.dispatch->size != 1)
		mxTypeError("argument %d is no Uint8Array", index + 1);
	txSlot* view = slot->next;
	txSlot* buffer = view->next->value.reference->next;
	if (buffer->kind != XS_ARRAY_BUFFER_KIND || !buffer->value.arrayBuffer.address)
		mxTypeError("argument %d has no buffer", index + 1);
	txInteger size = view->value.dataView.size;
	if (size < 0)
		size = buffer->next->value.bufferInfo.length - view->value.dataView.offset;
	if (size < 0 || least > (uint32_t)size)
		mxRangeError("argument %d has %d bytes", index + 1, (int)size);
	if (length)
		*length = (uint32_t)size;
	return (uint8_t*)buffer->value.arrayBuffer.address + view->value.dataView.offset;
}

static uint8_t* writableBytesOf(txMachine* the, int index, uint32_t least, uint32_t* length) {
	uint8_t* bytes = bytesOf(the, index, least, length);
	txSlot* buffer = mxArgv(index)->value.reference->next->next->next->value.reference->next;
	if (buffer->flag & XS_DONT_SET_FLAG)
		mxTypeError("argument %d is read-only", index + 1);
	return bytes;
}

/* The slots of a plain array without holes: as many slots as elements. */
static txSlot* slotsOf(txMachine* the, int index, int count) {
	txSlot* slot = argument(the, index);
	slot = slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (!slot || slot->kind != XS_ARRAY_KIND || slot->value.array.length != (txIndex)count
		|| (count > 0 && fxGetIndexSize(the, slot) != (txIndex)count))
		mxTypeError("argument %d is no array of %d numbers", index + 1, count);
	return slot->value.array.address;
}

/* Small whole numbers of an array of at most `room`. */
static int smallNumbers(txMachine* the, int index, uint8_t* into, int room) {
	txSlot* slot = argument(the, index);
	slot = slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (!slot || slot->kind != XS_ARRAY_KIND || slot->value.array.length > (txIndex)room)
		mxTypeError("argument %d is no array of at most %d", index + 1, room);
	const int count = (int)slot->value.array.length;
	slot = slotsOf(the, index, count);
	for (int i = 0; i < count; i++) {
		if (slot[i].kind != XS_INTEGER_KIND || slot[i].value.integer < 0 || slot[i].value.integer > 255)
			mxRangeError("argument %d: element %d", index + 1, i);
		into[i] = (uint8_t)slot[i].value.integer;
	}
	return count;
}

/* --- results --- */

static inline void pokeInteger(txSlot* slot, int32_t value) {
	slot->value.integer = value;
	slot->kind = XS_INTEGER_KIND;
}

/* An integer where it is one: the firmware's arithmetic on integers is the faster one. */
static inline void poke(txSlot* slot, uint64_t value) {
	if (value <= INT32_MAX) {
		pokeInteger(slot, (int32_t)value);
		return;
	}
	slot->value.number = (txNumber)value;
	slot->kind = XS_NUMBER_KIND;
}

static void returnBoolean(txMachine* the, bool value) {
	mxResult->value.boolean = value;
	mxResult->kind = XS_BOOLEAN_KIND;
}

static void require(txMachine* the, bool isDone, const char* what) {
	if (!isDone)
		mxUnknownError("%s failed", what);
}

/* --- capture --- */

void xs_captureStart(txMachine* the) {
	CaptureWiring wiring;
	uint8_t pins[PINS_MAX];
	wiring.analogChannels = smallNumbers(the, 0, wiring.analogInput, ANALOG_INPUTS_MAX);
	wiring.digitalChannels = smallNumbers(the, 1, wiring.digitalInput, DIGITAL_INPUTS_MAX);
	const int pinCount = smallNumbers(the, 2, pins, PINS_MAX);
	require(the, captureStart(&wiring, pins, pinCount), "captureStart");
	analogChannels = wiring.analogChannels;
	digitalChannels = wiring.digitalChannels;
}

void xs_captureRead(txMachine* the) {
	static BlockRecord block;
	txSlot* header = slotsOf(the, 0, HEADER_FIELDS);
	txSlot* slot = slotsOf(the, 1, analogChannels * FIELDS);
	txSlot* digital = slotsOf(the, 2, digitalChannels * FIELDS);
	const bool isReady = captureRead(&block);
	returnBoolean(the, isReady);
	if (!isReady)
		return;
	poke(header, block.sequence);
	poke(header + 1, block.timeUs);
	poke(header + 2, block.lost);
	pokeInteger(header + 3, block.isFresh);
	for (const AnalogBlock* from = block.analog; from < block.analog + analogChannels; from++, slot += FIELDS) {
		pokeInteger(slot, from->count);
		pokeInteger(slot + 1, from->min);
		pokeInteger(slot + 2, from->max);
		pokeInteger(slot + 3, from->sum);
		poke(slot + 4, from->sumSquares);
	}
	slot = digital;
	for (const DigitalBlock* from = block.digital; from < block.digital + digitalChannels; from++, slot += FIELDS) {
		pokeInteger(slot, from->level);
		pokeInteger(slot + 1, from->edges);
		pokeInteger(slot + 2, from->high);
		pokeInteger(slot + 3, from->firstEdge);
		pokeInteger(slot + 4, from->lastEdge);
	}
}

/* --- evidence --- */

void xs_evidenceStart(txMachine* the) { poke(mxResult, (uint64_t)evidenceStart(analogChannels, digitalChannels)); }

/* A field that captureRead poked and a block keeps: an integer. */
static inline int32_t fieldOf(const txSlot* slot) {
	return slot->kind == XS_INTEGER_KIND ? slot->value.integer : (int32_t)slot->value.number;
}

void xs_evidenceRecord(txMachine* the) {
	const txSlot* analog = slotsOf(the, 1, analogChannels * FIELDS);
	const txSlot* digital = slotsOf(the, 2, digitalChannels * FIELDS);
	evidenceBegin((int64_t)fxToNumber(the, argument(the, 0)));
	for (int i = 0; i < analogChannels; i++, analog += FIELDS)
		evidenceAnalog(i, fieldOf(analog), fieldOf(analog + 1), fieldOf(analog + 2));
	for (int i = 0; i < digitalChannels; i++, digital += FIELDS)
		evidenceDigital(i, fieldOf(digital), fieldOf(digital + 1));
}

void xs_evidenceHold(txMachine* the) {
	const int32_t slot = (int32_t)whole(the, 0), channel = (int32_t)whole(the, 1), level = (int32_t)whole(the, 2);
	const int64_t end = (int64_t)fxToNumber(the, argument(the, 3));
	pokeInteger(mxResult, evidenceHold(slot, channel, level, end, (int32_t)whole(the, 4)));
}

void xs_evidenceHeld(txMachine* the) {
	const uint8_t* bytes;
	pokeInteger(mxResult, evidenceHeld((int32_t)whole(the, 0), &bytes));
}

void xs_evidenceTake(txMachine* the) {
	const uint8_t* bytes = NULL;
	const uint32_t length = (uint32_t)evidenceHeld((int32_t)whole(the, 0), &bytes), at = whole(the, 2);
	uint8_t* into = writableBytesOf(the, 1, at + length, NULL);
	if (length > 0)
		c_memcpy(into + at, bytes, length);
}

/* --- time --- */

void xs_clockUs(txMachine* the) { poke(mxResult, clockUs()); }

/* --- flash --- */

void xs_flashBytes(txMachine* the) { poke(mxResult, flashBytes()); }
void xs_flashEraseBytes(txMachine* the) { poke(mxResult, flashEraseBytes()); }
void xs_flashErase(txMachine* the) { require(the, flashErase(whole(the, 0)), "flashErase"); }

void xs_flashRead(txMachine* the) {
	const uint32_t at = whole(the, 0), length = whole(the, 2);
	require(the, flashRead(at, writableBytesOf(the, 1, length, NULL), length), "flashRead");
}

void xs_flashWrite(txMachine* the) {
	const uint32_t at = whole(the, 0), length = whole(the, 2);
	require(the, flashWrite(at, bytesOf(the, 1, length, NULL), length), "flashWrite");
}

void xs_imageBytes(txMachine* the) { poke(mxResult, imageBytes()); }

void xs_imageRead(txMachine* the) {
	const uint32_t at = whole(the, 0), length = whole(the, 2);
	require(the, imageRead(at, writableBytesOf(the, 1, length, NULL), length), "imageRead");
}

/* --- RS-485 --- */

void xs_serialOpen(txMachine* the) {
	uint8_t pins[PINS_MAX];
	const uint32_t baud = whole(the, 0);
	const int pinCount = smallNumbers(the, 1, pins, PINS_MAX);
	require(the, serialOpen(baud, pins, pinCount), "serialOpen");
}

void xs_serialSend(txMachine* the) {
	const uint32_t length = whole(the, 1);
	returnBoolean(the, serialSend(bytesOf(the, 0, length, NULL), length));
}

void xs_serialReceive(txMachine* the) {
	uint32_t room;
	uint8_t* into = writableBytesOf(the, 0, 0, &room);
	poke(mxResult, serialReceive(into, room));
}

void xs_serialOverruns(txMachine* the) { poke(mxResult, serialOverruns()); }

/* --- the rest --- */

void xs_watchdogStart(txMachine* the) { watchdogStart(whole(the, 0)); }
void xs_watchdogFeed(txMachine* the) { (void)the; watchdogFeed(); }
void xs_resetReason(txMachine* the) { pokeInteger(mxResult, resetReason()); }
void xs_deviceId(txMachine* the) { deviceId(writableBytesOf(the, 0, 8, NULL)); }

void xs_entropyRead(txMachine* the) {
	uint32_t length;
	uint8_t* into = writableBytesOf(the, 0, 0, &length);
	require(the, entropyRead(into, length), "entropyRead");
}

/*
 * The arena of the SDK's machine: chunks grow up to heap_ptr, slots down to heap_pend. Free is what lies between, and what
 * the two parts have in reserve. Chunks that are garbage count as used until they are collected.
 */
void xs_freeBytes(txMachine* the) {
	const int64_t bytes = (the->heap_pend - the->heap_ptr) + (the->maximumChunksSize - the->currentChunksSize)
		+ (int64_t)(the->maximumHeapCount - the->currentHeapCount) * (int64_t)sizeof(txSlot);
	poke(mxResult, bytes > 0 ? (uint64_t)bytes : 0);
}
