/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_bus.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char path[64];
static char address[96];
static pid_t bus;

static int
listen_at_path(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(path, sizeof(path), "/tmp/fake-bus.%ld",
	    (long)getpid());
	(void)snprintf(address, sizeof(address), "unix:path=%s", path);
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)),
	    0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

const char *
fake_bus_start(fake_script *script)
{
	int listener, fd;

	fake_bus_stop();
	listener = listen_at_path();
	if ((bus = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGPIPE, SIG_IGN);
		while ((fd = accept(listener, NULL, NULL)) >= 0) {
			if (fork() == 0) {
				(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
				script(fd);
				_exit(0);
			}
			(void)close(fd);
		}
		_exit(0);
	}
	(void)close(listener);
	assert_true(bus > 0);
	return address;
}

void
fake_bus_stop(void)
{
	if (bus <= 0)
		return;
	(void)kill(bus, SIGKILL);
	(void)waitpid(bus, NULL, 0);
	(void)unlink(path);
	bus = 0;
}

static void
read_all(int fd, uint8_t *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = read(fd, data, len)) <= 0)
			_exit(1);
}

void
fake_hear_text(int fd, const char *end)
{
	char text[512] = "";
	size_t len;

	for (len = 0; strstr(text + (len > 0 && text[0] == '\0'), end) == NULL;
	    len++) {
		if (len == sizeof(text) - 1)
			_exit(1);
		read_all(fd, (uint8_t *)text + len, 1);
	}
}

uint32_t
fake_hear(int fd, const char *member)
{
	uint8_t data[1024];
	struct view whole;
	size_t len;
	uint32_t serial;

	read_all(fd, data, DBUS_HEAD_LEN);
	if (dbus_length(view_of(data, DBUS_HEAD_LEN), &len) != CKR_OK ||
	    len > sizeof(data))
		_exit(1);
	read_all(fd, data + DBUS_HEAD_LEN, len - DBUS_HEAD_LEN);
	whole = view_of(data, len);
	if (memmem(whole.data, whole.len, member, strlen(member) + 1) == NULL)
		_exit(1);
	memcpy(&serial, data + 8, sizeof(serial));
	return le32toh(serial);
}

void
fake_say(int fd, const void *data, size_t len)
{
	if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		_exit(1);
}

void
fake_say_text(int fd, const char *text)
{
	fake_say(fd, text, strlen(text));
}

void
fake_say_fds(int fd, struct view bytes, const int *fds, size_t count)
{
	char first = (char)bytes.data[0];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(64 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { .iov_base = &first, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	if (sendmsg(fd, &m, MSG_NOSIGNAL) != 1)
		_exit(1);
	fake_say(fd, bytes.data + 1, bytes.len - 1);
}

void
fake_let_in(int fd)
{
	const struct fake_message hello = { .type = DBUS_RETURN,
	    .answers = 1, .signature = "s",
	    .body = view_of("\4\0\0\0:1.5\0", 9) };

	fake_hear_text(fd, "BEGIN\r\n");
	fake_say_text(fd, "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n"
	    "AGREE_UNIX_FD\r\n");
	if (fake_hear(fd, "Hello") != 1)
		_exit(1);
	fake_say_message(fd, &hello);
}

static void
put(struct fake_bytes *b, const void *data, size_t len)
{
	assert_true(len <= sizeof(b->data) - b->len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void
put_u32(struct fake_bytes *b, uint32_t v, bool big)
{
	v = big ? htobe32(v) : htole32(v);
	put(b, &v, sizeof(v));
}

static void
put_zeros(struct fake_bytes *b)
{
	while (b->len % 8 != 0)
		put(b, "", 1);
}

static void
put_field(struct fake_bytes *b, uint8_t code, char type)
{
	const char head[4] = { (char)code, 1, type, 0 };

	put_zeros(b);
	put(b, head, sizeof(head));
}

struct fake_bytes
fake_write(const struct fake_message *m)
{
	struct fake_bytes b = { .len = 0 }, n = { .len = 0 };
	const uint8_t head[4] = { m->big ? 'B' : 'l', (uint8_t)m->type, 1, 1 };
	size_t len;

	put(&b, head, sizeof(head));
	put_u32(&b, (uint32_t)m->body.len, m->big);
	put_u32(&b, 77, m->big);
	put_u32(&b, 0, m->big);
	if (m->answers != 0) {
		put_field(&b, 5, 'u');
		put_u32(&b, m->answers, m->big);
	}
	if (m->error != NULL) {
		put_field(&b, 4, 's');
		put_u32(&b, (uint32_t)strlen(m->error), m->big);
		put(&b, m->error, strlen(m->error) + 1);
	}
	if (m->signature != NULL) {
		put_field(&b, 8, 'g');
		len = strlen(m->signature);
		put(&b, &(uint8_t){ (uint8_t)len }, 1);
		put(&b, m->signature, len + 1);
	}
	if (m->fds != 0) {
		put_field(&b, 9, 'u');
		put_u32(&b, m->fds, m->big);
	}
	if (m->extra.len > 0) {
		put_zeros(&b);
		put(&b, m->extra.data, m->extra.len);
	}
	put_u32(&n, (uint32_t)(b.len - DBUS_HEAD_LEN), m->big);
	memcpy(b.data + 12, n.data, n.len);
	put_zeros(&b);
	put(&b, m->body.data, m->body.len);
	return b;
}

void
fake_say_message(int fd, const struct fake_message *m)
{
	struct fake_bytes b = fake_write(m);

	fake_say(fd, b.data, b.len);
}

unsigned
fake_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

long
fake_clock(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
