/*
 * Runs the test program on the SDK's engine as a command (mcconfig -p x-cli-lin), and gives it lines in and out.
 */
#include "xsAll.h"
#include "mc.xs.h"

#define LINE_BYTES 4096

void fxAbort(xsMachine* the, int status)
{
	(void)the;
	fprintf(stderr, "XS gave up: %d\n", status);
	exit(1);
}

void xs_terminal_readLine(xsMachine* the)
{
	char line[LINE_BYTES];
	if (fgets(line, sizeof(line), stdin) == NULL) return;
	line[strcspn(line, "\n")] = 0;
	xsResult = xsString(line);
}

void xs_terminal_printLine(xsMachine* the)
{
	puts(xsToString(xsArg(0)));
	fflush(stdout);
}

/* As mc/xs.c of the SDK does on a board: the prepared machine is cloned with the sizes of the manifest's `creation`. */
int main(void)
{
	static txMachine root;
	int failed = 0;
	txPreparation* preparation = xsPreparation();
	txMachine* machine = &root;

	machine->preparation = preparation;
	machine->keyArray = preparation->keys;
	machine->keyCount = (txID)preparation->keyCount + (txID)preparation->creation.initialKeyCount;
	machine->keyIndex = (txID)preparation->keyCount;
	machine->nameModulo = preparation->nameModulo;
	machine->nameTable = preparation->names;
	machine->symbolModulo = preparation->symbolModulo;
	machine->symbolTable = preparation->symbols;
	machine->stack = &preparation->stack[0];
	machine->stackBottom = &preparation->stack[0];
	machine->stackTop = &preparation->stack[preparation->stackCount];
	machine->firstHeap = &preparation->heap[0];
	machine->freeHeap = &preparation->heap[preparation->heapCount - 1];
	machine->aliasCount = (txID)preparation->aliasCount;
	machine = fxCloneMachine(&preparation->creation, machine, "signer", NULL);

	xsBeginHost(machine);
	{
		xsVars(1);
		xsTry {
			xsResult = xsAwaitImport("tests/keys/signer-program/main", XS_IMPORT_NAMESPACE);
		}
		xsCatch {
			fprintf(stderr, "%s\n", xsToString(xsException));
			failed = 1;
		}
	}
	xsEndHost(machine);
	xsDeleteMachine(machine);
	return failed;
}
