/* The registers of the RP2040 that this board uses, by the names of its data sheet. */
#ifndef WIREWITNESS_RP2040_H
#define WIREWITNESS_RP2040_H

#include <stdint.h>

/* One crystal feeds all of these. */
#define SYS_HZ 125000000u
#define ADC_HZ 48000000u

#define REGISTER(ADDRESS) (*(volatile uint32_t*)(uintptr_t)(ADDRESS))
/* Aliases of a peripheral's register that set or clear single bits. */
#define SET_BITS(ADDRESS, BITS) (REGISTER((ADDRESS) + 0x2000u) = (BITS))
#define CLEAR_BITS(ADDRESS, BITS) (REGISTER((ADDRESS) + 0x3000u) = (BITS))

#define XIP_BASE 0x10000000u
#define SRAM_BASE 0x20000000u
#define SRAM_END 0x20042000u

/*
 * Code that runs while the flash cannot be read. Both the SDK's linker script and the test image's put the section into RAM.
 * Loops must not become calls of memcpy or memset.
 */
#define IN_RAM(NAME) \
	__attribute__((noinline, optimize("no-tree-loop-distribute-patterns"), section(".time_critical." NAME)))

/* The compiler keeps what lies before it in memory order with what lies behind. */
#define BARRIER() __asm volatile("dmb" ::: "memory")

static inline uint32_t interruptsOff(void) {
	uint32_t before;
	__asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(before) :: "memory");
	return before;
}

static inline void interruptsRestore(uint32_t before) {
	__asm volatile("msr primask, %0" :: "r"(before) : "memory");
}

/* --- Cortex-M0+ --- */

#define NVIC_ISER 0xE000E100u
#define NVIC_ICER 0xE000E180u
#define NVIC_ICPR 0xE000E280u
#define VTOR 0xE000ED08u
#define IRQ_PIO1_0 9
#define IRQ_UART1 21

/* --- resets, power --- */

#define RESETS_RESET 0x4000C000u
#define RESETS_DONE 0x4000C008u
#define RESET_ADC (1u << 0)
#define RESET_DMA (1u << 2)
#define RESET_IO_BANK0 (1u << 5)
#define RESET_PADS_BANK0 (1u << 8)
#define RESET_PIO0 (1u << 10)
#define RESET_PIO1 (1u << 11)
#define RESET_PWM (1u << 14)
#define RESET_TIMER (1u << 21)
#define RESET_UART1 (1u << 23)

static inline void releaseFromReset(uint32_t blocks) {
	CLEAR_BITS(RESETS_RESET, blocks);
	while (~REGISTER(RESETS_DONE) & blocks);
}

#define PSM_WDSEL 0x40010008u
#define PSM_WDSEL_ALL 0x1FFFFu
#define PSM_ROSC (1u << 0)
#define PSM_XOSC (1u << 1)
#define CHIP_RESET 0x40064008u
#define HAD_POR (1u << 8)

/* --- pins --- */

#define PINS 30
#define PAD(PIN) (0x4001C004u + 4u * (PIN))
#define PAD_SCHMITT (1u << 1)
#define PAD_PULL_DOWN (1u << 2)
#define PAD_PULL_UP (1u << 3)
#define PAD_DRIVE_4MA (1u << 4)
#define PAD_INPUT_ENABLE (1u << 6)
#define PAD_OUTPUT_DISABLE (1u << 7)
#define PIN_CONTROL(PIN) (0x40014004u + 8u * (PIN))
#define FUNCTION_UART 2u
#define FUNCTION_PWM 4u
#define FUNCTION_PIO0 6u
#define FUNCTION_PIO1 7u
#define FUNCTION_NONE 31u

/* Function first: a pad is opened only when it is known who drives it. */
static inline void setPin(uint32_t pin, uint32_t function, uint32_t pad) {
	REGISTER(PIN_CONTROL(pin)) = function;
	REGISTER(PAD(pin)) = pad;
}

/* --- timer --- */

#define TIMER_RAW_HIGH 0x40054024u
#define TIMER_RAW_LOW 0x40054028u

/* --- watchdog --- */

#define WATCHDOG_CONTROL 0x40058000u
#define WATCHDOG_LOAD 0x40058004u
#define WATCHDOG_REASON 0x40058008u
#define WATCHDOG_SCRATCH4 0x4005801Cu
#define WATCHDOG_ENABLE (1u << 30)
#define WATCHDOG_BY_TIMER (1u << 0)
#define WATCHDOG_BY_FORCE (1u << 1)

/* --- ring oscillator --- */

#define ROSC_STATUS 0x40060018u
#define ROSC_RANDOM_BIT 0x4006001Cu
#define ROSC_ENABLED (1u << 12)

/* --- analog to digital converter --- */

#define ADC_CONTROL 0x4004C000u
#define ADC_FIFO_CONTROL 0x4004C008u
#define ADC_FIFO 0x4004C00Cu
#define ADC_DIVIDER 0x4004C010u
#define ADC_ENABLE (1u << 0)
#define ADC_START_MANY (1u << 3)
#define ADC_READY (1u << 8)
#define ADC_ROUND_ROBIN(INPUTS) ((INPUTS) << 16)
#define ADC_FIFO_ENABLE (1u << 0)
#define ADC_FIFO_SHOW_ERROR (1u << 2)
#define ADC_FIFO_REQUEST (1u << 3)
#define ADC_FIFO_THRESHOLD(COUNT) ((COUNT) << 24)

/* --- pulse width modulator --- */

#define PWM_SLICE(SLICE, REGISTER) (0x40050000u + 0x14u * (SLICE) + (REGISTER))
enum { PWM_CONTROL = 0x0, PWM_DIVIDER = 0x4, PWM_COUNTER = 0x8, PWM_TOP = 0x10 };
#define PWM_ENABLE (1u << 0)
#define PWM_COUNT_RISING_B (2u << 4)
#define PWM_DIVIDE(BY) ((BY) << 4)

/* --- direct memory access --- */

#define DMA_CHANNEL(CHANNEL, REGISTER) (0x50000000u + 0x40u * (CHANNEL) + (REGISTER))
enum {
	DMA_READ_ADDRESS = 0x00, DMA_WRITE_ADDRESS = 0x04, DMA_COUNT = 0x08, DMA_CONTROL_TRIGGER = 0x0C,
	DMA_CONTROL = 0x10, DMA_COUNT_TRIGGER = 0x1C, DMA_WRITE_ADDRESS_TRIGGER = 0x2C,
};
#define DMA_ENABLE (1u << 0)
#define DMA_SIZE(LOG2_BYTES) ((uint32_t)(LOG2_BYTES) << 2)
#define DMA_INCREMENT_READ (1u << 4)
#define DMA_INCREMENT_WRITE (1u << 5)
#define DMA_RING_READ(LOG2_BYTES) ((LOG2_BYTES) << 6)
#define DMA_CHAIN_TO(CHANNEL) ((uint32_t)(CHANNEL) << 11)
#define DMA_REQUEST(NUMBER) ((uint32_t)(NUMBER) << 15)
#define DMA_QUIET (1u << 21)
enum { REQUEST_PIO0_TX = 0, REQUEST_PIO0_RX = 4, REQUEST_PWM_WRAP = 24, REQUEST_ADC = 36, REQUEST_NONE = 63 };

/* --- programmable input and output --- */

#define PIO0 0x50200000u
#define PIO1 0x50300000u
enum { PIO_CONTROL = 0x00, PIO_FIFO_LEVELS = 0x0C, PIO_TX = 0x10, PIO_RX = 0x20, PIO_IRQ = 0x30, PIO_CODE = 0x48, PIO_IRQ0_ENABLE = 0x12C };
#define PIO_MACHINE(PIO, MACHINE, REGISTER) ((PIO) + 0xC8u + 0x18u * (MACHINE) + (REGISTER))
enum { MACHINE_DIVIDER = 0x0, MACHINE_EXEC = 0x4, MACHINE_SHIFT = 0x8, MACHINE_INSTRUCTION = 0x10, MACHINE_PINS = 0x14 };
/* In PIO_CONTROL, for the machines of a mask. */
#define PIO_ENABLE(MACHINES) (MACHINES)
#define PIO_RESTART(MACHINES) ((MACHINES) << 4 | (MACHINES) << 8)
/* In PIO_IRQ0_ENABLE: flags of the irq instruction. */
#define PIO_IRQ0_FLAGS(FLAGS) ((FLAGS) << 8)

#define MACHINE_WRAP(BOTTOM, TOP) ((uint32_t)(TOP) << 12 | (uint32_t)(BOTTOM) << 7)
#define MACHINE_AUTO_PUSH(BITS) (1u << 16 | (uint32_t)(BITS) << 20)
#define MACHINE_JOIN_TX (1u << 30)
#define PINS_OUT(BASE, COUNT) ((uint32_t)(COUNT) << 20 | (uint32_t)(BASE))
#define PINS_SET(BASE, COUNT) ((uint32_t)(COUNT) << 26 | (uint32_t)(BASE) << 5)
#define PINS_SIDE(BASE, COUNT) ((uint32_t)(COUNT) << 29 | (uint32_t)(BASE) << 10)
#define PINS_IN(BASE) ((uint32_t)(BASE) << 15)

/* Instructions; `d`: the five bits of delay and side-set. */
#define I_JMP(CONDITION, TO, D) (0x0000u | (D) << 8 | (CONDITION) << 5 | (TO))
#define I_WAIT_PIN(LEVEL, PIN, D) (0x2000u | (D) << 8 | (LEVEL) << 7 | 1u << 5 | (PIN))
#define I_IN_PINS(COUNT, D) (0x4000u | (D) << 8 | (COUNT))
#define I_OUT_PINS(COUNT, D) (0x6000u | (D) << 8 | (COUNT))
#define I_PUSH(D) (0x8020u | (D) << 8)
#define I_PULL(D) (0x80A0u | (D) << 8)
#define I_MOV_X_OSR(D) (0xA027u | (D) << 8)
#define I_NOP(D) (0xA042u | (D) << 8)
#define I_IRQ(FLAG, D) (0xC000u | (D) << 8 | (FLAG))
#define I_SET_PINS(VALUE, D) (0xE000u | (D) << 8 | (VALUE))
#define I_SET_X(VALUE, D) (0xE020u | (D) << 8 | (VALUE))
#define I_SET_Y(VALUE, D) (0xE040u | (D) << 8 | (VALUE))
#define I_SET_DIRECTIONS(VALUE) (0xE080u | (VALUE))
enum { ALWAYS = 0, X_DECREMENT = 2, Y_DECREMENT = 4 };

/* Makes a pin an output of the machine, at this level from the start. The machine must stand still. */
static inline void machineOutput(uint32_t pio, uint32_t machine, uint32_t pin, uint32_t level) {
	REGISTER(PIO_MACHINE(pio, machine, MACHINE_PINS)) = PINS_SET(pin, 1);
	REGISTER(PIO_MACHINE(pio, machine, MACHINE_INSTRUCTION)) = I_SET_PINS(level, 0);
	REGISTER(PIO_MACHINE(pio, machine, MACHINE_INSTRUCTION)) = I_SET_DIRECTIONS(1);
}

/* --- UART (PL011) --- */

#define UART1(REGISTER) (0x40038000u + (REGISTER))
enum {
	UART_DATA = 0x00, UART_FLAGS = 0x18, UART_BAUD_WHOLE = 0x24, UART_BAUD_FRACTION = 0x28, UART_LINE = 0x2C,
	UART_CONTROL = 0x30, UART_LEVELS = 0x34, UART_IRQ_MASK = 0x38, UART_IRQ_RAW = 0x3C, UART_IRQ_CLEAR = 0x44,
};
#define UART_BUSY (1u << 3)
#define UART_RX_EMPTY (1u << 4)
#define UART_TX_FULL (1u << 5)
#define UART_8_BITS_FIFO (7u << 4)
#define UART_ENABLE (1u << 0 | 1u << 8 | 1u << 9)
#define UART_LEVELS_RX_HALF_TX_QUARTER (2u << 3 | 1u)
#define UART_IRQ_RX (1u << 4)
#define UART_IRQ_TX (1u << 5)
#define UART_IRQ_RX_TIMEOUT (1u << 6)
#define UART_IRQ_OVERRUN (1u << 10)
#define UART_DATA_DAMAGED (1u << 8 | 1u << 10)

/* --- flash --- */

#define SSI_STATUS 0x18000028u
#define SSI_DATA 0x18000060u
#define SSI_MAY_WRITE (1u << 1)
#define SSI_MAY_READ (1u << 3)
#define FLASH_SELECT_CONTROL 0x4001800Cu
#define SELECT_FORCED (3u << 8)
#define SELECT_LOW (2u << 8)
#define SELECT_HIGH (3u << 8)

#endif
