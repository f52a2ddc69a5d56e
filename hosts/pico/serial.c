/*
 * RS-485 on UART1: bytes by interrupt, the driver enable by a state machine that counts the start bits it sees on the TX
 * pin, so that neither needs anybody while the flash is busy. Handlers and all they touch lie in RAM.
 *
 * A message goes out in three steps: its length goes to the state machine, which enables the driver and says so (flag 0);
 * then its bytes go to the UART; when as many characters have passed, the machine disables the driver and says so (flag 1).
 */
#include "port.h"
#include "rp2040.h"

/* Powers of two. */
#define SEND_BYTES 4096u
#define RECEIVE_BYTES 2048u
#define LENGTH_BYTES 2u
#define BAUD_MIN 300u
#define BAUD_MAX 1000000u
/* Cycles of the state machine in a bit. */
#define BIT_CYCLES 8u
#define BITS_A_CHARACTER 10u

enum { PIN_TX, PIN_RX, PIN_ENABLE, SERIAL_PINS };
enum { FLAG_ENABLED = 1u << 0, FLAG_DISABLED = 1u << 1 };
enum { IDLE, ENABLING, SENDING };

/* Indexes run on; the handlers move what they own: sendTail, receiveHead. */
static uint8_t sendRing[SEND_BYTES], receiveRing[RECEIVE_BYTES];
static volatile uint32_t sendHead, sendTail, receiveHead, receiveTail;
static volatile uint32_t overruns;
static volatile uint32_t state, bytesLeft;
static uint32_t characterUs;

static IN_RAM("serial_receive") void receive(void) {
	/* The UART's own FIFO ran over: at least one byte. */
	if (REGISTER(UART1(UART_IRQ_RAW)) & UART_IRQ_OVERRUN) {
		REGISTER(UART1(UART_IRQ_CLEAR)) = UART_IRQ_OVERRUN;
		overruns++;
	}
	while (!(REGISTER(UART1(UART_FLAGS)) & UART_RX_EMPTY)) {
		const uint32_t data = REGISTER(UART1(UART_DATA));
		if (data & UART_DATA_DAMAGED)
			continue;
		const uint32_t head = receiveHead;
		if (head - receiveTail < RECEIVE_BYTES) {
			receiveRing[head % RECEIVE_BYTES] = (uint8_t)data;
			receiveHead = head + 1;
		}
		else
			overruns++;
	}
}

/* As much of the message as the UART takes; asks to be called again for the rest. */
static IN_RAM("serial_feed") void feed(void) {
	uint32_t tail = sendTail, left = bytesLeft;
	while (left > 0 && !(REGISTER(UART1(UART_FLAGS)) & UART_TX_FULL)) {
		REGISTER(UART1(UART_DATA)) = sendRing[tail++ % SEND_BYTES];
		left--;
	}
	sendTail = tail;
	bytesLeft = left;
	REGISTER(UART1(UART_IRQ_MASK)) = UART_IRQ_RX | UART_IRQ_RX_TIMEOUT | (left > 0 ? UART_IRQ_TX : 0);
}

/* The next message, if there is one. */
static IN_RAM("serial_start") void startMessage(void) {
	uint32_t tail = sendTail;
	state = IDLE;
	if (tail == sendHead)
		return;
	const uint32_t low = sendRing[tail++ % SEND_BYTES];
	bytesLeft = low | (uint32_t)sendRing[tail++ % SEND_BYTES] << 8;
	sendTail = tail;
	state = ENABLING;
	REGISTER(PIO1 + PIO_TX) = bytesLeft - 1;
}

static IN_RAM("serial_uart_irq") void onUart(void) {
	REGISTER(UART1(UART_IRQ_CLEAR)) = UART_IRQ_RX_TIMEOUT;
	receive();
	if (state == SENDING)
		feed();
}

static IN_RAM("serial_pio_irq") void onEnable(void) {
	const uint32_t flags = REGISTER(PIO1 + PIO_IRQ) & (FLAG_ENABLED | FLAG_DISABLED);
	REGISTER(PIO1 + PIO_IRQ) = flags;
	if (flags & FLAG_ENABLED) {
		state = SENDING;
		feed();
	}
	if (flags & FLAG_DISABLED)
		startMessage();
}

/* --- opening --- */

/* PIO1, machine 0. It looks for a start bit from the middle of the stop bit before it. */
static void loadMachine(void) {
#define D(ENABLE, DELAY) ((ENABLE) << 4 | (DELAY))
	enum { CHARACTER = 3, BIT = 5, LAST = 9 };
	static const uint16_t code[] = {
		I_PULL(D(0, 0)),
		I_MOV_X_OSR(D(1, 0)),
		I_IRQ(0, D(1, 0)),
		I_WAIT_PIN(0, 0, D(1, 0)),               /* the start bit begins */
		I_SET_Y(8, D(1, 3)),                     /* 4 + 9 * 8 cycles: 9.5 bits */
		I_JMP(Y_DECREMENT, BIT, D(1, 7)),
		I_JMP(X_DECREMENT, CHARACTER, D(1, 0)),
		I_NOP(D(1, 4)),                          /* 82 cycles: a quarter of a bit after the stop bit */
		I_NOP(D(0, 0)),
		I_IRQ(1, D(0, 0)),
	};
#undef D
	for (uint32_t i = 0; i <= LAST; i++)
		REGISTER(PIO1 + PIO_CODE + 4 * i) = code[i];
	REGISTER(PIO_MACHINE(PIO1, 0, MACHINE_EXEC)) = MACHINE_WRAP(0, LAST);
}

/* From the beginning, the driver disabled. */
static void restartMachine(void) {
	CLEAR_BITS(PIO1 + PIO_CONTROL, PIO_ENABLE(1u));
	/* To change the joining of the FIFOs empties them. */
	REGISTER(PIO_MACHINE(PIO1, 0, MACHINE_SHIFT)) = 0;
	REGISTER(PIO_MACHINE(PIO1, 0, MACHINE_SHIFT)) = MACHINE_JOIN_TX;
	REGISTER(PIO_MACHINE(PIO1, 0, MACHINE_INSTRUCTION)) = I_JMP(ALWAYS, 0, 0);
	REGISTER(PIO1 + PIO_IRQ) = FLAG_ENABLED | FLAG_DISABLED;
	SET_BITS(PIO1 + PIO_CONTROL, PIO_RESTART(1u) | PIO_ENABLE(1u));
}

static void openEnable(uint32_t baud, const uint8_t* pins) {
	const uint32_t pin = pins[PIN_ENABLE];
	const uint32_t divider = (uint32_t)(((uint64_t)SYS_HZ << 8) / (baud * BIT_CYCLES));
	loadMachine();
	REGISTER(PIO_MACHINE(PIO1, 0, MACHINE_DIVIDER)) = divider << 8;
	machineOutput(PIO1, 0, pin, 0);
	REGISTER(PIO_MACHINE(PIO1, 0, MACHINE_PINS)) = PINS_SIDE(pin, 1) | PINS_IN(pins[PIN_TX]);
	restartMachine();
	REGISTER(PIO1 + PIO_IRQ0_ENABLE) = PIO_IRQ0_FLAGS(FLAG_ENABLED | FLAG_DISABLED);
	setPin(pin, FUNCTION_PIO1, PAD_DRIVE_4MA | PAD_INPUT_ENABLE | PAD_SCHMITT);
}

static void openUart(uint32_t baud, const uint8_t* pins) {
	/* In 64ths, rounded. */
	const uint32_t divider = (SYS_HZ * 8u / baud + 1) / 2;
	REGISTER(UART1(UART_CONTROL)) = 0;
	REGISTER(UART1(UART_BAUD_WHOLE)) = divider >> 6;
	REGISTER(UART1(UART_BAUD_FRACTION)) = divider & 63;
	REGISTER(UART1(UART_LINE)) = UART_8_BITS_FIFO;
	REGISTER(UART1(UART_LEVELS)) = UART_LEVELS_RX_HALF_TX_QUARTER;
	REGISTER(UART1(UART_CONTROL)) = UART_ENABLE;
	REGISTER(UART1(UART_IRQ_MASK)) = UART_IRQ_RX | UART_IRQ_RX_TIMEOUT;
	/* The line rests high while nobody drives the receiver's output. */
	setPin(pins[PIN_RX], FUNCTION_UART, PAD_OUTPUT_DISABLE | PAD_INPUT_ENABLE | PAD_SCHMITT | PAD_PULL_UP);
	setPin(pins[PIN_TX], FUNCTION_UART, PAD_DRIVE_4MA | PAD_INPUT_ENABLE | PAD_SCHMITT);
}

static void openInterrupt(uint32_t number, void (*handler)(void)) {
	((volatile uint32_t*)(uintptr_t)REGISTER(VTOR))[16 + number] = (uint32_t)(uintptr_t)handler;
	REGISTER(NVIC_ICPR) = 1u << number;
	REGISTER(NVIC_ISER) = 1u << number;
}

/* UART1 reaches these pins, each with RX beside it. */
static bool isTxPin(uint32_t pin) {
	return pin == 4 || pin == 8 || pin == 20 || pin == 24;
}

bool serialOpen(uint32_t baud, const uint8_t* pins, int pinCount) {
	const uint32_t table = REGISTER(VTOR);
	if (characterUs || baud < BAUD_MIN || baud > BAUD_MAX || pinCount != SERIAL_PINS || !isTxPin(pins[PIN_TX])
		|| pins[PIN_RX] != pins[PIN_TX] + 1 || pins[PIN_ENABLE] >= PINS || pins[PIN_ENABLE] == pins[PIN_TX]
		|| pins[PIN_ENABLE] == pins[PIN_RX] || table < SRAM_BASE || table >= SRAM_END)
		return false;
	releaseFromReset(RESET_UART1 | RESET_PIO1 | RESET_IO_BANK0 | RESET_PADS_BANK0);
	characterUs = BITS_A_CHARACTER * 1000000u / baud + 1;
	openEnable(baud, pins);
	openUart(baud, pins);
	openInterrupt(IRQ_UART1, onUart);
	openInterrupt(IRQ_PIO1_0, onEnable);
	return true;
}

/* --- use --- */

static void put(uint32_t* head, uint32_t byte) {
	sendRing[(*head)++ % SEND_BYTES] = (uint8_t)byte;
}

bool serialSend(const uint8_t* bytes, uint32_t length) {
	uint32_t head = sendHead;
	if (!characterUs || length > SEND_BYTES - (head - sendTail) || LENGTH_BYTES > SEND_BYTES - (head - sendTail) - length)
		return false;
	if (length == 0)
		return true;
	put(&head, length & 0xFF);
	put(&head, length >> 8);
	for (uint32_t i = 0; i < length; i++)
		put(&head, bytes[i]);
	const uint32_t before = interruptsOff();
	sendHead = head;
	if (state == IDLE)
		startMessage();
	interruptsRestore(before);
	return true;
}

/* The whole message is out and the state machine has not seen it: a disturbed pin. The driver must not stay enabled. */
static void unhang(void) {
	static bool isWatching;
	static uint32_t sinceUs;
	const uint32_t nowUs = REGISTER(TIMER_RAW_LOW);
	const uint32_t before = interruptsOff();
	if (state != SENDING || bytesLeft > 0 || REGISTER(UART1(UART_FLAGS)) & UART_BUSY)
		isWatching = false;
	else if (!isWatching) {
		isWatching = true;
		sinceUs = nowUs;
	}
	else if (nowUs - sinceUs > 2 * characterUs) {
		isWatching = false;
		restartMachine();
		startMessage();
	}
	interruptsRestore(before);
}

uint32_t serialReceive(uint8_t* into, uint32_t room) {
	if (!characterUs)
		return 0;
	unhang();
	uint32_t tail = receiveTail, count = 0;
	const uint32_t head = receiveHead;
	BARRIER();
	for (; count < room && tail != head; count++)
		into[count] = receiveRing[tail++ % RECEIVE_BYTES];
	BARRIER();
	receiveTail = tail;
	return count;
}

uint32_t serialOverruns(void) {
	return overruns;
}
