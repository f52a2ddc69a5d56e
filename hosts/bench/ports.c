/*
 * The links' ports: a UDP socket, one TCP client at a time on the loopback, a serial line or a new pseudo-terminal, or in
 * the place of it a tape: records of a double (time in us), a u32 (bytes) and the bytes that come then, little-endian.
 */
#include "host.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>

#define OUTPUT_BYTES 16384

char ttyPath[128];

static struct {
	int file;                        /* -1: not open, or TCP without a client */
	uint8_t output[OUTPUT_BYTES];    /* what the file did not take yet */
	int waiting;
} ports[PORTS] = { { .file = -1 }, { .file = -1 }, { .file = -1 } };
static bool isAsked[PORTS];
static int listener = -1;
static struct sockaddr_in peer;
static FILE* tape;
static struct __attribute__((packed)) { double atUs; uint32_t length; } onTape;  /* length 0: the tape is at its end */

static int parsePort(const char* text, const char* option) {
	char* end;
	long port = strtol(text, &end, 10);
	if (end == text || *end || port < 0 || port > 65535)
		fail(EXIT_USAGE, "%s: %s is no port number", option, text);
	return (int)port;
}

static int bindPort(int type, uint32_t address, int port) {
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(address) };
	int file = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
	if (type == SOCK_STREAM)
		setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (file < 0 || bind(file, (struct sockaddr*)&local, sizeof local)
			|| (type == SOCK_STREAM && listen(file, 1))) {
		if (errno == EADDRINUSE)
			fail(EXIT_USAGE, "port %d is in use", port);
		fail(EXIT_USAGE, "port %d: %s", port, strerror(errno));
	}
	return file;
}

static void openUdp(const char* text) {
	char local[8], host[256], port[8], rest;
	if (sscanf(text, "%7[0-9]:%255[^:]:%7[0-9]%c", local, host, port, &rest) != 3)
		fail(EXIT_USAGE, "--udp: %s is not LOCALPORT:HOST:PORT", text);
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM }, *found;
	if (getaddrinfo(host, NULL, &hints, &found))
		fail(EXIT_USAGE, "--udp: no such host: %s", host);
	peer = *(struct sockaddr_in*)found->ai_addr;
	freeaddrinfo(found);
	peer.sin_port = htons((uint16_t)parsePort(port, "--udp"));
	ports[PORT_UDP].file = bindPort(SOCK_DGRAM, INADDR_ANY, parsePort(local, "--udp"));
}

static void setRaw(int file, const char* path) {
	struct termios settings;
	if (tcgetattr(file, &settings))
		fail(EXIT_USAGE, "%s: not a serial device", path);
	cfmakeraw(&settings);
	cfsetspeed(&settings, B115200);
	settings.c_cflag |= CLOCAL | CREAD;
	tcsetattr(file, TCSANOW, &settings);
}

static void openTty(const char* path) {
	int file;
	if (strcmp(path, "new")) {
		file = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		if (file < 0)
			fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
		setRaw(file, path);
		snprintf(ttyPath, sizeof ttyPath, "%s", path);
	}
	else {
		file = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		if (file < 0 || grantpt(file) || unlockpt(file) || ptsname_r(file, ttyPath, sizeof ttyPath))
			fail(1, "no pseudo-terminal: %s", strerror(errno));
		/* Kept open here, so that the line does not hang up between two users of it. */
		int other = open(ttyPath, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (other < 0)
			fail(1, "%s: %s", ttyPath, strerror(errno));
		setRaw(other, ttyPath);
	}
	ports[PORT_TTY].file = file;
}

static void windTape(void) {
	if (fread(&onTape, sizeof onTape, 1, tape) != 1)
		onTape.length = 0;
}

/* Nobody hears what is sent. */
static void openTape(const char* path) {
	if (!(tape = fopen(path, "rb")))
		fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
	windTape();
}

/* One record at a time, once its time has come. */
static int receiveFromTape(uint8_t* into, int room) {
	int length = (int)onTape.length;
	if (length == 0 || onTape.atUs > nowUs())
		return 0;
	if (length > room || fread(into, 1, (size_t)length, tape) != (size_t)length)
		fail(1, "%s: a record is cut short, or longer than what is read at once", options.tape);
	windTape();
	return length;
}

void portsOpen(void) {
	isAsked[PORT_UDP] = options.udp;
	isAsked[PORT_TCP] = options.tcp;
	isAsked[PORT_TTY] = options.tty || options.tape;
	if (options.udp)
		openUdp(options.udp);
	if (options.tcp)
		listener = bindPort(SOCK_STREAM, INADDR_LOOPBACK, parsePort(options.tcp, "--tcp"));
	if (options.tty)
		openTty(options.tty);
	if (options.tape)
		openTape(options.tape);
}

int portNumber(int kind) { return isAsked[kind] ? kind : -1; }

static void checkPort(int port) {
	if (port < 0 || port >= PORTS || !isAsked[port])
		fail(1, "port %d is not open", port);
}

static void acceptClient(void) {
	int yes = 1;
	if (ports[PORT_TCP].file >= 0 || (ports[PORT_TCP].file = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0)
		return;
	setsockopt(ports[PORT_TCP].file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void hangUp(int port) {
	ports[port].waiting = 0;
	if (port != PORT_TCP)
		return;
	close(ports[port].file);
	ports[port].file = -1;
}

static void flush(int port) {
	if (ports[port].file < 0 || ports[port].waiting == 0)
		return;
	ssize_t count = write(ports[port].file, ports[port].output, (size_t)ports[port].waiting);
	if (count < 0) {
		if (errno != EAGAIN && errno != EINTR)
			hangUp(port);
		return;
	}
	ports[port].waiting -= (int)count;
	memmove(ports[port].output, ports[port].output + count, (size_t)ports[port].waiting);
}

void portsFlush(bool isLast) {
	for (int port = 0; port < PORTS; port++) {
		flush(port);
		for (int i = 0; isLast && i < 20 && ports[port].file >= 0 && ports[port].waiting; i++) {
			struct pollfd poll1 = { .fd = ports[port].file, .events = POLLOUT };
			poll(&poll1, 1, 100);
			flush(port);
		}
	}
}

bool portSend(int port, const uint8_t* bytes, int length) {
	checkPort(port);
	if (port == PORT_TTY && tape)
		return true;
	if (port == PORT_UDP) {
		/* A datagram that nobody awaits is gone, as on a wire: only a full queue is worth another try. */
		ssize_t count = sendto(ports[port].file, bytes, (size_t)length, 0, (struct sockaddr*)&peer, sizeof peer);
		return count == length || (errno != EAGAIN && errno != ENOBUFS);
	}
	if (port == PORT_TCP)
		acceptClient();
	flush(port);
	if (ports[port].file < 0 || length > OUTPUT_BYTES - ports[port].waiting)
		return false;
	memcpy(ports[port].output + ports[port].waiting, bytes, (size_t)length);
	ports[port].waiting += length;
	flush(port);
	return true;
}

int portReceive(int port, uint8_t* into, int room) {
	checkPort(port);
	if (port == PORT_TCP)
		acceptClient();
	if (port == PORT_TTY && tape)
		return receiveFromTape(into, room);
	if (ports[port].file < 0 || room == 0)
		return 0;
	if (port == PORT_UDP) {
		for (;;) {
			struct sockaddr_in from;
			socklen_t size = sizeof from;
			ssize_t count = recvfrom(ports[port].file, into, (size_t)room, 0, (struct sockaddr*)&from, &size);
			if (count < 0)
				return 0;
			if (count > 0 && from.sin_addr.s_addr == peer.sin_addr.s_addr && from.sin_port == peer.sin_port)
				return (int)count;
		}
	}
	flush(port);
	if (ports[port].file < 0)
		return 0;
	ssize_t count = read(ports[port].file, into, (size_t)room);
	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		hangUp(port);
	return count > 0 ? (int)count : 0;
}
