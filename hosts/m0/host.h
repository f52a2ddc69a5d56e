/* What the parts of the image share: the machine, and what the emulator does in its place. */
#ifndef M0_HOST_H
#define M0_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include "xsAll.h"

/* The emulator's part, at a BKPT of that number: it takes no emulated time. Shared with emulation.ts. */
#define ASK(NUMBER, DECLARATION) \
	__attribute__((naked, noinline)) static DECLARATION { __asm volatile("bkpt %0\n\tbx lr" :: "i"(NUMBER)); }

typedef struct {
	txMachine* xs;
	uint8_t *arena, *chunksEnd, *slotsStart;
} Machine;
extern Machine machine;
extern const txHostHooks hostHooks;

XS_FUNCTION_NORETURN void fail(const char* message);
void runCallback(void);

#endif
