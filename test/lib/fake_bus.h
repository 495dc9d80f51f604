/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_FAKE_BUS_H
#define TEST_FAKE_BUS_H

/*
 * A D-Bus bus that a test plays itself, in a child process: it says what the
 * test's script says, right or wrong. In a script anything unexpected ends
 * the child, and the client finds that the bus hung up.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/dbus.h"

#include <cmocka.h>

/* What is done with a client, whose connection fd is. */
typedef void fake_script(int fd);

/* The bus's address; one bus at a time. */
const char *fake_bus_start(fake_script *script);
void fake_bus_stop(void);

/* For scripts: read up to these bytes, which have to come. */
void fake_hear_text(int fd, const char *end);
/* Read a call of this member; its serial. */
uint32_t fake_hear(int fd, const char *member);
void fake_say(int fd, const void *data, size_t len);
void fake_say_text(int fd, const char *text);
/* Bytes with descriptors. */
void fake_say_fds(int fd, struct view bytes, const int *fds, size_t count);
/* Authentication and Hello, as they should be. */
void fake_let_in(int fd);

/* A message, of which every part can be wrong. */
struct fake_message {
	bool big;		/* the order of its bytes */
	unsigned type;
	uint32_t answers;	/* no such field when 0, */
	const char *error;	/* likewise when NULL, */
	const char *signature;
	uint32_t fds;		/* likewise when 0 */
	struct view body;
	struct view extra;	/* a field, bytes as they are */
};

struct fake_bytes {
	uint8_t data[1024];
	size_t len;
};

struct fake_bytes fake_write(const struct fake_message *m);
void fake_say_message(int fd, const struct fake_message *m);

/* Descriptors that this process has open. */
unsigned fake_open_fds(void);
/* Milliseconds of the monotonic clock. */
long fake_clock(void);

#endif
