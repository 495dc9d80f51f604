/* SPDX-License-Identifier: BSD-2-Clause */
#include "secret_search.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { MASK = 0x5a };

/* Shared by all processes: those of the keys are found out on the way. */
static struct {
	size_t len;
	uint8_t masked[SECRET_MAX];
} *secrets;
static const char *const *names;
static unsigned secret_count;

void
secret_begin(const char *const *of, unsigned count)
{
	names = of;
	secret_count = count;
	secrets = mmap(NULL, count * sizeof(*secrets),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(secrets != MAP_FAILED);
}

void
secret_keep(unsigned which, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t i;

	assert_in_range(len, 8, SECRET_MAX);
	for (i = 0; i < len; i++)
		secrets[which].masked[i] = p[i] ^ MASK;
	secrets[which].len = len;
}

CK_ULONG
secret_get(unsigned which, uint8_t out[SECRET_MAX])
{
	volatile uint8_t mask = MASK;
	size_t i;

	for (i = 0; i < secrets[which].len; i++)
		out[i] = secrets[which].masked[i] ^ mask;
	return secrets[which].len;
}

static uint8_t *content;
static size_t content_len;

static void
load(const char *dir, const char *name)
{
	char path[600];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	content_len = (size_t)st.st_size;
	content = malloc(content_len + 1);
	assert_non_null(content);
	assert_int_equal(read(fd, content, content_len),
	    (ssize_t)content_len);
	(void)close(fd);
}

/* Every nth byte of the file is the text: n is 2 for UTF-16 of any kind. */
static bool
is_there(const uint8_t *text, size_t len, size_t step)
{
	size_t at, i;

	for (at = 0; at + len * step <= content_len + step - 1; at++) {
		for (i = 0; i < len; i++)
			if (content[at + i * step] != text[i])
				break;
		if (i == len)
			return true;
	}
	return false;
}

static bool
is_there_in_hex(const uint8_t *bytes, size_t len)
{
	char low[2 * SECRET_MAX + 1], high[2 * SECRET_MAX + 1];
	size_t i;

	for (i = 0; i < len; i++) {
		(void)sprintf(low + 2 * i, "%02x", bytes[i]);
		(void)sprintf(high + 2 * i, "%02X", bytes[i]);
	}
	return is_there((uint8_t *)low, 2 * len, 1) ||
	    is_there((uint8_t *)high, 2 * len, 1);
}

/* As it looks behind 0, 1 or 2 other bytes: what is common to all that may
 * stand before and behind it. */
static bool
is_there_in_base64(const uint8_t *bytes, size_t len)
{
	uint8_t padded[SECRET_MAX + 4], text[2 * SECRET_MAX];
	size_t shift, n;

	for (shift = 0; shift < 3; shift++) {
		memset(padded, 0, sizeof(padded));
		memcpy(padded + shift, bytes, len);
		n = (shift + len) / 3 * 3;
		(void)EVP_EncodeBlock(text, padded, (int)n);
		if (is_there(text + 4, n / 3 * 4 - 4, 1))
			return true;
	}
	return false;
}

/* The spelling in which it stands in the file, or NULL. */
static const char *
spelling(unsigned which)
{
	uint8_t bytes[SECRET_MAX];
	size_t len = secret_get(which, bytes);

	if (is_there(bytes, len, 1))
		return "as it is";
	if (is_there(bytes, len, 2))
		return "in UTF-16";
	if (is_there_in_hex(bytes, len))
		return "in hex";
	return is_there_in_base64(bytes, len) ? "in base64" : NULL;
}

/* How many of them are found in the files of the store. */
unsigned
secret_in_files(const char *when)
{
	const char *dir = getenv("TPM2_CRYPTOKI_STORE"), *how;
	unsigned found = 0, files = 0;
	struct dirent *e;
	unsigned which;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		load(dir, e->d_name);
		for (which = 0; which < secret_count; which++) {
			if (secrets[which].len == 0 ||
			    (how = spelling(which)) == NULL)
				continue;
			print_message("%s: the %s, %s, in %s\n", when,
			    names[which], how, e->d_name);
			found++;
		}
		free(content);
		files++;
	}
	(void)closedir(d);
	assert_true(files > 0);
	return found;
}

struct area {
	uintptr_t begin, end;
};

/* The next one of /proc/self/maps that can be read. What is larger than a
 * process of ours can fill is a sanitizer's. */
static bool
next_area(FILE *maps, struct area *a)
{
	char line[600], mode[8];

	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx %7s", &a->begin, &a->end,
		    mode) == 3 && mode[0] == 'r' && mode[1] == 'w' &&
		    a->end - a->begin < (size_t)1 << 30)
			return true;
	return false;
}

static uint8_t window[1 << 16];

static bool
in_window(size_t len, unsigned which)
{
	volatile uint8_t mask = MASK;
	const uint8_t *masked = secrets[which].masked, *at = window;
	const uint8_t *const end = window + len;
	size_t i;

	while ((at = memchr(at, masked[0] ^ mask, (size_t)(end - at))) !=
	    NULL && at + secrets[which].len <= end) {
		for (i = 1; i < secrets[which].len; i++)
			if (at[i] != (uint8_t)(masked[i] ^ mask))
				break;
		if (i == secrets[which].len)
			return true;
		at++;
	}
	return false;
}

/* One window's worth of the area from at on, but for the window itself. */
static size_t
look_through(int mem, uintptr_t at, uintptr_t end)
{
	const uintptr_t own = (uintptr_t)window;
	ssize_t got;

	if (at < own && end > own)
		end = own;
	if (end - at > sizeof(window))
		end = at + sizeof(window);
	got = pread(mem, window, end - at, (off_t)at);
	return got > 0 ? (size_t)got : 0;
}

static unsigned
search_area(int mem, const struct area *a, const unsigned *list, size_t n,
    const char *when)
{
	const uintptr_t own = (uintptr_t)window;
	uintptr_t at = a->begin;
	unsigned found = 0;
	size_t got, i;

	while (at < a->end) {
		if (at >= own && at < own + sizeof(window)) {
			at = own + sizeof(window);
			continue;
		}
		got = look_through(mem, at, a->end);
		for (i = 0; i < n; i++)
			if (in_window(got, list[i])) {
				print_message("%s: the %s is in memory, "
				    "behind %lx of %lx-%lx\n", when,
				    names[list[i]], at, a->begin, a->end);
				found++;
			}
		/* what lies across two of them is in the next one */
		at += got > SECRET_MAX ? got - SECRET_MAX + 1 : SECRET_MAX;
	}
	return found;
}

unsigned
secret_in_memory(const unsigned *list, size_t n, const char *when)
{
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned found = 0, areas = 0;
	struct area a;

	assert_true(mem >= 0);
	assert_non_null(maps);
	for (; next_area(maps, &a); areas++)
		found += search_area(mem, &a, list, n, when);
	OPENSSL_cleanse(window, sizeof(window));
	(void)fclose(maps);
	(void)close(mem);
	assert_true(areas > 10);
	return found;
}
