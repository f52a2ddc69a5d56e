/* Stub: see README.md. */
#pragma once
#include <stdint.h>
typedef int esp_err_t;
#define ESP_OK 0
#define ESP_ERR_INVALID_STATE 0x103
void stubAbort(esp_err_t error);
#define ESP_ERROR_CHECK(call) stubAbort(call)
