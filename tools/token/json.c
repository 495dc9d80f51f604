/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <assert.h>
#include <inttypes.h>

void
json_begin(struct json *j, struct text *out)
{
	*j = (struct json){ .out = out };
}

static void
put_char(struct json *j, struct view v, uint32_t code)
{
	switch (code) {
	case '"':
		text_str(j->out, "\\\"");
		break;
	case '\\':
		text_str(j->out, "\\\\");
		break;
	default:
		if (code < 0x20 || code == 0x7f)
			text_fmt(j->out, "\\u%04x", (unsigned)code);
		else
			text_add(j->out, v);
	}
}

static void
put_string(struct json *j, struct view v)
{
	uint32_t code;
	size_t n;

	text_str(j->out, "\"");
	for (; v.len > 0; v = view_sub(v, n, v.len)) {
		n = utf8_next(v, &code);
		if (n != 0)
			put_char(j, view_sub(v, 0, n), code);
		else
			text_str(j->out, "\\ufffd");
		n = n == 0 ? 1 : n;
	}
	text_str(j->out, "\"");
}

/* What stands before a value. */
static void
put_key(struct json *j, const char *key)
{
	if (j->more)
		text_str(j->out, ",");
	j->more = true;
	if (key == NULL)
		return;
	put_string(j, view_str(key));
	text_str(j->out, ":");
}

static void
open_value(struct json *j, const char *key, const char *begin, char end)
{
	assert(j->depth < JSON_DEPTH);
	put_key(j, key);
	text_str(j->out, begin);
	j->ends[j->depth++] = end;
	j->more = false;
}

void
json_object(struct json *j, const char *key)
{
	open_value(j, key, "{", '}');
}

void
json_list(struct json *j, const char *key)
{
	open_value(j, key, "[", ']');
}

void
json_end(struct json *j)
{
	assert(j->depth > 0);
	text_add(j->out, view_of(&j->ends[--j->depth], 1));
	j->more = true;
	if (j->depth == 0)
		text_str(j->out, "\n");
}

void
json_text(struct json *j, const char *key, struct view v)
{
	put_key(j, key);
	put_string(j, v);
}

void
json_str(struct json *j, const char *key, const char *s)
{
	json_text(j, key, view_str(s));
}

void
json_hex(struct json *j, const char *key, struct view v)
{
	put_key(j, key);
	text_str(j->out, "\"");
	text_hex(j->out, v);
	text_str(j->out, "\"");
}

void
json_number(struct json *j, const char *key, uint64_t n)
{
	put_key(j, key);
	text_fmt(j->out, "%" PRIu64, n);
}

void
json_bool(struct json *j, const char *key, bool on)
{
	put_key(j, key);
	text_str(j->out, on ? "true" : "false");
}

void
json_null(struct json *j, const char *key)
{
	put_key(j, key);
	text_str(j->out, "null");
}
