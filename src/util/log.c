/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/env.h"

enum { LINE_MAX_BYTES = 1024 };

static const char *const words[] = {
	[LOG_LEVEL_NONE] = "none",
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_TRACE] = "trace"
};

static atomic_int current = LOG_LEVEL_NONE;

static struct {
	void (*tell)(void *arg, const char *line);
	void *arg;
} diverted;

bool
log_level_of(struct view word, enum log_level *level)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (view_equal(word, view_str(words[i]))) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

const char *
log_word(enum log_level level)
{
	return words[level];
}

void
log_set(enum log_level level)
{
	atomic_store(&current, (int)level);
}

void
log_start(void)
{
	const char *word = env_get("TPM2_CRYPTOKI_LOG");
	enum log_level level = LOG_LEVEL_NONE;

	if (word != NULL && !log_level_of(view_str(word), &level))
		level = LOG_LEVEL_ERROR;
	log_set(level);
}

void
log_divert(void (*tell)(void *arg, const char *line), void *arg)
{
	diverted.tell = tell;
	diverted.arg = arg;
}

bool
log_enabled(enum log_level level)
{
	return level != LOG_LEVEL_NONE &&
	    (int)level <= atomic_load_explicit(&current, memory_order_relaxed);
}

/*
 * A message may quote a path or a label: it must not forge a second line or
 * send escape codes to a terminal.
 */
static void
mask_controls(char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			s[i] = '?';
}

static void
write_all(const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(STDERR_FILENO, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

/* Length of what snprintf left in room bytes. */
static size_t
printed(int n, size_t room)
{
	if (n < 0)
		return 0;
	return (size_t)n < room ? (size_t)n : room - 1;
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	int saved = errno;
	size_t len, start;
	va_list ap;

	if (!log_enabled(level))
		return;
	/* one byte of the line is kept for the newline */
	len = printed(snprintf(line, sizeof(line) - 1, "tpm2-cryptoki: %s: ",
	    words[level]), sizeof(line) - 1);
	start = len;
	/* %m in fmt means the caller's errno */
	errno = saved;
	va_start(ap, fmt);
	len += printed(vsnprintf(line + len, sizeof(line) - 1 - len, fmt, ap),
	    sizeof(line) - 1 - len);
	va_end(ap);
	mask_controls(line, len);
	if (diverted.tell != NULL) {
		diverted.tell(diverted.arg, line + start);
	} else {
		line[len++] = '\n';
		write_all(line, len);
	}
	errno = saved;
}
