/*
 * Capture on the ESP32: a timer interrupt every 125 us, wholly in internal RAM, so that it goes on while flash is erased
 * and the cache is off on both cores. Eight slots make a sample: slot 0 reads the digital inputs and the pulse counter,
 * each slot takes in the conversion before it and starts its own. A conversion (24 us) runs without the CPU.
 *
 * A sample that an interrupt came too late for is left out: its number is then missing in the ring, and the reader counts
 * the block as lost. 28 KB of ring.
 */
#include "accumulate.h"
#include "pins.h"
#include "driver/gpio.h"
#include "driver/gptimer.h"
#include "driver/pulse_cnt.h"
#include "driver/spi_master.h"
#include "esp_attr.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "soc/gpio_reg.h"
#include "soc/soc.h"
#include "soc/spi_reg.h"
#include <string.h>

#define CONVERTER_INPUTS 8
#define CONVERTER_HZ 1000000
#define CONVERTER_BITS 24
/* SPI3 by its number in the register addresses, too. */
#define CONVERTER_SPI 3
#define PULSE_INPUT CONVERTER_INPUTS
#define ANALOG_INPUTS (CONVERTER_INPUTS + 1)
#define DIGITAL_INPUTS 8

#define SLOT_US (SAMPLE_US / CONVERTER_INPUTS)
/* The next alarm is set at least this far ahead of the counter. */
#define SLOT_MARGIN_US 20
#define RING_SAMPLES 1024
#define PULSES_WRAP 32767
#define PULSE_GLITCH_NS 1000

#define CAPTURE_CORE 1
#define TIMER_HZ 1000000
/* The highest level whose handler may be C. */
#define TIMER_LEVEL 3

_Static_assert(ANALOG_INPUTS <= ANALOG_INPUTS_MAX, "every input has a number");
_Static_assert(SLOT_US * CONVERTER_INPUTS == SAMPLE_US, "slots divide a sample");
_Static_assert((RING_SAMPLES & (RING_SAMPLES - 1)) == 0, "the ring is indexed by a mask");
_Static_assert(RING_SAMPLES >= 1024, "a second of signing and erasing fits");

/* Odd for a sample that is whole; 0 while it is written. */
#define STAMP(sample) ((sample) << 1 | 1)

typedef struct {
	uint32_t stamp;
	uint32_t low;       /* GPIO 0 to 31 */
	uint16_t high;      /* GPIO 32 to 39 */
	uint16_t pulses;
	uint16_t counts[CONVERTER_INPUTS];
} Sample;

static Sample ring[RING_SAMPLES];
static gptimer_handle_t timer;
static gptimer_alarm_config_t alarmAt;
static pcnt_unit_handle_t pulseUnit;

/* Of the interrupt. Sample 0 is never taken: it only ends when sample 1 begins. */
static uint32_t number;
static unsigned slot;
static bool isWhole;
static int pulsesBefore;

/* Of the reader. */
static CaptureWiring wiring;
static uint8_t digitalPin[DIGITAL_INPUTS];
static int32_t levelBefore[DIGITAL_INPUTS_MAX];
static bool isStarted, isFresh;
static uint64_t startUs, sequence;
static uint32_t nextSample, lost;

/* --- interrupt: nothing below may lie in flash --- */

static void IRAM_ATTR startConversion(unsigned input) {
	/* Start bit, single-ended, three bits of the input: the first 10 of the 24 bits (MCP3208, DS21298 section 5). */
	REG_WRITE(SPI_W0_REG(CONVERTER_SPI), (0x06 | input >> 2) | (input & 3) << 14);
	REG_WRITE(SPI_CMD_REG(CONVERTER_SPI), SPI_USR);
}

static uint16_t IRAM_ATTR readConversion(void) {
	uint32_t answer = REG_READ(SPI_W0_REG(CONVERTER_SPI));
	if (REG_READ(SPI_CMD_REG(CONVERTER_SPI)) & SPI_USR)
		isWhole = false;
	return (uint16_t)((answer & 0x0F00) | (answer >> 16 & 0xFF));
}

static uint16_t IRAM_ATTR readPulses(void) {
	int pulses = pulsesBefore;
	if (pcnt_unit_get_count(pulseUnit, &pulses) != ESP_OK)
		isWhole = false;
	int since = pulses - pulsesBefore;
	pulsesBefore = pulses;
	return (uint16_t)(since < 0 ? since + PULSES_WRAP : since);
}

static void IRAM_ATTR endSample(void) {
	Sample* sample = &ring[number & (RING_SAMPLES - 1)];
	if (isWhole)
		__atomic_store_n(&sample->stamp, STAMP(number), __ATOMIC_RELEASE);
	__atomic_store_n(&number, number + 1, __ATOMIC_RELEASE);
}

static void IRAM_ATTR beginSample(void) {
	Sample* sample = &ring[number & (RING_SAMPLES - 1)];
	__atomic_store_n(&sample->stamp, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	isWhole = true;
	sample->low = REG_READ(GPIO_IN_REG);
	sample->high = (uint16_t)(REG_READ(GPIO_IN1_REG) & 0xFF);
	sample->pulses = readPulses();
}

static void IRAM_ATTR takeSlot(void) {
	Sample* sample = &ring[number & (RING_SAMPLES - 1)];
	sample->counts[(slot + CONVERTER_INPUTS - 1) % CONVERTER_INPUTS] = readConversion();
	if (slot == 0) {
		endSample();
		beginSample();
	}
	startConversion(slot);
	slot = (slot + 1) % CONVERTER_INPUTS;
}

static void IRAM_ATTR skipSlot(void) {
	isWhole = false;
	if (slot == 0)
		endSample();
	slot = (slot + 1) % CONVERTER_INPUTS;
}

static bool IRAM_ATTR onAlarm(gptimer_handle_t handle, const gptimer_alarm_event_data_t* event, void* unused) {
	int32_t lateUs = (int32_t)(event->count_value - event->alarm_value);
	(void)unused;
	takeSlot();
	alarmAt.alarm_count += SLOT_US;
	for (; lateUs + SLOT_MARGIN_US >= SLOT_US; lateUs -= SLOT_US) {
		skipSlot();
		alarmAt.alarm_count += SLOT_US;
	}
	gptimer_set_alarm_action(handle, &alarmAt);
	return false;
}

/* --- start --- */

/* The core that allocates an interrupt serves it: this runs on the core that Ethernet's interrupts are not on. */
static void openTimer(void* done) {
	static const gptimer_config_t config = {
		.clk_src = GPTIMER_CLK_SRC_DEFAULT,
		.direction = GPTIMER_COUNT_UP,
		.resolution_hz = TIMER_HZ,
		.intr_priority = TIMER_LEVEL,
	};
	static const gptimer_event_callbacks_t callbacks = { .on_alarm = onAlarm };
	gptimer_handle_t opened = NULL;
	if (gptimer_new_timer(&config, &opened) == ESP_OK
			&& gptimer_register_event_callbacks(opened, &callbacks, NULL) == ESP_OK
			&& gptimer_enable(opened) == ESP_OK && gptimer_start(opened) == ESP_OK)
		timer = opened;
	xSemaphoreGive((SemaphoreHandle_t)done);
	vTaskDelete(NULL);
}

static bool hasTimer(void) {
	if (timer)
		return true;
	SemaphoreHandle_t done = xSemaphoreCreateBinary();
	if (done && xTaskCreatePinnedToCore(openTimer, "capture", 4096, done, 5, NULL, CAPTURE_CORE) == pdPASS)
		xSemaphoreTake(done, portMAX_DELAY);
	if (done)
		vSemaphoreDelete(done);
	return timer != NULL;
}

/* The driver sets up the bus and one transaction of the very shape; the interrupt then only repeats it. */
static bool openConverter(const CapturePins* pins) {
	spi_device_handle_t device;
	spi_bus_config_t bus = {
		.mosi_io_num = pins->mosi, .miso_io_num = pins->miso, .sclk_io_num = pins->clock,
		.quadwp_io_num = -1, .quadhd_io_num = -1,
	};
	spi_device_interface_config_t shape = {
		.mode = 0, .clock_speed_hz = CONVERTER_HZ, .spics_io_num = pins->select, .queue_size = 1,
	};
	spi_transaction_t first = { .flags = SPI_TRANS_USE_TXDATA | SPI_TRANS_USE_RXDATA, .length = CONVERTER_BITS };
	first.tx_data[0] = 0x06;
	if (spi_bus_initialize(SPI3_HOST, &bus, SPI_DMA_DISABLED) != ESP_OK
			|| spi_bus_add_device(SPI3_HOST, &shape, &device) != ESP_OK
			|| spi_device_acquire_bus(device, portMAX_DELAY) != ESP_OK
			|| spi_device_polling_transmit(device, &first) != ESP_OK)
		return false;
	/* The bus is never released, so the driver never touches it again; its interrupt stays silent. */
	REG_CLR_BIT(SPI_SLAVE_REG(CONVERTER_SPI), SPI_INT_EN_M);
	return true;
}

static bool openPulses(uint8_t pin) {
	pcnt_unit_config_t unit = { .low_limit = -1, .high_limit = PULSES_WRAP };
	pcnt_glitch_filter_config_t filter = { .max_glitch_ns = PULSE_GLITCH_NS };
	pcnt_chan_config_t edge = { .edge_gpio_num = pin, .level_gpio_num = -1 };
	pcnt_channel_handle_t channel;
	return pcnt_new_unit(&unit, &pulseUnit) == ESP_OK
		&& pcnt_unit_set_glitch_filter(pulseUnit, &filter) == ESP_OK
		&& pcnt_new_channel(pulseUnit, &edge, &channel) == ESP_OK
		&& pcnt_channel_set_edge_action(channel, PCNT_CHANNEL_EDGE_ACTION_INCREASE, PCNT_CHANNEL_EDGE_ACTION_HOLD) == ESP_OK
		&& pcnt_unit_enable(pulseUnit) == ESP_OK && pcnt_unit_clear_count(pulseUnit) == ESP_OK
		&& pcnt_unit_start(pulseUnit) == ESP_OK;
}

static bool openInputs(const CapturePins* pins) {
	gpio_config_t inputs = {
		.pin_bit_mask = 1ULL << pins->pulse, .mode = GPIO_MODE_INPUT,
		.pull_up_en = GPIO_PULLUP_DISABLE, .pull_down_en = GPIO_PULLDOWN_DISABLE, .intr_type = GPIO_INTR_DISABLE,
	};
	for (int i = 0; i < DIGITAL_INPUTS; i++) {
		digitalPin[i] = pins->digital[i];
		if (digitalPin[i] != NO_PIN)
			inputs.pin_bit_mask |= 1ULL << digitalPin[i];
	}
	return gpio_config(&inputs) == ESP_OK;
}

static bool isWired(const CaptureWiring* wanted, const CapturePins* pins) {
	if (wanted->analogChannels < 0 || wanted->analogChannels > ANALOG_INPUTS_MAX
			|| wanted->digitalChannels < 0 || wanted->digitalChannels > DIGITAL_INPUTS_MAX)
		return false;
	for (int i = 0; i < wanted->analogChannels; i++)
		if (wanted->analogInput[i] > PULSE_INPUT)
			return false;
	for (int i = 0; i < wanted->digitalChannels; i++)
		if (wanted->digitalInput[i] >= DIGITAL_INPUTS || pins->digital[wanted->digitalInput[i]] == NO_PIN)
			return false;
	return true;
}

bool captureStart(const CaptureWiring* wanted, const uint8_t* pinNumbers, int pinCount) {
	CapturePins pins;
	if (isStarted || pinCount != (int)sizeof pins)
		return false;
	memcpy(&pins, pinNumbers, sizeof pins);
	for (int i = 0; i < pinCount; i++)
		if (pinNumbers[i] != NO_PIN && pinNumbers[i] >= GPIO_NUM_MAX)
			return false;
	if (!isWired(wanted, &pins) || !hasTimer() || !openInputs(&pins) || !openPulses(pins.pulse) || !openConverter(&pins))
		return false;
	wiring = *wanted;
	for (int c = 0; c < DIGITAL_INPUTS_MAX; c++)
		levelBefore[c] = -1;
	nextSample = 1;
	isFresh = true;
	startUs = clockUs() + SAMPLE_US;
	alarmAt.alarm_count = startUs;
	isStarted = gptimer_set_alarm_action(timer, &alarmAt) == ESP_OK;
	return isStarted;
}

uint64_t clockUs(void) {
	uint64_t nowUs = 0;
	if (hasTimer())
		gptimer_get_raw_count(timer, &nowUs);
	return nowUs;
}

/* --- reading --- */

/* False when the sample was left out or is already written over. */
static bool readSample(uint32_t wantedNumber, Sample* into) {
	const Sample* sample = &ring[wantedNumber & (RING_SAMPLES - 1)];
	if (__atomic_load_n(&sample->stamp, __ATOMIC_ACQUIRE) != STAMP(wantedNumber))
		return false;
	*into = *sample;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&sample->stamp, __ATOMIC_RELAXED) == STAMP(wantedNumber);
}

/* One row a sample: the conversions, then the pulses; and the levels, a bit for each digital input. */
static bool readRows(uint16_t (*counts)[ANALOG_INPUTS], uint8_t* levels) {
	for (uint32_t i = 0; i < BLOCK_SAMPLES; i++) {
		Sample sample;
		if (!readSample(nextSample + i, &sample))
			return false;
		memcpy(counts[i], sample.counts, sizeof sample.counts);
		counts[i][PULSE_INPUT] = sample.pulses;
		levels[i] = 0;
		for (int input = 0; input < DIGITAL_INPUTS; input++)
			if (digitalPin[input] != NO_PIN)
				levels[i] |= (uint8_t)((((uint64_t)sample.high << 32 | sample.low) >> digitalPin[input] & 1) << input);
	}
	return true;
}

static bool readBlock(BlockRecord* block) {
	static const AnalogFormat format = { .stride = ANALOG_INPUTS, .value = UINT16_MAX, .invalid = 0 };
	uint16_t counts[BLOCK_SAMPLES][ANALOG_INPUTS];
	uint8_t levels[BLOCK_SAMPLES];
	if (!readRows(counts, levels))
		return false;
	for (int c = 0; c < wiring.analogChannels; c++) {
		analogBegin(&block->analog[c]);
		analogAdd(&block->analog[c], &counts[0][wiring.analogInput[c]], BLOCK_SAMPLES, &format);
	}
	for (int c = 0; c < wiring.digitalChannels; c++) {
		digitalBegin(&block->digital[c], levelBefore[c]);
		digitalAdd(&block->digital[c], levels, BLOCK_SAMPLES, wiring.digitalInput[c], 0);
		levelBefore[c] = block->digital[c].level;
	}
	return true;
}

bool captureRead(BlockRecord* block) {
	/* The sample in the making is not complete; before the first one the difference is negative. */
	while (isStarted && (int32_t)(__atomic_load_n(&number, __ATOMIC_ACQUIRE) - nextSample) >= BLOCK_SAMPLES) {
		bool isRead = readBlock(block);
		nextSample += BLOCK_SAMPLES;
		uint64_t own = sequence++;
		if (!isRead) {
			lost++;
			continue;
		}
		block->sequence = own;
		block->lost = lost;
		block->isFresh = isFresh || lost > 0;
		block->timeUs = startUs + sequence * BLOCK_SAMPLES * SAMPLE_US;
		lost = 0;
		isFresh = false;
		return true;
	}
	return false;
}
