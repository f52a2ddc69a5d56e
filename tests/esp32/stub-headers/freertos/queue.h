/* Stub: see README.md. */
#pragma once
#include "FreeRTOS.h"
typedef struct QueueDefinition* QueueHandle_t;
BaseType_t xQueueReceive(QueueHandle_t queue, void* buffer, TickType_t ticksToWait);
