/*
 * The Moddable simulator without a window: loads what mcconfig -p lin built (mc.so, beside this program) and runs its
 * event loop. It stands in for the SDK's mcsim, whose screen it leaves dark. Compiled against the SDK's screen.h.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

#define mxLinux 1
#include "screen.h"

static void aborted(txScreen* screen, int status)
{
	(void)screen;
	fprintf(stderr, "wirewitness: the engine stopped with status %d\n", status);
	exit(1);
}

static void unseen(txScreen* screen)
{
	(void)screen;
}

static void unheard(txScreen* screen, char* buffer, int size)
{
	(void)screen, (void)buffer, (void)size;
}

static void unhurried(txScreen* screen, double interval)
{
	(void)screen, (void)interval;
}

int main(void)
{
	static txScreen screen = {
		.abort = aborted,
		.bufferChanged = unseen,
		.formatChanged = unseen,
		.post = unheard,
		.start = unhurried,
		.stop = unseen,
		.width = 1,
		.height = 1,
	};
	char program[PATH_MAX + 1] = "", path[PATH_MAX + 8];
	if (readlink("/proc/self/exe", program, PATH_MAX) < 0)
		return perror("wirewitness"), 1;
	snprintf(path, sizeof path, "%s/mc.so", dirname(program));
	void* code = dlopen(path, RTLD_NOW);
	txScreenLaunchProc launch = code == NULL ? NULL : (txScreenLaunchProc)dlsym(code, "fxScreenLaunch");
	if (launch == NULL)
		return fprintf(stderr, "wirewitness: %s\n", dlerror()), 1;
	/* A collector that hangs up must not end the program. */
	signal(SIGPIPE, SIG_IGN);
	g_mutex_init(&screen.workersMutex);
	launch(&screen);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
