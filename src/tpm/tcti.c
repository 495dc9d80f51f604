/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <fnmatch.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tpm/internal.h"
#include "util/env.h"
#include "util/log.h"

#define DEVICE "device:"

/*
 * By the TCTI string, the first match. Of one that is not here the worst is
 * assumed: others use the TPM too, and nobody cleans up after us.
 *
 * The kernel's resource manager has three places for objects in each open
 * file, and to exceed them costs the connection (tpm2-space.c in the kernel
 * answers ENOMEM). tpm2-abrmd has 27 in each connection, if not told otherwise
 * by --max-transients, and answers with a code: but for sequences, which it
 * does not count and loses.
 */
#define KERNEL_ROOM 3
#define ABRMD_ROOM 27

static const struct {
	const char *pattern;
	struct tcti_kind kind;
} kinds[] = {
	{ "swtpm*", { .sole = true } },
	{ "mssim*", { .sole = true } },
	{ "libtpms*", { .sole = true } },
	{ DEVICE "/dev/tpmrm*", { .reaps = true, .room = KERNEL_ROOM } },
	{ DEVICE "/dev/tpm[0-9]*", { .sole = true } },
	{ "tabrmd*", { .reaps = true, .room = ABRMD_ROOM } },
	{ "*", { .room = KERNEL_ROOM } },
};

static bool
begins(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/*
 * Libraries may be named in full, and some hand on to another TCTI that
 * follows ("pcap:swtpm:...", "/path/libtcti-trace.so:swtpm:..."): what counts
 * is the last name in the row.
 */
static const char *
inner(const char *tcti)
{
	static const char standard[] = "libtss2-tcti-";
	const char *name, *colon, *so;

	if ((name = strstr(tcti, standard)) != NULL)
		return name + strlen(standard);
	if ((colon = strchr(tcti, ':')) == NULL)
		return tcti;
	so = strstr(tcti, ".so");
	if (begins(tcti, "pcap:") || (so != NULL && so < colon))
		return inner(colon + 1);
	return tcti;
}

struct tcti_kind
tcti_judge(const char *tcti)
{
	size_t i = 0;

	tcti = inner(tcti);
	while (fnmatch(kinds[i].pattern, tcti, 0) != 0)
		i++;
	return kinds[i].kind;
}

static bool
may_use(const char *path)
{
	return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0;
}

/* Which group to join, when the node's mode would let it in. */
static void
advise(const char *path)
{
	char text[256];
	struct group group, *found = NULL;
	struct stat st;

	if (stat(path, &st) != 0)
		log_error("%s: there is no such TPM device", path);
	else if ((st.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP) &&
	    getgrgid_r(st.st_gid, &group, text, sizeof(text), &found) == 0 &&
	    found != NULL)
		log_error("%s: permission denied; join the group %s", path,
		    group.gr_name);
	else
		log_error("%s: permission denied", path);
}

/* The TSS would say no more than that the open failed. */
static CK_RV
device_usable(const char *tcti)
{
	const char *name = inner(tcti);

	if (!begins(name, DEVICE "/") || may_use(name + strlen(DEVICE)))
		return CKR_OK;
	advise(name + strlen(DEVICE));
	return CKR_DEVICE_REMOVED;
}

static const char *
first_there(void)
{
	if (access("/dev/tpmrm0", F_OK) == 0)
		return DEVICE "/dev/tpmrm0";
	if (access("/dev/tpm0", F_OK) == 0)
		return DEVICE "/dev/tpm0";
	/* Without a bus there is no tpm2-abrmd, and no use in trying it. */
	if (env_get("DBUS_SYSTEM_BUS_ADDRESS") != NULL ||
	    access(SYSTEM_BUS, F_OK) == 0)
		return "tabrmd";
	return NULL;
}

CK_RV
tcti_choose(struct view configured, struct buf *out)
{
	static const uint8_t nul[1];
	const char *found;
	CK_RV rv;

	if (configured.len == 0 && (found = first_there()) == NULL) {
		log_error("no TPM: neither /dev/tpmrm0 nor /dev/tpm0 nor "
		    "tpm2-abrmd is there, and none was named by tcti in the "
		    "configuration or by TPM2_CRYPTOKI_TCTI");
		return CKR_DEVICE_REMOVED;
	}
	if (configured.len == 0)
		configured = view_str(found);
	if ((rv = buf_set(out, configured)) != CKR_OK ||
	    (rv = buf_append(out, view_of(nul, 1))) != CKR_OK)
		return rv;
	return device_usable((const char *)out->data);
}

CK_RV
tpm_tcti(struct tpm *t, struct buf *text)
{
	struct buf tcti = BUF_EMPTY;
	CK_RV rv;

	if ((rv = tcti_choose(buf_view(&t->tcti), &tcti)) == CKR_OK) {
		tcti.len--;
		buf_move(text, &tcti);
	}
	buf_free(&tcti);
	return rv;
}
