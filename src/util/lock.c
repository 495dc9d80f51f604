/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/lock.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "util/log.h"
#include "util/mem.h"

struct callbacks {
	CK_CREATEMUTEX create;
	CK_DESTROYMUTEX destroy;
	CK_LOCKMUTEX lock;
	CK_UNLOCKMUTEX unlock;
};

/*
 * A lock keeps the callbacks that made it: a later lock_choose does not hand
 * one library's mutex to another's functions.
 */
struct lock {
	struct callbacks app;	/* all NULL: os */
	void *mutex;		/* the application's */
	pthread_mutex_t os;
	/*
	 * Held together with the application's mutex. It is free as long as
	 * that one works; when its lock function fails, this one keeps the
	 * threads apart and taken says that there is nothing to unlock.
	 */
	atomic_flag guard;
	bool taken;
};

static struct callbacks chosen;

void
lock_choose(const CK_C_INITIALIZE_ARGS *args)
{
	chosen = (struct callbacks){ NULL, NULL, NULL, NULL };
	if (args == NULL || (args->flags & CKF_OS_LOCKING_OK) != 0 ||
	    args->CreateMutex == NULL || args->DestroyMutex == NULL ||
	    args->LockMutex == NULL || args->UnlockMutex == NULL)
		return;
	chosen = (struct callbacks){ args->CreateMutex, args->DestroyMutex,
	    args->LockMutex, args->UnlockMutex };
}

static bool
is_app(const struct lock *l)
{
	return l->app.create != NULL;
}

/* What a program's CreateMutex may answer is its own; we have two codes. */
static CK_RV
create(struct lock *l)
{
	CK_RV rv;

	if (!is_app(l))
		return pthread_mutex_init(&l->os, NULL) == 0 ?
		    CKR_OK : CKR_HOST_MEMORY;
	rv = l->app.create(&l->mutex);
	if (rv == CKR_OK || rv == CKR_HOST_MEMORY)
		return rv;
	log_error("the application's CreateMutex failed: 0x%lx", rv);
	return CKR_GENERAL_ERROR;
}

CK_RV
lock_new(struct lock **out)
{
	struct lock *l;
	CK_RV rv;

	l = mem_alloc(1, sizeof(*l));
	if (l == NULL)
		return CKR_HOST_MEMORY;
	l->app = chosen;
	atomic_flag_clear(&l->guard);
	if ((rv = create(l)) != CKR_OK)
		goto out;
	*out = l;
	l = NULL;
out:
	mem_free(l);
	return rv;
}

void
lock_free(struct lock **l)
{
	CK_RV rv;

	if (*l == NULL)
		return;
	if (!is_app(*l))
		(void)pthread_mutex_destroy(&(*l)->os);
	else if ((rv = (*l)->app.destroy((*l)->mutex)) != CKR_OK)
		log_error("the application's DestroyMutex failed: 0x%lx", rv);
	mem_free(*l);
	*l = NULL;
}

static void
take_app(struct lock *l)
{
	CK_RV rv = l->app.lock(l->mutex);

	while (atomic_flag_test_and_set_explicit(&l->guard,
	    memory_order_acquire))
		(void)sched_yield();
	l->taken = rv == CKR_OK;
	if (!l->taken)
		log_error("the application's LockMutex failed: 0x%lx", rv);
}

static void
release_app(struct lock *l)
{
	bool taken = l->taken;
	CK_RV rv = CKR_OK;

	atomic_flag_clear_explicit(&l->guard, memory_order_release);
	if (taken)
		rv = l->app.unlock(l->mutex);
	if (rv != CKR_OK)
		log_error("the application's UnlockMutex failed: 0x%lx", rv);
}

void
lock_take(struct lock *l)
{
	if (is_app(l))
		take_app(l);
	else
		(void)pthread_mutex_lock(&l->os);
}

void
lock_release(struct lock *l)
{
	if (is_app(l))
		release_app(l);
	else
		(void)pthread_mutex_unlock(&l->os);
}
