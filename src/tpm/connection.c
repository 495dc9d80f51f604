/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <unistd.h>

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "tpm/internal.h"
#include "util/log.h"

/*
 * The TSS prints what goes wrong on stderr unless TSS2_LOG says otherwise,
 * and has no other switch; the codes that it returns tell us the same. A
 * program or person that did set the variable gets what they asked for. Each
 * part of the TSS reads it once, at its first message.
 */
static void
hush_tss(void)
{
	(void)setenv("TSS2_LOG", "all+none", 0);
}

static CK_RV
failed(const char *tcti, TSS2_RC rc)
{
	if (rc == TSS2_RC_SUCCESS)
		return CKR_OK;
	log_error("%s: no TPM answers: %s", tcti, Tss2_RC_Decode(rc));
	return CKR_DEVICE_REMOVED;
}

static CK_RV
start(struct connection *c, const char *tcti)
{
	TSS2_RC rc;
	CK_RV rv;

	c->own = abrmd_named(tcti);
	rv = c->own ? abrmd_open(tcti, &c->tcti) :
	    failed(tcti, Tss2_TctiLdr_Initialize(tcti, &c->tcti));
	if (rv != CKR_OK)
		return rv;
	rc = Esys_Initialize(&c->esys, c->tcti, NULL);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_GetSysContext(c->esys, &c->sys);
	return failed(tcti, rc);
}

/* For a TPM that was switched on behind our back: nobody else does it. */
static TSS2_RC
startup_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)handles;
	(void)args;
	return Tss2_Sys_Startup_Prepare(sys, TPM2_SU_CLEAR);
}

static const struct command startup = {
	.name = "Startup", .prepare = startup_prepare
};

/*
 * A TPM that is ours alone keeps what a reply that we never saw has put
 * there; after the connection was lost nothing in it is known to us. What
 * goes wrong here shows again in the command that is to come.
 */
static void
settle(struct tpm *t)
{
	t->restarted = false;
	if (!t->link.kind.sole)
		return;
	if (t->stopped &&
	    command_run(t, &startup, NULL, 0, NULL) != CKR_OK)
		return;
	t->restarted = t->stopped;
	t->stopped = false;
	if (t->dirty)
		flush_leftovers(t, FLUSH_OBJECTS | FLUSH_SESSIONS);
	t->dirty = false;
}

CK_RV
connection_open(struct tpm *t)
{
	struct buf tcti = BUF_EMPTY;
	const char *name;
	CK_RV rv;

	if (t->link.sys != NULL)
		return CKR_OK;
	hush_tss();
	if ((rv = tcti_choose(buf_view(&t->tcti), &tcti)) != CKR_OK)
		goto out;
	name = (const char *)tcti.data;
	t->link.kind = tcti_judge(name);
	t->room = t->link.kind.room;
	if ((rv = start(&t->link, name)) != CKR_OK) {
		connection_close(t);
		goto out;
	}
	log_debug("connected to %s", name);
	settle(t);
out:
	/* No remedy of an earlier failure helps against one to connect. */
	t->trouble = (struct trouble){ .remedy = REMEDY_NONE };
	buf_free(&tcti);
	return rv;
}

void
connection_close(struct tpm *t)
{
	struct connection *c = &t->link;

	c->sys = NULL;
	c->lost = TSS2_RC_SUCCESS;
	Esys_Finalize(&c->esys);
	if (c->own)
		abrmd_close(&c->tcti);
	else
		Tss2_TctiLdr_Finalize(&c->tcti);
}

/*
 * A TCTI's finalizer may send bytes (mssim ends its session), which would
 * disturb the parent process, to whom the connection belongs. Closing our
 * copy of its descriptor does not, so that is all that is done; the contexts'
 * memory is given up with the rest of what the parent had. The swtpm TCTI
 * tells no descriptor, but holds none between commands either.
 */
void
connection_abandon(struct connection *c)
{
	TSS2_TCTI_POLL_HANDLE handles[8];
	size_t i, count = ARRAY_LEN(handles);

	if (c->tcti == NULL || Tss2_Tcti_GetPollHandles(c->tcti, handles,
	    &count) != TSS2_RC_SUCCESS)
		return;
	for (i = 0; i < count; i++)
		(void)close(handles[i].fd);
}
