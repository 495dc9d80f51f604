/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tpm/internal.h"

/* What a TPM gives at once is its largest digest, and it may give less. */
struct get {
	size_t wanted;
	TPM2B_DIGEST bytes;
};

static TSS2_RC
get_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct get *a = args;

	(void)handles;
	return Tss2_Sys_GetRandom_Prepare(sys, (UINT16)a->wanted);
}

static TSS2_RC
get_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct get *a = args;

	return Tss2_Sys_GetRandom_Complete(sys, &a->bytes);
}

static const struct command get_random = {
	.name = "GetRandom",
	.prepare = get_prepare,
	.complete = get_complete,
	.flags = COMMAND_SECRET_OUT
};

CK_RV
tpm_random_portion(struct tpm *t, uint8_t *out, size_t room, size_t *got)
{
	struct get a = { .wanted = room };
	const struct call c = { .command = &get_random, .args = &a };
	CK_RV rv;

	if (a.wanted > sizeof(a.bytes.buffer))
		a.wanted = sizeof(a.bytes.buffer);
	if ((rv = tpm_call(t, &c)) != CKR_OK)
		goto out;
	if (a.bytes.size == 0 || a.bytes.size > a.wanted) {
		rv = CKR_DEVICE_ERROR;
		goto out;
	}
	memcpy(out, a.bytes.buffer, a.bytes.size);
	*got = a.bytes.size;
out:
	wipe(&a, sizeof(a));
	return rv;
}

CK_RV
tpm_random(struct tpm *t, uint8_t *out, size_t n)
{
	CK_RV rv = CKR_OK;
	size_t got;

	for (; n > 0; out += got, n -= got)
		if ((rv = tpm_random_portion(t, out, n, &got)) != CKR_OK)
			break;
	return rv;
}

static TSS2_RC
stir_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)handles;
	return Tss2_Sys_StirRandom_Prepare(sys, args);
}

static const struct command stir_random = {
	.name = "StirRandom",
	.prepare = stir_prepare,
	.flags = COMMAND_SECRET_IN
};

CK_RV
tpm_stir(struct tpm *t, struct view seed)
{
	TPM2B_SENSITIVE_DATA portion = { .size = 0 };
	const struct call c = { .command = &stir_random, .args = &portion };
	/* Part 3, 16.2: a TPM need not take more than this. */
	const size_t most = 128;
	CK_RV rv = CKR_OK;
	size_t off;

	for (off = 0; off < seed.len && rv == CKR_OK; off += most)
		if ((rv = TPM2B_SET(&portion, buffer,
		    view_sub(seed, off, most))) == CKR_OK)
			rv = tpm_call(t, &c);
	wipe(&portion, sizeof(portion));
	return rv;
}
