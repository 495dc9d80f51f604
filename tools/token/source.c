/* SPDX-License-Identifier: BSD-2-Clause */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "prompt.h"
#include "token/pin.h"
#include "util/env.h"

enum way { WAY_FILE, WAY_ENV, WAY_FD, WAYS };

static const enum option_id first_way[] = {
	[SECRET_PIN] = OPTION_PIN_FILE,
	[SECRET_SO_PIN] = OPTION_SO_PIN_FILE,
	[SECRET_NEW_PIN] = OPTION_NEW_PIN_FILE,
	[SECRET_OWNER_AUTH] = OPTION_OWNER_AUTH_FILE
};

static enum option_id
option_of(enum secret s, enum way w)
{
	return (enum option_id)((unsigned)first_way[s] + (unsigned)w);
}

bool
source_given(const struct tool *t, enum secret s)
{
	unsigned w;

	for (w = 0; w < WAYS; w++)
		if (given(t, option_of(s, (enum way)w)))
			return true;
	return false;
}

/* "--so-pin-file: WHY". */
static CK_RV
unusable(struct tool *t, enum option_id id, CK_RV rv, const char *why)
{
	char what[32] = "--";

	(void)strncat(what, option_rows[id].name, sizeof(what) - 3);
	return fail_as(t, what, rv, why, NULL);
}

static CK_RV
senseless(struct tool *t, enum option_id id, const char *why)
{
	t->misuse = true;
	return unusable(t, id, CKR_ARGUMENTS_BAD, why);
}

static CK_RV
read_all(struct tool *t, enum option_id id, int fd, struct buf *out)
{
	struct buf content = BUF_EMPTY;
	size_t len = 0;
	ssize_t n;
	CK_RV rv;

	if ((rv = buf_resize(&content, SECRET_MAX + 2)) != CKR_OK)
		return fail(t, "secret", rv);
	do {
		n = read(fd, content.data + len, content.len - len);
		len += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && len < content.len) || (n < 0 && errno == EINTR));
	if (n < 0)
		rv = unusable(t, id, CKR_FUNCTION_FAILED, strerror(errno));
	else if (len > 0 && content.data[len - 1] == '\n')
		len--;
	if (rv == CKR_OK && len > SECRET_MAX)
		rv = unusable(t, id, CKR_PIN_LEN_RANGE, "too long");
	if (rv == CKR_OK && (rv = buf_resize(&content, len)) == CKR_OK)
		buf_move(out, &content);
	buf_free(&content);
	return rv;
}

static void
warn_readable(int fd, const char *path)
{
	struct text line = TEXT_EMPTY;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & S_IROTH) == 0)
		return;
	text_str(&line, "tpm2-token: ");
	text_safe(&line, view_str(path));
	text_str(&line, ": every user can read this secret; chmod 600\n");
	(void)text_print(&line, STDERR_FILENO);
	text_free(&line);
}

static CK_RV
from_file(struct tool *t, enum option_id id, struct buf *out)
{
	const char *path = t->options.value[id];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	CK_RV rv;

	if (fd < 0)
		return unusable(t, id, CKR_FUNCTION_FAILED, strerror(errno));
	warn_readable(fd, path);
	rv = read_all(t, id, fd, out);
	(void)close(fd);
	return rv;
}

static CK_RV
from_env(struct tool *t, enum option_id id, struct buf *out)
{
	struct view value = view_str(env_get(t->options.value[id]));
	CK_RV rv;

	if (value.data == NULL)
		return unusable(t, id, CKR_FUNCTION_FAILED,
		    "the variable is not set");
	if (value.data[value.len - 1] == '\n')
		value.len--;
	rv = buf_set(out, value);
	return rv == CKR_OK ? rv : fail(t, "secret", rv);
}

static CK_RV
from_fd(struct tool *t, enum option_id id, struct buf *out)
{
	uint64_t fd;

	if (option_number(&t->options, id, INT_MAX, &fd) != CKR_OK)
		return senseless(t, id, "takes the number of an open file");
	return read_all(t, id, (int)fd, out);
}

static CK_RV (*const readers[])(struct tool *, enum option_id,
    struct buf *) = {
	[WAY_FILE] = from_file,
	[WAY_ENV] = from_env,
	[WAY_FD] = from_fd
};

static CK_RV
from_option(struct tool *t, enum secret s, struct buf *out)
{
	enum option_id id = OPTIONS;
	unsigned w, count = 0, way = 0;

	for (w = 0; w < WAYS; w++) {
		if (!given(t, option_of(s, (enum way)w)))
			continue;
		id = option_of(s, (enum way)w);
		way = w;
		count++;
	}
	if (count > 1)
		return senseless(t, id, "one place for one secret is "
		    "enough");
	return readers[way](t, id, out);
}

static CK_RV
no_terminal(struct tool *t, enum secret s, const char *what)
{
	struct text todo = TEXT_EMPTY;
	unsigned w;
	CK_RV rv;

	text_str(&todo, "give");
	for (w = 0; w < WAYS; w++)
		text_fmt(&todo, " --%s%s",
		    option_rows[option_of(s, (enum way)w)].name,
		    w == WAY_FD ? "" : w == WAY_ENV ? " or" : ",");
	text_add(&todo, view_of("", 1));
	if ((rv = todo.rv) == CKR_OK)
		rv = fail_as(t, what, CKR_FUNCTION_CANCELED, "there is no "
		    "terminal to ask at", (const char *)todo.bytes.data);
	text_free(&todo);
	return rv;
}

static CK_RV
from_person(struct tool *t, enum secret s, const char *what,
    const char *whose, const char *again, struct buf *out)
{
	struct text question = TEXT_EMPTY;
	CK_RV rv;

	text_str(&question, what);
	if (whose != NULL) {
		text_str(&question, " of ");
		text_str(&question, whose);
	}
	text_str(&question, again);
	text_str(&question, ": ");
	text_add(&question, view_of("", 1));
	if ((rv = question.rv) == CKR_OK)
		rv = prompt_ask((const char *)question.bytes.data, out);
	if (rv == CKR_DEVICE_REMOVED)
		rv = no_terminal(t, s, what);
	else if (rv != CKR_OK)
		rv = fail(t, what, rv);
	text_free(&question);
	return rv;
}

CK_RV
source_read(struct tool *t, enum secret s, const char *what,
    const char *whose, struct buf *out)
{
	if (source_given(t, s))
		return from_option(t, s, out);
	return from_person(t, s, what, whose, "", out);
}

static CK_RV
typed_again(struct tool *t, enum secret s, const char *what,
    const char *whose, struct view first)
{
	struct buf again = BUF_EMPTY;
	CK_RV rv;

	rv = from_person(t, s, what, whose, ", again", &again);
	if (rv == CKR_OK && !view_equal(first, buf_view(&again)))
		rv = fail_as(t, what, CKR_PIN_INVALID,
		    "these are two different ones", "nothing was changed");
	buf_free(&again);
	return rv;
}

CK_RV
source_new(struct tool *t, enum secret s, const char *what,
    const char *whose, struct buf *out)
{
	struct buf pin = BUF_EMPTY;
	CK_RV rv;

	if ((rv = source_read(t, s, what, whose, &pin)) != CKR_OK)
		goto out;
	if ((rv = pin_acceptable(buf_view(&pin))) != CKR_OK) {
		rv = fail(t, what, rv);
		goto out;
	}
	if (!source_given(t, s) && (rv = typed_again(t, s, what, whose,
	    buf_view(&pin))) != CKR_OK)
		goto out;
	buf_move(out, &pin);
out:
	buf_free(&pin);
	return rv;
}
