/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tpm/bus.h"
#include "util/log.h"

/*
 * Not libdbus: it brings eight libraries along and 1 ms of CPU, ignores
 * SIGPIPE for the whole process, ends a process whose bus goes away, and
 * cannot be used after a fork that met another thread inside of it.
 */

/* Signals and the like that may come before an answer. */
#define NOISE_MAX 64
/* A bus whose queue of connections is full is tried again after this. */
#define NAP_MS 10
/* The bus's side of the authentication; longer is nonsense. */
#define TALK_MAX 256

static CK_RV
lost(const char *why)
{
	log_error("D-Bus: %s", why);
	return CKR_DEVICE_REMOVED;
}

static CK_RV
lost_errno(void)
{
	return lost(strerror(errno));
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
left_ms(const struct bus *b)
{
	int64_t left = b->deadline - now_ms();

	return left > 0 ? (int)left : 0;
}

static CK_RV
await(const struct bus *b, short events)
{
	struct pollfd p = { .fd = b->fd, .events = events };
	int n;

	do
		n = poll(&p, 1, left_ms(b));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return lost_errno();
	return n > 0 ? CKR_OK : lost("no answer in time");
}

static bool
again(void)
{
	return errno == EINTR || errno == EAGAIN;
}

static CK_RV
send_all(const struct bus *b, struct view v)
{
	ssize_t n;
	CK_RV rv;

	while (v.len > 0) {
		if ((rv = await(b, POLLOUT)) != CKR_OK)
			return rv;
		n = send(b->fd, v.data, v.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && !again())
			return lost_errno();
		if (n > 0)
			v = view_sub(v, (size_t)n, v.len);
	}
	return CKR_OK;
}

static void
drop_fds(struct bus *b)
{
	while (b->fd_count > 0)
		(void)close(b->fds[--b->fd_count]);
}

static CK_RV
keep_fd(struct bus *b, int fd)
{
	if (b->fd_count == BUS_FDS) {
		(void)close(fd);
		return lost("too many file descriptors came");
	}
	b->fds[b->fd_count++] = fd;
	return CKR_OK;
}

/* Every descriptor is seen to, so that none is left open. */
static CK_RV
keep_fds(struct bus *b, struct msghdr *m)
{
	struct cmsghdr *c;
	size_t i, count;
	CK_RV rv = CKR_OK, one;
	int fd;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if ((one = keep_fd(b, fd)) != CKR_OK)
				rv = one;
		}
	}
	if (rv == CKR_OK && (m->msg_flags & MSG_CTRUNC) != 0)
		rv = lost("file descriptors got lost: too many came, or too "
		    "many files are open");
	return rv;
}

/* Some bytes, at least one. */
static CK_RV
receive(struct bus *b, void *data, size_t room, size_t *len)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(BUS_FDS * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = room };
	struct msghdr m;
	ssize_t n;
	CK_RV rv;

	do {
		if ((rv = await(b, POLLIN)) != CKR_OK)
			return rv;
		m = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1,
		    .msg_control = control.bytes,
		    .msg_controllen = sizeof(control.bytes) };
		n = recvmsg(b->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && again());
	if (n < 0)
		return lost_errno();
	if ((rv = keep_fds(b, &m)) != CKR_OK)
		return rv;
	*len = (size_t)n;
	return n > 0 ? CKR_OK : lost("the bus hung up");
}

static CK_RV
receive_all(struct bus *b, uint8_t *data, size_t len)
{
	size_t n;
	CK_RV rv;

	while (len > 0) {
		if ((rv = receive(b, data, len, &n)) != CKR_OK)
			return rv;
		data += n;
		len -= n;
	}
	return CKR_OK;
}

/*
 * Exactly one message, so that what came with its bytes belongs to it: the
 * kernel never hands out bytes together that were sent with different
 * descriptors.
 */
static CK_RV
receive_message(struct bus *b, struct dbus_message *out)
{
	size_t len;
	CK_RV rv;

	drop_fds(b);
	if ((rv = buf_resize(&b->message, DBUS_HEAD_LEN)) != CKR_OK ||
	    (rv = receive_all(b, b->message.data, DBUS_HEAD_LEN)) != CKR_OK)
		return rv;
	if (dbus_length(buf_view(&b->message), &len) != CKR_OK)
		return lost("malformed message");
	if ((rv = buf_resize(&b->message, len)) != CKR_OK ||
	    (rv = receive_all(b, b->message.data + DBUS_HEAD_LEN,
	    len - DBUS_HEAD_LEN)) != CKR_OK)
		return rv;
	if (dbus_read(buf_view(&b->message), out) != CKR_OK ||
	    out->fds != b->fd_count)
		return lost("malformed message");
	return CKR_OK;
}

static bool
is_answer(const struct dbus_message *m, uint32_t serial)
{
	return (m->type == DBUS_RETURN || m->type == DBUS_ERROR) &&
	    m->answers == serial;
}

void
bus_limit(struct bus *b, int ms)
{
	b->deadline = now_ms() + ms;
}

CK_RV
bus_call(struct bus *b, const struct dbus_call *c,
    struct dbus_message *answer)
{
	struct buf call = BUF_EMPTY;
	unsigned noise;
	CK_RV rv;

	if ((rv = dbus_write(c, ++b->serial, &call)) != CKR_OK ||
	    (rv = send_all(b, buf_view(&call))) != CKR_OK)
		goto out;
	for (noise = 0; noise <= NOISE_MAX; noise++)
		if ((rv = receive_message(b, answer)) != CKR_OK ||
		    is_answer(answer, b->serial))
			goto out;
	rv = lost("much was said, but no answer");
out:
	buf_free(&call);
	return rv;
}

int
bus_take_fd(struct bus *b)
{
	return b->fd_count > 0 ? b->fds[--b->fd_count] : -1;
}

/*
 * A socket is there at once or not; only its queue may be full for a while.
 * On failure errno has the reason.
 */
static CK_RV
dial(struct bus *b, const struct sockaddr_un *to, socklen_t len)
{
	int rc, reason;

	b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (b->fd < 0)
		return CKR_DEVICE_REMOVED;
	while ((rc = connect(b->fd, (const struct sockaddr *)to, len)) != 0 &&
	    again() && left_ms(b) > 0)
		(void)poll(NULL, 0, NAP_MS);
	if (rc == 0)
		return CKR_OK;
	reason = errno;
	(void)close(b->fd);
	b->fd = -1;
	errno = reason;
	return CKR_DEVICE_REMOVED;
}

/* The first that somebody listens at; what is wrong with the last is told. */
static CK_RV
dial_any(struct bus *b, struct view addresses)
{
	struct view list = addresses;
	struct sockaddr_un to;
	socklen_t len;
	int reason = 0;
	CK_RV rv;

	while ((rv = dbus_address(&list, &to, &len)) == CKR_OK &&
	    dial(b, &to, len) != CKR_OK)
		reason = errno;
	if (rv != CKR_NO_EVENT)
		return rv;
	log_error("D-Bus at %.*s: %s", (int)addresses.len,
	    (const char *)addresses.data, reason != 0 ? strerror(reason) :
	    "there is no unix:path= or unix:abstract= in it");
	return CKR_DEVICE_REMOVED;
}

/* One identifier, of which nothing is known, stands in the middle. */
static bool
welcomes(const char *talk)
{
	static const char before[] = "DATA\r\nOK ";
	const char *after;

	if (strncmp(talk, before, strlen(before)) != 0)
		return false;
	after = strstr(talk + strlen(before), "\r\n");
	return after != NULL && strcmp(after, "\r\nAGREE_UNIX_FD\r\n") == 0;
}

/*
 * We are whom the kernel says that we are: to name a user id, as the standard
 * has it too, fails where the bus counts users otherwise (a container).
 * Nothing follows the last line until we speak.
 */
static CK_RV
authenticate(struct bus *b)
{
	static const char ours[] = "\0AUTH EXTERNAL\r\nDATA\r\n"
	    "NEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
	char talk[TALK_MAX + 1] = "";
	size_t n, len = 0;
	CK_RV rv;

	if ((rv = send_all(b, view_of(ours, sizeof(ours) - 1))) != CKR_OK)
		return rv;
	while (!welcomes(talk)) {
		if (len == TALK_MAX || strstr(talk, "REJECTED") != NULL ||
		    strstr(talk, "ERROR") != NULL) {
			log_error("D-Bus: the bus does not let us in: %s",
			    talk);
			return CKR_DEVICE_REMOVED;
		}
		rv = receive(b, talk + len, TALK_MAX - len, &n);
		if (rv != CKR_OK)
			return rv;
		len += n;
	}
	return CKR_OK;
}

static CK_RV
hello(struct bus *b)
{
	static const struct dbus_call call = {
		.destination = "org.freedesktop.DBus",
		.path = "/org/freedesktop/DBus",
		.interface = "org.freedesktop.DBus",
		.member = "Hello"
	};
	struct dbus_message answer;
	CK_RV rv;

	rv = bus_call(b, &call, &answer);
	if (rv == CKR_OK && answer.type != DBUS_RETURN)
		rv = lost("the bus does not let us in");
	return rv;
}

CK_RV
bus_open(struct view addresses, int limit_ms, struct bus *out)
{
	struct bus b = BUS_CLOSED;
	CK_RV rv;

	bus_limit(&b, limit_ms);
	if ((rv = dial_any(&b, addresses)) != CKR_OK ||
	    (rv = authenticate(&b)) != CKR_OK ||
	    (rv = hello(&b)) != CKR_OK)
		bus_close(&b);
	else
		*out = b;
	return rv;
}

void
bus_close(struct bus *b)
{
	drop_fds(b);
	if (b->fd >= 0)
		(void)close(b->fd);
	buf_free(&b->message);
	*b = BUS_CLOSED;
}
