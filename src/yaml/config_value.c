/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#include "util/mem.h"
#include "yaml/config_keys.h"

/* The member of c at an offset, of the type that its kind has there. */
static void *
member(struct config *c, size_t where)
{
	return (char *)c + where;
}

static const void *
member_of(const struct config *c, size_t where)
{
	return (const char *)c + where;
}

static CK_RV
append_str(struct buf *text, const char *s)
{
	return buf_append(text, view_str(s));
}

/* The place of a word in a list of count; count when it is not there. */
static size_t
find_word(struct view value, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (view_equal(value, view_str(words[i])))
			break;
	return i;
}

/* A line; empty for a key that is not given. */
static CK_RV
parse_text(struct config *c, size_t where, struct view value)
{
	struct buf text = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	for (i = 0; i < value.len; i++)
		if (value.data[i] < 0x20 || value.data[i] == 0x7f)
			return CKR_DATA_INVALID;
	if ((rv = buf_set(&text, value)) != CKR_OK ||
	    (rv = buf_append(&text, view_of("", 1))) != CKR_OK)
		goto out;
	text.len--;
	buf_move(member(c, where), &text);
out:
	buf_free(&text);
	return rv;
}

static CK_RV
format_text(const struct config *c, size_t where, struct buf *text)
{
	const struct buf *b = member_of(c, where);

	return buf_append(text, buf_view(b));
}

const struct config_kind config_text = { parse_text, format_text };

static CK_RV
parse_path(struct config *c, size_t where, struct view value)
{
	if (value.len > 0 && value.data[0] != '/')
		return CKR_DATA_INVALID;
	return parse_text(c, where, value);
}

const struct config_kind config_path = { parse_path, format_text };

/* CKR_DATA_INVALID when there is no such group. */
static CK_RV
find_group(const char *name, int64_t *gid)
{
	enum { ROOM_FIRST = 1024, ROOM_LAST = 1024 * 1024 };
	struct group group, *found = NULL;
	size_t room = ROOM_FIRST;
	int err = ERANGE;
	char *text;

	/* the members of a group have no bound of their own */
	for (; err == ERANGE && room <= ROOM_LAST; room *= 2) {
		if ((text = mem_alloc(room, 1)) == NULL)
			return CKR_HOST_MEMORY;
		err = getgrnam_r(name, &group, text, room, &found);
		if (err == 0 && found != NULL)
			*gid = (int64_t)found->gr_gid;
		mem_free(text);
	}
	return err == 0 && found != NULL ? CKR_OK : CKR_DATA_INVALID;
}

static CK_RV
parse_group(struct config *c, size_t where, struct view value)
{
	struct config found = { .gid = -1 };
	CK_RV rv;

	if ((rv = parse_text(&found, where, value)) != CKR_OK)
		return rv;
	if (found.group.len > 0)
		rv = find_group((char *)found.group.data, &found.gid);
	if (rv == CKR_OK) {
		buf_move(&c->group, &found.group);
		c->gid = found.gid;
	}
	buf_free(&found.group);
	return rv;
}

const struct config_kind config_group = { parse_group, format_text };

static CK_RV
parse_level(struct config *c, size_t where, struct view value)
{
	enum log_level *level = member(c, where);

	return log_level_of(value, level) ? CKR_OK : CKR_DATA_INVALID;
}

static CK_RV
format_level(const struct config *c, size_t where, struct buf *text)
{
	const enum log_level *level = member_of(c, where);

	return append_str(text, log_word(*level));
}

const struct config_kind config_level = { parse_level, format_level };

/* A number of at most 8 digits of base 10 or 16. */
static bool
parse_number(struct view v, unsigned base, uint32_t *number)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t n = 0;
	const char *at;
	size_t i;

	for (i = 0; i < v.len && i < 8; i++) {
		at = memchr(digits, v.data[i], base);
		if (at == NULL && v.data[i] >= 'A' && v.data[i] <= 'F')
			at = memchr(digits, v.data[i] + ('a' - 'A'), base);
		if (at == NULL)
			return false;
		n = n * base + (uint32_t)(at - digits);
	}
	*number = n;
	return v.len > 0 && v.len <= 8;
}

/* Where the TCG lets the owner keep persistent objects. */
static CK_RV
parse_handle(struct config *c, size_t where, struct view value)
{
	uint32_t handle = 0, *out = member(c, where);

	if (!view_equal(value, view_str("transient")) &&
	    (value.len != 10 || !view_equal(view_sub(value, 0, 2),
	    view_str("0x")) || !parse_number(view_sub(value, 2, 8), 16,
	    &handle) || handle < 0x81000000 || handle > 0x817fffff))
		return CKR_DATA_INVALID;
	*out = handle;
	return CKR_OK;
}

static CK_RV
format_handle(const struct config *c, size_t where, struct buf *text)
{
	const uint32_t *handle = member_of(c, where);
	char digits[sizeof("0x81000001")];

	if (*handle == 0)
		return append_str(text, "transient");
	(void)snprintf(digits, sizeof(digits), "0x%08x", (unsigned)*handle);
	return append_str(text, digits);
}

const struct config_kind config_handle = { parse_handle, format_handle };

static const char *const guards[] = {
	[GUARD_INDEX] = "index",
	[GUARD_LOCKOUT] = "lockout"
};

static CK_RV
parse_guard(struct config *c, size_t where, struct view value)
{
	size_t i = find_word(value, guards, ARRAY_LEN(guards));
	enum config_guard *guard = member(c, where);

	if (i == ARRAY_LEN(guards))
		return CKR_DATA_INVALID;
	*guard = (enum config_guard)i;
	return CKR_OK;
}

static CK_RV
format_guard(const struct config *c, size_t where, struct buf *text)
{
	const enum config_guard *guard = member_of(c, where);

	return append_str(text, guards[*guard]);
}

const struct config_kind config_guard = { parse_guard, format_guard };

static CK_RV
parse_tries(struct config *c, size_t where, struct view value)
{
	uint32_t number, *out = member(c, where);

	/* to some a leading zero means base 8 */
	if (!parse_number(value, 10, &number) || value.data[0] == '0' ||
	    number > 255)
		return CKR_DATA_INVALID;
	*out = number;
	return CKR_OK;
}

static CK_RV
format_tries(const struct config *c, size_t where, struct buf *text)
{
	const uint32_t *number = member_of(c, where);
	char digits[sizeof("4294967295")];

	(void)snprintf(digits, sizeof(digits), "%u", (unsigned)*number);
	return append_str(text, digits);
}

const struct config_kind config_tries = { parse_tries, format_tries };

/* One of two words, the second of which is true. */
static CK_RV
parse_pair(const char *const words[2], bool *out, struct view value)
{
	size_t i = find_word(value, words, 2);

	if (i == 2)
		return CKR_DATA_INVALID;
	*out = i == 1;
	return CKR_OK;
}

static const char *const switches[2] = { "off", "on" };

static CK_RV
parse_switch(struct config *c, size_t where, struct view value)
{
	return parse_pair(switches, member(c, where), value);
}

static CK_RV
format_switch(const struct config *c, size_t where, struct buf *text)
{
	const bool *on = member_of(c, where);

	return append_str(text, switches[*on]);
}

const struct config_kind config_switch = { parse_switch, format_switch };

static const char *const permissions[2] = { "deny", "allow" };

static CK_RV
parse_permission(struct config *c, size_t where, struct view value)
{
	return parse_pair(permissions, member(c, where), value);
}

static CK_RV
format_permission(const struct config *c, size_t where, struct buf *text)
{
	const bool *allowed = member_of(c, where);

	return append_str(text, permissions[*allowed]);
}

const struct config_kind config_permission = { parse_permission,
	format_permission };
