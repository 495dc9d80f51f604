/* SPDX-License-Identifier: BSD-2-Clause */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* They are blocked but while we wait, so none comes between a look at caught
 * and the wait. */
static const int caught_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
	SIGTSTP };
#define SIGNALS ARRAY_LEN(caught_signals)

static volatile sig_atomic_t caught;

struct terminal {
	int fd;
	struct termios before;
	struct sigaction actions[SIGNALS];
	sigset_t mask;
};

static void
catch_signal(int number)
{
	caught = number;
}

bool
prompt_possible(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

static void
signals_take(struct terminal *t)
{
	struct sigaction action;
	sigset_t ours;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = catch_signal;
	(void)sigemptyset(&action.sa_mask);
	(void)sigemptyset(&ours);
	for (i = 0; i < SIGNALS; i++)
		(void)sigaddset(&ours, caught_signals[i]);
	(void)sigprocmask(SIG_BLOCK, &ours, &t->mask);
	for (i = 0; i < SIGNALS; i++) {
		(void)sigaction(caught_signals[i], NULL, &t->actions[i]);
		/* what the parent wants ignored (nohup) stays so */
		if (t->actions[i].sa_handler != SIG_IGN)
			(void)sigaction(caught_signals[i], &action, NULL);
	}
}

static void
signals_give_back(const struct terminal *t)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		(void)sigaction(caught_signals[i], &t->actions[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

/* One byte; 0 at the end of input, -1 when a signal came or reading failed. */
static int
read_byte(const struct terminal *t, uint8_t *byte)
{
	struct pollfd wait = { .fd = t->fd, .events = POLLIN };

	while (ppoll(&wait, 1, NULL, &t->mask) < 0)
		if (errno != EINTR || caught != 0)
			return -1;
	return caught != 0 ? -1 : (int)read(t->fd, byte, 1);
}

/* No byte of it is left elsewhere: secret has its room from the start. */
static CK_RV
read_line(const struct terminal *t, struct buf *secret)
{
	uint8_t byte = 0;
	size_t len = 0;
	CK_RV rv;
	int n;

	if ((rv = buf_resize(secret, SECRET_MAX)) != CKR_OK)
		return rv;
	while ((n = read_byte(t, &byte)) > 0 && byte != '\n') {
		if (len < SECRET_MAX)
			secret->data[len] = byte;
		len++;
	}
	wipe(&byte, sizeof(byte));
	if (n < 0 || (n == 0 && len == 0))
		return CKR_FUNCTION_CANCELED;
	if (len > SECRET_MAX)
		return CKR_PIN_LEN_RANGE;
	return buf_resize(secret, len);
}

static void
say(const struct terminal *t, const char *words)
{
	(void)!write(t->fd, words, strlen(words));
}

static CK_RV
ask_once(struct terminal *t, const char *question, struct buf *secret)
{
	struct termios quiet;
	CK_RV rv;

	if (tcgetattr(t->fd, &t->before) != 0)
		return CKR_DEVICE_REMOVED;
	quiet = t->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	caught = 0;
	signals_take(t);
	/* what was typed before the question is no answer to it */
	(void)tcsetattr(t->fd, TCSAFLUSH, &quiet);
	say(t, question);
	rv = read_line(t, secret);
	say(t, "\n");
	(void)tcsetattr(t->fd, TCSAFLUSH, &t->before);
	signals_give_back(t);
	return rv;
}

CK_RV
prompt_ask(const char *question, struct buf *secret)
{
	struct buf answer = BUF_EMPTY;
	struct terminal t;
	CK_RV rv;

	t.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (t.fd < 0)
		return CKR_DEVICE_REMOVED;
	do {
		rv = ask_once(&t, question, &answer);
		if (caught != 0)
			(void)raise(caught);
	} while (caught == SIGTSTP);
	(void)close(t.fd);
	if (rv == CKR_OK)
		buf_move(secret, &answer);
	buf_free(&answer);
	return rv;
}
