/* Stub: see README.md. */
#pragma once
#include <stdint.h>
#define REG_WRITE(address, value) (*(volatile uint32_t*)(uintptr_t)(address) = (value))
#define REG_READ(address) (*(volatile uint32_t*)(uintptr_t)(address))
#define REG_CLR_BIT(address, bits) (*(volatile uint32_t*)(uintptr_t)(address) &= ~(bits))
