/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"

#include <string.h>

static CK_RV
give(CK_RV rv, struct buf *made, uint8_t *out)
{
	if (rv == CKR_OK && made->len > 0)
		memcpy(out, made->data, made->len);
	buf_free(made);
	return rv;
}

static CK_RV
encrypt(void *arg, const uint8_t *in, uint8_t *out, size_t blocks)
{
	struct aes *a = arg;
	struct buf made = BUF_EMPTY;
	CK_RV rv;

	rv = tpm_key_encrypt(a->tpm, TPM_CIPHER_ECB, NULL,
	    view_of(in, blocks * AES_BLOCK), &made);
	return give(rv, &made, out);
}

static CK_RV
decrypt(void *arg, const uint8_t *in, uint8_t *out, size_t blocks)
{
	struct aes *a = arg;
	struct buf made = BUF_EMPTY;
	CK_RV rv;

	rv = tpm_key_decrypt(a->tpm, TPM_CIPHER_ECB, NULL,
	    view_of(in, blocks * AES_BLOCK), &made);
	return give(rv, &made, out);
}

static CK_RV
by_blocks(const struct aes_key *k, uint8_t iv[AES_BLOCK], const uint8_t *in,
    uint8_t *out, size_t blocks)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (; blocks > 0 && rv == CKR_OK; blocks--) {
		for (i = 0; i < AES_BLOCK; i++)
			iv[i] ^= in[i];
		if ((rv = aes_key_encrypt(k, iv, iv, 1)) == CKR_OK)
			memcpy(out, iv, AES_BLOCK);
		in += AES_BLOCK;
		out += AES_BLOCK;
	}
	return rv;
}

static CK_RV
cbc(void *arg, uint8_t iv[AES_BLOCK], const uint8_t *in, uint8_t *out,
    size_t blocks)
{
	struct aes *a = arg;
	struct buf made = BUF_EMPTY;
	CK_RV rv = CKR_MECHANISM_INVALID;

	if (!a->no_cbc)
		rv = tpm_key_encrypt(a->tpm, TPM_CIPHER_CBC, iv,
		    view_of(in, blocks * AES_BLOCK), &made);
	if (rv != CKR_MECHANISM_INVALID)
		return give(rv, &made, out);
	a->no_cbc = true;
	return by_blocks(&a->key, iv, in, out, blocks);
}

void
aes_init(struct aes *a, const struct key *k)
{
	*a = (struct aes){ .tpm = key_tpm(k) };
	if (a->tpm == NULL)
		a->key.value = key_value(k);
	else
		a->key = (struct aes_key){ .arg = a, .encrypt = encrypt,
		    .decrypt = decrypt, .cbc = cbc };
}

CK_RV
aes_cbc(struct aes *a, uint8_t iv[AES_BLOCK], const uint8_t *in,
    uint8_t *out, size_t blocks)
{
	return a->tpm != NULL ? cbc(a, iv, in, out, blocks) :
	    by_blocks(&a->key, iv, in, out, blocks);
}

CK_RV
aes_check(const struct mech_call *c)
{
	struct aes a;

	/* generic secrets are for MACs with a key of any length */
	if (key_type(c->key) != CKK_AES)
		return CKR_KEY_TYPE_INCONSISTENT;
	aes_init(&a, c->key);
	if (a.tpm == NULL && a.key.value.len == 0)
		return CKR_KEY_SIZE_RANGE;
	return aes_key_check(&a.key);
}

bool
aes_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)caps;
	*min = 16;
	*max = 32;
	return true;
}

bool
aes_in_tpm(const struct tpm_caps *caps)
{
	return caps->aes_bits[0] != 0 && tpm_caps_cipher(caps, TPM_CIPHER_ECB);
}
