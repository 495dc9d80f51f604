/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"

#include "crypto/cmac.h"
#include "tpm/mac.h"
#include "util/mem.h"

/* CKM_AES_CMAC and CKM_AES_CMAC_GENERAL: PKCS#11 3.x, 6.14. */
struct state {
	struct aes aes;
	struct cmac *near;	/* for a known key, */
	struct tpm_mac *far;	/* or for the TPM's */
	size_t len;		/* of the MAC that is given */
};

static CK_RV
general_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	(void)m;
	return params_mac_len(from, CMAC_LEN, p);
}

static void
free_state(void *state)
{
	struct state *s = state;

	cmac_free(&s->near);
	tpm_mac_free(&s->far);
	mem_free(s);
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct state *s = mem_alloc(1, sizeof(*s));
	CK_RV rv;

	(void)use;
	if (s == NULL)
		return CKR_HOST_MEMORY;
	aes_init(&s->aes, c->key);
	s->len = c->params.len != 0 ? c->params.len : CMAC_LEN;
	rv = s->aes.tpm != NULL ? tpm_mac_new(s->aes.tpm, NULL, &s->far) :
	    cmac_new(&s->aes.key, &s->near);
	if (rv == CKR_OK)
		*state = s;
	else
		free_state(s);
	return rv;
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct state *s = state;

	(void)out;
	return s->far != NULL ? tpm_mac_update(s->far, in) :
	    cmac_update(s->near, in);
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct state *s = state;
	struct buf mac = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&mac, CMAC_LEN)) != CKR_OK ||
	    (rv = s->far != NULL ? tpm_mac_final(s->far, &mac) :
	    cmac_final(s->near, mac.data)) != CKR_OK ||
	    (rv = buf_resize(&mac, s->len)) != CKR_OK)
		goto out;
	buf_move(out, &mac);
out:
	buf_free(&mac);
	return rv;
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	const struct state *s = state;

	(void)c;
	(void)in;
	*exact = true;
	return final ? s->len : 0;
}

static const struct mech_stream stream = {
	.uses = MECH_USE_BIT(MECH_SIGN) | MECH_USE_BIT(MECH_VERIFY),
	.start = start,
	.update = update,
	.finish = finish,
	.free = free_state,
	.output = output,
};

const struct mech_family aes_cmac_family = {
	.clause = "6.14",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.check = aes_check,
	.stream = &stream,
	.messages = MECH_SIGNS_MESSAGES,
};

const struct mech_family aes_cmac_general_family = {
	.clause = "6.14",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = general_params,
	.check = aes_check,
	.stream = &stream,
	.messages = MECH_SIGNS_MESSAGES,
};
