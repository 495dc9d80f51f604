/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/key.h"

#include <string.h>

#include "crypto/mac.h"
#include "tpm/internal.h"
#include "util/mem.h"

struct tpm_key {
	atomic_uint refs;
	struct tpm *tpm;	/* a reference */
	struct tpm_parent parent;
	struct tpm_blob blob;
	struct object object;	/* borrows the two above */
	TPM2B_PUBLIC public_area;
};

static void
key_free(struct tpm_key *k)
{
	object_free(k->tpm, &k->object);
	tpm_blob_free(&k->blob);
	tpm_parent_free(&k->parent);
	tpm_unref(k->tpm);
	mem_free(k);
}

CK_RV
tpm_key_new(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct tpm_key **out)
{
	struct tpm_key *k;
	CK_RV rv;

	if ((k = mem_alloc(1, sizeof(*k))) == NULL)
		return CKR_HOST_MEMORY;
	atomic_init(&k->refs, 1);
	k->tpm = tpm_ref(t);
	if ((rv = tpm_parent_copy(&k->parent, parent)) != CKR_OK ||
	    (rv = tpm_blob_copy(&k->blob, blob)) != CKR_OK ||
	    (rv = object_init(&k->object, &k->parent, &k->blob)) != CKR_OK ||
	    (rv = public_read(buf_view(&k->blob.public_area),
	    &k->public_area)) != CKR_OK)
		goto out;
	*out = k;
	k = NULL;
out:
	if (k != NULL)
		key_free(k);
	return rv;
}

struct tpm_key *
tpm_key_ref(struct tpm_key *k)
{
	atomic_fetch_add(&k->refs, 1);
	return k;
}

void
tpm_key_unref(struct tpm_key **k)
{
	if (*k != NULL && atomic_fetch_sub(&(*k)->refs, 1) == 1)
		key_free(*k);
	*k = NULL;
}

CK_RV
tpm_key_secret(const struct tpm_key *k, struct buf *out)
{
	static const char label[] = "tpm2-cryptoki implicit rejection";
	const struct view parts[] = { view_str(label),
	    buf_view(&k->object.name) };
	const struct hash *hash = hash_by_mech(CKM_SHA256);
	struct buf mac = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&mac, hash->size)) == CKR_OK &&
	    (rv = hmac_once(hash, buf_view(&k->blob.auth), parts,
	    ARRAY_LEN(parts), mac.data)) == CKR_OK)
		buf_move(out, &mac);
	buf_free(&mac);
	return rv;
}

CK_RV
key_allowed(const struct tpm_key *k, TPMI_ALG_PUBLIC type, TPMA_OBJECT use)
{
	const TPMT_PUBLIC *p = &k->public_area.publicArea;

	return p->type == type && (p->objectAttributes & use) == use &&
	    (p->objectAttributes & TPMA_OBJECT_RESTRICTED) == 0 ?
	    CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

const TPMT_PUBLIC *
tpm_key_area(const struct tpm_key *k)
{
	return &k->public_area.publicArea;
}

const struct tpm_parent *
tpm_key_parent(const struct tpm_key *k)
{
	return &k->parent;
}

struct tpm *
tpm_key_home(const struct tpm_key *k)
{
	return k->tpm;
}

CK_RV
key_use(struct tpm_key *k, const struct command *command, void *args)
{
	const struct call c = {
		.command = command,
		.entities = { { .object = &k->object } },
		.count = 1,
		.parent = &k->parent,
		.args = args
	};

	return tpm_call(k->tpm, &c);
}

struct sign {
	TPM2B_DIGEST digest;
	TPMI_ALG_HASH hash;
	TPMT_SIGNATURE signature;
};

static TSS2_RC
sign_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct sign *a = args;
	const TPMT_SIG_SCHEME ecdsa = { .scheme = TPM2_ALG_ECDSA,
	    .details.ecdsa.hashAlg = a->hash };
	/* The key is not restricted: it signs what no TPM has hashed. */
	const TPMT_TK_HASHCHECK ticket = { .tag = TPM2_ST_HASHCHECK,
	    .hierarchy = TPM2_RH_NULL };

	return Tss2_Sys_Sign_Prepare(sys, handles[0], &a->digest, &ecdsa,
	    &ticket);
}

static TSS2_RC
sign_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct sign *a = args;

	return Tss2_Sys_Sign_Complete(sys, &a->signature);
}

static const struct command sign = {
	.name = "Sign",
	.prepare = sign_prepare,
	.complete = sign_complete,
	.flags = COMMAND_AUTH,
	.refused = CKR_DATA_LEN_RANGE
};

/*
 * ECDSA takes the leftmost bits of the digest, as many as the order has, for
 * an integer (FIPS 186-5, 6.4.1). Here that integer, in the order's bytes.
 */
static CK_RV
digest_integer(const struct curve *c, struct view digest, struct buf *out)
{
	size_t i, extra;
	CK_RV rv;

	if (digest.len < c->order)
		return buf_set_padded(out, digest, c->order);
	if ((rv = buf_set(out, view_sub(digest, 0, c->order))) != CKR_OK)
		return rv;
	extra = c->order * 8 - c->bits;
	for (i = c->order; extra > 0 && i-- > 0; )
		out->data[i] = (uint8_t)(out->data[i] >> extra |
		    (i > 0 ? out->data[i - 1] << (8 - extra) : 0));
	return CKR_OK;
}

/*
 * A TPM signs only what has the length of one of its hashes, and takes the
 * leftmost bits of that in turn. So the integer moves to the left end of a
 * hash that is longer than the order, or, without its leading zeros, to the
 * right end of one that is not. SHA-1 is left out: TPMs are about to lose it.
 */
static CK_RV
fit_digest(const struct curve *c, const struct buf *integer, struct sign *a)
{
	static const TPMI_ALG_HASH algs[] = { TPM2_ALG_SHA256,
	    TPM2_ALG_SHA384, TPM2_ALG_SHA512 };
	struct view v = buf_view(integer);
	size_t i, size, zeros = 0;

	while (zeros < v.len && v.data[zeros] == 0)
		zeros++;
	memset(&a->digest, 0, sizeof(a->digest));
	for (i = 0; i < ARRAY_LEN(algs); i++) {
		size = public_hash(algs[i])->size;
		a->hash = algs[i];
		a->digest.size = (UINT16)size;
		if (size * 8 >= c->bits) {
			memcpy(a->digest.buffer, v.data, v.len);
			return CKR_OK;
		}
		if (v.len - zeros <= size) {
			v = view_sub(v, v.len - size, size);
			memcpy(a->digest.buffer, v.data, size);
			return CKR_OK;
		}
	}
	return CKR_DATA_LEN_RANGE;
}

/* r | s, each padded to the order's bytes. */
static CK_RV
join_signature(const struct curve *c, const TPMS_SIGNATURE_ECDSA *s,
    struct buf *out)
{
	const struct view r = view_of(s->signatureR.buffer, s->signatureR.size);
	const struct view t = view_of(s->signatureS.buffer, s->signatureS.size);
	struct buf whole = BUF_EMPTY, half = BUF_EMPTY;
	CK_RV rv;

	if (r.len > c->order || t.len > c->order)
		return CKR_DEVICE_ERROR;
	if ((rv = buf_set_padded(&whole, r, c->order)) == CKR_OK &&
	    (rv = buf_set_padded(&half, t, c->order)) == CKR_OK &&
	    (rv = buf_append(&whole, buf_view(&half))) == CKR_OK)
		buf_move(out, &whole);
	buf_free(&whole);
	buf_free(&half);
	return rv;
}

CK_RV
tpm_key_ecdsa(struct tpm_key *k, struct view digest, struct buf *signature)
{
	const TPMS_ECC_PARMS *detail =
	    &k->public_area.publicArea.parameters.eccDetail;
	struct buf integer = BUF_EMPTY;
	const struct curve *c;
	struct sign a;
	CK_RV rv;

	if ((rv = key_allowed(k, TPM2_ALG_ECC, TPMA_OBJECT_SIGN_ENCRYPT)) !=
	    CKR_OK)
		return rv;
	if ((c = curve_by_tpm_id(detail->curveID)) == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	if ((rv = digest_integer(c, digest, &integer)) != CKR_OK ||
	    (rv = fit_digest(c, &integer, &a)) != CKR_OK ||
	    (rv = key_use(k, &sign, &a)) != CKR_OK)
		goto out;
	rv = a.signature.sigAlg == TPM2_ALG_ECDSA ?
	    join_signature(c, &a.signature.signature.ecdsa, signature) :
	    CKR_DEVICE_ERROR;
out:
	buf_free(&integer);
	return rv;
}

struct decrypt {
	TPM2B_PUBLIC_KEY_RSA in;
	TPM2B_PUBLIC_KEY_RSA out;
};

static TSS2_RC
decrypt_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	static const TPMT_RSA_DECRYPT raw = { .scheme = TPM2_ALG_NULL };
	static const TPM2B_DATA no_label;
	const struct decrypt *a = args;

	return Tss2_Sys_RSA_Decrypt_Prepare(sys, handles[0], &a->in, &raw,
	    &no_label);
}

static TSS2_RC
decrypt_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct decrypt *a = args;

	return Tss2_Sys_RSA_Decrypt_Complete(sys, &a->out);
}

static const struct command rsa_decrypt = {
	.name = "RSA_Decrypt",
	.prepare = decrypt_prepare,
	.complete = decrypt_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_SECRET_OUT,
	.refused = CKR_DATA_INVALID
};

/* Big-endian of the same length; neither is a secret. */
static bool
is_below(struct view v, struct view limit)
{
	return v.len == limit.len && memcmp(v.data, limit.data, v.len) < 0;
}

CK_RV
tpm_key_rsa(struct tpm_key *k, struct view in, struct buf *out)
{
	const TPM2B_PUBLIC_KEY_RSA *n =
	    &k->public_area.publicArea.unique.rsa;
	struct decrypt a;
	CK_RV rv;

	if ((rv = key_allowed(k, TPM2_ALG_RSA, TPMA_OBJECT_DECRYPT)) != CKR_OK)
		return rv;
	if (!is_below(in, view_of(n->buffer, n->size)))
		return CKR_DATA_INVALID;
	if ((rv = TPM2B_SET(&a.in, buffer, in)) != CKR_OK ||
	    (rv = key_use(k, &rsa_decrypt, &a)) != CKR_OK)
		goto out;
	rv = a.out.size <= in.len ? buf_set_padded(out,
	    view_of(a.out.buffer, a.out.size), in.len) : CKR_DEVICE_ERROR;
out:
	wipe(&a, sizeof(a));
	return rv;
}

struct zgen {
	TPM2B_ECC_POINT in;
	TPM2B_ECC_POINT out;
};

static TSS2_RC
zgen_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct zgen *a = args;

	return Tss2_Sys_ECDH_ZGen_Prepare(sys, handles[0], &a->in);
}

static TSS2_RC
zgen_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct zgen *a = args;

	a->out.size = 0;
	return Tss2_Sys_ECDH_ZGen_Complete(sys, &a->out);
}

static const struct command ecdh_zgen = {
	.name = "ECDH_ZGen",
	.prepare = zgen_prepare,
	.complete = zgen_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_OUT,
	.refused = CKR_DATA_INVALID
};

CK_RV
tpm_key_ecdh(struct tpm_key *k, struct view point, struct buf *z)
{
	const TPMS_ECC_PARMS *detail =
	    &k->public_area.publicArea.parameters.eccDetail;
	const TPM2B_ECC_PARAMETER *x;
	const struct curve *c;
	struct zgen a = { .in.size = 0 };
	CK_RV rv;

	if ((rv = key_allowed(k, TPM2_ALG_ECC, TPMA_OBJECT_DECRYPT)) != CKR_OK)
		return rv;
	if ((c = curve_by_tpm_id(detail->curveID)) == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	if (point.len != 1 + 2 * c->field)
		return CKR_DATA_INVALID;
	if ((rv = TPM2B_SET(&a.in.point.x, buffer,
	    view_sub(point, 1, c->field))) != CKR_OK ||
	    (rv = TPM2B_SET(&a.in.point.y, buffer,
	    view_sub(point, 1 + c->field, c->field))) != CKR_OK ||
	    (rv = key_use(k, &ecdh_zgen, &a)) != CKR_OK)
		goto out;
	x = &a.out.point.x;
	rv = x->size <= c->field ? buf_set_padded(z,
	    view_of(x->buffer, x->size), c->field) : CKR_DEVICE_ERROR;
out:
	wipe(&a, sizeof(a));
	return rv;
}
