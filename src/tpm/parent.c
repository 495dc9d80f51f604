/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "util/log.h"

void
tpm_parent_free(struct tpm_parent *p)
{
	buf_free(&p->public_area);
	buf_free(&p->name);
	*p = TPM_PARENT_EMPTY;
}

void
parent_move(struct tpm_parent *to, struct tpm_parent *from)
{
	to->handle = from->handle;
	buf_move(&to->public_area, &from->public_area);
	buf_move(&to->name, &from->name);
}

CK_RV
tpm_parent_copy(struct tpm_parent *to, const struct tpm_parent *from)
{
	struct tpm_parent copy = TPM_PARENT_EMPTY;
	CK_RV rv;

	copy.handle = from->handle;
	if ((rv = buf_set(&copy.public_area,
	    buf_view(&from->public_area))) != CKR_OK ||
	    (rv = buf_set(&copy.name, buf_view(&from->name))) != CKR_OK)
		goto out;
	parent_move(to, &copy);
out:
	tpm_parent_free(&copy);
	return rv;
}

/* Storage keys have an empty authValue, as the TCG's templates have it. */
struct entity
parent_entity(const struct tpm_parent *p)
{
	return (struct entity){ .parent = p, .handle = p->handle,
	    .name = buf_view(&p->name) };
}

static TSS2_RC
read_public_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles,
    void *args)
{
	(void)args;
	return Tss2_Sys_ReadPublic_Prepare(sys, handles[0]);
}

static TSS2_RC
read_public_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	TPM2B_NAME name = { .size = 0 }, qualified = { .size = 0 };
	TPM2B_PUBLIC *p = args;

	p->size = 0;
	return Tss2_Sys_ReadPublic_Complete(sys, p, &name, &qualified);
}

static const struct command read_public = {
	.name = "ReadPublic",
	.prepare = read_public_prepare,
	.complete = read_public_complete,
	.flags = COMMAND_QUIET,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

/* The Name is computed, not believed. */
CK_RV
parent_from(TPM2_HANDLE handle, const TPM2B_PUBLIC *p, struct tpm_parent *out)
{
	struct tpm_parent made = TPM_PARENT_EMPTY;
	CK_RV rv;

	made.handle = handle;
	if ((rv = public_write(p, &made.public_area)) != CKR_OK ||
	    (rv = public_name(buf_view(&made.public_area),
	    &made.name)) != CKR_OK)
		goto out;
	parent_move(out, &made);
out:
	tpm_parent_free(&made);
	return rv;
}

CK_RV
parent_read(struct tpm *t, TPM2_HANDLE handle, struct tpm_parent *out)
{
	const struct entity e = { .handle = handle };
	TPM2B_PUBLIC p;
	CK_RV rv;

	if ((rv = command_run(t, &read_public, &e, 1, &p)) != CKR_OK)
		return rv;
	return parent_from(handle, &p, out);
}

static CK_RV
same(const struct tpm_parent *a, const struct tpm_parent *b)
{
	return view_equal(buf_view(&a->name), buf_view(&b->name)) ?
	    CKR_OK : CKR_TOKEN_NOT_RECOGNIZED;
}

CK_RV
parent_compare(struct tpm *t, const struct tpm_parent *p)
{
	struct tpm_parent found = TPM_PARENT_EMPTY;
	CK_RV rv;

	if ((rv = parent_read(t, p->handle, &found)) == CKR_OK)
		rv = same(&found, p);
	tpm_parent_free(&found);
	return rv;
}

CK_RV
parent_look(struct tpm *t, TPM2_HANDLE handle, TPM2B_PUBLIC *p,
    struct tpm_parent *out)
{
	const struct call c = {
		.command = &read_public,
		.entities = { { .handle = handle } },
		.count = 1,
		.args = p
	};
	CK_RV rv;

	if ((rv = tpm_call(t, &c)) != CKR_OK)
		return rv;
	return parent_from(handle, p, out);
}

CK_RV
tpm_parent_check(struct tpm *t, const struct tpm_parent *p)
{
	struct tpm_parent found = TPM_PARENT_EMPTY;
	TPM2B_PUBLIC public_area;
	const struct call c = {
		.command = &read_public,
		.entities = { parent_entity(p) },
		.count = 1,
		.args = &public_area
	};
	CK_RV rv;

	if ((rv = tpm_call(t, &c)) == CKR_OK &&
	    (rv = parent_from(p->handle, &public_area, &found)) == CKR_OK)
		rv = same(&found, p);
	tpm_parent_free(&found);
	return rv;
}
