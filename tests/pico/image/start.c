/* From reset to main: second boot stage, clocks (125 MHz, 48 MHz for the converter), memory, vectors in RAM. */
#include "../../../hosts/pico/rp2040.h"

#define CRYSTAL_CONTROL 0x40024000u
#define CRYSTAL_STATUS 0x40024004u
#define CRYSTAL_STARTUP 0x4002400Cu
#define PLL_SYS 0x40028000u
#define PLL_USB 0x4002C000u
enum { PLL_CONTROL = 0x0, PLL_POWER = 0x4, PLL_FEEDBACK = 0x8, PLL_DIVIDERS = 0xC };
#define CLOCK_REF 0x40008030u
#define CLOCK_REF_SELECTED 0x40008038u
#define CLOCK_SYS 0x4000803Cu
#define CLOCK_SYS_SELECTED 0x40008044u
#define CLOCK_PERI 0x40008048u
#define CLOCK_ADC 0x40008060u
#define CLOCK_ENABLE (1u << 11)
#define WATCHDOG_TICK 0x4005802Cu
#define RESET_PLL_SYS (1u << 12)
#define RESET_PLL_USB (1u << 13)
#define RESET_TIMER (1u << 21)
#define STABLE (1u << 31)

extern uint32_t __stack_top[], __data_start[], __data_end[], __data_source[], __bss_start[], __bss_end[];
int main(void);
void onTimer(void);

static void startPll(uint32_t pll, uint32_t feedback, uint32_t dividers) {
	REGISTER(pll + PLL_CONTROL) = 1;
	REGISTER(pll + PLL_FEEDBACK) = feedback;
	CLEAR_BITS(pll + PLL_POWER, 1u << 5 | 1u << 0);
	while (!(REGISTER(pll + PLL_CONTROL) & STABLE));
	REGISTER(pll + PLL_DIVIDERS) = dividers;
	CLEAR_BITS(pll + PLL_POWER, 1u << 3);
}

/* 12 MHz: x 125 / 6 / 2, and x 100 / 5 / 5. */
static void startClocks(void) {
	REGISTER(CRYSTAL_STARTUP) = 47;
	REGISTER(CRYSTAL_CONTROL) = 0xFABu << 12 | 0xAA0u;
	while (!(REGISTER(CRYSTAL_STATUS) & STABLE));
	REGISTER(CLOCK_REF) = 2;
	while (REGISTER(CLOCK_REF_SELECTED) != 1u << 2);
	releaseFromReset(RESET_PLL_SYS | RESET_PLL_USB);
	startPll(PLL_SYS, 125, 6u << 16 | 2u << 12);
	startPll(PLL_USB, 100, 5u << 16 | 5u << 12);
	REGISTER(CLOCK_SYS) = 0;
	REGISTER(CLOCK_SYS) = 1;
	while (REGISTER(CLOCK_SYS_SELECTED) != 1u << 1);
	REGISTER(CLOCK_PERI) = CLOCK_ENABLE;
	REGISTER(CLOCK_ADC) = CLOCK_ENABLE;
	REGISTER(WATCHDOG_TICK) = 1u << 9 | 12;
	releaseFromReset(RESET_TIMER);
}

void reset(void) {
	const uint32_t* from = __data_source;
	for (uint32_t* to = __data_start; to < __data_end;)
		*to++ = *from++;
	for (uint32_t* to = __bss_start; to < __bss_end;)
		*to++ = 0;
	REGISTER(VTOR) = SRAM_BASE;
	startClocks();
	main();
}

/* A breakpoint that the emulator does not know ends the run. */
static void fault(void) {
	for (;;)
		__asm volatile("bkpt 0xFA");
}

#define VECTORS { __stack_top, reset, fault, fault, [16] = onTimer }
__attribute__((section(".vectors"), used)) static void* const vectors[48] = VECTORS;
__attribute__((section(".ram_vectors"), used, aligned(256))) static void* ramVectors[48] = VECTORS;

/*
 * Makes the flash readable, with the boot ROM's own function; then returns to data-flash.c, or where the boot ROM has called it
 * (no return address) starts the image.
 */
__attribute__((section(".boot2"), naked, used)) static void boot2(void) {
	__asm volatile(
		"push {r4, lr}\n\t"
		"movs r0, #0x14\n\t"
		"ldrh r0, [r0]\n\t"
		"ldr r1, =0x5843\n\t"           /* 'C', 'X': flash_enter_cmd_xip */
		"movs r2, #0x18\n\t"
		"ldrh r2, [r2]\n\t"
		"blx r2\n\t"
		"blx r0\n\t"
		"pop {r4}\n\t"
		"pop {r0}\n\t"
		"cmp r0, #0\n\t"
		"beq 1f\n\t"
		"bx r0\n"
		"1:\n\t"
		"ldr r0, =0x10000100\n\t"
		"ldmia r0!, {r1, r2}\n\t"
		"msr msp, r1\n\t"
		"bx r2\n\t"
		".ltorg");
}
