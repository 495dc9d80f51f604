/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"

#include <string.h>

#include "mech/secret.h"

/*
 * Keys from what the base encrypts: CKM_AES_ECB_ENCRYPT_DATA and CKM_AES_CBC_
 * ENCRYPT_DATA (PKCS#11 3.x, 6.17). What is too much is cut off at the end.
 */
static CK_RV
read_text(const void *data, CK_ULONG len, struct mech_params *p)
{
	if (len == 0 || len % AES_BLOCK != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	return params_bytes(data, len, &p->data);
}

static CK_RV
params_ecb(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_KEY_DERIVATION_STRING_DATA text;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &text, sizeof(text))) != CKR_OK)
		return rv;
	return read_text(text.pData, text.ulLen, p);
}

static CK_RV
params_cbc(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_AES_CBC_ENCRYPT_DATA_PARAMS text;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &text, sizeof(text))) != CKR_OK ||
	    (rv = buf_set(&p->iv, view_of(text.iv, sizeof(text.iv)))) !=
	    CKR_OK)
		return rv;
	return read_text(text.pData, text.length, p);
}

/* With an iv CBC, else ECB. */
static CK_RV
encrypt(const struct mech_call *c, struct buf *text)
{
	size_t blocks = text->len / AES_BLOCK;
	uint8_t iv[AES_BLOCK];
	struct aes a;
	CK_RV rv;

	aes_init(&a, c->key);
	if (c->params.iv.len == 0)
		return aes_key_encrypt(&a.key, text->data, text->data,
		    blocks);
	memcpy(iv, c->params.iv.data, sizeof(iv));
	rv = aes_cbc(&a, iv, text->data, text->data, blocks);
	wipe(iv, sizeof(iv));
	return rv;
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	struct view data = buf_view(&c->params.data);
	struct buf text = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = secret_length(a, data.len, &len)) != CKR_OK)
		goto out;
	if (len > data.len) {
		rv = CKR_KEY_SIZE_RANGE;
		goto out;
	}
	if ((rv = buf_set(&text, data)) == CKR_OK &&
	    (rv = encrypt(c, &text)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE,
		    view_sub(buf_view(&text), 0, len));
out:
	buf_free(&text);
	return rv;
}

const struct mech_family aes_ecb_data_family = {
	.clause = "6.17",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params_ecb,
	.check = aes_check,
	.derive = derive,
};

const struct mech_family aes_cbc_data_family = {
	.clause = "6.17",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params_cbc,
	.check = aes_check,
	.derive = derive,
};
