/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_BUS_H
#define TPM_BUS_H

#include "tpm/dbus.h"

/*
 * A client of a D-Bus bus for a few calls: no thread, no state outside of
 * struct bus, no file descriptor that survives exec. What goes wrong is
 * logged and is CKR_DEVICE_REMOVED; the bus is of no use then, but to be
 * closed. All waits end at the limit, whatever the bus does.
 */

/* So many descriptors may come with a message. */
#define BUS_FDS 4

struct bus {
	int fd;
	int64_t deadline;	/* ms of the monotonic clock */
	uint32_t serial;	/* of the last call */
	struct buf message;	/* the last that was read */
	int fds[BUS_FDS];	/* that came with it and were not taken */
	size_t fd_count;
};

#define BUS_CLOSED ((struct bus){ .fd = -1 })

/* By the first of the addresses that somebody listens at. */
CK_RV bus_open(struct view addresses, int limit_ms, struct bus *out) MUST_CHECK;
/* From now on there is so much time for all that follows. */
void bus_limit(struct bus *b, int ms);
/* answer is a DBUS_RETURN or DBUS_ERROR, valid up to the next call. */
CK_RV bus_call(struct bus *b, const struct dbus_call *c,
    struct dbus_message *answer) MUST_CHECK;
/* The descriptor that came with the answer, the caller's to close; -1 when
 * none did. */
int bus_take_fd(struct bus *b);
void bus_close(struct bus *b);

#endif
