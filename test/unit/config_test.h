/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_CONFIG_TEST_H
#define TEST_CONFIG_TEST_H

/*
 * For the tests of the configuration: an empty directory and an environment
 * without a word for each of them, a file, and what is said on stderr.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"
#include "yaml/config.h"

#include <cmocka.h>

static char base[256];
static char file[300];		/* the one that load reads */
static char said[4096];		/* by the last load */

static inline int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static inline int
new_base(void **state)
{
	static const char *const variables[] = { "TPM2_CRYPTOKI_CONFIG",
		"TPM2_CRYPTOKI_TCTI", "TPM2_CRYPTOKI_STORE",
		"TPM2_CRYPTOKI_LOG", "XDG_CONFIG_HOME", "HOME" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(variables); i++)
		(void)unsetenv(variables[i]);
	(void)snprintf(base, sizeof(base), "%s/config-test.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(base) == NULL)
		return -1;
	(void)snprintf(file, sizeof(file), "%s/config.yaml", base);
	return 0;
}

static inline int
drop_base(void **state)
{
	(void)state;
	log_set(LOG_LEVEL_NONE);
	return nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define config_test(f) cmocka_unit_test_setup_teardown(f, new_base, drop_base)

static inline void
write_bytes(const char *path, struct view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.data, bytes.len),
	    (ssize_t)bytes.len);
	assert_int_equal(close(fd), 0);
}

static inline void
write_text(const char *path, const char *text)
{
	write_bytes(path, view_str(text));
}

/* From begin to end what goes to stderr goes to said. */
static int kept_stderr, said_fd;

static inline void
listen_begin(void)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/said", base);
	said_fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	kept_stderr = dup(STDERR_FILENO);
	assert_true(said_fd >= 0 && kept_stderr >= 0);
	assert_true(dup2(said_fd, STDERR_FILENO) >= 0);
}

static inline void
listen_end(void)
{
	ssize_t n = pread(said_fd, said, sizeof(said) - 1, 0);

	assert_true(dup2(kept_stderr, STDERR_FILENO) >= 0);
	assert_true(n >= 0);
	said[n] = '\0';
	(void)close(kept_stderr);
	(void)close(said_fd);
}

/* As C_Initialize does it; errors are told. */
static inline CK_RV
load_any(struct config *c)
{
	CK_RV rv;

	log_start();
	if (getenv("TPM2_CRYPTOKI_LOG") == NULL)
		log_set(LOG_LEVEL_ERROR);
	listen_begin();
	rv = config_load(c);
	listen_end();
	return rv;
}

/* The configuration is this text. */
static inline CK_RV
load(const char *text, struct config *c)
{
	write_text(file, text);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	return load_any(c);
}

static inline void
assert_text(const struct buf *b, const char *want)
{
	assert_string_equal(b->data != NULL ? (char *)b->data : "", want);
	assert_int_equal(b->len, strlen(want));
}

static inline void
assert_value(const struct config *c, enum config_key key, const char *want)
{
	struct buf text = BUF_EMPTY;

	assert_int_equal(config_value(c, key, &text), CKR_OK);
	assert_text(&text, want);
	buf_free(&text);
}

/* All values are the defaults. */
static inline void
assert_default(const struct config *c)
{
	static const char *const values[CONFIG_KEYS] = {
		"", "", "", "none", "", "0x81000001", "index", "10", "10",
		"on", "", "deny", "deny"
	};
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++) {
		assert_value(c, (enum config_key)i, values[i]);
		assert_int_equal(c->origin[i].source, CONFIG_DEFAULT);
		assert_int_equal(c->origin[i].line, 0);
	}
	assert_int_equal(c->gid, -1);
	assert_text(&c->file, "");
}

#endif
