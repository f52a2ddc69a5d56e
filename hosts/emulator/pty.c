/*
 * A pseudo-terminal for the emulated board's RS-485 line: prints its path, then carries standard input to it and what is
 * written to it to standard output, until standard input ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void fail(const char* what) {
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* What nobody reads is lost, as on a line that nobody listens to. */
static void carry(int from, int to) {
	char bytes[4096];
	ssize_t count = read(from, bytes, sizeof bytes);
	if (count == 0)
		exit(0);
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		fail("read");
	for (ssize_t at = 0; at < count;) {
		ssize_t written = write(to, bytes + at, count - at);
		if (written < 0 && errno == EAGAIN)
			return;
		if (written < 0 && errno != EINTR)
			fail("write");
		if (written > 0)
			at += written;
	}
}

int main(void) {
	int line = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	char path[64];
	if (line < 0 || grantpt(line) || unlockpt(line) || ptsname_r(line, path, sizeof path))
		fail("no pseudo-terminal");
	/* Kept open here, so that the line does not hang up between two users of it. */
	int other = open(path, O_RDWR | O_NOCTTY);
	struct termios settings;
	if (other < 0 || tcgetattr(other, &settings))
		fail(path);
	cfmakeraw(&settings);
	if (tcsetattr(other, TCSANOW, &settings))
		fail(path);
	printf("%s\n", path);
	fflush(stdout);
	struct pollfd files[] = {{.fd = 0, .events = POLLIN}, {.fd = line, .events = POLLIN}};
	for (;;) {
		if (poll(files, 2, -1) < 0 && errno != EINTR)
			fail("poll");
		if (files[0].revents)
			carry(0, line);
		if (files[1].revents)
			carry(line, 1);
	}
}
