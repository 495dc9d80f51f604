/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/message.h"

#include "session/internal.h"

void
messages_end(struct messages *m)
{
	operation_end(&m->one);
	mech_messages_end(&m->all);
	*m = (struct messages){ 0 };
}

void
message_cancel(struct session *s, enum mech_use use)
{
	messages_end(&s->messages[use]);
}

CK_RV
message_init(struct session *s, enum mech_use use, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE handle)
{
	struct messages series = { 0 };
	struct key *key = NULL;
	CK_RV rv;

	if (m == NULL) {
		if (s->messages[use].all == NULL)
			return CKR_ARGUMENTS_BAD;
		message_cancel(s, use);
		return CKR_OK;
	}
	if ((rv = operation_allowed(s, use)) != CKR_OK ||
	    (rv = operation_key(s, use, m->mechanism, handle, &series.key,
	    &key)) != CKR_OK ||
	    (rv = mech_messages_start(use, m, key, NULL,
	    &series.all)) != CKR_OK)
		goto out;
	s->messages[use] = series;
out:
	key_unref(&key);
	return rv;
}

static CK_RV
series_find(struct session *s, enum mech_use use, struct messages **out)
{
	struct messages *m = &s->messages[use];

	if (m->all == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (key_use_outlived(s, &m->key)) {
		messages_end(m);
		return CKR_USER_NOT_LOGGED_IN;
	}
	*out = m;
	return CKR_OK;
}

CK_RV
message_final(struct session *s, enum mech_use use)
{
	struct messages *m;
	CK_RV rv;

	if ((rv = series_find(s, use, &m)) != CKR_OK)
		return rv;
	if (m->one.op != NULL)
		return CKR_OPERATION_ACTIVE;
	messages_end(m);
	return CKR_OK;
}

static bool
param_is_sane(struct mech_param p)
{
	return p.data != NULL || p.len == 0;
}

static CK_RV
start(struct session *s, enum mech_use use, const struct message *msg,
    struct messages **out)
{
	struct messages *m;
	CK_RV rv;

	if ((rv = series_find(s, use, &m)) != CKR_OK)
		return rv;
	if (m->one.op != NULL)
		return CKR_OPERATION_ACTIVE;
	if (m->key.wants_login)
		return CKR_USER_NOT_LOGGED_IN;
	if (!param_is_sane(msg->param) ||
	    (msg->aad.data == NULL && msg->aad.len != 0))
		return CKR_ARGUMENTS_BAD;
	if ((rv = mech_message_begin(m->all, msg->param, msg->aad,
	    &m->one.op)) != CKR_OK)
		return rv;
	m->one.use = use;
	*out = m;
	return CKR_OK;
}

/* The message that is running, with its parameter handed on. */
static CK_RV
go_on(struct session *s, enum mech_use use, const struct message *msg,
    struct messages **out)
{
	struct messages *m;
	CK_RV rv;

	*out = NULL;
	if ((rv = series_find(s, use, &m)) != CKR_OK)
		return rv;
	if (m->one.op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	*out = m;
	return param_is_sane(msg->param) ?
	    mech_message_param(m->one.op, msg->param) : CKR_ARGUMENTS_BAD;
}

/* A message is over, and with it what the user logged in for. */
static void
stop(struct messages *m)
{
	operation_end(&m->one);
	m->key.wants_login = m->key.always;
}

CK_RV
message_single(struct session *s, enum mech_use use,
    const struct message *msg, CK_BYTE *out, CK_ULONG *out_len)
{
	struct messages *m;
	bool kept = false;
	CK_RV rv;

	if ((rv = start(s, use, msg, &m)) != CKR_OK)
		return rv;
	if ((rv = mech_message_param(m->one.op, msg->param)) == CKR_OK)
		rv = step_run(&m->one, STEP_UPDATE | STEP_FINISH, msg->in,
		    out, out_len, &kept);
	/* whether the same message or another comes next is not known, so
	 * nothing waits; the user's login does */
	if (kept)
		operation_end(&m->one);
	else
		stop(m);
	return rv;
}

CK_RV
message_verify(struct session *s, const struct message *msg,
    struct view signature)
{
	struct messages *m;
	CK_RV rv;

	if ((rv = start(s, MECH_VERIFY, msg, &m)) != CKR_OK)
		return rv;
	if (signature.data == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if ((rv = step_feed(&m->one, msg->in)) == CKR_OK)
		rv = mech_verify(m->one.op, signature);
	stop(m);
	return rv;
}

CK_RV
message_begin(struct session *s, enum mech_use use,
    const struct message *msg)
{
	struct messages *m;

	return start(s, use, msg, &m);
}

CK_RV
message_next(struct session *s, enum mech_use use,
    const struct message *msg, bool last, CK_BYTE *out, CK_ULONG *out_len)
{
	unsigned steps = STEP_UPDATE | (last ? STEP_FINISH : 0);
	struct messages *m;
	bool kept = false;
	CK_RV rv;

	if ((rv = go_on(s, use, msg, &m)) == CKR_OK)
		rv = step_run(&m->one, steps, msg->in, out, out_len, &kept);
	if (m != NULL && !kept)
		stop(m);
	return rv;
}

CK_RV
message_feed(struct session *s, enum mech_use use, const struct message *msg)
{
	struct messages *m;
	CK_RV rv;

	if ((rv = go_on(s, use, msg, &m)) == CKR_OK)
		rv = step_feed(&m->one, msg->in);
	if (m != NULL && rv != CKR_OK)
		stop(m);
	return rv;
}

CK_RV
message_verify_last(struct session *s, const struct message *msg,
    struct view signature)
{
	struct messages *m;
	CK_RV rv;

	if ((rv = go_on(s, MECH_VERIFY, msg, &m)) == CKR_OK &&
	    (rv = step_feed(&m->one, msg->in)) == CKR_OK)
		rv = mech_verify(m->one.op, signature);
	if (m != NULL)
		stop(m);
	return rv;
}
