/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session.h"

#include <string.h>

#include "session/internal.h"
#include "token/objects.h"
#include "util/mem.h"

static void
session_free(struct session *s)
{
	lock_free(&s->lock);
	mem_free(s);
}

CK_RV
session_new(struct token *t, CK_FLAGS flags, struct session **out)
{
	bool rw = (flags & CKF_RW_SESSION) != 0;
	struct session *s;
	CK_RV rv;

	if ((flags & CKF_SERIAL_SESSION) == 0)
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	if ((flags & CKF_ASYNC_SESSION) != 0)
		return CKR_SESSION_ASYNC_NOT_SUPPORTED;
	if ((s = mem_alloc(1, sizeof(*s))) == NULL)
		return CKR_HOST_MEMORY;
	atomic_init(&s->refs, 1);
	s->token = t;
	s->rw = rw;
	if ((rv = lock_new(&s->lock)) != CKR_OK ||
	    (rv = token_session_opened(t, rw)) != CKR_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	if (s != NULL)
		session_free(s);
	return rv;
}

struct session *
session_ref(struct session *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void
session_unref(struct session **s)
{
	if (*s != NULL && atomic_fetch_sub(&(*s)->refs, 1) == 1)
		session_free(*s);
	*s = NULL;
}

void
session_set_handle(struct session *s, CK_SESSION_HANDLE handle)
{
	s->handle = handle;
}

CK_SESSION_HANDLE
session_handle(const struct session *s)
{
	return s->handle;
}

struct token *
session_token(const struct session *s)
{
	return s->token;
}

struct lock *
session_lock(const struct session *s)
{
	return s->lock;
}

void
session_close(struct session *s)
{
	size_t i;

	if (atomic_exchange(&s->closed, true))
		return;
	for (i = 0; i < MECH_USES; i++) {
		operation_end(&s->operations[i]);
		messages_end(&s->messages[i]);
	}
	search_end(&s->search);
	token_drop_session_objects(s->token, s->handle);
	token_session_closed(s->token, s->rw);
}

bool
session_is_closed(const struct session *s)
{
	return s->closed;
}

enum context_login *
session_context(struct session *s)
{
	unsigned logins = token_logins(s->token);

	/* a logout ends what was waited for or given before */
	if (s->context_logins != logins)
		s->context = CONTEXT_NONE;
	s->context_logins = logins;
	return &s->context;
}

CK_STATE
session_state(const struct session *s)
{
	return token_state(s->token, s->rw);
}

bool
session_is_rw(const struct session *s)
{
	return s->rw;
}

CK_RV
session_info(const struct session *s, CK_SESSION_INFO *info)
{
	memset(info, 0, sizeof(*info));
	info->slotID = token_slot(s->token);
	info->state = session_state(s);
	info->flags = CKF_SERIAL_SESSION | (s->rw ? CKF_RW_SESSION : 0);
	return CKR_OK;
}
