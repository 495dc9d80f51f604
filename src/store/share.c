/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

/*
 * Whose a new file or directory is: this user's alone, or also the configured
 * group's, whatever the umask. A group's directory hands its group on
 * (S_ISGID), so that SQLite's -wal and -shm, which have the mode of the file,
 * also have its group, whoever makes them.
 */

static bool
is_shared(const struct config *config)
{
	return config != NULL && config->gid >= 0;
}

/* What chown or fchown said; 0 or errno. */
static int
given(int rc, const char *path, const struct config *config)
{
	int err = rc == 0 ? 0 : errno;

	if (err == EPERM)
		log_error("store %s: cannot be given to the group %s; join "
		    "that group, or let root make the store", path,
		    (const char *)config->group.data);
	return err;
}

int
share_file(int fd, const char *path, const struct config *config)
{
	int err;

	if (!is_shared(config))
		return fchmod(fd, 0600) == 0 ? 0 : errno;
	err = given(fchown(fd, (uid_t)-1, (gid_t)config->gid), path, config);
	/* not before: the group that it had is another one */
	if (err == 0 && fchmod(fd, 0660) != 0)
		err = errno;
	return err;
}

int
share_dir(const char *path, const struct config *config, bool passage)
{
	int err;

	if (!is_shared(config))
		return chmod(path, 0700) == 0 ? 0 : errno;
	err = given(lchown(path, (uid_t)-1, (gid_t)config->gid), path,
	    config);
	if (err == 0 && chmod(path, passage ? 0710 : 02770) != 0)
		err = errno;
	return err;
}
