/* Stub: see README.md. Registers are functions, so that a test can be the chip. */
#pragma once
#include <stdint.h>
uint32_t stubRead(uint32_t address);
void stubWrite(uint32_t address, uint32_t value);
#define REG_WRITE(address, value) stubWrite((address), (value))
#define REG_READ(address) stubRead(address)
#define REG_CLR_BIT(address, bits) stubWrite((address), stubRead(address) & ~(bits))
