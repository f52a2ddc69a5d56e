/* Stub: see README.md. */
#pragma once
#include "FreeRTOS.h"
typedef struct tskTaskControlBlock* TaskHandle_t;
BaseType_t xTaskCreatePinnedToCore(void (*code)(void*), const char* name, uint32_t stackDepth, void* parameters,
	UBaseType_t priority, TaskHandle_t* created, BaseType_t coreId);
void vTaskDelete(TaskHandle_t task);
