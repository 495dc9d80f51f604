/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_ENV_H
#define UTIL_ENV_H

#include <stdbool.h>

/*
 * The environment, read by secure_getenv: a set-user-ID program is not
 * steered by its caller. NULL when unset or empty.
 */
const char *env_get(const char *name);

/*
 * A directory named by the environment; NULL also when it is not absolute
 * (logged if tell), since the working directory is not the user's word.
 */
const char *env_dir(const char *name, bool tell);

#endif
