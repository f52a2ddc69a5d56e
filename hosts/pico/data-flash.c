/*
 * The last megabyte of the chip's own flash for the firmware's data, the image and the flash chip's unique number.
 *
 * While the flash erases or programs, nothing can be read from it: the code here runs in RAM then, all interrupts but the
 * serial line's are masked, and capture goes on by itself. One sector or one page at a time.
 */
#include <string.h>
#include "port.h"
#include "rp2040.h"

#define CHIP_BYTES (2u << 20)
#define DATA_START (1u << 20)
#define DATA_BYTES (CHIP_BYTES - DATA_START)
#define SECTOR_BYTES 4096u
#define PAGE_BYTES 256u
#define BOOT2_WORDS 64
#define DEVICE_ID_BYTES 8
/* Read Unique ID (W25Q16JV 8.2.36): the command, four bytes of no meaning, then the number. */
#define ID_COMMAND 0x4Bu
#define ID_SKIP 5

/* What may interrupt meanwhile: handlers that live in RAM and touch nothing else (serial.c). */
#define KEPT_INTERRUPTS (1u << IRQ_UART1 | 1u << IRQ_PIO1_0)

extern const uint8_t __flash_binary_start[], __start_unused_space[];

/* The boot ROM's flash functions (RP2040 data sheet 2.8.3.1.3). */
static struct {
	void (*connect)(void);
	void (*leaveXip)(void);
	void (*erase)(uint32_t at, uint32_t bytes, uint32_t blockBytes, uint32_t blockCommand);
	void (*program)(uint32_t at, const uint8_t* from, uint32_t bytes);
	void (*flushCache)(void);
} rom;
/* The second stage of the boot, as it lies at the flash's start: it sets the flash up for reading, and returns when called. */
static uint32_t boot2[BOOT2_WORDS] __attribute__((aligned(4)));
static uint8_t page[PAGE_BYTES];
static uint8_t id[ID_SKIP + DEVICE_ID_BYTES];

typedef enum { ERASE, PROGRAM, READ_ID } Operation;

/* A pointer of 16 bits; the compiler must not know the address, which it takes for a mistake. */
static uintptr_t romPointer(uintptr_t at) {
	__asm("" : "+r"(at));
	return *(const uint16_t*)at;
}

static void* romFunction(char first, char second) {
	typedef void* (*Lookup)(uintptr_t table, uint32_t code);
	return ((Lookup)romPointer(0x18))(romPointer(0x14), (uint32_t)second << 8 | (uint32_t)first);
}

static void prepare(void) {
	if (rom.flushCache)
		return;
	const volatile uint32_t* flash = (const volatile uint32_t*)(uintptr_t)XIP_BASE;
	for (int i = 0; i < BOOT2_WORDS; i++)
		boot2[i] = flash[i];
	rom.connect = (void (*)(void))romFunction('I', 'F');
	rom.leaveXip = (void (*)(void))romFunction('E', 'X');
	rom.erase = (void (*)(uint32_t, uint32_t, uint32_t, uint32_t))romFunction('R', 'E');
	rom.program = (void (*)(uint32_t, const uint8_t*, uint32_t))romFunction('R', 'P');
	rom.flushCache = (void (*)(void))romFunction('F', 'C');
}

static IN_RAM("flash_select") void selectChip(uint32_t level) {
	REGISTER(FLASH_SELECT_CONTROL) = (REGISTER(FLASH_SELECT_CONTROL) & ~SELECT_FORCED) | level;
	(void)REGISTER(FLASH_SELECT_CONTROL);
}

/* Byte for byte through the controller, which is in plain SPI mode after leaveXip; `id` takes what comes back. */
static IN_RAM("flash_read_id") void readId(void) {
	uint32_t sent = 0, received = 0;
	selectChip(SELECT_LOW);
	while (received < sizeof id) {
		const uint32_t status = REGISTER(SSI_STATUS);
		/* The controller's FIFO holds 16; what is under way must fit in. */
		if (status & SSI_MAY_WRITE && sent < sizeof id && sent - received < 14)
			REGISTER(SSI_DATA) = sent++ == 0 ? ID_COMMAND : 0;
		if (status & SSI_MAY_READ)
			id[received++] = (uint8_t)REGISTER(SSI_DATA);
	}
	selectChip(SELECT_HIGH);
}

static IN_RAM("flash_operate") void operate(Operation operation, uint32_t at) {
	const uint32_t enabled = REGISTER(NVIC_ISER);
	REGISTER(NVIC_ICER) = enabled & ~KEPT_INTERRUPTS;
	__asm volatile("dsb\n\tisb" ::: "memory");
	rom.connect();
	rom.leaveXip();
	if (operation == ERASE)
		rom.erase(at, SECTOR_BYTES, 1u << 16, 0xD8);
	else if (operation == PROGRAM)
		rom.program(at, page, PAGE_BYTES);
	else
		readId();
	rom.flushCache();
	((void (*)(void))((uintptr_t)boot2 + 1))();
	REGISTER(NVIC_ISER) = enabled;
}

static const uint8_t* dataAt(uint32_t at) {
	return (const uint8_t*)(uintptr_t)(XIP_BASE + DATA_START + at);
}

static bool isInside(uint32_t at, uint32_t length, uint32_t size) {
	return at <= size && length <= size - at;
}

uint32_t flashBytes(void) { return DATA_BYTES; }
uint32_t flashEraseBytes(void) { return SECTOR_BYTES; }

bool flashErase(uint32_t at) {
	if (at % SECTOR_BYTES || !isInside(at, SECTOR_BYTES, DATA_BYTES) || imageBytes() > DATA_START)
		return false;
	prepare();
	operate(ERASE, DATA_START + at);
	const uint32_t* words = (const uint32_t*)dataAt(at);
	for (uint32_t i = 0; i < SECTOR_BYTES / 4; i++)
		if (words[i] != UINT32_MAX)
			return false;
	return true;
}

bool flashRead(uint32_t at, uint8_t* into, uint32_t length) {
	if (!isInside(at, length, DATA_BYTES))
		return false;
	memcpy(into, dataAt(at), length);
	return true;
}

bool flashWrite(uint32_t at, const uint8_t* from, uint32_t length) {
	if (!isInside(at, length, DATA_BYTES) || imageBytes() > DATA_START)
		return false;
	prepare();
	while (length > 0) {
		const uint32_t place = at % PAGE_BYTES;
		const uint32_t count = length < PAGE_BYTES - place ? length : PAGE_BYTES - place;
		memset(page, 0xFF, sizeof page);
		memcpy(page + place, from, count);
		operate(PROGRAM, DATA_START + at - place);
		if (memcmp(dataAt(at), from, count))
			return false;
		at += count;
		from += count;
		length -= count;
	}
	return true;
}

uint32_t imageBytes(void) {
	return (uint32_t)(__start_unused_space - __flash_binary_start);
}

bool imageRead(uint32_t at, uint8_t* into, uint32_t length) {
	if (!isInside(at, length, imageBytes()))
		return false;
	memcpy(into, __flash_binary_start + at, length);
	return true;
}

void deviceId(uint8_t* into) {
	static bool isKnown;
	if (!isKnown) {
		prepare();
		operate(READ_ID, 0);
		isKnown = true;
	}
	memcpy(into, id + ID_SKIP, DEVICE_ID_BYTES);
}
