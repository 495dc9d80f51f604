/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include "util/buf.h"

/*
 * Words on stderr, none unless TPM2_CRYPTOKI_LOG names a level: error, info,
 * debug or trace. Never pass a secret. A message says what a person can mend
 * (path, device, group, line) and is logged once, where the foreign error
 * code is known. One line a message; a newline is added.
 */
enum log_level {
	LOG_LEVEL_NONE,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_TRACE
};

/* Read TPM2_CRYPTOKI_LOG; an unknown word counts as "error". */
void log_start(void);
/* From now on this level, as somebody else says. */
void log_set(enum log_level level);
/* The level that a word names; false when it names none. */
bool log_level_of(struct view word, enum log_level *level);
const char *log_word(enum log_level level);
/*
 * Give each line to tell, without level and newline, instead of stderr; NULL:
 * no longer. For a program of one thread.
 */
void log_divert(void (*tell)(void *arg, const char *line), void *arg);
bool log_enabled(enum log_level level);
void log_at(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_trace(...) log_at(LOG_LEVEL_TRACE, __VA_ARGS__)

#endif
