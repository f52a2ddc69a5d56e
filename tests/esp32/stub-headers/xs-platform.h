/* The bench's platform for XS, with the fields of the machine that the SDK's boards add and natives.c reads. */
#pragma once
#include "platform.h"
#undef mxMachinePlatform
#define mxMachinePlatform \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink; \
	uint8_t *heap, *heap_ptr, *heap_pend;
