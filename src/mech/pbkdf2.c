/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/pbkdf2.h"

#include "mech/family.h"
#include "mech/secret.h"
#include "util/mem.h"

/*
 * CKM_PKCS5_PBKD2 (RFC 8018; PKCS#11 3.x, 6.35.3): a key of a password. It
 * runs under the token's lock, so what one program asks for keeps the others
 * waiting: ten million rounds are some seconds, and fifteen times what OWASP
 * advises.
 */
#define ITERATIONS_MAX 10000000
/*
 * The structure of 2.40 with its slip, a pointer where the length of the
 * password is, cannot be told from the right one. An address is more than
 * any password's length, and so refused instead of followed.
 */
#define PASSWORD_MAX 65536
#define SALT_MAX 65536

struct own {
	struct buf password;
	struct buf salt;
	uint64_t iterations;
};

static const struct {
	CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf;
	CK_MECHANISM_TYPE hash;
} prfs[] = {
	{ CKP_PKCS5_PBKD2_HMAC_SHA1, CKM_SHA_1 },
	{ CKP_PKCS5_PBKD2_HMAC_SHA224, CKM_SHA224 },
	{ CKP_PKCS5_PBKD2_HMAC_SHA256, CKM_SHA256 },
	{ CKP_PKCS5_PBKD2_HMAC_SHA384, CKM_SHA384 },
	{ CKP_PKCS5_PBKD2_HMAC_SHA512, CKM_SHA512 },
	{ CKP_PKCS5_PBKD2_HMAC_SHA512_224, CKM_SHA512_224 },
	{ CKP_PKCS5_PBKD2_HMAC_SHA512_256, CKM_SHA512_256 },
};

static void
free_own(void *p)
{
	struct own *own = p;

	buf_free(&own->password);
	buf_free(&own->salt);
	mem_free(own);
}

static const struct hash *
find_hash(CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(prfs); i++)
		if (prfs[i].prf == prf)
			return hash_by_mech(prfs[i].hash);
	return NULL;
}

static bool
is_sane(const CK_PKCS5_PBKD2_PARAMS2 *p)
{
	return find_hash(p->prf) != NULL &&
	    p->saltSource == CKZ_SALT_SPECIFIED &&
	    p->pPrfData == NULL && p->ulPrfDataLen == 0 &&
	    p->iterations > 0 && p->iterations <= ITERATIONS_MAX &&
	    p->ulSaltSourceDataLen <= SALT_MAX &&
	    p->ulPasswordLen <= PASSWORD_MAX;
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_PKCS5_PBKD2_PARAMS2 given;
	struct own *own;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK)
		return rv;
	if (!is_sane(&given))
		return CKR_MECHANISM_PARAM_INVALID;
	if ((own = mem_alloc(1, sizeof(*own))) == NULL)
		return CKR_HOST_MEMORY;
	p->own = own;
	p->own_free = free_own;
	p->hash = find_hash(given.prf);
	own->iterations = given.iterations;
	if ((rv = params_bytes(given.pSaltSourceData,
	    given.ulSaltSourceDataLen, &own->salt)) != CKR_OK)
		return rv;
	return params_bytes(given.pPassword, given.ulPasswordLen,
	    &own->password);
}

/* The value, which goes where such a key belongs (mech_import). */
static CK_RV
generate(const struct mech_call *c, const struct mech_place *place,
    struct attrs *a, struct tpm_blob *blob)
{
	const struct own *own = c->params.own;
	struct buf value = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	(void)place;
	(void)blob;
	if ((rv = secret_length(a, 0, &len)) == CKR_OK &&
	    (rv = pbkdf2(c->params.hash, buf_view(&own->password),
	    buf_view(&own->salt), own->iterations, len, &value)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, buf_view(&value));
	buf_free(&value);
	return rv;
}

const struct mech_family pbkdf2_family = {
	.clause = "6.35",
	.sizes = secret_sizes_bytes,
	.params = params,
	.generate = generate,
};
