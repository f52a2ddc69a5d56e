/*
 * modules/base/kernels.ts in C, for every XS that the firmware runs on: the same operations in the same order, so that
 * results are equal to the bit. Arguments are the firmware's own; what does not fit them throws.
 */
#include "xsAll.h"
#include <stdint.h>

/* A fused multiply-add would round once where JavaScript rounds twice. */
#pragma GCC optimize("O2", "fp-contract=off")

#define BLOCK_FIELDS 5
#define LINE_FIELDS 6
#define CONTACT_FIELDS 2
#define BINS 80
#define COUNT_MAX 65535
#define HISTOGRAM_FIELDS 3
#define SAMPLES_MIN 5
#define CELL_FIELDS 5
#define RANGE_FIELDS 3

/* --- arguments --- */

static txSlot* instanceOf(txMachine* the, int index, txKind kind) {
	txSlot* slot = mxArgc > index ? mxArgv(index) : NULL;
	slot = slot && slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (!slot || slot->kind != kind)
		mxTypeError("kernel: argument %d", index + 1);
	return slot;
}

/* The elements of a typed array, `bytes` each, and how many there are; valid until something is allocated. */
static void* elementsOf(txMachine* the, int index, uint32_t bytes, uint32_t* length) {
	txSlot* array = instanceOf(the, index, XS_TYPED_ARRAY_KIND);
	txSlot* view = array->next;
	txSlot* buffer = view->next->value.reference->next;
	if (array->value.typedArray.dispatch->size != (int)bytes || view->value.dataView.size < 0)
		mxTypeError("kernel: argument %d", index + 1);
	*length = (uint32_t)view->value.dataView.size / bytes;
	return (uint8_t*)buffer->value.arrayBuffer.address + view->value.dataView.offset;
}

/* The slots of a plain array without holes, at least `least`. */
static const txSlot* slotsOf(txMachine* the, int index, uint32_t least) {
	txSlot* slot = instanceOf(the, index, XS_ARRAY_KIND);
	if (slot->value.array.length < least)
		mxRangeError("kernel: argument %d", index + 1);
	return slot->value.array.address;
}

static inline txNumber numberIn(const txSlot* slot) {
	return slot->kind == XS_INTEGER_KIND ? (txNumber)slot->value.integer : slot->value.number;
}

static txNumber numberAt(txMachine* the, int index) {
	if (mxArgc <= index || (mxArgv(index)->kind != XS_INTEGER_KIND && mxArgv(index)->kind != XS_NUMBER_KIND))
		mxTypeError("kernel: argument %d", index + 1);
	return numberIn(mxArgv(index));
}

static uint32_t indexAt(txMachine* the, int index) {
	if (mxArgc > index && mxArgv(index)->kind == XS_INTEGER_KIND && mxArgv(index)->value.integer >= 0)
		return (uint32_t)mxArgv(index)->value.integer;
	const txNumber number = numberAt(the, index);
	if (!(number >= 0 && number < 65536 && number == (txNumber)(uint32_t)number))
		mxRangeError("kernel: argument %d", index + 1);
	return (uint32_t)number;
}

static void check(txMachine* the, int isWithin) {
	if (!isWithin)
		mxRangeError("kernel: an index");
}

static void returnNumber(txMachine* the, txNumber number) {
	mxResult->value.number = number;
	mxResult->kind = XS_NUMBER_KIND;
}

static void returnInteger(txMachine* the, int32_t integer) {
	mxResult->value.integer = integer;
	mxResult->kind = XS_INTEGER_KIND;
}

/* --- blocks --- */

void xs_addQuietLines(txMachine* the) {
	uint32_t length;
	double* line = elementsOf(the, 1, sizeof *line, &length);
	const uint32_t lines = length / LINE_FIELDS;
	const txSlot* block = slotsOf(the, 0, lines * BLOCK_FIELDS);
	const double samples = numberAt(the, 2), perSample = 1 / samples;
	int32_t loud = 0;
	for (uint32_t i = 0; i < lines; i++, line += LINE_FIELDS, block += BLOCK_FIELDS) {
		const double min = numberIn(block + 1), max = numberIn(block + 2);
		if (!(numberIn(block) == samples && min >= line[0] && max <= line[1])) {
			loud++;
			continue;
		}
		const double mean = numberIn(block + 3) * perSample;
		line[2] += mean;
		if (min < line[3])
			line[3] = min;
		if (max > line[4])
			line[4] = max;
		line[5] = mean;
	}
	returnInteger(the, loud);
}

void xs_addSettledContacts(txMachine* the) {
	uint32_t length;
	int32_t* contact = elementsOf(the, 1, sizeof *contact, &length);
	const uint32_t contacts = length / CONTACT_FIELDS;
	const txSlot* block = slotsOf(the, 0, contacts * BLOCK_FIELDS);
	const int32_t samples = (int32_t)indexAt(the, 2);
	int32_t restless = 0;
	for (uint32_t i = 0; i < contacts; i++, contact += CONTACT_FIELDS, block += BLOCK_FIELDS) {
		const double level = numberIn(block);
		if (level != contact[0] || numberIn(block + 1) != 0)
			restless++;
		else if (level == 1)
			contact[1] += samples;
	}
	returnInteger(the, restless);
}

/* --- least squares --- */

void xs_sumPicked(txMachine* the) {
	uint32_t weightCount, pickCount, valueCount;
	const double* weights = elementsOf(the, 0, sizeof *weights, &weightCount);
	const uint8_t* picks = elementsOf(the, 1, 1, &pickCount);
	const uint32_t first = indexAt(the, 2), count = indexAt(the, 3);
	const double* values = elementsOf(the, 4, sizeof *values, &valueCount);
	check(the, first + count <= weightCount && first + count <= pickCount);
	double sum = 0;
	for (uint32_t i = first; i < first + count; i++) {
		check(the, picks[i] < valueCount);
		sum += weights[i] * values[picks[i]];
	}
	returnNumber(the, sum);
}

void xs_fitPicked(txMachine* the) {
	uint32_t fitCount, weightCount, pickCount, valueCount, gainCount;
	double* fit = elementsOf(the, 0, sizeof *fit, &fitCount);
	double* weights = elementsOf(the, 1, sizeof *weights, &weightCount);
	const uint8_t* picks = elementsOf(the, 2, 1, &pickCount);
	const uint32_t first = indexAt(the, 3), n = indexAt(the, 4);
	const double* values = elementsOf(the, 5, sizeof *values, &valueCount);
	const double target = numberAt(the, 6);
	double* gain = elementsOf(the, 7, sizeof *gain, &gainCount);
	check(the, n < 256 && n * n + n <= fitCount && first + n <= weightCount && first + n <= pickCount && n <= gainCount);
	for (uint32_t i = 0; i < n; i++)
		check(the, picks[first + i] < valueCount);
	weights += first;
	picks += first;
	const double* kept = fit + n * n;
	double prediction = 0, said = 0, power = 1;
	const double* row = fit;
	for (uint32_t i = 0; i < n; i++, row += n) {
		const double x = values[picks[i]];
		prediction += kept[i] * x;
		said += weights[i] * x;
		double sum = 0;
		for (uint32_t j = 0; j < n; j++)
			sum += row[j] * values[picks[j]];
		gain[i] = sum;
		power += sum * x;
	}
	const double error = target - said, share = 1 / power;
	double* at = fit;
	for (uint32_t i = 0; i < n; i++, at += n) {
		const double g = gain[i] * share;
		weights[i] += g * error;
		for (uint32_t j = 0; j <= i; j++) {
			const double value = at[j] - g * gain[j];
			at[j] = value;
			fit[j * n + i] = value;
		}
	}
	returnNumber(the, prediction);
}

/* --- quantiles --- */

static void halve(uint16_t* counts, uint32_t* state) {
	uint32_t samples = 0, below = 0;
	for (uint32_t bin = 0; bin < BINS; bin++) {
		counts[bin] >>= 1;
		samples += counts[bin];
		if (bin < state[1])
			below += counts[bin];
	}
	state[0] = samples;
	state[2] = below;
}

void xs_addToHistogram(txMachine* the) {
	uint32_t countCount, stateCount;
	uint16_t* counts = elementsOf(the, 0, sizeof *counts, &countCount);
	uint32_t* state = elementsOf(the, 1, sizeof *state, &stateCount);
	const uint32_t i = indexAt(the, 2);
	const double sample = numberAt(the, 3), p = numberAt(the, 4);
	const txSlot* edges = slotsOf(the, 5, BINS);
	check(the, (i + 1) * BINS <= countCount && (i + 1) * HISTOGRAM_FIELDS <= stateCount);
	counts += i * BINS;
	state += i * HISTOGRAM_FIELDS;
	uint32_t low = 0, high = BINS - 1;
	while (low < high) {
		const uint32_t middle = (low + high) >> 1;
		if (sample > numberIn(edges + middle))
			low = middle + 1;
		else
			high = middle;
	}
	if (counts[low] == COUNT_MAX)
		halve(counts, state);
	counts[low]++;
	const uint32_t samples = ++state[0];
	const double wanted = p * samples;
	uint32_t bin = state[1], below = state[2];
	if (low < bin)
		below++;
	while (bin > 0 && (below > wanted || (counts[bin] == 0 && below > 0)))
		below -= counts[--bin];
	while (bin < BINS - 1 && below + counts[bin] < wanted)
		below += counts[bin++];
	state[1] = bin;
	state[2] = below;
	if (samples < SAMPLES_MIN) {
		returnNumber(the, numberAt(the, 6));
		return;
	}
	const double from = bin == 0 ? 0 : numberIn(edges + bin - 1);
	returnNumber(the, from + ((wanted - below) / counts[bin]) * (numberIn(edges + bin) - from));
}

/* --- moments and bands --- */

void xs_addProducts(txMachine* the) {
	uint32_t p, beforeCount, nowCount, lagCount;
	const uint32_t i = indexAt(the, 0);
	const double* y = elementsOf(the, 1, sizeof *y, &p);
	const double* before = elementsOf(the, 2, sizeof *before, &beforeCount);
	double* now = elementsOf(the, 3, sizeof *now, &nowCount);
	double* lag = elementsOf(the, 4, sizeof *lag, &lagCount);
	check(the, i < p && p < 65536 && p <= beforeCount && p * p <= nowCount && p * p <= lagCount);
	const double yi = y[i];
	now += i * p;
	lag += i * p;
	for (uint32_t j = 0; j < p; j++) {
		if (j <= i)
			now[j] += yi * y[j];
		lag[j] += yi * before[j];
	}
}

void xs_addToBands(txMachine* the) {
	uint32_t channels, rangeCount, pendingCount, cellCount;
	const double* values = elementsOf(the, 0, sizeof *values, &channels);
	const float* ranges = elementsOf(the, 1, sizeof *ranges, &rangeCount);
	float* pending = elementsOf(the, 2, sizeof *pending, &pendingCount);
	const uint32_t range = indexAt(the, 3);
	float* cells = elementsOf(the, 4, sizeof *cells, &cellCount);
	const uint32_t cell = indexAt(the, 5);
	check(the, channels * RANGE_FIELDS <= rangeCount && range + 2 * channels <= pendingCount
		&& cell + channels * CELL_FIELDS <= cellCount);
	pending += range;
	cells += cell;
	for (uint32_t j = 0; j < channels; j++, pending += 2, cells += CELL_FIELDS, ranges += RANGE_FIELDS) {
		const double x = values[j], unit = ranges[2];
		if (x < pending[0])
			pending[0] = (float)x;
		if (x > pending[1])
			pending[1] = (float)x;
		if (x >= cells[0] - unit && x <= cells[1] + unit)
			cells[4]++;
	}
}

/* --- elementary functions: the four operations alone, as elementary.ts says --- */

#define LN2 0.6931471805599453
#define SQRT2 1.4142135623730951

static double ln(double x) {
	if (!(x > 5e-324))
		return -745;
	if (x > 1.7976931348623157e308)
		return 710;
	int exponent = 0;
	for (; x >= 4294967296.0; exponent += 32)
		x /= 4294967296.0;
	for (; x < 2.3283064365386963e-10; exponent -= 32)
		x *= 4294967296.0;
	for (; x >= SQRT2; exponent++)
		x *= 0.5;
	for (; x < SQRT2 / 2; exponent--)
		x *= 2;
	const double s = (x - 1) / (x + 1), s2 = s * s;
	double sum = 0;
	for (int n = 23; n > 0; n -= 2)
		sum = sum * s2 + 1.0 / n;
	return 2 * s * sum + exponent * LN2;
}

static double expOf(double x) {
	if (x != x)
		return x;
	if (x > 700)
		x = 700;
	if (x < -700)
		x = -700;
	const double turn = x / LN2;
	int turns = (int)turn;
	if (turns > turn)
		turns--;
	if (turn - turns >= 0.5)
		turns++;
	const double r = x - turns * LN2;
	double sum = 1, scale = 1;
	for (int n = 16; n > 0; n--)
		sum = 1 + (r * sum) / n;
	for (int i = turns; i > 0; i--)
		scale *= 2;
	for (int i = turns; i < 0; i++)
		scale *= 0.5;
	return sum * scale;
}

void xs_ln(txMachine* the) { returnNumber(the, ln(numberAt(the, 0))); }
void xs_exp(txMachine* the) { returnNumber(the, expOf(numberAt(the, 0))); }

/* --- bytes --- */

/* A stretch of a byte array: argument 0 from argument 1 to argument 2. */
static const uint8_t* stretchOf(txMachine* the, uint32_t* from, uint32_t* end) {
	uint32_t length;
	const uint8_t* bytes = elementsOf(the, 0, 1, &length);
	*from = indexAt(the, 1);
	*end = indexAt(the, 2);
	check(the, *end <= length);
	return bytes;
}

void xs_crc32c(txMachine* the) {
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	uint32_t from, end, crc = ~0u;
	const uint8_t* bytes = stretchOf(the, &from, &end);
	for (; from < end; from++) {
		crc ^= bytes[from];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	returnNumber(the, (txNumber)(uint32_t)~crc);
}

/* --- COBS --- */

void xs_cobsEncode(txMachine* the) {
	uint32_t fromLength, intoLength;
	const uint8_t* from = elementsOf(the, 0, 1, &fromLength);
	uint8_t* into = elementsOf(the, 2, 1, &intoLength);
	const uint32_t length = indexAt(the, 1), at = indexAt(the, 3);
	check(the, length <= fromLength && at + length + length / 254 + 1 <= intoLength);
	uint32_t codeAt = at, next = at + 1, code = 1;
	for (uint32_t i = 0; i < length; i++) {
		const uint8_t byte = from[i];
		if (byte) {
			into[next++] = byte;
			code++;
		}
		if (!byte || (code == 255 && i + 1 < length)) {
			into[codeAt] = (uint8_t)code;
			codeAt = next++;
			code = 1;
		}
	}
	into[codeAt] = (uint8_t)code;
	returnInteger(the, (int32_t)(next - at));
}

static int32_t decode(const uint8_t* from, uint32_t i, uint32_t end, uint8_t* into, uint32_t room) {
	uint32_t written = 0;
	if (i >= end)
		return -1;
	while (i < end) {
		const uint32_t code = from[i++];
		if (!code || i + code - 1 > end || written + code > room + 1)
			return -1;
		for (uint32_t j = 1; j < code; j++) {
			if (!from[i])
				return -1;
			into[written++] = from[i++];
		}
		if (code < 255 && i < end) {
			if (written >= room)
				return -1;
			into[written++] = 0;
		}
	}
	return (int32_t)written;
}

void xs_cobsDecode(txMachine* the) {
	uint32_t start, end, room;
	const uint8_t* from = stretchOf(the, &start, &end);
	uint8_t* into = elementsOf(the, 3, 1, &room);
	returnInteger(the, decode(from, start, end, into, room));
}

void xs_findZero(txMachine* the) {
	uint32_t at, end;
	const uint8_t* bytes = stretchOf(the, &at, &end);
	while (at < end && bytes[at])
		at++;
	returnInteger(the, (int32_t)at);
}

void xs_followCodes(txMachine* the) {
	uint32_t at, end;
	const uint8_t* bytes = stretchOf(the, &at, &end);
	while (at < end && bytes[at])
		at += bytes[at];
	returnInteger(the, (int32_t)at);
}
