/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#include <string.h>

#include "util/mem.h"

CK_RV
mech_derivation_open(const CK_MECHANISM *m, struct key *base,
    const struct tpm_caps *caps, const struct mech_product *product,
    struct mech_derivation *d)
{
	const struct mech_family *f;
	CK_RV rv;

	if ((d->call = mem_alloc(1, sizeof(*d->call))) == NULL)
		return CKR_HOST_MEMORY;
	*d->call = CALL_EMPTY;
	if ((rv = call_prepare(MECH_DERIVE, m, base, caps, d->call)) !=
	    CKR_OK)
		return rv;
	d->call->more = d;
	f = d->call->m->family;
	d->inherit = f->inherit;
	d->products[0] = *product;
	d->product_count = 1;
	if (f->plan != NULL && (rv = f->plan(d->call, d)) != CKR_OK)
		return rv;
	return d->product_count > 0 && d->products[0].handle == NULL ?
	    CKR_ARGUMENTS_BAD : CKR_OK;
}

CK_RV
mech_derive(struct mech_derivation *d)
{
	return d->call->m->family->derive(d->call, d->products[0].attrs);
}

void
mech_derivation_tell(const struct mech_derivation *d,
    const CK_OBJECT_HANDLE *handles)
{
	size_t i;

	for (i = 0; i < d->product_count; i++)
		memcpy(d->products[i].handle, &handles[i],
		    sizeof(handles[i]));
	for (i = 0; i < MECH_TOLD_MAX; i++)
		if (d->told[i].bytes.len > 0)
			memcpy(d->told[i].to, d->told[i].bytes.data,
			    d->told[i].bytes.len);
}

void
mech_derivation_free(struct mech_derivation *d)
{
	size_t i;

	if (d->call != NULL)
		call_free(d->call);
	mem_free(d->call);
	d->call = NULL;
	for (i = 0; i < MECH_KEYS_MAX; i++)
		key_unref(&d->keys[i]);
	for (i = 0; i < MECH_TOLD_MAX; i++)
		buf_free(&d->told[i].bytes);
}
