/* The graph of modules: read from files and parsed once; byte code and names stay in place, as in a board's flash. */
#include "host.h"
#include "xsScript.h"
#include <limits.h>
#include <sys/stat.h>

extern void fxRemapIDs(txMachine* the, txByte* code, txSize bytes, txID* ids);

Module* modules;
static const char* parsing;
#define KERNELS "hosts/bench/kernels.js"

bool isBelow(const char* path, const char* folder) {
	size_t length = strlen(folder);
	return !strncmp(path, folder, length) && (path[length] == '/' || path[length] == 0);
}

char* modulePath(const char* name) {
	char joined[PATH_MAX], real[PATH_MAX];
	snprintf(joined, sizeof joined, name[0] == '/' ? "%.0s%s" : "%s/%s", options.root, name);
	if (!realpath(joined, real))
		fail(1, "module not found: %s", name);
	return strdup(real);
}

/* True for a module in a folder below the root, or for the one of that name. */
static bool isModuleOf(const char* path, const char* name) {
	const size_t length = strlen(options.root);
	return !strncmp(path, options.root, length) && path[length] == '/' && isBelow(path + length + 1, name);
}

bool isKernels(const char* path) { return isModuleOf(path, KERNELS); }

/* The file a specifier means; false when there is none. Modules get the kernels of hosts/native, as on a board. */
static bool resolve(const char* specifier, const char* importer, char* path) {
	char joined[PATH_MAX * 2], folder[PATH_MAX];
	if (specifier[0] == '.' || specifier[0] == '/') {
		snprintf(folder, sizeof folder, "%s", importer);
		char* slash = strrchr(folder, '/');
		*slash = 0;
		snprintf(joined, sizeof joined, specifier[0] == '/' ? "%.0s%s" : "%s/%s", folder, specifier);
		if (!realpath(joined, path))
			return false;
		if (isModuleOf(path, "modules/base/kernels.js") && isModuleOf(importer, "modules"))
			snprintf(path, PATH_MAX, "%s/" KERNELS, options.root);
		return true;
	}
	if (!strcmp(specifier, "board") || !strcmp(specifier, "timer")) {
		snprintf(joined, sizeof joined, "%s/hosts/bench/%s.js", options.root, specifier);
		return realpath(joined, path);
	}
	/* The makefile puts npm's modules there, rewritten so that this XS runs them. */
	snprintf(joined, sizeof joined, "%s/xs/es2021/%s", options.root, specifier);
	if (realpath(joined, path))
		return true;
	snprintf(folder, sizeof folder, "%s", importer);
	for (char* slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
		*slash = 0;
		snprintf(joined, sizeof joined, "%s/node_modules/%s", folder, specifier);
		struct stat status;
		if (!stat(joined, &status) && S_ISREG(status.st_mode))
			return realpath(joined, path);
	}
	return false;
}

Module* findModule(const char* path) {
	Module* module = modules;
	while (module && strcmp(module->path, path))
		module = module->next;
	return module;
}

static void reportSyntax(void* console, txString path, txInteger line, txString format, va_list arguments) {
	char message[256];
	(void)console, (void)path;
	vsnprintf(message, sizeof message, format, arguments);
	fail(1, "syntax error: %s:%d: %s", parsing, (int)line, message);
}

/* The specifiers after `from`, in the order of the source. */
static int collectImports(txParser* parser, char* specifiers[], int room) {
	int count = 0;
	txNode* node = ((txModuleNode*)parser->root)->body;
	if (node && node->description->token == XS_TOKEN_STATEMENTS)
		node = ((txStatementsNode*)node)->items->first;
	for (; node; node = node->next) {
		txNode* from = NULL;
		if (node->description->token == XS_TOKEN_IMPORT)
			from = ((txImportNode*)node)->from;
		else if (node->description->token == XS_TOKEN_EXPORT)
			from = ((txExportNode*)node)->from;
		if (!from || from->description->token != XS_TOKEN_STRING)
			continue;
		if (count == room)
			fail(1, "%s: more than %d imports", parsing, room);
		specifiers[count++] = strdup(((txStringNode*)from)->value);
	}
	return count;
}

/* Names become ids of the root's key table; functions and strings are then used where they lie. */
static void linkCode(txMachine* root, Module* module, txScript* script) {
	txByte *names = script->symbolsBuffer;
	txID count;
	mxDecodeID(names, count);
	txID* ids = calloc(count, sizeof(txID));
	ids[0] = XS_NO_ID;
	for (txID i = 1; i < count; i++) {
		ids[i] = fxNewNameC(root, (txString)names);
		names += strlen((char*)names) + 1;
	}
	module->codeBytes = script->codeSize;
	module->code = romAllocate(script->codeSize);
	memcpy(module->code, script->codeBuffer, script->codeSize);
	fxRemapIDs(root, module->code, module->codeBytes, ids);
	free(ids);
	static const struct { uint8_t copied, inPlace; } codes[] = {
		{ XS_CODE_CODE_1, XS_CODE_CODE_ARCHIVE_1 }, { XS_CODE_CODE_2, XS_CODE_CODE_ARCHIVE_2 },
		{ XS_CODE_CODE_4, XS_CODE_CODE_ARCHIVE_4 }, { XS_CODE_STRING_1, XS_CODE_STRING_ARCHIVE_1 },
		{ XS_CODE_STRING_2, XS_CODE_STRING_ARCHIVE_2 }, { XS_CODE_STRING_4, XS_CODE_STRING_ARCHIVE_4 },
	};
	for (txByte *p = module->code, *end = p + module->codeBytes; p < end;) {
		txByte* code = p;
		txS1 size = gxCodeSizes[(txU1)*p++];
		if (size > 0)
			p = code + size;
		else if (size == 0)
			p += sizeof(txID);
		else if (size == -1)
			p += 1 + (txU1)*p;
		else if (size == -2) {
			txU2 length;
			mxDecode2(p, length);
			p += length;
		}
		else {
			txS4 length;
			mxDecode4(p, length);
			p += length;
		}
		for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
			if ((txU1)*code == codes[i].copied)
				*code = (txByte)codes[i].inPlace;
	}
}

static Module* parse(txMachine* root, const char* path, char* specifiers[], int room, int* imports) {
	txParser parser;
	txParserJump jump;
	FILE* file = fopen(path, "r");
	if (!file)
		fail(1, "cannot read %s: %s", path, strerror(errno));
	Module* module = calloc(1, sizeof *module);
	module->path = strdup(path);
	module->id = fxNewNameC(root, module->path);
	parsing = module->path;
	fxInitializeParser(&parser, root, root->parserBufferSize, root->parserTableModulo);
	parser.reportError = reportSyntax;
	parser.firstJump = &jump;
	if (setjmp(jump.jmp_buf))
		fail(1, "syntax error: %s", path);
	fxParserTree(&parser, file, (txGetter)fgetc, 0, NULL);
	*imports = collectImports(&parser, specifiers, room);
	fxParserHoist(&parser);
	fxParserBind(&parser);
	txScript* script = fxParserCode(&parser);
	fclose(file);
	linkCode(root, module, script);
	fxDeleteScript(script);
	fxTerminateParser(&parser);
	module->next = modules;
	return modules = module;
}

Module* loadGraph(txMachine* root, const char* path) {
	enum { IMPORTS_MAX = 128 };
	char *specifiers[IMPORTS_MAX], imported[PATH_MAX];
	int count;
	Module* module = findModule(path);
	if (module)
		return module;
	module = parse(root, path, specifiers, IMPORTS_MAX, &count);
	for (int i = 0; i < count; i++) {
		if (!resolve(specifiers[i], path, imported))
			fail(1, "module not found: %s (imported by %s)", specifiers[i], path);
		loadGraph(root, imported);
		free(specifiers[i]);
	}
	return module;
}

/* XS asks: which module does `slot`, a specifier in module `importer`, mean? */
txID fxFindModule(txMachine* the, txSlot* realm, txID importer, txSlot* slot) {
	char specifier[PATH_MAX], path[PATH_MAX];
	(void)realm;
	fxToStringBuffer(the, slot, specifier, sizeof specifier);
	const char* from = importer == XS_NO_ID ? options.main : fxGetKeyName(the, importer);
	if (!resolve(specifier, from, path))
		return XS_NO_ID;
	Module* module = findModule(path);
	return module ? module->id : XS_NO_ID;
}

void fxLoadModule(txMachine* the, txSlot* slot, txID id) {
	for (Module* module = modules; module; module = module->next)
		if (module->id == id) {
			txScript script = { .codeBuffer = module->code, .codeSize = module->codeBytes, .path = module->path,
				.version = { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } };
			fxResolveModule(the, slot, id, &script, NULL, NULL);
		}
}
