/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#include "util/mem.h"

struct mech_messages {
	enum mech_use use;
	struct mech_call call;
};

CK_RV
mech_messages_start(enum mech_use use, const CK_MECHANISM *m,
    struct key *key, const struct tpm_caps *caps,
    struct mech_messages **out)
{
	struct mech_messages *all;
	CK_RV rv;

	if ((all = mem_alloc(1, sizeof(*all))) == NULL)
		return CKR_HOST_MEMORY;
	all->use = use;
	if ((rv = call_prepare_messages(use, m, key, caps,
	    &all->call)) != CKR_OK)
		goto out;

	*out = all;
	all = NULL;
out:
	mech_messages_end(&all);
	return rv;
}

void
mech_messages_end(struct mech_messages **all)
{
	if (*all != NULL)
		call_free(&(*all)->call);
	mem_free(*all);
	*all = NULL;
}

CK_RV
mech_message_begin(const struct mech_messages *all, struct mech_param param,
    struct view aad, struct mech_op **out)
{
	const struct mech_message *own = all->call.m->family->message;
	void *state = NULL;
	CK_RV rv;

	if (own == NULL || (own->stream.uses & MECH_USE_BIT(all->use)) == 0)
		return param.len != 0 ? CKR_MECHANISM_PARAM_INVALID :
		    op_open(all->use, &all->call, NULL, NULL, out);
	if ((rv = own->begin(&all->call, all->use, param, aad,
	    &state)) != CKR_OK)
		return rv;
	return op_open(all->use, &all->call, &own->stream, state, out);
}

CK_RV
mech_message_param(struct mech_op *op, struct mech_param param)
{
	const struct mech_message *own = NULL;
	void *state = op_message(op, &own);

	if (state == NULL)
		return param.len != 0 ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
	return own->param(state, param);
}
