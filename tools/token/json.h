/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include "text.h"

/*
 * One JSON value (RFC 8259), put together from its begin to its end on one
 * line. key is NULL in a list and for the outermost value. Failures stick in
 * the text that is written to.
 */
enum { JSON_DEPTH = 8 };

struct json {
	struct text *out;
	size_t depth;
	char ends[JSON_DEPTH];	/* what closes each value that is open */
	bool more;		/* a value stands before the next one */
};

void json_begin(struct json *j, struct text *out);
void json_object(struct json *j, const char *key);
void json_list(struct json *j, const char *key);
/* Closes the innermost one. */
void json_end(struct json *j);

/* Bytes that are no UTF-8 become U+FFFD, one each. */
void json_text(struct json *j, const char *key, struct view v);
void json_str(struct json *j, const char *key, const char *s);
void json_hex(struct json *j, const char *key, struct view v);
void json_number(struct json *j, const char *key, uint64_t n);
void json_bool(struct json *j, const char *key, bool on);
void json_null(struct json *j, const char *key);

#endif
