/* Flash on the ESP32: the data partition of partitions.csv, and the image that runs. */
#include "port.h"
#include "esp_image_format.h"
#include "app_update/include/esp_ota_ops.h"
#include "esp_partition.h"

#define PARTITION_LABEL "witness"

/* NULL where the partition table lacks it: then the size is 0, and the firmware refuses to start. */
static const esp_partition_t* data(void) {
	static const esp_partition_t* found;
	if (!found)
		found = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, PARTITION_LABEL);
	return found;
}

static bool isInside(uint32_t at, uint32_t length) {
	return data() && at <= data()->size && length <= data()->size - at;
}

uint32_t flashBytes(void) {
	return data() ? data()->size : 0;
}

uint32_t flashEraseBytes(void) {
	return data() ? data()->erase_size : 0;
}

/* The cache is off on both cores for one sector at most; the handlers of capture and serial line do not need it. */
bool flashErase(uint32_t at) {
	return isInside(at, flashEraseBytes()) && esp_partition_erase_range(data(), at, flashEraseBytes()) == ESP_OK;
}

bool flashRead(uint32_t at, uint8_t* into, uint32_t length) {
	return isInside(at, length) && esp_partition_read(data(), at, into, length) == ESP_OK;
}

bool flashWrite(uint32_t at, const uint8_t* from, uint32_t length) {
	return isInside(at, length) && esp_partition_write(data(), at, from, length) == ESP_OK;
}

uint32_t imageBytes(void) {
	static uint32_t bytes;
	static esp_image_metadata_t metadata;
	const esp_partition_t* running = esp_ota_get_running_partition();
	if (bytes == 0 && running) {
		esp_partition_pos_t place = { .offset = running->address, .size = running->size };
		if (esp_image_get_metadata(&place, &metadata) == ESP_OK)
			bytes = metadata.image_len;
	}
	return bytes;
}

bool imageRead(uint32_t at, uint8_t* into, uint32_t length) {
	uint32_t bytes = imageBytes();
	return at <= bytes && length <= bytes - at
		&& esp_partition_read(esp_ota_get_running_partition(), at, into, length) == ESP_OK;
}
