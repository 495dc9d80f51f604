/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_CHILD_H
#define LIB_P11_CHILD_H

#include <sys/types.h>

#include "p11.h"

/*
 * Processes that a test forks to be other programs: p11_load went before,
 * C_Initialize did not. There a failed assertion ends the process instead of
 * the test.
 */
pid_t p11_fork(void (*run)(void));
/* Run it in a process of its own; fails the test unless all went well. */
void p11_in_child(void (*run)(void));

#endif
