/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_trace.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A command, its response and their names, in hex. */
#define LINE_MAX_LEN (3 * 4096)

static char file[] = "/tmp/p11-trace.XXXXXX";
static char given[PATH_MAX];	/* the TCTI, before the trace's was set */

/*
 * TCTI_TRACE_LIB, or beside the module: both are of one build tree.
 */
static void
find_library(char path[PATH_MAX])
{
	const char *lib = getenv("TCTI_TRACE_LIB");
	const char *module = getenv("P11_MODULE");
	char *end;

	assert_non_null(module);
	(void)snprintf(path, PATH_MAX, "%s", lib != NULL ? lib : module);
	if (lib == NULL && (end = strstr(path, "/src/.libs/")) != NULL)
		(void)snprintf(end, PATH_MAX - (size_t)(end - path),
		    "/test/lib/.libs/libtcti-trace.so");
	assert_int_equal(access(path, R_OK), 0);
}

static void
use_library(void)
{
	const char *tcti = getenv("TPM2_CRYPTOKI_TCTI");
	char path[PATH_MAX], whole[2 * PATH_MAX];

	assert_non_null(tcti);
	find_library(path);
	if (strstr(tcti, path) != NULL)
		return;
	(void)snprintf(given, sizeof(given), "%s", tcti);
	(void)snprintf(whole, sizeof(whole), "%s:%s", path, tcti);
	assert_int_equal(setenv("TPM2_CRYPTOKI_TCTI", whole, 1), 0);
}

void
p11_trace_start(void)
{
	int fd;

	p11_trace_stop();
	memcpy(file + sizeof(file) - 7, "XXXXXX", 6);
	fd = mkstemp(file);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(setenv("TCTI_TRACE_FILE", file, 1), 0);
	use_library();
}

void
p11_trace_stop(void)
{
	p11_trace_fault("%s", "");
	p11_trace_bytes(false);
	if (getenv("TCTI_TRACE_FILE") != NULL)
		(void)unlink(file);
	(void)unsetenv("TCTI_TRACE_FILE");
	if (given[0] != '\0')
		(void)setenv("TPM2_CRYPTOKI_TCTI", given, 1);
	given[0] = '\0';
}

void
p11_trace_clear(void)
{
	assert_int_equal(truncate(file, 0), 0);
}

CK_ULONG
p11_trace_take(struct p11_traced *out, CK_ULONG max)
{
	static char line[LINE_MAX_LEN];
	FILE *f = fopen(file, "r");
	CK_ULONG n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '>')
			continue;
		if (line[0] == '<') {
			out[n - 1].len = strcspn(line + 2, "\n") / 2;
			continue;
		}
		assert_true(n < max);
		(void)snprintf(out[n].name, sizeof(out[n].name), "%.*s",
		    (int)strcspn(line, " \n"), line);
		out[n++].len = 0;
	}
	assert_int_equal(fclose(f), 0);
	p11_trace_clear();
	return n;
}

unsigned
p11_trace_count(const char *of)
{
	static struct p11_traced all[8192];
	CK_ULONG i, n = p11_trace_take(all, P11_COUNT(all));

	if (of == NULL)
		return (unsigned)n;
	print_message("%s:", of);
	for (i = 0; i < n && i < 64; i++)
		print_message(" %s", all[i].name);
	print_message(" (%lu)\n", n);
	return (unsigned)n;
}

bool
p11_trace_has(const void *bytes, CK_ULONG len)
{
	static char line[LINE_MAX_LEN];
	const unsigned char *p = bytes;
	FILE *f = fopen(file, "r");
	char hex[2 * 256 + 1];
	bool found = false;
	CK_ULONG i;

	assert_non_null(f);
	assert_in_range(len, 8, 256);
	for (i = 0; i < len; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", p[i]);
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, hex) != NULL;
	assert_int_equal(fclose(f), 0);
	return found;
}

static unsigned
nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

unsigned
p11_trace_walk(void (*visit)(const struct p11_exchange *x))
{
	static char line[LINE_MAX_LEN];
	static struct p11_exchange x;
	FILE *f = fopen(file, "r");
	unsigned n = 0;
	CK_ULONG i;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '<')
			continue;
		if (line[0] != '>') {
			assert_int_equal(sscanf(line, "%23s %u", x.name,
			    &x.handles), 2);
			continue;
		}
		x.len = strcspn(line + 2, "\n") / 2;
		for (i = 0; i < x.len; i++)
			x.command[i] = (CK_BYTE)(nibble(line[2 * i + 2]) << 4 |
			    nibble(line[2 * i + 3]));
		visit(&x);
		n++;
	}
	assert_int_equal(fclose(f), 0);
	return n;
}

void
p11_trace_bytes(bool on)
{
	if (on)
		(void)setenv("TCTI_TRACE_RAW", "1", 1);
	else
		(void)unsetenv("TCTI_TRACE_RAW");
}

void
p11_trace_fault(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)setenv("TCTI_TRACE_FAULT", text, 1);
}

bool
p11_trace_control(void)
{
	static const char key[] = "swtpm:path=";
	const char *tcti = getenv("TPM2_CRYPTOKI_TCTI");
	char path[PATH_MAX];
	const char *at;

	if (tcti == NULL || (at = strstr(tcti, key)) == NULL)
		return false;
	(void)snprintf(path, sizeof(path), "%s.ctrl", at + strlen(key));
	return setenv("TCTI_TRACE_CTRL", path, 1) == 0 &&
	    access(path, F_OK) == 0;
}
