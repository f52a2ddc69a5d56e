/* The natives of hosts/bench/natives.d.ts that a running firmware calls, under the names of the bench's own. */
#include "host.h"
#include "capture.h"
#include "evidence.h"

/* --- arguments --- */

static uint8_t* bytesOf(txMachine* the, int index, uint32_t least, uint32_t* length) {
	txSlot* slot = mxArgc > index && mxArgv(index)->kind == XS_REFERENCE_KIND ? mxArgv(index)->value.reference->next : NULL;
	if (!slot || slot->kind != XS_TYPED_ARRAY_KIND || slot->value.typedArray.dispatch->size != 1)
		fail("an argument is no Uint8Array");
	txSlot* view = slot->next;
	txSlot* buffer = view->next->value.reference->next;
	uint32_t size = (uint32_t)view->value.dataView.size;
	if (least > size)
		fail("an array is too short");
	if (length)
		*length = size;
	return (uint8_t*)buffer->value.arrayBuffer.address + view->value.dataView.offset;
}

static uint32_t integer(txMachine* the, int index) {
	if (mxArgc <= index)
		fail("an argument is missing");
	return (uint32_t)fxToInteger(the, mxArgv(index));
}

static txSlot* slotsOf(txMachine* the, int index, uint32_t count) {
	txSlot* slot = mxArgc > index && mxArgv(index)->kind == XS_REFERENCE_KIND ? mxArgv(index)->value.reference->next : NULL;
	if (!slot || slot->kind != XS_ARRAY_KIND || slot->value.array.length < count)
		fail("an argument is no array of that length");
	return slot->value.array.address;
}

static void pokeInteger(txSlot* slot, int32_t value) {
	slot->value.integer = value;
	slot->kind = XS_INTEGER_KIND;
}

static void pokeNumber(txSlot* slot, double value) {
	slot->value.number = value;
	slot->kind = XS_NUMBER_KIND;
}

static void returnBoolean(txMachine* the, bool value) {
	mxResult->value.boolean = value;
	mxResult->kind = XS_BOOLEAN_KIND;
}

/* --- time and capture --- */

void native_nowUs(txMachine* the) { pokeNumber(mxResult, (double)(captureRing.baseUs + clockUs())); }

static void pokeUnsigned(txSlot* slot, uint64_t value) {
	if (value <= INT32_MAX)
		pokeInteger(slot, (int32_t)value);
	else
		pokeNumber(slot, (double)value);
}

ASK(68, void markRead(void))

void native_readBlock(txMachine* the) {
	static BlockRecord block;
	markRead();
	pokeInteger(mxResult, captureRead(&block));
	if (!mxResult->value.integer)
		return;
	txSlot* header = slotsOf(the, 0, 5);
	pokeUnsigned(header, block.sequence);
	pokeUnsigned(header + 1, block.timeUs);
	pokeInteger(header + 2, (int32_t)block.lost);
	pokeInteger(header + 3, block.isFresh);
	txSlot* slot = slotsOf(the, 1, 5 * ANALOG_CHANNELS);
	for (uint32_t i = 0; i < ANALOG_CHANNELS; i++, slot += 5) {
		const AnalogBlock* analog = block.analog + i;
		pokeInteger(slot, analog->count);
		pokeInteger(slot + 1, analog->min);
		pokeInteger(slot + 2, analog->max);
		pokeInteger(slot + 3, analog->sum);
		pokeUnsigned(slot + 4, analog->sumSquares);
	}
	slot = slotsOf(the, 2, 5 * DIGITAL_CHANNELS);
	for (uint32_t i = 0; i < DIGITAL_CHANNELS; i++, slot += 5) {
		const DigitalBlock* digital = block.digital + i;
		pokeInteger(slot, digital->level);
		pokeInteger(slot + 1, digital->edges);
		pokeInteger(slot + 2, digital->high);
		pokeInteger(slot + 3, digital->firstEdge);
		pokeInteger(slot + 4, digital->lastEdge);
	}
}

/* --- evidence: the state that the firmware goes on from had its own; here it begins anew --- */

void native_evidenceRecord(txMachine* the) {
	static bool isStarted;
	const txSlot* analog = slotsOf(the, 1, 5 * ANALOG_CHANNELS);
	const txSlot* digital = slotsOf(the, 2, 5 * DIGITAL_CHANNELS);
	if (!isStarted)
		isStarted = evidenceStart(ANALOG_CHANNELS, DIGITAL_CHANNELS) > 0;
	evidenceBegin((int64_t)fxToNumber(the, mxArgv(0)));
	for (int i = 0; i < ANALOG_CHANNELS; i++, analog += 5)
		evidenceAnalog(i, analog[0].value.integer, analog[1].value.integer, analog[2].value.integer);
	for (int i = 0; i < DIGITAL_CHANNELS; i++, digital += 5)
		evidenceDigital(i, digital[0].value.integer, digital[1].value.integer);
}

void native_evidenceHold(txMachine* the) {
	const int64_t end = (int64_t)fxToNumber(the, mxArgv(3));
	pokeInteger(mxResult, evidenceHold((int32_t)integer(the, 0), (int32_t)integer(the, 1), (int32_t)integer(the, 2), end,
		(int32_t)integer(the, 4)));
}

void native_evidenceHeld(txMachine* the) {
	const uint8_t* bytes;
	pokeInteger(mxResult, evidenceHeld((int32_t)integer(the, 0), &bytes));
}

void native_evidenceTake(txMachine* the) {
	const uint8_t* bytes = NULL;
	uint32_t length = (uint32_t)evidenceHeld((int32_t)integer(the, 0), &bytes), at = integer(the, 2);
	uint8_t* into = bytesOf(the, 1, at + length, NULL);
	if (length > 0)
		memcpy(into + at, bytes, length);
}

/* --- idle work: the emulator is the flash chip, the hash, the signer and the line --- */

ASK(69, void askErase(uint32_t at))
ASK(70, void askWrite(uint32_t at, const uint8_t* from, uint32_t length))
ASK(71, void askHash(const uint8_t* bytes, uint32_t length, uint8_t* into))
ASK(72, bool askSign(const uint8_t* bytes, uint32_t length))
ASK(73, int askSigned(uint8_t* signature))
ASK(74, bool askSend(const uint8_t* bytes, uint32_t length))
ASK(75, int askReceive(uint32_t port, uint8_t* into, uint32_t room))

#define DATA ((const uint8_t*)0x10180000)

void native_flashErase(txMachine* the) { askErase(integer(the, 0)); }

void native_flashRead(txMachine* the) {
	uint32_t at = integer(the, 0), length = integer(the, 2);
	memcpy(bytesOf(the, 1, length, NULL), DATA + at, length);
}

void native_flashWrite(txMachine* the) {
	uint32_t at = integer(the, 0), length = integer(the, 2);
	askWrite(at, bytesOf(the, 1, length, NULL), length);
}

void native_sha256(txMachine* the) {
	uint32_t length = integer(the, 1);
	askHash(bytesOf(the, 0, length, NULL), length, bytesOf(the, 2, 32, NULL));
}

void native_signStart(txMachine* the) {
	uint32_t length = integer(the, 1);
	returnBoolean(the, askSign(bytesOf(the, 0, length, NULL), length));
}

void native_signPoll(txMachine* the) { pokeInteger(mxResult, askSigned(bytesOf(the, 0, 64, NULL))); }

void native_send(txMachine* the) {
	uint32_t length = integer(the, 2);
	returnBoolean(the, askSend(bytesOf(the, 1, length, NULL), length));
}

void native_receive(txMachine* the) {
	uint32_t room;
	uint8_t* into = bytesOf(the, 1, 0, &room);
	pokeInteger(mxResult, askReceive(integer(the, 0), into, room));
}

/* Only the arena's size and what of it is in use: what the firmware asks for. */
void native_statistics(txMachine* the) {
	txSlot* slots = slotsOf(the, 0, 8);
	int32_t stackBytes = (int32_t)((the->stackTop - the->stackBottom) * sizeof(txSlot));
	pokeInteger(slots + 4, 117248);
	pokeInteger(slots + 5, the->currentHeapCount * (int32_t)sizeof(txSlot) + the->currentChunksSize + stackBytes);
}

void native_feed(txMachine* the) { (void)the; }

/* --- in the root, but never called after boot --- */

#define ABSENT(NAME) void native_##NAME(txMachine* the) { (void)the; fail("native " #NAME " is not on this board"); }
ABSENT(print) ABSENT(argument) ABSENT(setTimer) ABSENT(clearTimer) ABSENT(exit) ABSENT(record) ABSENT(publicKey)
ABSENT(evidenceStart) ABSENT(rawStart) ABSENT(rawHold) ABSENT(openUdp) ABSENT(openTcp)
ABSENT(openTty) ABSENT(collect) ABSENT(element_secret) ABSENT(element_serve)
ABSENT(verifyStart) ABSENT(verifyPoll) ABSENT(prepareKey) ABSENT(commitKey) ABSENT(resets)
