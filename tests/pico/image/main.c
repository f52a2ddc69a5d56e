/* Does what the emulator asks for through a mailbox: one function of port.h a command, on the real drivers. */
#include <string.h>
#include "../../../hosts/pico/rp2040.h"
#include "port.h"

#define TIMER_ALARM0 0x40054010u
#define TIMER_INTERRUPTS 0x40054034u
#define TIMER_ENABLED 0x40054038u
#define SLEEP_US 100u
#define INTERRUPT_AFTER_US 500u
#define IRQ_TIMER0 0

/* The same numbers stand in tests/pico/test-board.ts. */
enum {
	NOTHING, CAPTURE_START, CAPTURE_READ, FLASH_ERASE, FLASH_WRITE, FLASH_READ, DEVICE_ID, SERIAL_OPEN, SERIAL_SEND,
	SERIAL_RECEIVE, SERIAL_OVERRUNS, DEAF, WATCHDOG_START, WATCHDOG_FEED, RESET_REASON, ENTROPY_READ, CLOCK, IMAGE_BYTES,
	ERASE_FROM_FLASH, RESET,
};

typedef struct {
	uint32_t command, argument, length, result;
	BlockRecord block;
	CaptureWiring wiring;
	uint8_t pins[PINS_MAX];
	uint8_t bytes[2048];
} Mailbox;

static volatile Mailbox mailbox __attribute__((section(".mailbox")));

/* In flash on purpose: it must not be called while the flash is busy. */
void onTimer(void) {
	REGISTER(TIMER_INTERRUPTS) = 1;
}

static void sleepUntil(uint32_t us) {
	REGISTER(TIMER_ALARM0) = us;
	__asm volatile("wfi");
}

/* As XS is while it signs: the CPU takes nothing in. */
static void deaf(uint32_t us) {
	const uint32_t startUs = REGISTER(TIMER_RAW_LOW), before = interruptsOff();
	while (REGISTER(TIMER_RAW_LOW) - startUs < us)
		sleepUntil(startUs + us);
	interruptsRestore(before);
}

/* The mistake that hosts/pico/data-flash.c avoids: code in flash that makes it unreadable. The emulator must stop it. */
static void eraseFromFlash(void) {
	typedef uintptr_t (*Lookup)(uintptr_t table, uint32_t code);
	uintptr_t at = 0;
	__asm("" : "+r"(at));
	const uint16_t* rom = (const uint16_t*)at;
	((void (*)(void))((Lookup)(uintptr_t)rom[12])(rom[10], 'E' | 'X' << 8))();
}

static uint32_t run(uint32_t command, uint32_t argument, uint32_t length, uint8_t* bytes) {
	switch (command) {
	case CAPTURE_START: return captureStart((const CaptureWiring*)&mailbox.wiring, (const uint8_t*)mailbox.pins, (int)length);
	case CAPTURE_READ: return captureRead((BlockRecord*)&mailbox.block);
	case FLASH_ERASE: return flashErase(argument);
	case FLASH_WRITE: return flashWrite(argument, bytes, length);
	case FLASH_READ: return flashRead(argument, bytes, length);
	case DEVICE_ID: deviceId(bytes); return 1;
	case SERIAL_OPEN: return serialOpen(argument, (const uint8_t*)mailbox.pins, (int)length);
	case SERIAL_SEND: return serialSend(bytes, length);
	case SERIAL_RECEIVE: return serialReceive(bytes, length);
	case SERIAL_OVERRUNS: return serialOverruns();
	case DEAF: deaf(argument); return 1;
	case WATCHDOG_START: watchdogStart(argument); return 1;
	case WATCHDOG_FEED: watchdogFeed(); return 1;
	case RESET_REASON: return (uint32_t)resetReason();
	case ENTROPY_READ: return entropyRead(bytes, length);
	case CLOCK: return (uint32_t)clockUs();
	case IMAGE_BYTES: return imageBytes();
	case ERASE_FROM_FLASH: eraseFromFlash(); return 1;
	case RESET: SET_BITS(WATCHDOG_CONTROL, 1u << 31); return 1;
	default: return 0;
	}
}

int main(void) {
	mailbox.command = NOTHING;
	REGISTER(TIMER_ENABLED) = 1;
	REGISTER(NVIC_ISER) = 1u << IRQ_TIMER0;
	for (;;) {
		while (mailbox.command == NOTHING)
			sleepUntil(REGISTER(TIMER_RAW_LOW) + SLEEP_US);
		/* While the command runs an interrupt comes up whose handler lies in flash. */
		REGISTER(TIMER_ALARM0) = REGISTER(TIMER_RAW_LOW) + INTERRUPT_AFTER_US;
		mailbox.result = run(mailbox.command, mailbox.argument, mailbox.length, (uint8_t*)mailbox.bytes);
		mailbox.command = NOTHING;
	}
}
