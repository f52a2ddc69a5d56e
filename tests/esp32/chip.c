/*
 * The chip below hosts/esp32/capture.c: timer, GPIO, pulse counter and an MCP3208 whose inputs are known functions of time.
 * Commands on stdin: "run US" lets time pass, "late SLOT US" delays the interrupt of one slot, "stuck SLOT" keeps its
 * conversion from ending, "read" prints every block that is ready. captureStart's channels: all inputs, in their order.
 */
#include "port.h"
#include "driver/gpio.h"
#include "driver/gptimer.h"
#include "driver/pulse_cnt.h"
#include "driver/spi_master.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "soc/gpio_reg.h"
#include "soc/soc.h"
#include "soc/spi_reg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_US 125
#define PULSES_A_SAMPLE 13
#define PULSES_WRAP 32767

static const uint8_t pins[13] = { 36, 39, 34, 35, 32, 33, 25, 26, 27, 5, 18, 23, 19 };
static uint64_t nowUs, alarmUs, firstUs;
static gptimer_alarm_cb_t onAlarm;
static uint32_t word;
static bool isStuck;

/* The sample that is being taken, from 0. */
static uint32_t sampleNow(void) {
	return (uint32_t)((nowUs - firstUs) / SAMPLE_US);
}

/* --- registers --- */

static uint32_t convert(uint32_t request) {
	unsigned input = (request & 1) << 2 | (request >> 14 & 3);
	uint32_t counts = (sampleNow() * 7 + input * 500) & 4095;
	if ((request & 0xFE) != 0x06)
		abort();
	/* What the part does not drive floats high. */
	return 0xFF | ((counts >> 8) | 0xE0) << 8 | (counts & 0xFF) << 16;
}

static uint64_t levels(void) {
	uint64_t result = 0;
	for (unsigned i = 0; i < 8; i++)
		result |= (uint64_t)(sampleNow() * (i + 3) >> 3 & 1) << pins[i];
	return result;
}

uint32_t stubRead(uint32_t address) {
	if (address == GPIO_IN_REG)
		return (uint32_t)levels();
	if (address == GPIO_IN1_REG)
		return (uint32_t)(levels() >> 32) | 0xFFFF0000;
	if (address == SPI_W0_REG(3))
		return word;
	return address == SPI_CMD_REG(3) && isStuck ? SPI_USR : 0;
}

void stubWrite(uint32_t address, uint32_t value) {
	if (address == SPI_W0_REG(3))
		word = value;
	if (address == SPI_CMD_REG(3) && value == SPI_USR)
		word = convert(word);
}

/* --- drivers --- */

esp_err_t gptimer_new_timer(const gptimer_config_t* config, gptimer_handle_t* timer) {
	*timer = (gptimer_handle_t)&nowUs;
	return config->resolution_hz == 1000000 ? ESP_OK : 1;
}
esp_err_t gptimer_register_event_callbacks(gptimer_handle_t timer, const gptimer_event_callbacks_t* callbacks, void* user) {
	(void)timer, (void)user;
	onAlarm = callbacks->on_alarm;
	return ESP_OK;
}
esp_err_t gptimer_enable(gptimer_handle_t timer) { (void)timer; return ESP_OK; }
esp_err_t gptimer_start(gptimer_handle_t timer) { (void)timer; return ESP_OK; }
esp_err_t gptimer_get_raw_count(gptimer_handle_t timer, uint64_t* value) { (void)timer; *value = nowUs; return ESP_OK; }
esp_err_t gptimer_set_alarm_action(gptimer_handle_t timer, const gptimer_alarm_config_t* config) {
	(void)timer;
	/* An alarm in the past might never come. */
	if (config->alarm_count <= nowUs)
		abort();
	if (firstUs == 0)
		firstUs = config->alarm_count;
	alarmUs = config->alarm_count;
	return ESP_OK;
}

esp_err_t pcnt_new_unit(const pcnt_unit_config_t* config, pcnt_unit_handle_t* unit) {
	*unit = (pcnt_unit_handle_t)&word;
	return config->high_limit == PULSES_WRAP ? ESP_OK : 1;
}
esp_err_t pcnt_unit_set_glitch_filter(pcnt_unit_handle_t unit, const pcnt_glitch_filter_config_t* config) { (void)unit, (void)config; return ESP_OK; }
esp_err_t pcnt_new_channel(pcnt_unit_handle_t unit, const pcnt_chan_config_t* config, pcnt_channel_handle_t* channel) {
	(void)unit;
	*channel = NULL;
	return config->edge_gpio_num == pins[8] ? ESP_OK : 1;
}
esp_err_t pcnt_channel_set_edge_action(pcnt_channel_handle_t channel, pcnt_channel_edge_action_t rise, pcnt_channel_edge_action_t fall) { (void)channel, (void)rise, (void)fall; return ESP_OK; }
esp_err_t pcnt_unit_enable(pcnt_unit_handle_t unit) { (void)unit; return ESP_OK; }
esp_err_t pcnt_unit_clear_count(pcnt_unit_handle_t unit) { (void)unit; return ESP_OK; }
esp_err_t pcnt_unit_start(pcnt_unit_handle_t unit) { (void)unit; return ESP_OK; }
esp_err_t pcnt_unit_get_count(pcnt_unit_handle_t unit, int* value) {
	(void)unit;
	*value = (int)((sampleNow() + 1) * PULSES_A_SAMPLE % PULSES_WRAP);
	return ESP_OK;
}

esp_err_t spi_bus_initialize(spi_host_device_t host, const spi_bus_config_t* config, spi_dma_chan_t dma) { (void)host, (void)config, (void)dma; return ESP_OK; }
esp_err_t spi_bus_add_device(spi_host_device_t host, const spi_device_interface_config_t* config, spi_device_handle_t* device) {
	(void)host;
	*device = NULL;
	return config->mode == 0 && config->clock_speed_hz <= 1000000 ? ESP_OK : 1;
}
esp_err_t spi_device_acquire_bus(spi_device_handle_t device, uint32_t wait) { (void)device, (void)wait; return ESP_OK; }
esp_err_t spi_device_polling_transmit(spi_device_handle_t device, spi_transaction_t* first) { (void)device; return first->length == 24 ? ESP_OK : 1; }
esp_err_t gpio_config(const gpio_config_t* config) { return config->mode == GPIO_MODE_INPUT ? ESP_OK : 1; }

SemaphoreHandle_t xSemaphoreCreateBinary(void) { return (SemaphoreHandle_t)&word; }
BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks) { (void)semaphore, (void)ticks; return pdTRUE; }
BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore) { (void)semaphore; return pdTRUE; }
void vSemaphoreDelete(SemaphoreHandle_t semaphore) { (void)semaphore; }
BaseType_t xTaskCreatePinnedToCore(void (*code)(void*), const char* name, uint32_t depth, void* parameters, UBaseType_t priority, TaskHandle_t* created, BaseType_t core) {
	(void)name, (void)depth, (void)priority, (void)created;
	code(parameters);
	return core == 1 ? pdPASS : 0;
}
void vTaskDelete(TaskHandle_t task) { (void)task; }

/* --- the test's commands --- */

static uint64_t lateSlot = UINT64_MAX, lateUs, stuckSlot = UINT64_MAX;

static void run(uint64_t us) {
	uint64_t untilUs = nowUs + us;
	while (alarmUs <= untilUs) {
		uint64_t slot = (alarmUs - firstUs) / SLOT_US;
		gptimer_alarm_event_data_t event = { .alarm_value = alarmUs };
		nowUs = alarmUs + (slot == lateSlot ? lateUs : 1);
		isStuck = slot == stuckSlot;
		event.count_value = nowUs;
		onAlarm(NULL, &event, NULL);
	}
	if (nowUs < untilUs)
		nowUs = untilUs;
}

static void readBlocks(void) {
	static BlockRecord block;
	while (captureRead(&block)) {
		printf("%llu %u %d %llu", (unsigned long long)block.sequence, block.lost, block.isFresh, (unsigned long long)(block.timeUs - firstUs));
		for (int i = 0; i < 9; i++)
			printf(" %d %d %d %d %llu", block.analog[i].count, block.analog[i].min, block.analog[i].max, block.analog[i].sum,
				(unsigned long long)block.analog[i].sumSquares);
		for (int i = 0; i < 8; i++)
			printf(" %d %d %d %d %d", block.digital[i].level, block.digital[i].edges, block.digital[i].high,
				block.digital[i].firstEdge, block.digital[i].lastEdge);
		printf("\n");
	}
	printf("end\n");
}

int main(void) {
	CaptureWiring wiring = { .analogChannels = 9, .digitalChannels = 8 };
	char command[16];
	unsigned long long a, b;
	for (uint8_t i = 0; i < 9; i++)
		wiring.analogInput[i] = i;
	for (uint8_t i = 0; i < 8; i++)
		wiring.digitalInput[i] = i;
	wiring.digitalInput[0] = 8;
	if (captureStart(&wiring, pins, sizeof pins))
		return 2;
	wiring.digitalInput[0] = 0;
	if (captureStart(&wiring, pins, 12) || !captureStart(&wiring, pins, sizeof pins) || captureStart(&wiring, pins, sizeof pins))
		return 3;
	while (scanf("%15s", command) == 1) {
		if (!strcmp(command, "run") && scanf("%llu", &a) == 1)
			run(a);
		else if (!strcmp(command, "late") && scanf("%llu %llu", &a, &b) == 2)
			lateSlot = a, lateUs = b;
		else if (!strcmp(command, "stuck") && scanf("%llu", &a) == 1)
			stuckSlot = a;
		else if (!strcmp(command, "read"))
			readBlocks();
		else
			return 4;
	}
	return 0;
}
