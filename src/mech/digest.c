/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

/* Message digests: PKCS#11 3.x, 6.20 to 6.31. They need no TPM and no key. */

static bool
sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)caps;
	*min = 0;
	*max = 0;
	return true;
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct digest *d = NULL;
	CK_RV rv;

	(void)use;
	if ((rv = digest_new(c->params.hash, &d)) == CKR_OK)
		*state = d;
	return rv;
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	(void)out;
	return digest_update(state, in);
}

static CK_RV
finish(void *state, struct buf *out)
{
	return digest_final(state, out);
}

static CK_RV
copy(const void *state, void **out)
{
	struct digest *d = NULL;
	CK_RV rv;

	if ((rv = digest_copy(state, &d)) == CKR_OK)
		*out = d;
	return rv;
}

static void
free_state(void *state)
{
	struct digest *d = state;

	digest_free(&d);
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	(void)state;
	(void)in;
	*exact = true;
	return final ? c->params.hash->size : 0;
}

static const struct mech_stream stream = {
	.uses = MECH_USE_BIT(MECH_DIGEST),
	.start = start,
	.update = update,
	.finish = finish,
	.copy = copy,
	.free = free_state,
	.output = output,
};

const struct mech_family digest_family = {
	.clause = "6.20 to 6.31",
	.sizes = sizes,
	.stream = &stream,
};
