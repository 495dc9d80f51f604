/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/policy.h"
#include "util/log.h"

/* The values of PCRs, and seals that are bound to nothing else. */

/* A TPM gives up to eight values at once. */
struct reading {
	TPML_PCR_SELECTION wanted;	/* and not had yet */
	TPML_PCR_SELECTION given;
	TPML_DIGEST values;
	UINT32 updates;		/* how often any PCR was changed */
};

/* While they are read one is extended: begin again, so often. */
#define READINGS_MAX 8

static TSS2_RC
read_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct reading *a = args;

	(void)handles;
	return Tss2_Sys_PCR_Read_Prepare(sys, &a->wanted);
}

static TSS2_RC
read_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct reading *a = args;

	return Tss2_Sys_PCR_Read_Complete(sys, &a->updates, &a->given,
	    &a->values);
}

static const struct command pcr_read = {
	.name = "PCR_Read",
	.prepare = read_prepare,
	.complete = read_complete,
	.refused = CKR_DATA_INVALID
};

static bool
is_empty(const TPML_PCR_SELECTION *s)
{
	size_t i, octet;

	for (i = 0; i < s->count; i++)
		for (octet = 0; octet < s->pcrSelections[i].sizeofSelect;
		    octet++)
			if (s->pcrSelections[i].pcrSelect[octet] != 0)
				return false;
	return true;
}

/* The banks of the answer are those that were asked for, in their order. */
static void
cross_off(struct reading *r)
{
	size_t i, octet;
	TPMS_PCR_SELECTION *w, *g;

	for (i = 0; i < r->wanted.count && i < r->given.count; i++) {
		w = &r->wanted.pcrSelections[i];
		g = &r->given.pcrSelections[i];
		for (octet = 0; octet < w->sizeofSelect &&
		    octet < g->sizeofSelect; octet++)
			w->pcrSelect[octet] &= (BYTE)~g->pcrSelect[octet];
	}
}

/* What a bank lacks, or a TPM without the bank, comes back as not given. */
static CK_RV
append_values(struct reading *r, struct buf *all)
{
	size_t i;
	CK_RV rv;

	if (r->values.count == 0 || is_empty(&r->given)) {
		log_error("the TPM has not got all of the PCRs that were "
		    "asked for (tpm2_getcap pcrs lists them)");
		return CKR_DATA_INVALID;
	}
	for (i = 0; i < r->values.count; i++)
		if ((rv = buf_append(all, view_of(
		    r->values.digests[i].buffer,
		    r->values.digests[i].size))) != CKR_OK)
			return rv;
	cross_off(r);
	return CKR_OK;
}

/* CKR_FUNCTION_CANCELED: a PCR changed meanwhile. */
static CK_RV
read_all(struct tpm *t, const TPML_PCR_SELECTION *selection, struct buf *all)
{
	struct reading r = { .wanted = *selection };
	const struct call c = { .command = &pcr_read, .args = &r };
	UINT32 updates = 0;
	bool first = true;
	CK_RV rv;

	buf_clear(all);
	for (; !is_empty(&r.wanted); first = false) {
		if ((rv = tpm_call(t, &c)) != CKR_OK ||
		    (rv = append_values(&r, all)) != CKR_OK)
			return rv;
		if (!first && r.updates != updates)
			return CKR_FUNCTION_CANCELED;
		updates = r.updates;
	}
	return CKR_OK;
}

CK_RV
pcrs_values(struct tpm *t, const TPML_PCR_SELECTION *selection,
    struct buf *digest)
{
	struct buf all = BUF_EMPTY;
	struct view what;
	int i = 0;
	CK_RV rv;

	do
		rv = read_all(t, selection, &all);
	while (rv == CKR_FUNCTION_CANCELED && ++i < READINGS_MAX);
	what = buf_view(&all);
	if (rv == CKR_OK)
		rv = digest_once(public_hash(SESSION_HASH), &what, 1, digest);
	buf_free(&all);
	return rv == CKR_FUNCTION_CANCELED ? CKR_DEVICE_ERROR : rv;
}

static CK_RV
seal_to_pcrs(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, const struct tpm_pcrs *pcrs, struct tpm_blob *out)
{
	struct policy policy = { .count = 0 };
	struct buf values = BUF_EMPTY, digest = BUF_EMPTY;
	TPML_PCR_SELECTION selection;
	CK_RV rv;

	if ((rv = pcrs_selection(pcrs, &selection)) != CKR_OK ||
	    (rv = pcrs_values(t, &selection, &values)) != CKR_OK)
		goto out;
	policy_add(&policy, (struct assertion){ .kind = &assert_pcr_values,
	    .pcrs = &selection, .values = buf_view(&values) });
	if ((rv = policy_digest(&policy, &digest)) == CKR_OK)
		rv = seal_create(t, parent, secret, VIEW_EMPTY,
		    SEAL_BY_POLICY, buf_view(&digest), out);
out:
	buf_free(&values);
	buf_free(&digest);
	return rv;
}

CK_RV
tpm_policy_seal(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, const struct tpm_pcrs *pcrs, struct tpm_blob *out)
{
	return pcrs->count == 0 ?
	    tpm_seal(t, parent, secret, VIEW_EMPTY, true, out) :
	    seal_to_pcrs(t, parent, secret, pcrs, out);
}

CK_RV
tpm_policy_unseal(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, const struct tpm_pcrs *pcrs,
    struct buf *secret)
{
	struct policy policy = { .count = 0 };
	TPML_PCR_SELECTION selection;
	CK_RV rv;

	if (pcrs->count == 0)
		return seal_open(t, parent, blob, &unseal_often, NULL, secret);
	if ((rv = pcrs_selection(pcrs, &selection)) != CKR_OK)
		return rv;
	policy_add(&policy, (struct assertion){ .kind = &assert_pcr_values,
	    .pcrs = &selection });
	return seal_open(t, parent, blob, &unseal_often, &policy, secret);
}
