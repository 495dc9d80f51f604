/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_trace.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char trace[sizeof("/tmp/p11-trace.XXXXXX")];
static char given[PATH_MAX];

/* TCTI_TRACE_LIB, or beside the module: both are of one build tree. */
static void
find_library(char path[PATH_MAX])
{
	const char *lib = getenv("TCTI_TRACE_LIB");
	const char *module = getenv("P11_MODULE");
	char *end;

	assert_true(lib != NULL || module != NULL);
	(void)snprintf(path, PATH_MAX, "%s", lib != NULL ? lib : module);
	if (lib == NULL && (end = strstr(path, "/src/.libs/")) != NULL)
		(void)snprintf(end, PATH_MAX - (size_t)(end - path),
		    "/test/lib/.libs/libtcti-trace.so");
	assert_int_equal(access(path, R_OK), 0);
}

void
p11_trace_start(void)
{
	char path[PATH_MAX], whole[2 * PATH_MAX];
	const char *tcti = getenv("TPM2_CRYPTOKI_TCTI");
	int fd;

	assert_non_null(tcti);
	(void)snprintf(given, sizeof(given), "%s", tcti);
	(void)strcpy(trace, "/tmp/p11-trace.XXXXXX");
	fd = mkstemp(trace);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(setenv("TCTI_TRACE_FILE", trace, 1), 0);
	find_library(path);
	(void)snprintf(whole, sizeof(whole), "%s:%s", path, given);
	assert_int_equal(setenv("TPM2_CRYPTOKI_TCTI", whole, 1), 0);
}

void
p11_trace_stop(void)
{
	(void)unlink(trace);
	(void)unsetenv("TCTI_TRACE_FILE");
	(void)setenv("TPM2_CRYPTOKI_TCTI", given, 1);
}

unsigned
p11_commands(const char *of)
{
	char line[128];
	unsigned n = 0;
	FILE *f = fopen(trace, "r+");

	assert_non_null(f);
	if (of != NULL)
		print_message("%s:", of);
	for (; fgets(line, sizeof(line), f) != NULL; n++)
		if (of != NULL)
			print_message(" %.*s", (int)strcspn(line, " \n"),
			    line);
	if (of != NULL)
		print_message(" (%u)\n", n);
	assert_int_equal(ftruncate(fileno(f), 0), 0);
	assert_int_equal(fclose(f), 0);
	return n;
}
