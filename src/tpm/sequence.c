/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"

static TSS2_RC
save_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)args;
	return Tss2_Sys_ContextSave_Prepare(sys, handles[0]);
}

static TSS2_RC
save_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	TPMS_CONTEXT *context = args;

	/* The TSS refuses to unmarshal where a size is already set. */
	context->contextBlob.size = 0;
	return Tss2_Sys_ContextSave_Complete(sys, context);
}

static TSS2_RC
load_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct object *o = args;

	(void)handles;
	return Tss2_Sys_ContextLoad_Prepare(sys, &o->sequence->context);
}

static TSS2_RC
load_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct object *o = args;

	return Tss2_Sys_ContextLoad_Complete(sys, &o->handle);
}

static const struct command context_save = {
	.name = "ContextSave",
	.prepare = save_prepare,
	.complete = save_complete
};

/* What was saved before the TPM was reset is refused. */
static const struct command context_load = {
	.name = "ContextLoad",
	.prepare = load_prepare,
	.complete = load_complete,
	.refused = CKR_DEVICE_ERROR
};

void
sequence_save(struct tpm *t, struct object *o)
{
	const struct entity e = { .handle = o->handle };
	struct trouble before = t->trouble;

	o->sequence->saved = command_run(t, &context_save, &e, 1,
	    &o->sequence->context) == CKR_OK;
	t->trouble = before;
}

static CK_RV
lost(struct tpm *t, struct object *o)
{
	o->sequence->lost = true;
	t->trouble = (struct trouble){ .command = &context_load,
	    .text = "what the TPM had of a MAC under way is gone" };
	return CKR_DEVICE_ERROR;
}

CK_RV
sequence_load(struct tpm *t, struct object *o)
{
	CK_RV rv;

	if (!o->sequence->saved)
		return lost(t, o);
	rv = command_run(t, &context_load, NULL, 0, o);
	if (rv == CKR_OK) {
		o->sequence->saved = false;
		cache_add(t, o, o->handle);
	} else if (t->trouble.remedy == REMEDY_NONE) {
		o->sequence->lost = true;
	}
	return rv;
}
