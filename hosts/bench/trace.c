/* Where an error was made: byte code as on a board has no line numbers, so its module is parsed once more, with them. */
#include "host.h"
#include "xsScript.h"
#include <limits.h>

void __real_fxCaptureErrorStack(txMachine* the, txSlot* internal, txSlot* frame);

static const Module* __attribute__((noinline)) moduleOf(const txByte* code) {
	const Module* module = modules;
	while (module && !(code >= module->code && code < module->code + module->codeBytes))
		module = module->next;
	return module;
}

/* Every Error passes here (--wrap): the innermost frame that runs byte code is remembered, with the error it belongs to. */
void __wrap_fxCaptureErrorStack(txMachine* the, txSlot* internal, txSlot* frame) {
	Machine* machine = machineOf(the);
	__real_fxCaptureErrorStack(the, internal, frame);
	machine->errorInfo = internal->value.error.info;
	machine->errorCode = NULL;
	txByte* code = the->code;
	for (txSlot* inner = the->frame; inner; inner = inner->next) {
		if (code && moduleOf(code)) {
			machine->errorCode = code;
			return;
		}
		code = inner->value.frame.code;
	}
}

static txByte* nextCode(txByte* p) {
	txS1 size = gxCodeSizes[(txU1)*p];
	txU2 length2;
	txS4 length4;
	if (size > 0)
		return p + size;
	p++;
	if (size == 0)
		return p + sizeof(txID);
	if (size == -1)
		return p + 1 + (txU1)*p;
	if (size == -2) {
		mxDecode2(p, length2);
		return p + length2;
	}
	mxDecode4(p, length4);
	return p + length4;
}

/* The same instruction, be its operand 1, 2 or 4 bytes long, in place or not. */
static bool isSame(txU1 a, txU1 b) {
	static const char* const tails[] = { "_2", "_4", "_archive" };
	char names[2][32];
	snprintf(names[0], sizeof names[0], "%s", gxCodeNames[a]);
	snprintf(names[1], sizeof names[1], "%s", gxCodeNames[b]);
	for (int n = 0; n < 2; n++)
		for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
			size_t length = strlen(names[n]), tail = strlen(tails[i]);
			if (length > tail && !strcmp(names[n] + length - tail, tails[i]))
				names[n][length - tail] = 0;
		}
	return !strcmp(names[0], names[1]);
}

/* Walks both codes side by side; 0 when they differ. */
static int findLine(const Module* module, const txByte* target, txByte* code, txSize bytes) {
	txByte *p = module->code, *q = code, *end = code + bytes;
	int line = 0;
	while (q < end && p <= target) {
		txU1 instruction = (txU1)*q;
		if (instruction == XS_CODE_LINE) {
			txByte* operand = q + 1;
			txU2 index;
			mxDecode2(operand, index);
			line = index;
		}
		if (instruction != XS_CODE_LINE && instruction != XS_CODE_FILE && instruction != XS_CODE_PROFILE) {
			if (!isSame((txU1)*p, instruction))
				return 0;
			p = nextCode(p);
		}
		q = nextCode(q);
	}
	return line;
}

static void ignore(void* console, txString path, txInteger line, txString format, va_list arguments) {
	(void)console, (void)path, (void)line, (void)format, (void)arguments;
}

bool locateError(Machine* machine, txSlot* exception, char* text, size_t bytes) {
	txSlot* internal = mxIsReference(exception) ? exception->value.reference->next : NULL;
	if (!internal || internal->kind != XS_ERROR_KIND || !machine->errorCode
			|| internal->value.error.info != machine->errorInfo)
		return false;
	const Module* const volatile found = moduleOf(machine->errorCode);
	txMachine* the = machine->xs;
	txParser parser;
	txParserJump jump;
	FILE* volatile file = fopen(found->path, "r");
	snprintf(text, bytes, "%s", found->path);
	if (!file)
		return true;
	fxInitializeParser(&parser, the, 32 * 1024, 1993);
	parser.reportError = ignore;
	parser.firstJump = &jump;
	if (setjmp(jump.jmp_buf) == 0) {
		parser.path = fxNewParserSymbol(&parser, found->path);
		fxParserTree(&parser, file, (txGetter)fgetc, mxDebugFlag, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		txScript* script = fxParserCode(&parser);
		int line = findLine(found, machine->errorCode, script->codeBuffer, script->codeSize);
		if (line)
			snprintf(text, bytes, "%s:%d", found->path, line);
	}
	fclose(file);
	return true;
}
