/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "util/log.h"

/*
 * What a client without a resource manager leaves in the TPM when it dies
 * stays there until a reset, and three objects fill the TPM. So leftovers
 * are flushed where the TPM is ours alone (struct tcti_kind).
 *
 * To look for them at each start would cost two commands of the thirteen
 * that a cold run may take, and nearly always for nothing. But TPMs number
 * from the bottom: a first session or a first object whose handle is not the
 * lowest tells that something else is there, free of charge. A TPM that
 * numbers otherwise costs the two commands once a connection. What this
 * overlooks is flushed when room is short, and when replies were lost.
 *
 * At a later reconnect the handles are not looked at again: should two
 * processes share such a TPM after all, each start of one costs the other
 * one reload, instead of both flushing each other for ever.
 */

static TSS2_RC
flush_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)args;
	return Tss2_Sys_FlushContext_Prepare(sys, handles[0]);
}

static const struct command flush_context = {
	.name = "FlushContext", .prepare = flush_prepare
};

/* After this the next command would meet a connection that is gone, or the
 * answer to this one. */
static bool
loses_connection(const struct trouble *w)
{
	return w->remedy == REMEDY_RECONNECT || w->remedy == REMEDY_DROP;
}

/* Nobody can do anything about a failure; its cause shows again elsewhere. */
void
flush_handle(struct tpm *t, TPM2_HANDLE handle)
{
	const struct entity e = { .handle = handle };
	struct trouble before = t->trouble;

	if (t->link.sys != NULL &&
	    command_run(t, &flush_context, &e, 1, NULL) != CKR_OK &&
	    t->trouble.remedy != REMEDY_NONE) {
		t->dirty = true;
		if (loses_connection(&t->trouble))
			t->link.lost = t->trouble.rc;
	}
	t->trouble = before;
}

static bool
is_ours(const struct tpm *t, TPM2_HANDLE handle)
{
	return (t->session.handle != 0 && handle == t->session.handle) ||
	    cache_has(t, handle);
}

/* All handles of one kind, in as many portions as a sane TPM makes of it. */
static void
flush_kind(struct tpm *t, TPM2_HANDLE first)
{
	struct capability c = { .kind = TPM2_CAP_HANDLES, .first = first,
	    .count = TPM2_MAX_CAP_HANDLES, .more = TPM2_YES };
	const TPML_HANDLE *found = &c.data.data.handles;
	unsigned round;
	size_t i;

	for (round = 0; round < CAPABILITY_ROUNDS && c.more == TPM2_YES;
	    round++) {
		if (command_run(t, &get_capability, NULL, 0, &c) != CKR_OK)
			return;
		for (i = 0; i < found->count; i++) {
			c.first = found->handle[i] + 1;
			if (is_ours(t, found->handle[i]))
				continue;
			log_info("flushing 0x%08x, which was left behind",
			    found->handle[i]);
			flush_handle(t, found->handle[i]);
		}
	}
}

/* TPM2_TRANSIENT_FIRST and its like shift into the sign bit. */
#define FIRST(type) ((TPM2_HANDLE)(type) << TPM2_HR_SHIFT)

/*
 * Saved sessions may be some script's work in progress; they go only when
 * the TPM has no room for ours otherwise. Who left objects left a session
 * too, so the first time looks for both.
 */
void
flush_leftovers(struct tpm *t, unsigned what)
{
	struct trouble before = t->trouble;

	if (!t->seen)
		what |= FLUSH_OBJECTS | FLUSH_SESSIONS;
	t->seen = true;
	if ((what & FLUSH_OBJECTS) != 0)
		flush_kind(t, FIRST(TPM2_HT_TRANSIENT));
	if ((what & FLUSH_SESSIONS) != 0)
		flush_kind(t, FIRST(TPM2_HT_LOADED_SESSION));
	if ((what & FLUSH_SAVED) != 0)
		flush_kind(t, FIRST(TPM2_HT_SAVED_SESSION));
	t->trouble = before;
}

void
flush_if_above(struct tpm *t, TPM2_HANDLE handle, TPM2_HANDLE lowest)
{
	if (!t->seen && t->link.kind.sole &&
	    (handle & TPM2_HR_HANDLE_MASK) > lowest)
		flush_leftovers(t, FLUSH_OBJECTS | FLUSH_SESSIONS);
}
