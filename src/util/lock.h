/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LOCK_H
#define UTIL_LOCK_H

#include "util/result.h"

/*
 * Mutexes as C_Initialize chose them (PKCS#11 3.x, 5.4): the application's
 * callbacks when it gave them without CKF_OS_LOCKING_OK, else pthreads.
 * Not recursive. lock_choose copies the pointers; NULL means pthreads. A lock
 * keeps what it was made with. When the application's LockMutex fails, the
 * lock still keeps threads apart, by spinning.
 */
struct lock;

void lock_choose(const CK_C_INITIALIZE_ARGS *args);
/* CKR_HOST_MEMORY, or CKR_GENERAL_ERROR when CreateMutex fails otherwise. */
CK_RV lock_new(struct lock **out) MUST_CHECK;
void lock_free(struct lock **l);
void lock_take(struct lock *l);
void lock_release(struct lock *l);

#endif
