/*
 * modules/base/kernels.ts in C, for every XS that the firmware runs on: the same operations in the same order, so that
 * results are equal to the bit. Arguments are the firmware's own; what does not fit them throws.
 */
#include "xsAll.h"
#include <math.h>
#include <stdint.h>

/* A fused multiply-add would round once where JavaScript rounds twice. */
#pragma GCC optimize("O2", "fp-contract=off")

#define BLOCK_FIELDS 5
#define LINE_FIELDS 10
#define CONTACT_FIELDS 3
#define READING_FIELDS 4
#define INPUT_FIELDS 6
#define QUARTER_FIELDS 6
#define FLAT_FIELDS 6
#define CHANNEL_FIELDS 24
#define VIEW_FIELDS 5
#define BINS 80
#define COUNT_MAX 65535
#define HISTOGRAM_FIELDS 3
#define SAMPLES_MIN 5
#define CELL_FIELDS 5
#define RANGE_FIELDS 3
#define RANGE_UNIT 0.02
#define GUARD_FIELDS 4
#define NO_GUARD 255
#define KEPT_FIELDS 4
#define DWELL_FIELDS 9
#define DWELL_TIMED 3
#define RATE_FIELDS 3
#define HASH_MULTIPLIER 2654435761.0
#define BAD 2

#define FAST 0.3
#define SLOW 0.1
#define SIGNED_POWER ((2 - SLOW) / SLOW)
#define RESIDUAL_CAP 15
#define HELD_VARIANCES 25
#define SETTLING_ROWS 10
#define SPREAD_FLOOR 0.05
#define TELLING_QUANTILE 0.9
#define QUANTILE_MIN 0.2
#define SHARES 3
#define SQUARE_MAX 2500

/* The numbers of modules/base/kernel-fields.ts, in their order. */
typedef struct {
	double quietLow, quietHigh, sum, lowest, highest, mean, gain, offset, missing, worst;
} Line;
typedef struct {
	int32_t settled, high, missing;
} Contact;
typedef struct {
	double count, sum, min, max;
} ReadingSum;
typedef struct {
	double mean, precision, limit, power, good, usable;
} Input;
typedef struct {
	double anchor, rows, step, limit, longest, learned;
} Flat;
typedef struct {
	double sum, squares, rows, means, squaredMeans, variances;
} Quarter;
typedef struct {
	double modelled, onItsOwn, residual, fast, slow, signedMean, intensity, fastLimit, slowLimit, signedLimit, prediction,
		scoredPrecision, precision, ownWeight, ownPrecision, shares[SHARES], size, halfStep, fitted, ownFitted, variance,
		ownVariance;
} Channel;
_Static_assert(sizeof(Line) == LINE_FIELDS * sizeof(double) && sizeof(Contact) == CONTACT_FIELDS * sizeof(int32_t)
	&& sizeof(ReadingSum) == READING_FIELDS * sizeof(double) && sizeof(Input) == INPUT_FIELDS * sizeof(double)
	&& sizeof(Flat) == FLAT_FIELDS * sizeof(double) && sizeof(Quarter) == QUARTER_FIELDS * sizeof(double)
	&& sizeof(Channel) == CHANNEL_FIELDS * sizeof(double),
	"kernel fields");

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

static Line* linesOf(txMachine* the, int index, uint32_t* count) {
	Line* lines = elementsOf(the, index, sizeof(double), count);
	*count /= LINE_FIELDS;
	return lines;
}

static Contact* contactsOf(txMachine* the, int index, uint32_t* count) {
	Contact* contacts = elementsOf(the, index, sizeof(int32_t), count);
	*count /= CONTACT_FIELDS;
	return contacts;
}

void xs_addQuietLines(txMachine* the) {
	uint32_t lines;
	Line* line = linesOf(the, 1, &lines);
	const txSlot* block = slotsOf(the, 0, lines * BLOCK_FIELDS);
	const double samples = numberAt(the, 2), perSample = 1 / samples;
	int32_t loud = 0;
	for (uint32_t i = 0; i < lines; i++, line++, block += BLOCK_FIELDS) {
		const double min = numberIn(block + 1), max = numberIn(block + 2);
		if (!(numberIn(block) == samples && min >= line->quietLow && max <= line->quietHigh)) {
			loud++;
			continue;
		}
		const double mean = numberIn(block + 3) * perSample;
		line->sum += mean;
		if (min < line->lowest)
			line->lowest = min;
		if (max > line->highest)
			line->highest = max;
		line->mean = mean;
	}
	returnInteger(the, loud);
}

void xs_addSettledContacts(txMachine* the) {
	uint32_t contacts;
	Contact* contact = contactsOf(the, 1, &contacts);
	const txSlot* block = slotsOf(the, 0, contacts * BLOCK_FIELDS);
	const int32_t samples = (int32_t)indexAt(the, 2);
	int32_t restless = 0;
	for (uint32_t i = 0; i < contacts; i++, contact++, block += BLOCK_FIELDS) {
		const double level = numberIn(block);
		if (level != contact->settled || numberIn(block + 1) != 0)
			restless++;
		else if (level == 1)
			contact->high += samples;
	}
	returnInteger(the, restless);
}

void xs_restlessContact(txMachine* the) {
	uint32_t contacts;
	const Contact* contact = contactsOf(the, 1, &contacts);
	const txSlot* block = slotsOf(the, 0, contacts * BLOCK_FIELDS);
	for (uint32_t i = indexAt(the, 2); i < contacts; i++)
		if (numberIn(block + BLOCK_FIELDS * i) != contact[i].settled || numberIn(block + BLOCK_FIELDS * i + 1) != 0) {
			returnInteger(the, (int32_t)i);
			return;
		}
	returnInteger(the, -1);
}

/* --- rows --- */

static void restartRow(Line* line, uint32_t lines, Contact* contact, uint32_t contacts) {
	for (; lines > 0; lines--, line++) {
		line->sum = line->missing = line->worst = 0;
		line->lowest = INFINITY;
		line->highest = -INFINITY;
	}
	for (; contacts > 0; contacts--, contact++)
		contact->high = contact->missing = 0;
}

void xs_completeRow(txMachine* the) {
	uint32_t lines, contacts, valueCount, qualityCount;
	Line* line = linesOf(the, 0, &lines);
	Contact* contact = contactsOf(the, 1, &contacts);
	const double blocks = numberAt(the, 2), share = numberAt(the, 3);
	double* value = elementsOf(the, 4, sizeof *value, &valueCount);
	uint8_t* quality = elementsOf(the, 5, 1, &qualityCount);
	check(the, lines + contacts <= valueCount && lines + contacts <= qualityCount);
	for (uint32_t i = 0; i < lines; i++) {
		const double usable = blocks - line[i].missing, counts = usable > 0 ? line[i].sum / usable : line[i].mean;
		*value++ = counts * line[i].gain + line[i].offset;
		*quality++ = (uint8_t)line[i].worst;
	}
	for (uint32_t i = 0; i < contacts; i++) {
		*value++ = contact[i].high * share;
		*quality++ = contact[i].missing > 0 ? BAD : 0;
	}
	restartRow(line, lines, contact, contacts);
}

void xs_restartRow(txMachine* the) {
	uint32_t lines, contacts;
	Line* line = linesOf(the, 0, &lines);
	Contact* contact = contactsOf(the, 1, &contacts);
	restartRow(line, lines, contact, contacts);
}

void xs_addToReadings(txMachine* the) {
	uint32_t lines, readings;
	const Line* line = linesOf(the, 0, &lines);
	const double blocks = numberAt(the, 1);
	ReadingSum* reading = elementsOf(the, 2, sizeof(double), &readings);
	check(the, lines * READING_FIELDS <= readings);
	for (; lines > 0; lines--, line++, reading++) {
		const double usable = blocks - line->missing;
		if (!(usable > 0))
			continue;
		const double a = line->lowest * line->gain + line->offset, b = line->highest * line->gain + line->offset;
		const double mean = (line->sum / usable) * line->gain + line->offset;
		const double min = a < b ? a : b, max = a < b ? b : a;
		const int isFirst = reading->count == 0;
		if (isFirst || min < reading->min)
			reading->min = min;
		if (isFirst || max > reading->max)
			reading->max = max;
		reading->count += usable;
		reading->sum += mean * usable;
	}
}

/* --- least squares --- */

/* Picked values there are enough of. */
static void checkPicks(txMachine* the, const uint8_t* picks, uint32_t count, uint32_t values) {
	for (uint32_t i = 0; i < count; i++)
		check(the, picks[i] < values);
}

static double sumPicked(const double* weights, const uint8_t* picks, uint32_t count, const double* values) {
	double sum = 0;
	for (uint32_t i = 0; i < count; i++)
		sum += weights[i] * values[picks[i]];
	return sum;
}

void xs_sumPicked(txMachine* the) {
	uint32_t weightCount, pickCount, valueCount;
	const double* weights = elementsOf(the, 0, sizeof *weights, &weightCount);
	const uint8_t* picks = elementsOf(the, 1, 1, &pickCount);
	const uint32_t first = indexAt(the, 2), count = indexAt(the, 3);
	const double* values = elementsOf(the, 4, sizeof *values, &valueCount);
	check(the, first + count <= weightCount && first + count <= pickCount);
	checkPicks(the, picks + first, count, valueCount);
	returnNumber(the, sumPicked(weights + first, picks + first, count, values));
}

static double fitPicked(double* fit, double* weights, const uint8_t* picks, uint32_t n, const double* values,
	double target, double* gain) {
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
	return prediction;
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
	checkPicks(the, picks + first, n, valueCount);
	returnNumber(the, fitPicked(fit, weights + first, picks + first, n, values, target, gain));
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

static double addToHistogram(uint16_t* counts, uint32_t* state, double sample, double p, const txSlot* edges,
	double prior) {
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
	if (samples < SAMPLES_MIN)
		return prior;
	const double from = bin == 0 ? 0 : numberIn(edges + bin - 1);
	return from + ((wanted - below) / counts[bin]) * (numberIn(edges + bin) - from);
}

void xs_addToHistogram(txMachine* the) {
	uint32_t countCount, stateCount;
	uint16_t* counts = elementsOf(the, 0, sizeof *counts, &countCount);
	uint32_t* state = elementsOf(the, 1, sizeof *state, &stateCount);
	const uint32_t i = indexAt(the, 2);
	const double sample = numberAt(the, 3), p = numberAt(the, 4);
	const txSlot* edges = slotsOf(the, 5, BINS);
	check(the, (i + 1) * BINS <= countCount && (i + 1) * HISTOGRAM_FIELDS <= stateCount);
	returnNumber(the, addToHistogram(counts + i * BINS, state + i * HISTOGRAM_FIELDS, sample, p, edges, numberAt(the, 6)));
}

/* --- residuals --- */

void xs_standardiseRow(txMachine* the) {
	uint32_t rowCount, qualityCount, inputCount, valueCount, quarterCount;
	const double* row = elementsOf(the, 0, sizeof *row, &rowCount);
	const uint8_t* qualities = elementsOf(the, 1, 1, &qualityCount);
	const int isFresh = indexAt(the, 2) == 1;
	Input* input = elementsOf(the, 3, sizeof(double), &inputCount);
	double* value = elementsOf(the, 4, sizeof *value, &valueCount);
	Quarter* quarter = elementsOf(the, 5, sizeof(double), &quarterCount);
	const double rows = numberAt(the, 6);
	const uint32_t count = inputCount / INPUT_FIELDS;
	check(the, count <= rowCount && count <= qualityCount && 2 * count <= valueCount
		&& count * QUARTER_FIELDS <= quarterCount);
	for (uint32_t i = 0; i < count; i++, input++, value += 2, quarter++) {
		if (input->precision == 0)
			continue;
		value[1] = value[0];
		const int isGood = qualities[i] == 0;
		input->usable = isFresh || !isGood ? 0 : input->good;
		input->good = isGood;
		if (!isGood)
			continue;
		const double z = (row[i] - input->mean) * input->precision, square = z * z, most = input->limit;
		const double held = square > most ? (z > 0 ? sqrt(most) : -sqrt(most)) : z;
		value[0] = held;
		if (rows == 0)
			continue;
		quarter->sum += held;
		quarter->squares += held * held;
		quarter->rows++;
		const double power = input->power + ((square > most ? most : square) - input->power) / rows;
		input->power = power;
		input->limit = SQUARE_MAX * power;
	}
}

static void standardiseResidual(Channel* channel, double prediction, double error, double precision) {
	const double r = error * precision;
	channel->prediction = prediction;
	channel->scoredPrecision = precision;
	channel->residual = r > RESIDUAL_CAP ? RESIDUAL_CAP : r < -RESIDUAL_CAP ? -RESIDUAL_CAP : r;
}

static void scoreByOwn(Channel* channel, const double* value) {
	const double prediction = channel->ownWeight * value[1];
	standardiseResidual(channel, prediction, value[0] - prediction, channel->ownPrecision);
}

static int hasNeighbours(uint32_t size, const Input* inputs, const uint8_t* picks) {
	for (uint32_t i = 1; i < size >> 1; i++)
		if (inputs[picks[i] >> 1].usable == 0)
			return 0;
	return 1;
}

static void advanceChannel(Channel* channel) {
	const double r = channel->residual, square = r * r;
	const double fast = channel->fast + FAST * (square - channel->fast);
	channel->fast = fast > channel->fastLimit ? channel->fastLimit : fast;
	const double slow = channel->slow + SLOW * (square - channel->slow);
	channel->slow = slow > channel->slowLimit ? channel->slowLimit : slow;
	channel->intensity += SLOW * (square - channel->intensity);
	const double signedMean = channel->signedMean + SLOW * (r - channel->signedMean), limit = channel->signedLimit;
	channel->signedMean = signedMean > limit ? limit : signedMean < -limit ? -limit : signedMean;
}

/* What kernels of channels work on. */
typedef struct {
	Channel* channels;
	Input* inputs;
	double *values, *weights;
	uint8_t* picks;
	uint32_t count, stride, inputCount, valueCount;
} Residuals;

/* Of the arguments from `first` on: inputs, values, weights, picks. */
static void residualsOf(txMachine* the, Residuals* of, int first) {
	uint32_t channels, inputs, weights, picks;
	of->channels = elementsOf(the, 0, sizeof(double), &channels);
	of->inputs = elementsOf(the, first, sizeof(double), &inputs);
	of->values = elementsOf(the, first + 1, sizeof(double), &of->valueCount);
	of->weights = elementsOf(the, first + 2, sizeof(double), &weights);
	of->picks = elementsOf(the, first + 3, 1, &picks);
	of->count = channels / CHANNEL_FIELDS;
	of->inputCount = inputs / INPUT_FIELDS;
	of->stride = of->count ? picks / of->count : 0;
	check(the, of->count <= of->inputCount && 2 * of->inputCount <= of->valueCount && picks <= weights);
}

/* The regressors of channel j: its own lag, then those of its neighbours, which are inputs. */
static uint32_t sizeOf(txMachine* the, const Residuals* of, uint32_t j) {
	const double size = of->channels[j].size;
	const uint8_t* picks = of->picks + j * of->stride;
	check(the, size >= 0 && size <= of->stride);
	checkPicks(the, picks, (uint32_t)size, of->valueCount);
	if (size > 2)
		checkPicks(the, picks + 1, (uint32_t)size - 2, 2 * of->inputCount);
	return (uint32_t)size;
}

void xs_watchChannels(txMachine* the) {
	Residuals of;
	const uint32_t first = indexAt(the, 1), end = indexAt(the, 2);
	residualsOf(the, &of, 3);
	check(the, end <= of.count);
	for (uint32_t j = first; j < end; j++) {
		Channel* channel = of.channels + j;
		if (channel->modelled == 0)
			continue;
		const uint32_t size = sizeOf(the, &of, j);
		const uint8_t* picks = of.picks + j * of.stride;
		const double* value = of.values + 2 * j;
		if (of.inputs[j].usable == 0)
			channel->residual = 0;
		else if (channel->onItsOwn == 1 || !hasNeighbours(size, of.inputs, picks))
			scoreByOwn(channel, value);
		else {
			const double prediction = sumPicked(of.weights + j * of.stride, picks, size, of.values);
			standardiseResidual(channel, prediction, value[0] - prediction, channel->precision);
		}
		advanceChannel(channel);
	}
}

static double heldMean(double mean, double square, double n) {
	const double most = HELD_VARIANCES * mean;
	return mean + ((n > SETTLING_ROWS && square > most ? most : square) - mean) / n;
}

static double precisionOf(double variance, double floor) {
	const double deviation = sqrt(variance);
	return 1 / (deviation > floor ? deviation : floor);
}

static double residualFloor(const Input* input, double halfStep) {
	const double spread = SPREAD_FLOOR * sqrt(input->power), step = halfStep * input->precision;
	return spread > step ? spread : step;
}

static void learnShares(Channel* channel, uint16_t* counts, uint32_t* state, const txSlot* edges, int isCollecting) {
	static const double priors[SHARES] = { 1.8, 1.4, 2.7 };
	const double signedPower = channel->signedMean * channel->signedMean * SIGNED_POWER;
	const double powers[SHARES] = { channel->fast, channel->slow, signedPower };
	for (int i = 0; i < SHARES; i++, counts += BINS, state += HISTOGRAM_FIELDS) {
		const double quantile = addToHistogram(counts, state, powers[i], TELLING_QUANTILE, edges, priors[i]);
		const double share = 1 / (quantile > QUANTILE_MIN ? quantile : QUANTILE_MIN);
		if (!isCollecting || share < channel->shares[i])
			channel->shares[i] = share;
	}
}

void xs_fitChannel(txMachine* the) {
	Residuals of;
	uint32_t fitCount, gainCount, countCount, stateCount;
	const uint32_t j = indexAt(the, 1);
	double* fit = elementsOf(the, 2, sizeof *fit, &fitCount);
	residualsOf(the, &of, 3);
	double* gain = elementsOf(the, 7, sizeof *gain, &gainCount);
	uint16_t* counts = elementsOf(the, 8, sizeof *counts, &countCount);
	uint32_t* state = elementsOf(the, 9, sizeof *state, &stateCount);
	const txSlot* edges = slotsOf(the, 10, BINS);
	const int isCollecting = indexAt(the, 11) == 1;
	check(the, j < of.count && SHARES * (j + 1) * BINS <= countCount && SHARES * (j + 1) * HISTOGRAM_FIELDS <= stateCount);
	const uint32_t size = sizeOf(the, &of, j);
	check(the, size * size + size <= fitCount && size <= gainCount);
	Channel* channel = of.channels + j;
	const uint8_t* picks = of.picks + j * of.stride;
	const double* value = of.values + 2 * j;
	channel->residual = 0;
	returnInteger(the, of.inputs[j].usable != 0);
	if (of.inputs[j].usable == 0)
		return;
	const double floor = residualFloor(of.inputs + j, channel->halfStep);
	const double own = value[0] - channel->ownWeight * value[1];
	channel->ownFitted++;
	channel->ownVariance = heldMean(channel->ownVariance, own * own, channel->ownFitted);
	channel->ownPrecision = precisionOf(channel->ownVariance, floor);
	if (!hasNeighbours(size, of.inputs, picks))
		scoreByOwn(channel, value);
	else {
		const double prediction = fitPicked(fit, of.weights + j * of.stride, picks, size, of.values, value[0], gain);
		const double error = value[0] - prediction;
		channel->fitted++;
		channel->variance = heldMean(channel->variance, error * error, channel->fitted);
		channel->precision = precisionOf(channel->variance, floor);
		standardiseResidual(channel, prediction, error, channel->precision);
	}
	advanceChannel(channel);
	learnShares(channel, counts + SHARES * j * BINS, state + SHARES * j * HISTOGRAM_FIELDS, edges, isCollecting);
}

void xs_combineChannels(txMachine* the) {
	uint32_t count, viewCount;
	const Channel* channel = elementsOf(the, 0, sizeof(double), &count);
	double* views = elementsOf(the, 1, sizeof *views, &viewCount);
	check(the, viewCount >= VIEW_FIELDS);
	double fast = 0, slow = 0, sum = 0, norm = 0, intensity = 0;
	int modelled = 0;
	for (count /= CHANNEL_FIELDS; count > 0; count--, channel++) {
		if (channel->modelled == 0)
			continue;
		modelled++;
		const double f = channel->fast * channel->shares[0], s = channel->slow * channel->shares[1];
		const double d = channel->signedMean * channel->signedMean * SIGNED_POWER * channel->shares[2];
		const double i = channel->intensity * channel->shares[1];
		if (f > fast)
			fast = f;
		if (s > slow)
			slow = s;
		sum += channel->fast;
		norm += d * d;
		if (i > intensity)
			intensity = i;
	}
	const double each = modelled > 0 ? 1.0 / modelled : 0;
	views[0] = fast;
	views[1] = slow;
	views[2] = sum * each;
	views[3] = sqrt(norm * each);
	views[4] = intensity;
}

void xs_addGoodValues(txMachine* the) {
	uint32_t inputCount, valueCount, count, rowCount;
	const Input* input = elementsOf(the, 0, sizeof(double), &inputCount);
	const double* values = elementsOf(the, 1, sizeof *values, &valueCount);
	double* sums = elementsOf(the, 2, sizeof *sums, &count);
	uint32_t* rows = elementsOf(the, 3, sizeof *rows, &rowCount);
	check(the, count < 65536 && count * INPUT_FIELDS <= inputCount && 2 * count <= valueCount && count <= rowCount);
	for (uint32_t i = 0; i < count; i++, input++) {
		if (input->precision == 0 || input->good == 0)
			continue;
		sums[i] += values[2 * i];
		rows[i]++;
	}
}

/* --- moments, and bands of channels --- */

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

void xs_knownValues(txMachine* the) {
	uint32_t rowCount, qualityCount, channels;
	const double* row = elementsOf(the, 0, sizeof *row, &rowCount);
	const uint8_t* qualities = elementsOf(the, 1, 1, &qualityCount);
	double* known = elementsOf(the, 2, sizeof *known, &channels);
	check(the, channels <= rowCount && channels <= qualityCount);
	for (uint32_t j = 0; j < channels; j++)
		known[j] = qualities[j] == 0 ? row[j] : NAN;
}

void xs_learnRanges(txMachine* the) {
	uint32_t channels, rangeCount;
	const double* known = elementsOf(the, 0, sizeof *known, &channels);
	float* range = elementsOf(the, 1, sizeof *range, &rangeCount);
	check(the, channels < 65536 && channels * RANGE_FIELDS <= rangeCount);
	for (uint32_t j = 0; j < channels; j++, range += RANGE_FIELDS) {
		const double x = known[j];
		if (!(x < range[0] || x > range[1]))
			continue;
		if (x < range[0])
			range[0] = (float)x;
		if (x > range[1])
			range[1] = (float)x;
		range[2] = (float)(RANGE_UNIT * ((double)range[1] - (double)range[0]));
	}
}

void xs_learnBands(txMachine* the) {
	uint32_t channels, rangeCount, pendingCount, cellCount, states;
	const double* known = elementsOf(the, 2, sizeof *known, &channels);
	const float* ranges = elementsOf(the, 3, sizeof *ranges, &rangeCount);
	float* pendings = elementsOf(the, 4, sizeof *pendings, &pendingCount);
	float* cells = elementsOf(the, 5, sizeof *cells, &cellCount);
	uint32_t* rows = elementsOf(the, 6, sizeof *rows, &states);
	const txSlot *state = slotsOf(the, 0, states / 2), *before = slotsOf(the, 1, states / 2);
	check(the, channels < 256 && states < 65536 && channels * RANGE_FIELDS <= rangeCount
		&& states * channels <= pendingCount && states * channels * CELL_FIELDS <= cellCount);
	for (uint32_t q = 0; q < states / 2; q++) {
		const int32_t v = state[q].value.integer;
		if ((v != 0 && v != 1) || v != before[q].value.integer)
			continue;
		rows[2 * q + v]++;
		const float* range = ranges;
		float* pending = pendings + 2 * q * channels;
		float* cell = cells + (2 * q + v) * channels * CELL_FIELDS;
		for (uint32_t j = 0; j < channels; j++, pending += 2, cell += CELL_FIELDS, range += RANGE_FIELDS) {
			const double x = known[j], unit = range[2];
			if (x < pending[0])
				pending[0] = (float)x;
			if (x > pending[1])
				pending[1] = (float)x;
			if (x >= cell[0] - unit && x <= cell[1] + unit)
				cell[4]++;
		}
	}
}

void xs_leftGuard(txMachine* the) {
	uint32_t rowCount, qualityCount, count, guardCount;
	const double* row = elementsOf(the, 3, sizeof *row, &rowCount);
	const uint8_t* qualities = elementsOf(the, 4, 1, &qualityCount);
	const uint8_t* channels = elementsOf(the, 5, 1, &count);
	const float* guards = elementsOf(the, 6, sizeof *guards, &guardCount);
	const txSlot *state = slotsOf(the, 1, count >> 2), *before = slotsOf(the, 2, count >> 2);
	check(the, (count & 3) == 0 && count < 65536 && count * GUARD_FIELDS <= guardCount);
	returnInteger(the, -1);
	for (uint32_t g = indexAt(the, 0); g < count; g++) {
		const uint32_t q = g >> 2, j = channels[g];
		const int32_t v = state[q].value.integer;
		if (j == NO_GUARD || v != (int32_t)(g >> 1 & 1) || before[q].value.integer != v)
			continue;
		check(the, j < rowCount && j < qualityCount);
		if (qualities[j] != 0)
			continue;
		const float* guard = guards + GUARD_FIELDS * g;
		const double x = row[j], low = guard[2], high = guard[3];
		if (x >= low && x <= high)
			continue;
		if (((double)guard[0] + (double)guard[1] > low + high ? x - high : low - x) > 0) {
			returnInteger(the, (int32_t)g);
			return;
		}
	}
}

/* --- contacts --- */

static void setInteger(txSlot* slot, int32_t integer) {
	slot->value.integer = integer;
	slot->kind = XS_INTEGER_KIND;
}

void xs_keepStates(txMachine* the) {
	uint32_t rowCount, qualityCount, keptCount;
	const double* row = elementsOf(the, 0, sizeof *row, &rowCount);
	const uint8_t* qualities = elementsOf(the, 1, 1, &qualityCount);
	const uint32_t first = indexAt(the, 2);
	uint16_t* kept = elementsOf(the, 7, sizeof *kept, &keptCount);
	const uint32_t contacts = keptCount / KEPT_FIELDS;
	const txSlot* state = slotsOf(the, 3, contacts);
	txSlot *before = (txSlot*)slotsOf(the, 4, contacts), *lasted = (txSlot*)slotsOf(the, 5, contacts);
	txSlot* ended = (txSlot*)slotsOf(the, 6, contacts);
	check(the, first + contacts <= rowCount && first + contacts <= qualityCount);
	int32_t changed = 0;
	for (uint32_t i = 0; i < contacts; i++, kept += KEPT_FIELDS) {
		const int32_t was = state[i].value.integer, is = qualities[first + i] ? -1 : row[first + i] > 0.5;
		setInteger(before + i, was);
		setInteger(ended + i, 0);
		if (is != was)
			changed++;
		else {
			setInteger(lasted + i, lasted[i].value.integer + 1);
			kept[1] = 0;
		}
	}
	returnInteger(the, changed);
}

void xs_longDwell(txMachine* the) {
	uint32_t keptCount, dwellCount;
	const uint32_t first = indexAt(the, 0);
	const uint16_t* kept = elementsOf(the, 4, sizeof *kept, &keptCount);
	const uint32_t contacts = keptCount / KEPT_FIELDS;
	txSlot* sinceClosing = (txSlot*)slotsOf(the, 1, contacts);
	const txSlot *state = slotsOf(the, 2, contacts), *lasted = slotsOf(the, 3, contacts);
	const float* dwells = elementsOf(the, 5, sizeof *dwells, &dwellCount);
	check(the, contacts < 65536 && contacts * DWELL_FIELDS <= dwellCount);
	for (uint32_t i = 0; first == 0 && i < contacts; i++)
		if (sinceClosing[i].value.integer > 0)
			setInteger(sinceClosing + i, sinceClosing[i].value.integer + 1);
	returnInteger(the, -1);
	for (uint32_t i = first; i < contacts; i++) {
		const int32_t v = state[i].value.integer, rows = lasted[i].value.integer;
		if (kept[KEPT_FIELDS * i] != 1 || rows <= 0 || v < 0 || v > 1)
			continue;
		if (rows > (double)dwells[DWELL_FIELDS * i + DWELL_TIMED * v + 1] + 1) {
			returnInteger(the, (int32_t)i);
			return;
		}
	}
}

/* --- values from row to row --- */

void xs_largestMove(txMachine* the) {
	uint32_t rowCount, qualityCount, rateCount, moveCount;
	const double* row = elementsOf(the, 0, sizeof *row, &rowCount);
	const uint8_t* qualities = elementsOf(the, 1, 1, &qualityCount);
	double* rate = elementsOf(the, 2, sizeof *rate, &rateCount);
	double* moves = elementsOf(the, 3, sizeof *moves, &moveCount);
	const int isLearning = indexAt(the, 4) == 1;
	const uint32_t channels = rateCount / RATE_FIELDS, stride = channels ? moveCount / channels : 0;
	check(the, channels <= rowCount && channels <= qualityCount && (stride > 0 || channels == 0));
	double largest = 0;
	int32_t worst = -1;
	for (uint32_t i = 0; i < channels; i++, rate += RATE_FIELDS) {
		const double value = qualities[i] == 0 ? row[i] : NAN, move = value - rate[0], size = move < 0 ? -move : move;
		rate[0] = value;
		rate[2] = move;
		if (isLearning && size > moves[(i + 1) * stride - 1])
			moves[(i + 1) * stride - 1] = size;
		const double told = size * rate[1];
		if (told > largest) {
			largest = told;
			worst = (int32_t)i;
		}
	}
	returnInteger(the, worst);
}

void xs_addToFlats(txMachine* the) {
	uint32_t rowCount, qualityCount, flats;
	const double* row = elementsOf(the, 0, sizeof *row, &rowCount);
	const uint8_t* qualities = elementsOf(the, 1, 1, &qualityCount);
	Flat* flat = elementsOf(the, 2, sizeof(double), &flats);
	const int isLearning = indexAt(the, 3) == 1;
	flats /= FLAT_FIELDS;
	check(the, flats <= rowCount && flats <= qualityCount);
	int32_t beyond = 0;
	for (uint32_t i = 0; i < flats; i++, flat++) {
		const double value = qualities[i] == 0 ? row[i] : NAN, moved = value - flat->anchor;
		if (moved <= flat->step && moved >= -flat->step)
			flat->rows++;
		else {
			flat->rows = 0;
			flat->anchor = value;
		}
		if (flat->rows >= flat->limit)
			beyond++;
		if (!isLearning || qualities[i] != 0)
			continue;
		flat->learned++;
		if (flat->rows > flat->longest)
			flat->longest = flat->rows;
	}
	returnInteger(the, beyond);
}

/* ECMA-262, ToInt32. */
static int32_t toInt32(double x) {
	if (x > -9e18 && x < 9e18)
		return (int32_t)(uint32_t)(uint64_t)(int64_t)x;
	return x - x == 0 ? (int32_t)(uint32_t)(int64_t)fmod(x, 4294967296.0) : 0;
}

void xs_rollHashes(txMachine* the) {
	uint32_t rowCount;
	const double* row = elementsOf(the, 1, sizeof *row, &rowCount);
	txSlot* hashes = (txSlot*)slotsOf(the, 3, 0);
	const uint32_t channels = mxArgv(3)->value.reference->next->value.array.length;
	const txSlot* perStep = slotsOf(the, 2, channels);
	check(the, channels <= rowCount);
	for (uint32_t i = indexAt(the, 0); i < channels; i++) {
		const double before = numberIn(hashes + i);
		const int32_t taken = toInt32(toInt32(row[i] * numberIn(perStep + i)) * HASH_MULTIPLIER);
		const int32_t hash = (int32_t)((uint32_t)toInt32(before) << 4) ^ taken;
		setInteger(hashes + i, hash);
		if ((uint32_t)hash >> 29 == 0 && hash != before) {
			returnInteger(the, (int32_t)i + 1);
			return;
		}
	}
	returnInteger(the, (int32_t)channels + 1);
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
