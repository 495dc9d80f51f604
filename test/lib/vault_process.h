/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_VAULT_PROCESS_H
#define LIB_VAULT_PROCESS_H

/*
 * This program again, as other processes that do what they are told at
 * p11_slot. main begins with vault_main, which there does not return.
 */
#include <sys/types.h>

#include "vault.h"

enum vault_what {
	VAULT_USER,		/* vault_try(CKU_USER, a) */
	VAULT_SO,		/* vault_try(CKU_SO, a) */
	VAULT_SET_PIN,		/* from a to b */
	VAULT_SET_SO_PIN,
	VAULT_INIT_PIN,		/* by a, b */
	VAULT_FLAGS,		/* the answer is vault_flags */
	VAULT_SEARCH		/* CKR_DATA_INVALID unless it finds one */
};

void vault_main(int argc, char **argv);

/* In a process that begins and ends for it, with the library put away. */
CK_RV vault_once(enum vault_what what, const char *a, const char *b);

/* One that stays; beside a running library it takes a resource manager. */
struct vault_process {
	pid_t pid;
	int to, from;
};
struct vault_process vault_start(void);
void vault_stop(struct vault_process *p);
void vault_tell(const struct vault_process *p, enum vault_what what,
    const char *a, const char *b);
CK_RV vault_hear(const struct vault_process *p);
CK_RV vault_ask(const struct vault_process *p, enum vault_what what,
    const char *a, const char *b);

#endif
