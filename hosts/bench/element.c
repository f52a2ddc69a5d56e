/* The secure element: a second machine, on a thread and in an arena of its own, that holds the key and signs. */
#include "host.h"
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Shared with element.ts. */
enum { COMMAND_PUBLIC_KEY = 1, COMMAND_HASH, COMMAND_SIGN, COMMAND_VERIFY, COMMAND_PREPARE_KEY,
	COMMAND_COMMIT_KEY };
enum { FREE, ASKED, ANSWERED };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static uint8_t secret[32], nextSecret[32];
static bool hasNext;

/* Under the mutex: one command at a time, from the firmware's thread to the element's. */
static struct {
	int state, command, length;
	bool isValid;
	uint8_t input[ELEMENT_INPUT_BYTES], output[SIGNATURE_BYTES];
} mailbox;

/* The one signature: under way since startUs, or finished and not fetched. */
static bool isSigning, isSigned, isSignatureValid;
static double signStartUs;
static uint8_t finished[SIGNATURE_BYTES];

/* The one check of a signature, likewise; `verifyAsked` and `verifyAnswered` tell the last one from those given up. */
static bool isVerifying, isGood;
static int verifyAsked, verifyAnswered;
static double verifyStartUs;

/* The element's machine: what element.ts handed to serve(). */
static txSlot servedInput, servedOutput, servedRun;

const uint8_t* elementSecret(void) { return secret; }

void elementServe(txMachine* the, txSlot* input, txSlot* output, txSlot* run) {
	bytesOfSlot(input, ELEMENT_INPUT_BYTES, NULL, "serve");
	bytesOfSlot(output, SIGNATURE_BYTES, NULL, "serve");
	txSlot* from[3] = { input, output, run };
	txSlot* to[3] = { &servedInput, &servedOutput, &servedRun };
	for (int i = 0; i < 3; i++) {
		*to[i] = *from[i];
		fxRemember(the, to[i]);
	}
}

static bool runCommand(Machine* machine, int command, int length) {
	txMachine* the = machine->xs;
	volatile bool isValid = false;
	fxBeginHost(the);
	mxTry(the) {
		mxPushUndefined();
		mxPushSlot(&servedRun);
		mxCall();
		mxPushInteger(command);
		mxPushInteger(length);
		mxRunCount(2);
		isValid = fxToBoolean(the, the->stack);
		mxPop();
	}
	mxCatch(the) {
		failUncaught(the);
	}
	fxEndHost(the);
	runJobs(machine);
	return isValid;
}

static void* serve(void* unused) {
	(void)unused;
	Machine* machine = cloneRoot("secure element: ", (size_t)options.elementArenaBytes);
	runModule(machine, options.element);
	if (servedRun.kind != XS_REFERENCE_KIND)
		fail(1, "secure element: %s does not serve", options.element);
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (mailbox.state != ASKED)
			pthread_cond_wait(&changed, &mutex);
		int command = mailbox.command, length = mailbox.length;
		memcpy(bytesOfSlot(&servedInput, length, NULL, "serve"), mailbox.input, (size_t)length);
		pthread_mutex_unlock(&mutex);
		bool isValid = runCommand(machine, command, length);
		pthread_mutex_lock(&mutex);
		mailbox.isValid = isValid;
		memcpy(mailbox.output, bytesOfSlot(&servedOutput, SIGNATURE_BYTES, NULL, "serve"), SIGNATURE_BYTES);
		mailbox.state = ANSWERED;
		if (command == COMMAND_SIGN) {
			memcpy(finished, mailbox.output, SIGNATURE_BYTES);
			isSignatureValid = isValid;
			isSigned = true;
			mailbox.state = FREE;
		}
		if (command == COMMAND_VERIFY) {
			isGood = isValid;
			verifyAnswered++;
			mailbox.state = FREE;
		}
		pthread_cond_broadcast(&changed);
	}
	return NULL;
}

/* All but one in 2^32 random numbers are below the order of P-256; the first byte makes it all. */
static void makeSecret(uint8_t* into) {
	do {
		if (getrandom(into, 32, 0) != 32)
			fail(1, "no random numbers: %s", strerror(errno));
	} while (into[0] == 0xFF);
}

static void writeSecret(const char* path, const uint8_t* bytes) {
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0 || write(file, bytes, 32) != 32 || fsync(file) || close(file))
		fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
}

/* Where the key that is to replace that of --key waits until it does. */
static const char* nextPath(void) {
	static char path[4096];
	if (!options.key)
		return NULL;
	snprintf(path, sizeof path, "%s.next", options.key);
	return path;
}

static void readKey(void) {
	int file = options.key ? open(options.key, O_RDONLY | O_CLOEXEC) : -1;
	struct stat status;
	if (file >= 0) {
		if (fstat(file, &status) || status.st_size != sizeof secret || read(file, secret, sizeof secret) != sizeof secret)
			fail(EXIT_USAGE, "%s: not a key file", options.key);
		close(file);
		return;
	}
	if (options.key && errno != ENOENT)
		fail(EXIT_USAGE, "%s: %s", options.key, strerror(errno));
	makeSecret(secret);
	if (options.key)
		writeSecret(options.key, secret);
}

void elementOpen(void) {
	if (!options.element)
		return;
	readKey();
	if (pthread_create(&thread, NULL, serve, NULL))
		fail(1, "cannot start the secure element");
}

/* Holds the mutex on return. */
static void ask(int command, const uint8_t* bytes, int length) {
	if (!options.element)
		fail(1, "no secure element: there is no hosts/bench/element.js below --root");
	if (length < 0 || length > ELEMENT_INPUT_BYTES)
		fail(1, "secure element: %d bytes, at most %d", length, ELEMENT_INPUT_BYTES);
	pthread_mutex_lock(&mutex);
	while (mailbox.state != FREE)
		pthread_cond_wait(&changed, &mutex);
	mailbox.command = command;
	mailbox.length = length;
	if (length)
		memcpy(mailbox.input, bytes, (size_t)length);
	mailbox.state = ASKED;
	pthread_cond_broadcast(&changed);
}

static void askAndWait(int command, const uint8_t* bytes, int length, uint8_t* into, size_t intoBytes) {
	ask(command, bytes, length);
	while (mailbox.state != ANSWERED)
		pthread_cond_wait(&changed, &mutex);
	if (!mailbox.isValid)
		fail(EXIT_USAGE, "%s: not a key file", options.key ? options.key : "secure element");
	memcpy(into, mailbox.output, intoBytes);
	mailbox.state = FREE;
	pthread_mutex_unlock(&mutex);
}

void elementHash(const uint8_t* bytes, int length, uint8_t* into) {
	askAndWait(COMMAND_HASH, bytes, length, into, 32);
}

void elementPublicKey(uint8_t* into) { askAndWait(COMMAND_PUBLIC_KEY, NULL, 0, into, 64); }

bool elementIsSigning(void) { return isSigning; }

bool elementSignStart(const uint8_t* bytes, int length) {
	if (isSigning)
		return false;
	isSigning = true;
	signStartUs = nowUs();
	ask(COMMAND_SIGN, bytes, length);
	pthread_mutex_unlock(&mutex);
	return true;
}

int elementSignPoll(uint8_t* signature) {
	if (!isSigning)
		return 2;
	/* In virtual time the answer comes when it is due, however fast the thread was: runs repeat exactly. */
	if (options.isVirtual && nowUs() < signStartUs + options.signMs * 1000.0)
		return 0;
	pthread_mutex_lock(&mutex);
	while (options.isVirtual && !isSigned)
		pthread_cond_wait(&changed, &mutex);
	bool isDone = isSigned, isValid = isSignatureValid;
	if (isDone) {
		memcpy(signature, finished, SIGNATURE_BYTES);
		isSigned = isSigning = false;
	}
	pthread_mutex_unlock(&mutex);
	return !isDone ? 0 : isValid ? 1 : 2;
}

bool elementVerifyStart(const uint8_t* bytes, int length, const uint8_t* signature, const uint8_t* publicKey) {
	uint8_t input[ELEMENT_INPUT_BYTES];
	if (length < 0 || length > ELEMENT_INPUT_BYTES - 128)
		return false;
	memcpy(input, publicKey, 64);
	memcpy(input + 64, signature, 64);
	memcpy(input + 128, bytes, (size_t)length);
	isVerifying = true;
	verifyStartUs = nowUs();
	ask(COMMAND_VERIFY, input, 128 + length);
	verifyAsked++;
	pthread_mutex_unlock(&mutex);
	return true;
}

int elementVerifyPoll(void) {
	if (!isVerifying)
		return 2;
	if (options.isVirtual && nowUs() < verifyStartUs + options.signMs * 1000.0)
		return 0;
	pthread_mutex_lock(&mutex);
	while (options.isVirtual && verifyAnswered != verifyAsked)
		pthread_cond_wait(&changed, &mutex);
	bool isDone = verifyAnswered == verifyAsked, isValid = isGood;
	if (isDone)
		isVerifying = false;
	pthread_mutex_unlock(&mutex);
	return !isDone ? 0 : isValid ? 1 : 2;
}

void elementReset(void) {
	pthread_mutex_lock(&mutex);
	while (mailbox.state != FREE)
		pthread_cond_wait(&changed, &mutex);
	isSigning = isSigned = isVerifying = false;
	pthread_mutex_unlock(&mutex);
}

/* False when there is none that was made before. */
static bool readNext(void) {
	int file = nextPath() ? open(nextPath(), O_RDONLY | O_CLOEXEC) : -1;
	if (file < 0)
		return hasNext;
	hasNext = read(file, nextSecret, sizeof nextSecret) == sizeof nextSecret;
	close(file);
	return hasNext;
}

bool elementPrepareKey(bool isNew, uint8_t* publicKey) {
	if (isNew) {
		makeSecret(nextSecret);
		hasNext = true;
		if (nextPath()) {
			unlink(nextPath());
			writeSecret(nextPath(), nextSecret);
		}
	}
	else if (!readNext())
		return false;
	askAndWait(COMMAND_PREPARE_KEY, nextSecret, sizeof nextSecret, publicKey, 64);
	return true;
}

/* The key file is the old one or the new one, also when this process is killed. */
bool elementCommitKey(void) {
	uint8_t ignored[1];
	if (!hasNext || (nextPath() && rename(nextPath(), options.key)))
		return false;
	memcpy(secret, nextSecret, sizeof secret);
	memset(nextSecret, 0, sizeof nextSecret);
	hasNext = false;
	askAndWait(COMMAND_COMMIT_KEY, NULL, 0, ignored, sizeof ignored);
	return true;
}
