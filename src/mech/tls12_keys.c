/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/secret.h"
#include "mech/tls12_key.h"

#include <stddef.h>
#include <string.h>

#include "util/mem.h"

/*
 * CKM_TLS12_KEY_AND_MAC_DERIVE: the key block of a connection (RFC 5246, 6.3;
 * PKCS#11 3.x, 6.40.7): up to four keys and two IVs, in this order. The two
 * ciphers' keys are by the template, those of the MACs generic secrets; the
 * mechanism's structure receives all handles, C_DeriveKey's argument none.
 */
#define TLS_RANDOM 32

enum { MAC_CLIENT, MAC_SERVER, KEY_CLIENT, KEY_SERVER, KEYS };
enum { IV_CLIENT, IV_SERVER, IVS };

/* What a MAC's key is, whatever the template says of the ciphers'. */
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const CK_ATTRIBUTE of_macs[] = {
	{ CKA_KEY_TYPE, &generic, sizeof(generic) },
	{ CKA_SIGN, &yes, sizeof(yes) },
	{ CKA_VERIFY, &yes, sizeof(yes) },
	{ CKA_DERIVE, &yes, sizeof(yes) },
	{ CKA_ENCRYPT, &no, sizeof(no) },
	{ CKA_DECRYPT, &no, sizeof(no) },
	{ CKA_WRAP, &no, sizeof(no) },
	{ CKA_UNWRAP, &no, sizeof(no) },
};

enum { OF_MACS = ARRAY_LEN(of_macs) };

struct own {
	CK_ULONG mac;		/* bytes */
	CK_ULONG key;
	CK_ULONG iv;
	CK_ATTRIBUTE fixed[OF_MACS + 1];	/* and the length */
	CK_SSL3_KEY_MAT_OUT *to;	/* the program's */
	void *ivs[IVS];
};

static bool
whole_bytes(CK_ULONG bits, CK_ULONG *bytes)
{
	*bytes = bits / 8;
	return bits % 8 == 0 && *bytes <= SECRET_MAX;
}

/* Without a key there is nothing to put a handle on. */
static CK_RV
read_sizes(const CK_TLS12_KEY_MAT_PARAMS *given, struct own *own)
{
	CK_SSL3_KEY_MAT_OUT out;

	if (!whole_bytes(given->ulMacSizeInBits, &own->mac) ||
	    !whole_bytes(given->ulKeySizeInBits, &own->key) ||
	    !whole_bytes(given->ulIVSizeInBits, &own->iv) ||
	    given->bIsExport != CK_FALSE ||
	    given->pReturnedKeyMaterial == NULL ||
	    own->mac + own->key == 0)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&out, given->pReturnedKeyMaterial, sizeof(out));
	if (own->iv > 0 && (out.pIVClient == NULL || out.pIVServer == NULL))
		return CKR_MECHANISM_PARAM_INVALID;
	own->to = given->pReturnedKeyMaterial;
	own->ivs[IV_CLIENT] = out.pIVClient;
	own->ivs[IV_SERVER] = out.pIVServer;
	return CKR_OK;
}

static void
set_fixed(struct own *own)
{
	memcpy(own->fixed, of_macs, sizeof(of_macs));
	own->fixed[OF_MACS] = (CK_ATTRIBUTE){ CKA_VALUE_LEN, &own->mac,
	    sizeof(own->mac) };
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_TLS12_KEY_MAT_PARAMS given;
	struct own *own;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK ||
	    (rv = params_hash(given.prfHashMechanism, &p->hash)) != CKR_OK)
		return rv;
	if ((own = mem_alloc(1, sizeof(*own))) == NULL)
		return CKR_HOST_MEMORY;
	p->own = own;
	p->own_free = mem_free;
	if ((rv = read_sizes(&given, own)) != CKR_OK)
		return rv;
	set_fixed(own);
	/* here the server's comes first */
	return tls12_randoms(&given.RandomInfo, TLS_RANDOM, true, &p->data);
}

static CK_RV
check(const struct mech_call *c)
{
	CK_RV rv;

	if ((rv = tls12_check(c)) != CKR_OK)
		return rv;
	return key_value(c->key).len == TLS12_MASTER_LEN ||
	    key_tpm(c->key) != NULL ? CKR_OK : CKR_KEY_SIZE_RANGE;
}

static size_t
size_of(const struct own *own, int key)
{
	return key < KEY_CLIENT ? own->mac : own->key;
}

/* Where the handle of each key goes. */
static void *
handle_of(const struct own *own, int key)
{
	static const size_t offsets[KEYS] = {
		offsetof(CK_SSL3_KEY_MAT_OUT, hClientMacSecret),
		offsetof(CK_SSL3_KEY_MAT_OUT, hServerMacSecret),
		offsetof(CK_SSL3_KEY_MAT_OUT, hClientKey),
		offsetof(CK_SSL3_KEY_MAT_OUT, hServerKey)
	};

	return (uint8_t *)own->to + offsets[key];
}

static CK_RV
plan(const struct mech_call *c, struct mech_derivation *d)
{
	const struct own *own = c->params.own;
	struct mech_product by_template = d->products[0];
	struct mech_product *p;
	int key;

	d->product_count = 0;
	for (key = MAC_CLIENT; key < KEYS; key++) {
		if (size_of(own, key) == 0)
			continue;
		p = &d->products[d->product_count++];
		*p = by_template;
		p->handle = handle_of(own, key);
		if (key >= KEY_CLIENT)
			continue;
		p->fixed = own->fixed;
		p->fixed_count = ARRAY_LEN(own->fixed);
	}
	return CKR_OK;
}

/* Its length is the parameter's; a template may repeat it. */
static CK_RV
set_key(struct attrs *a, struct view value)
{
	size_t len;
	CK_RV rv;

	if (attrs_ulong(a, CKA_VALUE_LEN, value.len) != value.len)
		return CKR_TEMPLATE_INCONSISTENT;
	if ((rv = attrs_set_ulong(a, CKA_VALUE_LEN, value.len)) != CKR_OK ||
	    (rv = secret_length(a, 0, &len)) != CKR_OK)
		return rv;
	return attrs_set(a, CKA_VALUE, value);
}

static CK_RV
split(const struct mech_call *c, struct view block)
{
	const struct own *own = c->params.own;
	struct mech_derivation *d = c->more;
	size_t n = 0, at = 0;
	CK_RV rv = CKR_OK;
	int i;

	for (i = MAC_CLIENT; i < KEYS && rv == CKR_OK; i++) {
		if (size_of(own, i) == 0)
			continue;
		rv = set_key(d->products[n++].attrs, view_sub(block, at,
		    size_of(own, i)));
		at += size_of(own, i);
	}
	for (i = IV_CLIENT; i < IVS && rv == CKR_OK; i++) {
		d->told[i].to = own->ivs[i];
		rv = buf_set(&d->told[i].bytes, view_sub(block, at,
		    own->iv));
		at += own->iv;
	}
	return rv;
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	const struct own *own = c->params.own;
	size_t len = 2 * (own->mac + own->key + own->iv);
	struct buf block = BUF_EMPTY;
	CK_RV rv;

	(void)a;
	if ((rv = tls12_run(c, TLS12_KEYS, buf_view(&c->params.data), len,
	    &block)) == CKR_OK)
		rv = split(c, buf_view(&block));
	buf_free(&block);
	return rv;
}

static bool
sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)caps;
	*min = TLS12_MASTER_LEN;
	*max = TLS12_MASTER_LEN;
	return true;
}

const struct mech_family tls12_keys_family = {
	.clause = "6.40",
	.sizes = sizes,
	.params = params,
	.check = check,
	.plan = plan,
	.derive = derive,
	.inherit = MECH_INHERIT_ALL,
};
