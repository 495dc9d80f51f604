/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "util/mem.h"

CK_RV
tpm_new(const char *tcti, struct tpm **out)
{
	struct tpm *t;
	CK_RV rv;

	if ((t = mem_alloc(1, sizeof(*t))) == NULL)
		return CKR_HOST_MEMORY;
	atomic_init(&t->refs, 1);
	atomic_init(&t->gone, false);
	if ((rv = lock_new(&t->lock)) != CKR_OK ||
	    (tcti != NULL &&
	    (rv = buf_set(&t->tcti, view_str(tcti))) != CKR_OK)) {
		tpm_unref(t);
		return rv;
	}
	*out = t;
	return CKR_OK;
}

struct tpm *
tpm_ref(struct tpm *t)
{
	atomic_fetch_add(&t->refs, 1);
	return t;
}

void
tpm_unref(struct tpm *t)
{
	if (atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	lock_free(&t->lock);
	buf_free(&t->tcti);
	buf_free(&t->owner_auth);
	tpm_parent_free(&t->parent);
	mem_free(t);
}

CK_RV
tpm_enter(struct tpm *t)
{
	/* First without the lock, which after a fork may never be free. */
	if (atomic_load(&t->gone))
		return CKR_DEVICE_REMOVED;
	lock_take(t->lock);
	if (!atomic_load(&t->gone))
		return CKR_OK;
	lock_release(t->lock);
	return CKR_DEVICE_REMOVED;
}

void
tpm_leave(struct tpm *t)
{
	lock_release(t->lock);
}

void
tpm_forget_state(struct tpm *t)
{
	cache_forget(t);
	session_forget(t);
}

/* There is nobody left to hear of a failure. */
static void
disconnect(struct tpm *t)
{
	if (t->dirty && t->link.kind.sole) {
		/* Nothing in the TPM is worth keeping: open flushes it all. */
		tpm_forget_state(t);
		connection_close(t);
		if (connection_open(t) != CKR_OK)
			return;
	}
	/* A resource manager does it for us as the connection closes. */
	if (!t->link.kind.reaps) {
		cache_flush(t);
		session_end(t);
	}
	tpm_forget_state(t);
	connection_close(t);
}

CK_RV
tpm_connect(struct tpm *t)
{
	CK_RV rv;

	if ((rv = tpm_enter(t)) != CKR_OK)
		return rv;
	rv = connection_open(t);
	tpm_leave(t);
	return rv;
}

void
tpm_free(struct tpm **t)
{
	if (*t == NULL)
		return;
	if (tpm_enter(*t) == CKR_OK) {
		disconnect(*t);
		atomic_store(&(*t)->gone, true);
		tpm_leave(*t);
	}
	tpm_unref(*t);
	*t = NULL;
}

/*
 * In the child of a fork another thread of the parent may have held the lock
 * and been halfway through any change: so nothing is touched, and the memory
 * is given up. Keys that still point here find it gone.
 */
void
tpm_abandon(struct tpm **t)
{
	if (*t == NULL)
		return;
	atomic_store(&(*t)->gone, true);
	connection_abandon(&(*t)->link);
	*t = NULL;
}
