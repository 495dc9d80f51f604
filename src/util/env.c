/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/env.h"

#include <stdlib.h>

#include "util/log.h"

const char *
env_get(const char *name)
{
	const char *value = secure_getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
env_dir(const char *name, bool tell)
{
	const char *dir = env_get(name);

	if (dir == NULL || dir[0] == '/')
		return dir;
	if (tell)
		log_error("%s=%s is not an absolute path and is ignored; "
		    "write it from / on", name, dir);
	return NULL;
}
