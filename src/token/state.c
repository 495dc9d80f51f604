/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "token/admin.h"
#include "token/guard.h"
#include "token/internal.h"
#include "token/tries.h"

static void
pin_state(struct token *t, enum store_role role, struct view owner,
    struct token_pin_state *out)
{
	const struct store_pin *p = &t->row.pins[role];

	out->set = p->set;
	out->by_index = guard_by_index(p);
	out->handle = p->index.handle;
	out->count = tries_get(t, role);
	out->limit = p->index.limit;
	out->rv = CKR_FUNCTION_NOT_SUPPORTED;
	if (out->by_index)
		out->rv = tpm_pin_status(machine_tpm(t->machine),
		    &t->row.parent, owner, &p->index, &out->count,
		    &out->limit);
}

static CK_RV
pins_state(struct token *t, struct token_state *out)
{
	struct buf owner = BUF_EMPTY;
	int role;
	CK_RV rv;

	/* without it there are hints */
	rv = machine_owner_auth(t->machine, &owner);
	for (role = 0; role < STORE_ROLES; role++)
		pin_state(t, (enum store_role)role, buf_view(&owner),
		    &out->pins[role]);
	buf_free(&owner);
	return rv == CKR_HOST_MEMORY ? rv : CKR_OK;
}

static void
counter_state(struct token *t, const struct store_keys *keys,
    struct token_state *out)
{
	if (keys->clock == NULL)
		return;
	out->counter_handle = t->clock.counter.handle;
	out->counter_rv = keys->clock->read(keys->clock->arg, &out->counter);
}

static CK_RV
count_objects(struct token *t, const struct store_keys *keys, size_t *count)
{
	const struct attrs all = ATTRS_EMPTY;
	int64_t *ids = NULL;
	CK_RV rv;

	rv = store_object_find(t->store, keys, t->row.id, &all, &ids, count);
	store_ids_free(&ids);
	return rv;
}

static void
content_state(struct token *t, struct token_state *out)
{
	struct store_keys keys;

	out->counter_rv = CKR_OK;
	if ((out->check = token_keys(t, &keys)) != CKR_OK)
		return;
	counter_state(t, &keys, out);
	if ((out->check = store_check(t->store, &keys, t->row.id)) == CKR_OK)
		out->check = count_objects(t, &keys, &out->objects);
}

CK_RV
token_state_read(struct token *t, struct token_state *out)
{
	struct tpm *tpm = machine_tpm(t->machine);
	CK_RV rv;

	if (!t->initialised)
		return CKR_TOKEN_NOT_PRESENT;
	memset(out, 0, sizeof(*out));
	memcpy(out->label, t->row.label, sizeof(out->label));
	memcpy(out->serial, t->row.serial, sizeof(out->serial));
	out->parent_handle = t->row.parent.handle;
	out->parent_name = buf_view(&t->row.parent.name);
	out->pcrs = t->row.pcrs;
	out->counted = t->row.counter.len != 0;
	out->parent = tpm_parent_check(tpm, &t->row.parent);
	if ((rv = pins_state(t, out)) != CKR_OK)
		return rv;
	content_state(t, out);
	return out->check == CKR_HOST_MEMORY ? CKR_HOST_MEMORY : CKR_OK;
}
