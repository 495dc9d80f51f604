/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DEATH_H
#define LIB_DEATH_H

#include "p11_child.h"

/*
 * Death at each point: a process is killed before or after its nth system
 * call that has an effect outside of it: on files, names, locks, or what is
 * sent to others, such as the TPM. With n = 1, 2, 3... until it comes to its
 * end, every state that it can leave is met. What it writes to memory that is
 * shared (SQLite's -shm) has no points of its own.
 */
enum death { DEATH_BEFORE, DEATH_AFTER };

/* Calls count from here on; called by the process that is to die. */
void death_may_come(void);
/* True when it was killed; false when it made fewer such calls, and went
 * well. Skips the test where no process can be traced. */
bool death_at(unsigned n, enum death when, void (*run)(void));

#endif
