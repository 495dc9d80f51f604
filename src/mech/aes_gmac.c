/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"

#include "crypto/gcm.h"
#include "util/mem.h"

/*
 * CKM_AES_GMAC: PKCS#11 3.x, 6.13.6. GCM without a text; the IV is the
 * parameter and the whole tag the MAC.
 */
#define IV_LEN 12
#define TAG_LEN 16

struct gmac {
	struct aes aes;
	struct view iv;
	struct gcm *gcm;	/* once there is something to hash */
};

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	uint8_t iv[IV_LEN];
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, iv, sizeof(iv))) != CKR_OK)
		return rv;
	return buf_set(&p->iv, view_of(iv, sizeof(iv)));
}

static void
free_state(void *state)
{
	struct gmac *g = state;

	gcm_free(&g->gcm);
	mem_free(g);
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct gmac *g = mem_alloc(1, sizeof(*g));

	(void)use;
	if (g == NULL)
		return CKR_HOST_MEMORY;
	aes_init(&g->aes, c->key);
	g->iv = buf_view(&c->params.iv);
	*state = g;
	return CKR_OK;
}

static CK_RV
begin(struct gmac *g)
{
	return g->gcm != NULL ? CKR_OK :
	    gcm_new(&g->aes.key, g->iv, &g->gcm);
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct gmac *g = state;
	CK_RV rv;

	(void)out;
	if ((rv = begin(g)) != CKR_OK)
		return rv;
	return gcm_aad(g->gcm, in);
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct gmac *g = state;
	CK_RV rv;

	if ((rv = begin(g)) != CKR_OK)
		return rv;
	return gcm_tag(g->gcm, TAG_LEN, out);
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	(void)c;
	(void)state;
	(void)in;
	*exact = true;
	return final ? TAG_LEN : 0;
}

static const struct mech_stream stream = {
	.uses = MECH_USE_BIT(MECH_SIGN) | MECH_USE_BIT(MECH_VERIFY),
	.start = start,
	.update = update,
	.finish = finish,
	.free = free_state,
	.output = output,
};

/* No messages: their one IV would serve for all. */
const struct mech_family aes_gmac_family = {
	.clause = "6.13",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params,
	.check = aes_check,
	.stream = &stream,
};
