/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/counter.h"

#include "crypto/crypto.h"
#include "tpm/nv.h"

#define AUTH_LEN 32

void
tpm_counter_free(struct tpm_counter *c)
{
	buf_free(&c->public_area);
	buf_free(&c->name);
	buf_free(&c->auth);
	*c = TPM_COUNTER_EMPTY;
}

CK_RV
tpm_counter_copy(struct tpm_counter *to, const struct tpm_counter *from)
{
	struct tpm_counter copy = TPM_COUNTER_EMPTY;
	CK_RV rv;

	copy.handle = from->handle;
	if ((rv = buf_set(&copy.public_area,
	    buf_view(&from->public_area))) != CKR_OK ||
	    (rv = buf_set(&copy.name, buf_view(&from->name))) != CKR_OK ||
	    (rv = buf_set(&copy.auth, buf_view(&from->auth))) != CKR_OK)
		goto out;
	tpm_counter_free(to);
	*to = copy;
	copy = TPM_COUNTER_EMPTY;
out:
	tpm_counter_free(&copy);
	return rv;
}

static CK_RV
set_random(struct buf *out, size_t len)
{
	CK_RV rv;

	if ((rv = buf_resize(out, len)) != CKR_OK)
		return rv;
	return crypto_random(out->data, out->len);
}

static CK_RV
use(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_counter *counter, const struct buf *name,
    const struct command *command, void *args)
{
	const struct entity index = nv_entity(counter->handle, name,
	    buf_view(&counter->auth));
	const struct call c = {
		.command = command,
		.entities = { index, index },
		.count = 2,
		.parent = parent,
		.args = args
	};

	return tpm_call(t, &c);
}

/*
 * authPolicy is random: nobody can satisfy it, and no other index will ever
 * have this Name.
 */
CK_RV
tpm_counter_plan(struct tpm *t, struct tpm_counter *out)
{
	struct tpm_counter made = TPM_COUNTER_EMPTY;
	struct nv written = NV_EMPTY;
	struct buf policy = BUF_EMPTY;
	CK_RV rv;

	if ((rv = nv_pick(t, TPM_INDEX_COUNTER, &made.handle)) != CKR_OK ||
	    (rv = set_random(&policy, SESSION_HASH_LEN)) != CKR_OK ||
	    (rv = set_random(&made.auth, AUTH_LEN)) != CKR_OK ||
	    (rv = nv_describe(TPM_INDEX_COUNTER, made.handle,
	    buf_view(&policy), true, &written)) != CKR_OK)
		goto out;
	buf_move(&made.public_area, &written.public_area);
	buf_move(&made.name, &written.name);
	tpm_counter_free(out);
	*out = made;
	made = TPM_COUNTER_EMPTY;
out:
	tpm_counter_free(&made);
	nv_free(&written);
	buf_free(&policy);
	return rv;
}

/* The index as it begins, when the plan is one. */
static CK_RV
begin(const struct tpm_counter *planned, struct nv *new)
{
	struct nv written = NV_EMPTY;
	enum tpm_index_kind kind;
	CK_RV rv;

	if ((rv = nv_recall(buf_view(&planned->public_area), true, &kind,
	    &written)) != CKR_OK)
		goto out;
	if (kind != TPM_INDEX_COUNTER || written.handle != planned->handle ||
	    !view_equal(buf_view(&written.name), buf_view(&planned->name)))
		rv = CKR_DATA_INVALID;
	else
		rv = nv_recall(buf_view(&planned->public_area), false, &kind,
		    new);
out:
	nv_free(&written);
	return rv;
}

/* The first step gives it its first value. */
CK_RV
tpm_counter_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_counter *planned,
    uint64_t *value)
{
	struct nv new = NV_EMPTY;
	CK_RV rv;

	if ((rv = begin(planned, &new)) != CKR_OK ||
	    (rv = nv_define(t, parent, owner_auth, buf_view(&planned->auth),
	    &new)) != CKR_OK)
		goto out;
	if ((rv = use(t, parent, planned, &new.name, &nv_increment, NULL)) !=
	    CKR_OK || (rv = tpm_counter_read(t, parent, planned, value)) !=
	    CKR_OK)
		nv_undo(t, parent, owner_auth, &new);
out:
	nv_free(&new);
	return rv;
}

CK_RV
tpm_counter_read(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_counter *c, uint64_t *value)
{
	struct nv_data data;
	uint64_t n = 0;
	size_t i;
	CK_RV rv;

	if ((rv = use(t, parent, c, &c->name, &nv_read_by_us, &data)) !=
	    CKR_OK)
		return rv;
	for (i = 0; i < NV_LEN; i++)
		n = n << 8 | data.bytes[i];
	*value = n;
	return CKR_OK;
}

static CK_RV
step(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_counter *c)
{
	return use(t, parent, c, &c->name, &nv_increment, NULL);
}

/* What failed may have been done all the same: the counter knows. */
CK_RV
tpm_counter_increment(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_counter *c, uint64_t from)
{
	uint64_t now = 0;
	CK_RV rv;

	if ((rv = step(t, parent, c)) == CKR_OK ||
	    rv == CKR_TOKEN_NOT_RECOGNIZED ||
	    tpm_counter_read(t, parent, c, &now) != CKR_OK)
		return rv;
	if (now == from)
		return step(t, parent, c);
	return now == from + 1 ? CKR_OK : CKR_DEVICE_ERROR;
}
