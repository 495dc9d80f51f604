/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "tpm/dbus.h"

/*
 * Server addresses (D-Bus Specification, "Server Addresses"), as in
 * DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus,guid=01;unix:abstract=x". A
 * TCTI's configuration is written alike.
 */

bool
dbus_split(struct view *list, char sep, struct view *part)
{
	const uint8_t *end;

	if (list->len == 0)
		return false;
	end = memchr(list->data, sep, list->len);
	*part = view_sub(*list, 0,
	    end != NULL ? (size_t)(end - list->data) : list->len);
	*list = view_sub(*list, part->len + 1, list->len);
	return true;
}

void
dbus_pair(struct view part, struct view *key, struct view *value)
{
	if (!dbus_split(&part, '=', key))
		*key = VIEW_EMPTY;
	*value = part;
}

bool
dbus_is(struct view v, const char *text)
{
	return view_equal(v, view_str(text));
}

/* %41 is A. A NUL would end the path before its end. */
static CK_RV
unescape(struct view v, struct buf *out)
{
	struct buf byte = BUF_EMPTY;
	struct view one;
	size_t i, used;
	CK_RV rv = CKR_OK;

	buf_clear(out);
	for (i = 0; i < v.len && rv == CKR_OK; i += used) {
		used = v.data[i] == '%' ? 3 : 1;
		one = view_sub(v, i, used);
		if (one.len != used)
			rv = CKR_DATA_INVALID;
		else if (used == 3 &&
		    (rv = hex_parse(view_sub(one, 1, 2), &byte)) == CKR_OK)
			one = buf_view(&byte);
		if (rv == CKR_OK && one.data[0] == 0)
			rv = CKR_DATA_INVALID;
		if (rv == CKR_OK)
			rv = buf_append(out, one);
	}
	buf_free(&byte);
	return rv;
}

/* Never by the working directory; a name in the abstract has a NUL before. */
static CK_RV
fill(struct view name, bool abstract, struct sockaddr_un *out,
    socklen_t *len)
{
	size_t room = sizeof(out->sun_path) - 1;

	if (name.len == 0 || name.len > room ||
	    (!abstract && name.data[0] != '/'))
		return CKR_DATA_INVALID;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(out->sun_path + (abstract ? 1 : 0), name.data, name.len);
	/* A path's NUL behind it counts, as the other's before it does. */
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
	    name.len);
	return CKR_OK;
}

static CK_RV
parse(struct view address, struct sockaddr_un *out, socklen_t *len)
{
	struct view transport, pair, key, value, found = VIEW_EMPTY;
	struct buf name = BUF_EMPTY;
	bool abstract = false;
	CK_RV rv = CKR_DATA_INVALID;

	if (!dbus_split(&address, ':', &transport) ||
	    !dbus_is(transport, "unix"))
		return rv;
	while (dbus_split(&address, ',', &pair)) {
		dbus_pair(pair, &key, &value);
		if (!dbus_is(key, "path") && !dbus_is(key, "abstract"))
			continue;
		if (found.len > 0)
			return rv;	/* there may be one of them */
		abstract = dbus_is(key, "abstract");
		found = value;
	}
	if ((rv = unescape(found, &name)) == CKR_OK)
		rv = fill(buf_view(&name), abstract, out, len);
	buf_free(&name);
	return rv;
}

CK_RV
dbus_address(struct view *list, struct sockaddr_un *out, socklen_t *len)
{
	struct view address;
	CK_RV rv = CKR_DATA_INVALID;

	while (rv == CKR_DATA_INVALID) {
		if (!dbus_split(list, ';', &address))
			return CKR_NO_EVENT;
		rv = parse(address, out, len);
	}
	return rv;
}
