/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_SCRIPT_H
#define LIB_SCRIPT_H

#include "p11_object.h"

/*
 * A script of calls that asks the tokens of slots 1 and 2 for all they have,
 * and what it was answered; for two such runs to be compared.
 */
enum { SCRIPT_TOKENS = 2, SCRIPT_OBJECTS = 16 };

/* What a step gives: a code, and sums over the things that came with it. */
struct script_answer {
	CK_RV rv;
	unsigned count;
	uint64_t sum[SCRIPT_OBJECTS];
};

enum step {
	INFO,			/* token info, before anything is checked */
	PUBLIC_FIND,		/* all objects and all their attributes */
	USER_LOGIN, USER_INFO, USER_FIND, USER_SIGN, USER_LOGOUT,
	SO_LOGIN, SO_FIND, SO_LOGOUT,
	STEPS
};

struct script_answers {
	struct script_answer slots;
	struct script_answer of[SCRIPT_TOKENS][STEPS];
};

/* The library is not initialised; what it logs goes into a new file. */
void script_play(struct script_answers *out, const char *log_path);
/* A sum over bytes, begun with any number. */
uint64_t script_sum(uint64_t sum, const void *bytes, size_t len);
/* Is there anything in the log? */
bool script_said(const char *log_path);

/* The worst of all: TOLD is that an object is missing, and the log said
 * something; WRONG, which is printed, any other difference. */
enum outcome { REFUSED, TOLD, SAME, WRONG, OUTCOMES };
enum outcome script_compare(const struct script_answers *want,
    const struct script_answers *got, const char *log_path);

#endif
