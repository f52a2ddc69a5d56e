/* Stub: see README.md. */
#pragma once
#define GPIO_IN_REG 0x3ff4403c
#define GPIO_IN1_REG 0x3ff44040
