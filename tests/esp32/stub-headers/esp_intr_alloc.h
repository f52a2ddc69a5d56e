/* Stub: see README.md. */
#pragma once
#define ESP_INTR_FLAG_LEVEL2 (1 << 2)
#define ESP_INTR_FLAG_IRAM (1 << 10)
