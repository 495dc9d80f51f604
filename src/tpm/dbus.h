/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_DBUS_H
#define TPM_DBUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/buf.h"

/*
 * D-Bus on the wire (D-Bus Specification, "Message Protocol"): as much as a
 * call without arguments and its answer need. The bytes come from outside and
 * are believed in nothing; CKR_DATA_INVALID says that they break the rules.
 */

#define DBUS_HEAD_LEN 16
/* The longest message that is read; the standard's own limit is 128 MiB. */
#define DBUS_MESSAGE_MAX 65536
/* And the longest name of anything. */
#define DBUS_NAME_MAX 255

enum dbus_type { DBUS_CALL = 1, DBUS_RETURN, DBUS_ERROR, DBUS_SIGNAL };

struct dbus_call {
	const char *destination;
	const char *path;
	const char *interface;
	const char *member;
};

/* A message that was read; the views borrow from its bytes. */
struct dbus_message {
	unsigned type;		/* enum dbus_type, or of a later version */
	bool little;		/* the order of the body's bytes */
	uint32_t answers;	/* the serial of a call; 0: of none */
	uint32_t fds;		/* how many descriptors came with it */
	struct view error;	/* its name, when type is DBUS_ERROR */
	struct view signature;
	struct view body;
};

/* Appends the call; the bus may start who is called. */
CK_RV dbus_write(const struct dbus_call *c, uint32_t serial,
    struct buf *out) MUST_CHECK;
/* The length of a whole message, by its first DBUS_HEAD_LEN bytes. */
CK_RV dbus_length(struct view head, size_t *len) MUST_CHECK;
CK_RV dbus_read(struct view whole, struct dbus_message *out) MUST_CHECK;
/* The number at this place of the body, which is long enough for it. */
uint32_t dbus_u32(const struct dbus_message *m, size_t off);
/* The string with which the body begins; empty when it does not. */
struct view dbus_text(const struct dbus_message *m);

/*
 * The first part of *list, up to sep, which is cut off with it; false when
 * the list is empty.
 */
bool dbus_split(struct view *list, char sep, struct view *part);
/* Of "key=value"; a part without "=" is a key. */
void dbus_pair(struct view part, struct view *key, struct view *value);
bool dbus_is(struct view v, const char *text);
/*
 * The next UNIX socket of a list of server addresses; other transports and
 * what cannot be understood are passed over. CKR_NO_EVENT at its end.
 */
CK_RV dbus_address(struct view *list, struct sockaddr_un *out,
    socklen_t *len) MUST_CHECK;

#endif
