/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/secret.h"
#include "mech/tls12_key.h"

/*
 * The master secret of TLS 1.2 from the premaster secret (RFC 5246, 8.1; RFC
 * 7627; PKCS#11 3.x, 6.40). Without _DH the premaster secret is that of RSA:
 * 48 bytes, of which the first two are the client's version, which the
 * program is told.
 */
#define TLS_RANDOM 32
#define PREMASTER_LEN 48
#define SESSION_HASH_MAX 64

static bool
is_dh(const struct mech *m)
{
	return m->type == CKM_TLS12_MASTER_KEY_DERIVE_DH ||
	    m->type == CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH;
}

/* With Diffie-Hellman there is no version to tell. */
static CK_RV
take_version(const struct mech *m, CK_VERSION *version, struct mech_params *p)
{
	if (is_dh(m) && version != NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	p->out = version;
	return CKR_OK;
}

static CK_RV
master_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_TLS12_MASTER_KEY_DERIVE_PARAMS given;
	CK_RV rv;

	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK ||
	    (rv = params_hash(given.prfHashMechanism, &p->hash)) != CKR_OK ||
	    (rv = take_version(m, given.pVersion, p)) != CKR_OK)
		return rv;
	return tls12_randoms(&given.RandomInfo, TLS_RANDOM, false, &p->data);
}

static CK_RV
extended_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS given;
	CK_RV rv;

	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK ||
	    (rv = params_hash(given.prfHashMechanism, &p->hash)) != CKR_OK ||
	    (rv = take_version(m, given.pVersion, p)) != CKR_OK)
		return rv;
	if (given.ulSessionHashLen == 0 ||
	    given.ulSessionHashLen > SESSION_HASH_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	return params_bytes(given.pSessionHash, given.ulSessionHashLen,
	    &p->data);
}

static CK_RV
check(const struct mech_call *c)
{
	CK_RV rv;

	if ((rv = tls12_check(c)) != CKR_OK)
		return rv;
	if (key_value(c->key).len == 0)
		return CKR_KEY_TYPE_INCONSISTENT;
	return is_dh(c->m) || key_value(c->key).len == PREMASTER_LEN ?
	    CKR_OK : CKR_KEY_SIZE_RANGE;
}

static CK_RV
plan(const struct mech_call *c, struct mech_derivation *d)
{
	d->products[0].key_type = CKK_GENERIC_SECRET;
	if (c->params.out == NULL)
		return CKR_OK;
	d->told[0].to = c->params.out;
	return buf_set(&d->told[0].bytes, view_sub(key_value(c->key), 0,
	    sizeof(CK_VERSION)));
}

static CK_RV
run(const struct mech_call *c, const char *label, struct attrs *a)
{
	struct buf master = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = secret_length(a, TLS12_MASTER_LEN, &len)) != CKR_OK)
		goto out;
	if (len != TLS12_MASTER_LEN) {
		rv = CKR_TEMPLATE_INCONSISTENT;
		goto out;
	}
	if ((rv = tls12_run(c, label, buf_view(&c->params.data), len,
	    &master)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, buf_view(&master));
out:
	buf_free(&master);
	return rv;
}

static CK_RV
master(const struct mech_call *c, struct attrs *a)
{
	return run(c, TLS12_MASTER, a);
}

static CK_RV
extended(const struct mech_call *c, struct attrs *a)
{
	return run(c, TLS12_EXTENDED, a);
}

/* "the key sizes are both 48 bytes" */
static bool
sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)caps;
	*min = TLS12_MASTER_LEN;
	*max = TLS12_MASTER_LEN;
	return true;
}

const struct mech_family tls12_master_family = {
	.clause = "6.40",
	.sizes = sizes,
	.params = master_params,
	.check = check,
	.plan = plan,
	.derive = master,
};

const struct mech_family tls12_extended_family = {
	.clause = "6.40",
	.sizes = sizes,
	.params = extended_params,
	.check = check,
	.plan = plan,
	.derive = extended,
};
