/* Watchdog, reason of the reset, identity and noise of the ESP32. */
#include "port.h"
#include "bootloader_random.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include <string.h>

#define DEVICE_ID_BYTES 8

/* RESET_* of modules/frame/kinds.ts. */
enum { RESET_UNKNOWN, RESET_POWER_ON, RESET_WATCHDOG, RESET_SOFTWARE, RESET_BROWN_OUT };

static esp_task_wdt_user_handle_t user;

/* The SDK's own loop task feeds for itself; this entry is the firmware's, and stays hungry when JavaScript hangs. */
void watchdogStart(uint32_t timeoutMs) {
	esp_task_wdt_config_t config = { .timeout_ms = timeoutMs, .idle_core_mask = 0, .trigger_panic = true };
	if (user)
		return;
	if (esp_task_wdt_init(&config) == ESP_ERR_INVALID_STATE)
		ESP_ERROR_CHECK(esp_task_wdt_reconfigure(&config));
	ESP_ERROR_CHECK(esp_task_wdt_add_user("wirewitness", &user));
}

void watchdogFeed(void) {
	if (user)
		esp_task_wdt_reset_user(user);
}

int resetReason(void) {
	switch (esp_reset_reason()) {
		case ESP_RST_POWERON:
			return RESET_POWER_ON;
		case ESP_RST_INT_WDT:
		case ESP_RST_TASK_WDT:
		case ESP_RST_WDT:
			return RESET_WATCHDOG;
		case ESP_RST_SW:
		case ESP_RST_PANIC:
			return RESET_SOFTWARE;
		case ESP_RST_BROWNOUT:
			return RESET_BROWN_OUT;
		default:
			return RESET_UNKNOWN;
	}
}

/* The MAC address burnt into eFuse at the factory, two zero bytes after it. */
void deviceId(uint8_t* into) {
	memset(into, 0, DEVICE_ID_BYTES);
	ESP_ERROR_CHECK(esp_efuse_mac_get_default(into));
}

/* Without radio the generator is random only while the SAR ADC feeds it; nothing else of this firmware uses that ADC. */
bool entropyRead(uint8_t* into, uint32_t length) {
	bootloader_random_enable();
	esp_fill_random(into, length);
	bootloader_random_disable();
	return true;
}
