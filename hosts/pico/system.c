/* Time, watchdog, reset reason and noise of the RP2040. */
#include "port.h"
#include "rp2040.h"

/* The watchdog counts two a microsecond (erratum RP2040-E1) and has 24 bits. */
#define WATCHDOG_TIMEOUT_MS_MAX 8388u

/* Between two bits of the ring oscillator, that they depend less on each other. */
#define NOISE_BIT_US 10u
/* So many equal bits in a row mean that the oscillator does not run free: once in 2^40 bits by chance. */
#define NOISE_RUN_MAX 40u

/* RESET_* of modules/frame/kinds.ts. */
enum { RESET_UNKNOWN, RESET_POWER_ON, RESET_WATCHDOG, RESET_SOFTWARE };

static uint32_t watchdogLoad;

uint64_t clockUs(void) {
	uint32_t high = REGISTER(TIMER_RAW_HIGH), low, again;
	for (;; high = again) {
		low = REGISTER(TIMER_RAW_LOW);
		again = REGISTER(TIMER_RAW_HIGH);
		if (high == again)
			return (uint64_t)high << 32 | low;
	}
}

void watchdogStart(uint32_t timeoutMs) {
	if (timeoutMs > WATCHDOG_TIMEOUT_MS_MAX)
		timeoutMs = WATCHDOG_TIMEOUT_MS_MAX;
	watchdogLoad = timeoutMs * 2000;
	CLEAR_BITS(WATCHDOG_CONTROL, WATCHDOG_ENABLE);
	/* It resets everything but the oscillators, and the boot ROM then starts the flash's image. */
	SET_BITS(PSM_WDSEL, PSM_WDSEL_ALL & ~(PSM_ROSC | PSM_XOSC));
	REGISTER(WATCHDOG_SCRATCH4) = 0;
	REGISTER(WATCHDOG_LOAD) = watchdogLoad;
	SET_BITS(WATCHDOG_CONTROL, WATCHDOG_ENABLE);
}

void watchdogFeed(void) {
	REGISTER(WATCHDOG_LOAD) = watchdogLoad;
}

/* The chip cannot tell a brown-out from power-on; the run pin and a debugger's reset are unknown. */
int resetReason(void) {
	const uint32_t reason = REGISTER(WATCHDOG_REASON);
	if (reason & WATCHDOG_BY_TIMER)
		return RESET_WATCHDOG;
	if (reason & WATCHDOG_BY_FORCE)
		return RESET_SOFTWARE;
	return REGISTER(CHIP_RESET) & HAD_POR ? RESET_POWER_ON : RESET_UNKNOWN;
}

static uint32_t noiseBit(void) {
	const uint32_t startUs = REGISTER(TIMER_RAW_LOW);
	while (REGISTER(TIMER_RAW_LOW) - startUs < NOISE_BIT_US);
	return REGISTER(ROSC_RANDOM_BIT) & 1;
}

/* Plain bits, neither unbiased nor free of correlation: the caller hashes many more of them than the key has. */
bool entropyRead(uint8_t* into, uint32_t length) {
	static uint32_t last, run;
	if (!(REGISTER(ROSC_STATUS) & ROSC_ENABLED))
		return false;
	for (uint32_t i = 0; i < length; i++) {
		uint32_t byte = 0;
		for (int bit = 0; bit < 8; bit++) {
			const uint32_t noise = noiseBit();
			run = noise == last ? run + 1 : 1;
			last = noise;
			if (run > NOISE_RUN_MAX)
				return false;
			byte = byte << 1 | noise;
		}
		into[i] = (uint8_t)byte;
	}
	return true;
}
