/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/prf.h"

#include "crypto/cmac.h"
#include "crypto/mac.h"

static CK_RV
run_hmac(const struct prf *p, const struct view *parts, size_t count,
    uint8_t *out)
{
	return hmac_once(p->hash, p->key, parts, count, out);
}

static CK_RV
run_cmac(const struct prf *p, const struct view *parts, size_t count,
    uint8_t *out)
{
	return cmac_once(p->aes, parts, count, out);
}

struct prf
prf_hmac(const struct hash *hash, struct view key)
{
	return (struct prf){ .run = run_hmac, .size = hash->size,
	    .hash = hash, .key = key };
}

struct prf
prf_cmac(const struct aes_key *key)
{
	return (struct prf){ .run = run_cmac, .size = CMAC_LEN, .aes = key };
}

CK_RV
prf_run(const struct prf *p, const struct view *parts, size_t count,
    uint8_t *out)
{
	return p->run(p, parts, count, out);
}
