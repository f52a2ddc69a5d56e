/*
 * Samples of every input at 1 kHz, by hardware that goes on while the CPU is deaf: state machines, converter and counter
 * write endless rings, all on one crystal, and captureRead makes blocks of what lies there.
 */
#include "accumulate.h"
#include "port.h"
#include "ring.h"
#include "rp2040.h"

#define RING_MS 1024u
/* A pulse count needs the counter one sample before its block. */
#define KEPT_MS (RING_MS - 1)
/* After an overrun the reader goes on this far from the writer, lest it is overtaken again at once. */
#define HEADROOM_MS 64u
/* Beyond this the rings' pass counters are ambiguous: the clock says how far the reader is behind. */
#define PAUSE_US 7000000u
#define BLOCK_US (BLOCK_SAMPLES * SAMPLE_US)

/* Analog inputs by number. */
enum { CONVERTER_INPUTS = 8, CHIP_INPUT = 8, CHIP_INPUTS = 3, PULSE_INPUT = 11 };
#define DIGITAL_INPUTS 8
#define ADC_FIRST_PIN 26

/* The pins, as board.ts lists them. */
enum { PIN_DIGITAL, PIN_PULSE, PIN_SELECT, PIN_CLOCK, PIN_MOSI, PIN_MISO, PIN_ADC, CAPTURE_PINS };

/* The streams, each with as many inputs in turn as 2 to the power of its entry here. */
enum { DIGITAL, PULSE, CONVERTER, CHIP, STREAMS };
static const uint8_t inputsLog2[STREAMS] = { 0, 0, 3, 2 };

static uint8_t digitalSamples[RING_MS];
static uint16_t pulseSamples[RING_MS], converterSamples[RING_MS << 3], chipSamples[RING_MS << 2];
static Ring rings[STREAMS] = {
	{ .data = 0, .rearm = 1 }, { .data = 2, .rearm = 3 }, { .data = 4, .rearm = 5 }, { .data = 6, .rearm = 7 },
};
enum { COMMAND_CHANNEL = 8, COMMAND_REARM = 9 };

/*
 * MCP3208 (DS21298E figure 6-1): 24 clocks a conversion; five zeros, start bit, single ended, three bits of input, then
 * sample, null bit, twelve bits. The null bit is the converter's sign of life: the pin's pull-up makes it 1 without one.
 */
static const AnalogFormat converterFormat = { .stride = CONVERTER_INPUTS, .value = 0x0FFF, .invalid = 0x1000 };
/* The converter of the chip marks a conversion that failed. */
static const AnalogFormat chipFormat = { .stride = 4, .value = 0x0FFF, .invalid = 0x8000 };
static const AnalogFormat pulseFormat = { .stride = 1, .value = 0xFFFF, .invalid = 0 };
#define CONVERTER_COMMAND(INPUT) ((0x18u | (INPUT)) << 22)

/* In RAM, as flash cannot be read all the time. */
static uint32_t commands[CONVERTER_INPUTS] __attribute__((aligned(4 * CONVERTER_INPUTS)));
static uint32_t commandCount = 1u << 30;

static bool isUsed[STREAMS];
static CaptureWiring wiring;
static bool isStarted, isFirst = true;
static uint64_t nextBlock, nextBlockEndUs;
static int8_t levels[DIGITAL_INPUTS_MAX];

/* --- start --- */

/* One bit a pin; false when one is taken twice or does not exist. */
static bool takePins(uint32_t* taken, uint32_t first, uint32_t count) {
	if (first + count > PINS)
		return false;
	const uint32_t mask = ((1u << count) - 1) << first;
	const bool isFree = (*taken & mask) == 0;
	*taken |= mask;
	return isFree;
}

static bool arePinsPossible(const uint8_t* pins) {
	uint32_t taken = 0;
	return takePins(&taken, pins[PIN_DIGITAL], DIGITAL_INPUTS) && takePins(&taken, pins[PIN_PULSE], 1)
		&& takePins(&taken, pins[PIN_SELECT], 2) && takePins(&taken, pins[PIN_MOSI], 1)
		&& takePins(&taken, pins[PIN_MISO], 1) && takePins(&taken, pins[PIN_ADC], 4)
		&& pins[PIN_PULSE] % 2 == 1                     /* only input B of a slice counts */
		&& pins[PIN_CLOCK] == pins[PIN_SELECT] + 1      /* side-set pins lie side by side */
		&& pins[PIN_ADC] == ADC_FIRST_PIN;
}

static bool readWiring(const CaptureWiring* from) {
	if (from->analogChannels < 0 || from->analogChannels > ANALOG_INPUTS_MAX
		|| from->digitalChannels < 0 || from->digitalChannels > DIGITAL_INPUTS_MAX)
		return false;
	for (int i = 0; i < STREAMS; i++)
		isUsed[i] = false;
	for (int i = 0; i < from->analogChannels; i++) {
		const int input = from->analogInput[i];
		if (input > PULSE_INPUT)
			return false;
		isUsed[input < CONVERTER_INPUTS ? CONVERTER : input == PULSE_INPUT ? PULSE : CHIP] = true;
	}
	for (int i = 0; i < from->digitalChannels; i++) {
		if (from->digitalInput[i] >= DIGITAL_INPUTS)
			return false;
		levels[i] = -1;
		isUsed[DIGITAL] = true;
	}
	wiring = *from;
	return true;
}

/* Tapped lines: the pads' drivers are off for good, whoever may select whatever function. */
static void prepareInputs(const uint8_t* pins) {
	const uint32_t input = PAD_OUTPUT_DISABLE | PAD_INPUT_ENABLE | PAD_SCHMITT | PAD_PULL_DOWN;
	for (uint32_t i = 0; i < DIGITAL_INPUTS; i++)
		setPin(pins[PIN_DIGITAL] + i, FUNCTION_NONE, input);
	setPin(pins[PIN_PULSE], FUNCTION_PWM, input);
	for (uint32_t i = 0; i < 4; i++)
		setPin(ADC_FIRST_PIN + i, FUNCTION_NONE, PAD_OUTPUT_DISABLE);
}

/* PIO0, machine 0: the eight pins, once in 1000 cycles of 1 MHz. */
static void prepareDigital(uint32_t firstPin) {
	static const uint16_t code[] = {
		I_IN_PINS(DIGITAL_INPUTS, 0), I_SET_X(30, 6), I_JMP(X_DECREMENT, 2, 31),  /* 1 + 7 + 31 * 32 */
	};
	for (uint32_t i = 0; i < 3; i++)
		REGISTER(PIO0 + PIO_CODE + 4 * i) = code[i];
	REGISTER(PIO_MACHINE(PIO0, 0, MACHINE_DIVIDER)) = SYS_HZ / 1000000u << 16;
	REGISTER(PIO_MACHINE(PIO0, 0, MACHINE_EXEC)) = MACHINE_WRAP(0, 2);
	REGISTER(PIO_MACHINE(PIO0, 0, MACHINE_SHIFT)) = MACHINE_AUTO_PUSH(DIGITAL_INPUTS);
	REGISTER(PIO_MACHINE(PIO0, 0, MACHINE_PINS)) = PINS_IN(firstPin);
	REGISTER(PIO_MACHINE(PIO0, 0, MACHINE_INSTRUCTION)) = I_JMP(ALWAYS, 0, 0);
	ringStart(&rings[DIGITAL], digitalSamples, RING_MS, 0, PIO0 + PIO_RX, REQUEST_PIO0_RX);
}

/* PIO0, machine 1: a conversion in 250 cycles of 2 MHz, 8000 a second; the clock runs at 500 kHz. */
static void prepareConverter(const uint8_t* pins) {
#define D(CLOCK, SELECT, DELAY) ((CLOCK) << 4 | (SELECT) << 3 | (DELAY))
	enum { START = 3, BIT = START + 2, PAUSE = START + 7, LAST = START + 9 };
	static const uint16_t code[] = {
		I_PULL(D(0, 1, 0)), I_SET_X(23, D(0, 1, 0)),
		I_OUT_PINS(1, D(0, 0, 1)), I_IN_PINS(1, D(1, 0, 0)), I_JMP(X_DECREMENT, BIT, D(1, 0, 0)),     /* 24 * 4 */
		I_PUSH(D(0, 1, 0)), I_SET_X(18, D(0, 1, 6)), I_JMP(X_DECREMENT, PAUSE, D(0, 1, 6)),           /* 1 + 7 + 19 * 7 */
		I_NOP(D(0, 1, 7)), I_NOP(D(0, 1, 2)),
	};
#undef D
	for (uint32_t i = 0; i < LAST - START + 1; i++)
		REGISTER(PIO0 + PIO_CODE + 4 * (START + i)) = code[i];
	REGISTER(PIO_MACHINE(PIO0, 1, MACHINE_DIVIDER)) = SYS_HZ / 2000000u << 16 | 128u << 8;  /* 62.5 */
	REGISTER(PIO_MACHINE(PIO0, 1, MACHINE_EXEC)) = MACHINE_WRAP(START, LAST);
	REGISTER(PIO_MACHINE(PIO0, 1, MACHINE_SHIFT)) = 0;
	machineOutput(PIO0, 1, pins[PIN_SELECT], 1);
	machineOutput(PIO0, 1, pins[PIN_CLOCK], 0);
	machineOutput(PIO0, 1, pins[PIN_MOSI], 0);
	REGISTER(PIO_MACHINE(PIO0, 1, MACHINE_PINS)) =
		PINS_SIDE(pins[PIN_SELECT], 2) | PINS_OUT(pins[PIN_MOSI], 1) | PINS_IN(pins[PIN_MISO]);
	REGISTER(PIO_MACHINE(PIO0, 1, MACHINE_INSTRUCTION)) = I_JMP(ALWAYS, START, 1u << 3);
	for (uint32_t i = PIN_SELECT; i <= PIN_MOSI; i++)
		setPin(pins[i], FUNCTION_PIO0, PAD_DRIVE_4MA | PAD_INPUT_ENABLE | PAD_SCHMITT);
	setPin(pins[PIN_MISO], FUNCTION_NONE, PAD_OUTPUT_DISABLE | PAD_INPUT_ENABLE | PAD_SCHMITT | PAD_PULL_UP);
	ringStart(&rings[CONVERTER], converterSamples, RING_MS << 3, 1, PIO0 + PIO_RX + 4, REQUEST_PIO0_RX + 1);
}

/* The commands go round and round; a second channel gives the first its count anew, for ever. */
static void feedCommands(void) {
	for (uint32_t i = 0; i < CONVERTER_INPUTS; i++)
		commands[i] = CONVERTER_COMMAND(i);
	REGISTER(DMA_CHANNEL(COMMAND_REARM, DMA_READ_ADDRESS)) = (uint32_t)(uintptr_t)&commandCount;
	REGISTER(DMA_CHANNEL(COMMAND_REARM, DMA_WRITE_ADDRESS)) = DMA_CHANNEL(COMMAND_CHANNEL, DMA_COUNT_TRIGGER);
	REGISTER(DMA_CHANNEL(COMMAND_REARM, DMA_COUNT)) = 1;
	REGISTER(DMA_CHANNEL(COMMAND_REARM, DMA_CONTROL)) = DMA_ENABLE | DMA_SIZE(2) | DMA_CHAIN_TO(COMMAND_REARM)
		| DMA_REQUEST(REQUEST_NONE) | DMA_QUIET;
	REGISTER(DMA_CHANNEL(COMMAND_CHANNEL, DMA_READ_ADDRESS)) = (uint32_t)(uintptr_t)commands;
	REGISTER(DMA_CHANNEL(COMMAND_CHANNEL, DMA_WRITE_ADDRESS)) = PIO0 + PIO_TX + 4;
	REGISTER(DMA_CHANNEL(COMMAND_CHANNEL, DMA_COUNT)) = commandCount;
	REGISTER(DMA_CHANNEL(COMMAND_CHANNEL, DMA_CONTROL_TRIGGER)) = DMA_ENABLE | DMA_SIZE(2) | DMA_INCREMENT_READ
		| DMA_RING_READ(5u) | DMA_CHAIN_TO(COMMAND_REARM) | DMA_REQUEST(REQUEST_PIO0_TX + 1) | DMA_QUIET;
}

/* Four inputs in turn at 4 kHz; the fourth is the board's supply, not handed on. */
static void prepareChip(void) {
	REGISTER(ADC_CONTROL) = ADC_ENABLE;
	while (!(REGISTER(ADC_CONTROL) & ADC_READY));
	REGISTER(ADC_DIVIDER) = (ADC_HZ / 4000u - 1) << 8;
	REGISTER(ADC_FIFO_CONTROL) = ADC_FIFO_ENABLE | ADC_FIFO_REQUEST | ADC_FIFO_SHOW_ERROR | ADC_FIFO_THRESHOLD(1u);
	ringStart(&rings[CHIP], chipSamples, RING_MS << 2, 1, ADC_FIFO, REQUEST_ADC);
}

/* A slice that no pin needs: it wraps at 1 kHz, the first time at once. */
static uint32_t paceSlice(uint32_t pulseSlice) {
	return pulseSlice == 7 ? 6 : 7;
}

static void preparePulses(uint32_t pin) {
	const uint32_t slice = pin / 2 % 8, pace = paceSlice(slice);
	REGISTER(PWM_SLICE(slice, PWM_CONTROL)) = 0;
	REGISTER(PWM_SLICE(slice, PWM_DIVIDER)) = PWM_DIVIDE(1u);
	REGISTER(PWM_SLICE(slice, PWM_TOP)) = 0xFFFF;
	REGISTER(PWM_SLICE(slice, PWM_COUNTER)) = 0;
	REGISTER(PWM_SLICE(pace, PWM_CONTROL)) = 0;
	REGISTER(PWM_SLICE(pace, PWM_DIVIDER)) = PWM_DIVIDE(SYS_HZ / 1000000u);
	REGISTER(PWM_SLICE(pace, PWM_TOP)) = SAMPLE_US - 1;
	REGISTER(PWM_SLICE(pace, PWM_COUNTER)) = SAMPLE_US - 1;
	ringStart(&rings[PULSE], pulseSamples, RING_MS, 1, PWM_SLICE(slice, PWM_COUNTER), REQUEST_PWM_WRAP + pace);
}

/* All at one instant: the first sample of each stream is of now. */
static void startStreams(uint32_t pulsePin) {
	const uint32_t slice = pulsePin / 2 % 8;
	const uint32_t machines = (uint32_t)isUsed[DIGITAL] << 0 | (uint32_t)isUsed[CONVERTER] << 1;
	const uint32_t before = interruptsOff();
	nextBlockEndUs = clockUs() + BLOCK_US;
	SET_BITS(PIO0 + PIO_CONTROL, PIO_RESTART(machines) | PIO_ENABLE(machines));
	if (isUsed[CHIP])
		REGISTER(ADC_CONTROL) = ADC_ENABLE | ADC_START_MANY | ADC_ROUND_ROBIN(0xFu);
	if (isUsed[PULSE]) {
		REGISTER(PWM_SLICE(slice, PWM_CONTROL)) = PWM_ENABLE | PWM_COUNT_RISING_B;
		REGISTER(PWM_SLICE(paceSlice(slice), PWM_CONTROL)) = PWM_ENABLE;
	}
	interruptsRestore(before);
}

bool captureStart(const CaptureWiring* from, const uint8_t* pins, int pinCount) {
	if (isStarted || pinCount != CAPTURE_PINS || !arePinsPossible(pins) || !readWiring(from))
		return false;
	releaseFromReset(RESET_ADC | RESET_DMA | RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_PIO0 | RESET_PWM);
	prepareInputs(pins);
	if (isUsed[DIGITAL])
		prepareDigital(pins[PIN_DIGITAL]);
	if (isUsed[CONVERTER]) {
		prepareConverter(pins);
		feedCommands();
	}
	if (isUsed[CHIP])
		prepareChip();
	if (isUsed[PULSE])
		preparePulses(pins[PIN_PULSE]);
	startStreams(pins[PIN_PULSE]);
	isStarted = true;
	return true;
}

/* --- blocks --- */

/* Milliseconds of samples since the next block's start: complete in every stream, and begun in any. */
typedef struct {
	uint32_t completeMs, begunMs;
} Progress;

static Progress progress(void) {
	Progress now = { UINT32_MAX, 0 };
	for (int i = 0; i < STREAMS; i++) {
		if (!isUsed[i])
			continue;
		const uint32_t modulo = rings[i].samples << RING_PASSES_LOG2, log2 = inputsLog2[i];
		const uint32_t read = (uint32_t)nextBlock * BLOCK_SAMPLES << log2;
		const uint32_t ahead = (ringTotal(&rings[i]) - read) & (modulo - 1);
		/* The newest sample may not have landed yet. */
		const uint32_t completeMs = ahead > 0 ? (ahead - 1) >> log2 : 0;
		const uint32_t begunMs = (ahead + (1u << log2) - 1) >> log2;
		if (completeMs < now.completeMs)
			now.completeMs = completeMs;
		if (begunMs > now.begunMs)
			now.begunMs = begunMs;
	}
	return now;
}

/* Gives up what has been overwritten, `behindMs` being from the next block's start to now; the number of blocks lost. */
static uint32_t skipTo(uint64_t behindMs) {
	const uint32_t lost = (uint32_t)((behindMs - (RING_MS - HEADROOM_MS) + BLOCK_SAMPLES - 1) / BLOCK_SAMPLES);
	nextBlock += lost;
	nextBlockEndUs += (uint64_t)lost * BLOCK_US;
	return lost;
}

/* The block's part of a ring lies in one or two runs. */
static void addAnalog(AnalogBlock* block, const uint16_t* samples, uint32_t at, const AnalogFormat* format) {
	const uint32_t first = RING_MS - at < BLOCK_SAMPLES ? RING_MS - at : BLOCK_SAMPLES;
	analogAdd(block, samples + at * format->stride, (int)first, format);
	if (first < BLOCK_SAMPLES)
		analogAdd(block, samples, (int)(BLOCK_SAMPLES - first), format);
}

static void addDigital(DigitalBlock* block, uint32_t at, int input) {
	const uint32_t first = RING_MS - at < BLOCK_SAMPLES ? RING_MS - at : BLOCK_SAMPLES;
	digitalAdd(block, digitalSamples + at, (int)first, input, 0);
	if (first < BLOCK_SAMPLES)
		digitalAdd(block, digitalSamples, (int)(BLOCK_SAMPLES - first), input, (int)first);
}

/* Pulses of the millisecond before each sample: differences of the counter, which wraps. */
static void addPulses(AnalogBlock* block, uint32_t at) {
	uint16_t pulses[BLOCK_SAMPLES];
	uint16_t before = pulseSamples[(at - 1) % RING_MS];
	for (uint32_t i = 0; i < BLOCK_SAMPLES; i++) {
		const uint16_t counter = pulseSamples[(at + i) % RING_MS];
		pulses[i] = (uint16_t)(counter - before);
		before = counter;
	}
	analogAdd(block, pulses, BLOCK_SAMPLES, &pulseFormat);
}

static void accumulate(BlockRecord* block) {
	const uint32_t at = (uint32_t)nextBlock * BLOCK_SAMPLES % RING_MS;
	for (int i = 0; i < wiring.analogChannels; i++) {
		AnalogBlock* analog = &block->analog[i];
		const uint32_t input = wiring.analogInput[i];
		analogBegin(analog);
		if (input < CONVERTER_INPUTS)
			addAnalog(analog, converterSamples + input, at, &converterFormat);
		else if (input < CHIP_INPUT + CHIP_INPUTS)
			addAnalog(analog, chipSamples + input - CHIP_INPUT, at, &chipFormat);
		else
			addPulses(analog, at);
	}
	for (int i = 0; i < wiring.digitalChannels; i++) {
		digitalBegin(&block->digital[i], levels[i]);
		addDigital(&block->digital[i], at, wiring.digitalInput[i]);
	}
}

static void take(BlockRecord* block, uint32_t lost) {
	block->sequence = nextBlock++;
	block->timeUs = nextBlockEndUs;
	block->lost = lost;
	block->isFresh = isFirst || lost > 0;
	for (int i = 0; i < wiring.digitalChannels; i++)
		levels[i] = (int8_t)block->digital[i].level;
	nextBlockEndUs += BLOCK_US;
	isFirst = false;
}

bool captureRead(BlockRecord* block) {
	static uint32_t lost;   /* until a block tells of them */
	const uint64_t nowUs = clockUs();
	if (!isStarted || nowUs < nextBlockEndUs)
		return false;
	const uint64_t behindUs = nowUs - nextBlockEndUs + BLOCK_US;
	if (behindUs > PAUSE_US)
		lost += skipTo(behindUs / SAMPLE_US);
	for (;;) {
		Progress now = progress();
		if (now.begunMs <= KEPT_MS) {
			if (now.completeMs < BLOCK_SAMPLES)
				return false;
			BARRIER();
			accumulate(block);
			BARRIER();
			/* Only what has not been overwritten meanwhile is handed over. */
			now = progress();
		}
		if (now.begunMs <= KEPT_MS)
			break;
		lost += skipTo(now.begunMs);
	}
	take(block, lost);
	lost = 0;
	return true;
}
