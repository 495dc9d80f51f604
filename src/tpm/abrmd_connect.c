/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tpm/bus.h"
#include "tpm/internal.h"
#include "util/env.h"
#include "util/log.h"

/*
 * D-Bus is only needed to be handed a socket. tpm2-abrmd does not watch who
 * asked for it (the connection ends with the socket), so the bus is left at
 * once.
 */

#define BUS_NAME "com.intel.tss2.Tabrmd"
#define BUS_PATH "/com/intel/tss2/Tabrmd/Tcti"
#define BUS_INTERFACE "com.intel.tss2.TctiTabrmd"

/* To be let in by the bus. */
#define OPEN_MS 10000
/*
 * The bus may have to start the daemon, and gives up after 25 s itself. Who
 * leaves before the answer may crash the daemon, which still asks for them.
 */
#define CREATE_MS 30000
/* A daemon that has its name but does not serve yet gets 5 s. */
#define NAP_MS 20
#define NAPS_MAX 250

/* Which daemon, at which bus. */
struct target {
	bool session;
	char name[DBUS_NAME_MAX + 1];
};

/* What D-Bus allows in a name; another would be taken for an attack. */
static bool
is_bus_name(struct view v)
{
	size_t i;

	if (v.len == 0 || v.len > DBUS_NAME_MAX)
		return false;
	for (i = 0; i < v.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:",
		    v.data[i]) == NULL || v.data[i] == 0)
			return false;
	return true;
}

static bool
configure(struct view key, struct view value, struct target *t)
{
	if (dbus_is(key, "bus_type") && dbus_is(value, "session"))
		t->session = true;
	else if (dbus_is(key, "bus_type") && dbus_is(value, "system"))
		t->session = false;
	else if (dbus_is(key, "bus_name") && is_bus_name(value)) {
		memcpy(t->name, value.data, value.len);
		t->name[value.len] = '\0';
	} else
		return false;
	return true;
}

static CK_RV
parse(const char *tcti, struct target *out)
{
	struct view rest = view_str(tcti), part, key, value;

	*out = (struct target){ .session = false, .name = BUS_NAME };
	(void)dbus_split(&rest, ':', &part);
	while (dbus_split(&rest, ',', &part)) {
		dbus_pair(part, &key, &value);
		if (configure(key, value, out))
			continue;
		log_error("%s: it may say bus_type=system, bus_type=session "
		    "and bus_name=...", tcti);
		return CKR_DEVICE_REMOVED;
	}
	return CKR_OK;
}

/* Where the standard has the bus that the environment does not name. */
static CK_RV
bus_address(const struct target *t, struct buf *out)
{
	const char *named = env_get(t->session ? "DBUS_SESSION_BUS_ADDRESS" :
	    "DBUS_SYSTEM_BUS_ADDRESS");
	const char *dir = env_get("XDG_RUNTIME_DIR");
	CK_RV rv;

	if (named != NULL)
		return buf_set(out, view_str(named));
	if (!t->session)
		return buf_set(out, view_str("unix:path=" SYSTEM_BUS));
	if (dir == NULL) {
		log_error("no session bus: DBUS_SESSION_BUS_ADDRESS is not "
		    "set");
		return CKR_DEVICE_REMOVED;
	}
	if ((rv = buf_set(out, view_str("unix:path="))) != CKR_OK ||
	    (rv = buf_append(out, view_str(dir))) != CKR_OK)
		return rv;
	return buf_append(out, view_str("/bus"));
}

/*
 * By the beginning of the error's name, the first match. The daemon takes its
 * name on the bus before it can serve, so whom the bus starts it for, or who
 * comes back when it is restarted, may be too early.
 */
static const struct trait {
	const char *error;
	const char *advice;
	bool early;
} traits[] = {
	{ "org.freedesktop.DBus.Error.ServiceUnknown",
	    "tpm2-abrmd is not running, and this bus cannot start it; start "
	    "tpm2-abrmd.service", false },
	{ "org.freedesktop.DBus.Error.NameHasNoOwner",
	    "tpm2-abrmd is not running; start tpm2-abrmd.service", false },
	{ "org.freedesktop.DBus.Error.AccessDenied",
	    "the bus's policy keeps this user from tpm2-abrmd; join the "
	    "group tss", false },
	{ "org.freedesktop.DBus.Error.Unknown", "is it tpm2-abrmd?", true },
	{ "com.intel.tss2.Tabrmd.Error.Internal",
	    "see what tpm2-abrmd logged (journalctl -u tpm2-abrmd)", true },
	{ "com.intel.tss2.Tabrmd.Error.General",
	    "tpm2-abrmd may have all the clients that it takes; see its "
	    "option --max-connections", false },
	{ "", "see what tpm2-abrmd logged (journalctl -u tpm2-abrmd)", false },
};

static const struct trait *
trait_of(const struct dbus_message *m)
{
	const struct trait *t = traits;

	while (!dbus_is(view_sub(m->error, 0, strlen(t->error)), t->error))
		t++;
	return t;
}

static CK_RV
refused(const struct target *t, const struct dbus_message *m)
{
	struct view text = dbus_text(m);

	log_error("%s: %.*s: %.*s; %s", t->name, (int)m->error.len,
	    (const char *)m->error.data, (int)text.len,
	    text.len > 0 ? (const char *)text.data : "", trait_of(m)->advice);
	return CKR_DEVICE_REMOVED;
}

/*
 * CreateConnection has one socket to give. Since 3.0 it is not mentioned in
 * the answer's body, which is the connection's number; before, an array
 * "[0]" stood there first.
 */
static bool
gives_socket(const struct dbus_message *m)
{
	if (m->fds != 1)
		return false;
	if (dbus_is(m->signature, "t"))
		return m->body.len == 8;
	return dbus_is(m->signature, "aht") && m->body.len == 16 &&
	    dbus_u32(m, 0) == 4 && dbus_u32(m, 4) == 0;
}

static bool
is_stream(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM;
}

/* A program may have closed its standard streams, and still use them. */
static int
above_stdio(int fd)
{
	int higher;

	if (fd > STDERR_FILENO)
		return fd;
	if ((higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) < 0)
		return fd;
	(void)close(fd);
	return higher;
}

static CK_RV
ask(const struct target *t, struct bus *b, struct dbus_message *m)
{
	const struct dbus_call call = { .destination = t->name,
	    .path = BUS_PATH, .interface = BUS_INTERFACE,
	    .member = "CreateConnection" };
	unsigned naps = 0;
	CK_RV rv;

	bus_limit(b, CREATE_MS);
	while ((rv = bus_call(b, &call, m)) == CKR_OK &&
	    m->type == DBUS_ERROR) {
		if (!trait_of(m)->early || naps++ == NAPS_MAX)
			return refused(t, m);
		(void)poll(NULL, 0, NAP_MS);
	}
	return rv;
}

static CK_RV
create_connection(const struct target *t, struct bus *b, int *fd)
{
	struct dbus_message m;
	CK_RV rv;

	if ((rv = ask(t, b, &m)) != CKR_OK)
		return rv;
	if (gives_socket(&m) && is_stream(b->fds[0])) {
		*fd = above_stdio(bus_take_fd(b));
		return CKR_OK;
	}
	log_error("%s: its answer has no socket in it; is it tpm2-abrmd?",
	    t->name);
	return CKR_DEVICE_REMOVED;
}

CK_RV
abrmd_connect(const char *tcti, int *fd)
{
	struct buf address = BUF_EMPTY;
	struct bus bus = BUS_CLOSED;
	struct target target;
	CK_RV rv;

	if ((rv = parse(tcti, &target)) != CKR_OK ||
	    (rv = bus_address(&target, &address)) != CKR_OK ||
	    (rv = bus_open(buf_view(&address), OPEN_MS, &bus)) != CKR_OK)
		goto out;
	rv = create_connection(&target, &bus, fd);
out:
	bus_close(&bus);
	buf_free(&address);
	return rv;
}
