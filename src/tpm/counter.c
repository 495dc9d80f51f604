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

struct definition {
	struct tpm *tpm;
	const struct tpm_parent *parent;
	struct view owner_auth;
	struct tpm_counter made;
	uint64_t first;
};

/*
 * authPolicy is random: nobody can satisfy it, and no other index will ever
 * have this Name.
 */
static CK_RV
plan(TPM2_HANDLE handle, struct nv *new, struct tpm_counter *c)
{
	struct nv written = NV_EMPTY;
	struct buf policy = BUF_EMPTY;
	CK_RV rv;

	if ((rv = set_random(&policy, SESSION_HASH_LEN)) != CKR_OK ||
	    (rv = set_random(&c->auth, AUTH_LEN)) != CKR_OK ||
	    (rv = nv_describe(TPM_INDEX_COUNTER, handle, buf_view(&policy),
	    false, new)) != CKR_OK ||
	    (rv = nv_describe(TPM_INDEX_COUNTER, handle, buf_view(&policy),
	    true, &written)) != CKR_OK)
		goto out;
	c->handle = handle;
	buf_move(&c->public_area, &written.public_area);
	buf_move(&c->name, &written.name);
out:
	nv_free(&written);
	buf_free(&policy);
	return rv;
}

static CK_RV
define_at(void *arg, TPM2_HANDLE handle)
{
	struct definition *d = arg;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	struct nv new = NV_EMPTY;
	CK_RV rv;

	if ((rv = plan(handle, &new, &c)) != CKR_OK ||
	    (rv = nv_define(d->tpm, d->parent, d->owner_auth,
	    buf_view(&c.auth), &new)) != CKR_OK)
		goto out;
	/* The first step gives it its first value. */
	if ((rv = use(d->tpm, d->parent, &c, &new.name, &nv_increment,
	    NULL)) != CKR_OK || (rv = tpm_counter_read(d->tpm, d->parent, &c,
	    &d->first)) != CKR_OK) {
		nv_undo(d->tpm, d->parent, d->owner_auth, &new, &c.name);
		goto out;
	}
	d->made = c;
	c = TPM_COUNTER_EMPTY;
out:
	tpm_counter_free(&c);
	nv_free(&new);
	return rv;
}

CK_RV
tpm_counter_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, uint32_t handle, struct tpm_counter *out,
    uint64_t *value)
{
	struct definition d = { .tpm = t, .parent = parent,
	    .owner_auth = owner_auth };
	CK_RV rv;

	if ((rv = nv_place(t, TPM_INDEX_COUNTER, handle, define_at, &d)) !=
	    CKR_OK)
		goto out;
	*value = d.first;
	tpm_counter_free(out);
	*out = d.made;
	d.made = TPM_COUNTER_EMPTY;
out:
	tpm_counter_free(&d.made);
	return rv;
}

CK_RV
tpm_counter_undefine(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_counter *c)
{
	return tpm_index_undefine(t, parent, owner_auth, c->handle,
	    buf_view(&c->name));
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
