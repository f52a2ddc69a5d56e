/*
 * RS-485 on the ESP32: the UART driver in half-duplex mode. RTS is the driver enable: raised when the first byte enters the
 * FIFO, dropped by the interrupt "transmission done", which lies in RAM with all it touches (CONFIG_UART_ISR_IN_IRAM).
 */
#include "pins.h"
#include "driver/uart.h"
#include "esp_intr_alloc.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include <string.h>

#define SERIAL_UART UART_NUM_1
#define TRANSMIT_BYTES 4096
#define RECEIVE_BYTES 2048
#define EVENTS 16
#define FIFO_BYTES 128

static QueueHandle_t events;
static uint32_t overruns;

bool serialOpen(uint32_t baud, const uint8_t* pinNumbers, int pinCount) {
	SerialPins pins;
	uart_config_t line = {
		.baud_rate = (int)baud, .data_bits = UART_DATA_8_BITS, .parity = UART_PARITY_DISABLE,
		.stop_bits = UART_STOP_BITS_1, .flow_ctrl = UART_HW_FLOWCTRL_DISABLE, .source_clk = UART_SCLK_DEFAULT,
	};
	if (events || pinCount != (int)sizeof pins)
		return false;
	memcpy(&pins, pinNumbers, sizeof pins);
	return uart_driver_install(SERIAL_UART, RECEIVE_BYTES, TRANSMIT_BYTES, EVENTS, &events,
			ESP_INTR_FLAG_IRAM | ESP_INTR_FLAG_LEVEL2) == ESP_OK
		&& uart_param_config(SERIAL_UART, &line) == ESP_OK
		&& uart_set_pin(SERIAL_UART, pins.transmit, pins.receive, pins.driverEnable, UART_PIN_NO_CHANGE) == ESP_OK
		&& uart_set_mode(SERIAL_UART, UART_MODE_RS485_HALF_DUPLEX) == ESP_OK;
}

bool serialSend(const uint8_t* bytes, uint32_t length) {
	size_t room = 0;
	if (uart_get_tx_buffer_free_size(SERIAL_UART, &room) != ESP_OK || room < length)
		return false;
	return uart_write_bytes(SERIAL_UART, bytes, length) == (int)length;
}

/* The driver says that its FIFO ran over, not by how much: it drops what the FIFO holds. */
static void countOverruns(void) {
	uart_event_t event;
	while (events && xQueueReceive(events, &event, 0) == pdTRUE)
		if (event.type == UART_FIFO_OVF)
			overruns += FIFO_BYTES;
}

uint32_t serialReceive(uint8_t* into, uint32_t room) {
	countOverruns();
	int count = events ? uart_read_bytes(SERIAL_UART, into, room, 0) : 0;
	return count > 0 ? (uint32_t)count : 0;
}

uint32_t serialOverruns(void) {
	countOverruns();
	return overruns;
}
