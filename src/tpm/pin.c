/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/pin.h"

#include "crypto/mac.h"
#include "tpm/pin_internal.h"

#define AUTH_MAX 64

void
tpm_pin_free(struct tpm_pin *p)
{
	buf_free(&p->public_area);
	buf_free(&p->name);
	buf_free(&p->so_name);
	buf_free(&p->approval);
	*p = TPM_PIN_EMPTY;
}

CK_RV
tpm_pin_copy(struct tpm_pin *to, const struct tpm_pin *from)
{
	struct tpm_pin copy = TPM_PIN_EMPTY;
	CK_RV rv;

	copy.handle = from->handle;
	copy.limit = from->limit;
	if ((rv = buf_set(&copy.public_area,
	    buf_view(&from->public_area))) != CKR_OK ||
	    (rv = buf_set(&copy.name, buf_view(&from->name))) != CKR_OK ||
	    (rv = buf_set(&copy.so_name, buf_view(&from->so_name))) !=
	    CKR_OK || (rv = buf_set(&copy.approval,
	    buf_view(&from->approval))) != CKR_OK)
		goto out;
	tpm_pin_free(to);
	*to = copy;
	copy = TPM_PIN_EMPTY;
out:
	tpm_pin_free(&copy);
	return rv;
}

static CK_RV
derive(struct view auth, const char *label, struct buf *out)
{
	const struct hash *hash = public_hash(SESSION_HASH);
	const struct view what = view_str(label);
	struct buf made = BUF_EMPTY;
	CK_RV rv;

	if (auth.len > AUTH_MAX)
		return CKR_DATA_LEN_RANGE;
	if ((rv = buf_resize(&made, hash->size)) == CKR_OK &&
	    (rv = hmac_once(hash, auth, &what, 1, made.data)) == CKR_OK)
		buf_move(out, &made);
	buf_free(&made);
	return rv;
}

CK_RV
pin_index_auth(struct view auth, struct buf *out)
{
	return derive(auth, "tpm2-cryptoki PIN index", out);
}

CK_RV
pin_seal_key(struct view auth, struct buf *out)
{
	return derive(auth, "tpm2-cryptoki PIN seal", out);
}

static void
put_be32(uint8_t *p, uint32_t n)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(n >> (24 - 8 * i));
}

static uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* TPMS_NV_PIN_COUNTER_PARAMETERS: pinCount, pinLimit. */
static struct nv_data
fresh_counts(const struct tpm_pin *pin)
{
	struct nv_data data;

	put_be32(data.bytes, 0);
	put_be32(data.bytes + 4, pin->limit);
	return data;
}

CK_RV
tpm_pin_find(struct tpm *t, const struct tpm_pin *pin)
{
	return tpm_index_find(t, pin->handle, buf_view(&pin->name));
}

/* What the index of pin tells, read by whoever authorises it. */
static CK_RV
read_index(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct command *command,
    struct entity by, struct nv_data *data)
{
	const struct call c = {
		.command = command,
		.entities = { by,
		    nv_entity(pin->handle, &pin->name, VIEW_EMPTY) },
		.count = 2,
		.parent = parent,
		.args = data
	};

	return tpm_call(t, &c);
}

CK_RV
tpm_pin_status(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_pin *pin, uint32_t *count,
    uint32_t *limit)
{
	struct nv_data data;
	CK_RV rv;

	if ((rv = read_index(t, parent, pin, &nv_read_by_owner,
	    owner_entity(owner_auth), &data)) != CKR_OK)
		return rv;
	*count = get_be32(data.bytes);
	*limit = get_be32(data.bytes + 4);
	return CKR_OK;
}

CK_RV
tpm_pin_check(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, struct view auth)
{
	struct buf index_auth = BUF_EMPTY;
	struct nv_data data;
	CK_RV rv;

	if ((rv = pin_index_auth(auth, &index_auth)) == CKR_OK)
		rv = read_index(t, parent, pin, &nv_read_by_person,
		    nv_entity(pin->handle, &pin->name, buf_view(&index_auth)),
		    &data);
	buf_free(&index_auth);
	return rv;
}

static CK_RV
set_auth(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct policy *policy,
    struct view new_auth)
{
	struct buf index_auth = BUF_EMPTY;
	TPM2B_AUTH args = { .size = 0 };
	const struct call c = {
		.command = &nv_change_auth,
		.entities = { nv_entity(pin->handle, &pin->name,
		    VIEW_EMPTY) },
		.count = 1,
		.parent = parent,
		.policy = policy,
		.args = &args
	};
	CK_RV rv;

	if ((rv = pin_index_auth(new_auth, &index_auth)) == CKR_OK &&
	    (rv = TPM2B_SET(&args, buffer, buf_view(&index_auth))) == CKR_OK)
		rv = tpm_call(t, &c);
	wipe(&args, sizeof(args));
	buf_free(&index_auth);
	return rv;
}

CK_RV
tpm_pin_change(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, struct view auth, struct view new_auth)
{
	struct pin_policy by_itself = { .approved = BUF_EMPTY };
	struct buf index_auth = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pin_index_auth(auth, &index_auth)) == CKR_OK &&
	    (rv = pin_policy_change(pin, buf_view(&index_auth),
	    &by_itself)) == CKR_OK)
		rv = set_auth(t, parent, pin, &by_itself.policy, new_auth);
	pin_policy_free(&by_itself);
	buf_free(&index_auth);
	return rv;
}

static CK_RV
set_counts(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct policy *policy)
{
	const struct entity index = nv_entity(pin->handle, &pin->name,
	    VIEW_EMPTY);
	struct nv_data data = fresh_counts(pin);
	const struct call c = {
		.command = &nv_write_by_policy,
		.entities = { index, index },
		.count = 2,
		.parent = parent,
		.policy = policy,
		.args = &data
	};

	return tpm_call(t, &c);
}

static bool
is_so_of(const struct tpm_pin *so, const struct tpm_pin *pin)
{
	return so->name.len > 0 &&
	    view_equal(buf_view(&pin->so_name), buf_view(&so->name));
}

CK_RV
tpm_pin_unlock(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct tpm_pin *so,
    struct view so_auth)
{
	struct pin_policy write = { .approved = BUF_EMPTY };
	struct buf so_index_auth = BUF_EMPTY;
	CK_RV rv;

	if (!is_so_of(so, pin))
		return CKR_ARGUMENTS_BAD;
	if ((rv = pin_index_auth(so_auth, &so_index_auth)) == CKR_OK &&
	    (rv = pin_policy_reset(pin, so, buf_view(&so_index_auth),
	    TPM2_CC_NV_Write, &write)) == CKR_OK)
		rv = set_counts(t, parent, pin, &write.policy);
	pin_policy_free(&write);
	buf_free(&so_index_auth);
	return rv;
}

/* Two policy sessions: each serves for one command. */
CK_RV
tpm_pin_reset(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct tpm_pin *so,
    struct view so_auth, struct view new_auth)
{
	struct pin_policy change = { .approved = BUF_EMPTY };
	struct buf so_index_auth = BUF_EMPTY;
	CK_RV rv;

	if (!is_so_of(so, pin))
		return CKR_ARGUMENTS_BAD;
	if ((rv = pin_index_auth(so_auth, &so_index_auth)) == CKR_OK &&
	    (rv = pin_policy_reset(pin, so, buf_view(&so_index_auth),
	    TPM2_CC_NV_ChangeAuth, &change)) == CKR_OK &&
	    (rv = set_auth(t, parent, pin, &change.policy, new_auth)) ==
	    CKR_OK)
		rv = tpm_pin_unlock(t, parent, pin, so, so_auth);
	pin_policy_free(&change);
	buf_free(&so_index_auth);
	return rv;
}

CK_RV
pin_write_by_owner(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_pin *pin,
    const struct buf *name)
{
	struct nv_data data = fresh_counts(pin);
	const struct call c = {
		.command = &nv_write_by_owner,
		.entities = { owner_entity(owner_auth),
		    nv_entity(pin->handle, name, VIEW_EMPTY) },
		.count = 2,
		.parent = parent,
		.args = &data
	};

	return tpm_call(t, &c);
}

CK_RV
tpm_pin_unlock_by_owner(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_pin *pin)
{
	return pin_write_by_owner(t, parent, owner_auth, pin, &pin->name);
}
