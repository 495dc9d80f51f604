/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/cipher.h"

#include <string.h>

#include "tpm/internal.h"

static const struct mode {
	TPM2_ALG_ID alg;
	bool streams;	/* takes a broken block at the end */
} modes[] = {
	[TPM_CIPHER_ECB] = { TPM2_ALG_ECB, false },
	[TPM_CIPHER_CBC] = { TPM2_ALG_CBC, false },
	[TPM_CIPHER_CTR] = { TPM2_ALG_CTR, true },
	[TPM_CIPHER_CFB] = { TPM2_ALG_CFB, true },
	[TPM_CIPHER_OFB] = { TPM2_ALG_OFB, true }
};

struct crypt {
	TPMI_YES_NO decrypt;
	TPMI_ALG_CIPHER_MODE mode;
	TPM2B_IV iv;
	TPM2B_MAX_BUFFER in;
	TPM2B_MAX_BUFFER out;
	TPM2B_IV iv_out;
};

static TSS2_RC
crypt2_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct crypt *a = args;

	return Tss2_Sys_EncryptDecrypt2_Prepare(sys, handles[0], &a->in,
	    a->decrypt, a->mode, &a->iv);
}

static TSS2_RC
crypt2_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct crypt *a = args;

	a->out.size = a->iv_out.size = 0;
	return Tss2_Sys_EncryptDecrypt2_Complete(sys, &a->out, &a->iv_out);
}

static TSS2_RC
crypt_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct crypt *a = args;

	return Tss2_Sys_EncryptDecrypt_Prepare(sys, handles[0], a->decrypt,
	    a->mode, &a->iv, &a->in);
}

static TSS2_RC
crypt_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct crypt *a = args;

	a->out.size = a->iv_out.size = 0;
	return Tss2_Sys_EncryptDecrypt_Complete(sys, &a->out, &a->iv_out);
}

/* Lengths and uses are known to be right: what is left is the mode. */
static const struct command encrypt_decrypt2 = {
	.name = "EncryptDecrypt2",
	.prepare = crypt2_prepare,
	.complete = crypt2_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_SECRET_OUT,
	.refused = CKR_MECHANISM_INVALID
};

static const struct command encrypt_decrypt = {
	.name = "EncryptDecrypt",
	.prepare = crypt_prepare,
	.complete = crypt_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_OUT,
	.refused = CKR_MECHANISM_INVALID
};

/* The older command is asked for once a connection knows that it has to be. */
static CK_RV
run(struct tpm_key *k, struct crypt *a)
{
	atomic_bool *lacks = &tpm_key_home(k)->lacks_encrypt_decrypt2;
	CK_RV rv = CKR_FUNCTION_NOT_SUPPORTED;

	if (!*lacks)
		rv = key_use(k, &encrypt_decrypt2, a);
	if (rv != CKR_FUNCTION_NOT_SUPPORTED)
		return rv;
	*lacks = true;
	return key_use(k, &encrypt_decrypt, a);
}

/* iv_len 0: the mode has none. */
static CK_RV
portion(struct tpm_key *k, struct crypt *a, struct view in, size_t iv_len,
    uint8_t *out)
{
	CK_RV rv;

	if ((rv = TPM2B_SET(&a->in, buffer, in)) != CKR_OK ||
	    (rv = run(k, a)) != CKR_OK)
		return rv;
	if (a->out.size != in.len || a->iv_out.size != iv_len)
		return CKR_DEVICE_ERROR;
	memcpy(out, a->out.buffer, in.len);
	a->iv = a->iv_out;
	return CKR_OK;
}

static CK_RV
all_portions(struct tpm_key *k, struct crypt *a, struct view in, uint8_t *out)
{
	struct tpm *t = tpm_key_home(k);
	size_t iv_len = a->iv.size, part;
	CK_RV rv;

	while (in.len > 0) {
		part = t->input_buffer / TPM_BLOCK_LEN * TPM_BLOCK_LEN;
		rv = portion(k, a, view_sub(in, 0, part), iv_len, out);
		if (rv == CKR_MECHANISM_INVALID && input_was_too_much(t))
			continue;
		if (rv != CKR_OK)
			return rv;
		out += in.len < part ? in.len : part;
		in = view_sub(in, part, in.len);
	}
	return CKR_OK;
}

static CK_RV
use(struct tpm_key *k, TPMI_YES_NO decrypt, enum tpm_cipher_mode mode,
    uint8_t *iv, struct view in, struct buf *out)
{
	struct crypt a = { .decrypt = decrypt, .mode = modes[mode].alg };
	struct buf made = BUF_EMPTY;
	CK_RV rv;

	if ((rv = key_allowed(k, TPM2_ALG_SYMCIPHER, decrypt ?
	    TPMA_OBJECT_DECRYPT : TPMA_OBJECT_SIGN_ENCRYPT)) != CKR_OK)
		return rv;
	if (in.len % TPM_BLOCK_LEN != 0 && !modes[mode].streams)
		return CKR_DATA_LEN_RANGE;
	if ((mode != TPM_CIPHER_ECB && (rv = TPM2B_SET(&a.iv, buffer,
	    view_of(iv, TPM_BLOCK_LEN))) != CKR_OK) ||
	    (rv = buf_resize(&made, in.len)) != CKR_OK ||
	    (rv = all_portions(k, &a, in, made.data)) != CKR_OK)
		goto out;
	if (mode != TPM_CIPHER_ECB)
		memcpy(iv, a.iv.buffer, TPM_BLOCK_LEN);
	buf_move(out, &made);
out:
	buf_free(&made);
	wipe(&a, sizeof(a));
	return rv;
}

CK_RV
tpm_key_encrypt(struct tpm_key *k, enum tpm_cipher_mode mode,
    uint8_t iv[TPM_BLOCK_LEN], struct view in, struct buf *out)
{
	return use(k, TPM2_NO, mode, iv, in, out);
}

CK_RV
tpm_key_decrypt(struct tpm_key *k, enum tpm_cipher_mode mode,
    uint8_t iv[TPM_BLOCK_LEN], struct view in, struct buf *out)
{
	return use(k, TPM2_YES, mode, iv, in, out);
}
