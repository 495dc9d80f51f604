/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tpm/cipher.h"
#include "tpm/internal.h"

/*
 * CMAC (SP 800-38B) on the block cipher of the TPM, for what does not fit
 * TPM2_MAC, or where there is none. It needs nothing of the TPM between two
 * commands. A sequence by TPM2_MAC_Start would: and libtpms 0.9 crashes when
 * one is saved, as resource managers do after each command.
 */

/* Times x in GF(2^128), big-endian. */
static void
twice(uint8_t block[TPM_BLOCK_LEN])
{
	uint8_t carry = block[0] >> 7;
	size_t i;

	for (i = 0; i + 1 < TPM_BLOCK_LEN; i++)
		block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
	/* Whether the carry is set is a secret. */
	block[i] = (uint8_t)(block[i] << 1 ^ (0x87 & -carry));
}

/* The last block: padded if it is broken, and masked by a subkey. */
static CK_RV
mask(struct tpm_key *k, size_t broken, uint8_t *last)
{
	static const uint8_t zeros[TPM_BLOCK_LEN];
	struct buf subkey = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(zeros, sizeof(zeros)), &subkey)) != CKR_OK)
		goto out;
	twice(subkey.data);
	if (broken < TPM_BLOCK_LEN) {
		twice(subkey.data);
		last[broken] = 0x80;
	}
	for (i = 0; i < TPM_BLOCK_LEN; i++)
		last[i] ^= subkey.data[i];
out:
	buf_free(&subkey);
	return rv;
}

CK_RV
tpm_cmac_update(struct tpm_key *k, uint8_t chain[TPM_BLOCK_LEN], struct view in)
{
	struct buf out = BUF_EMPTY;
	CK_RV rv;

	rv = tpm_key_encrypt(k, TPM_CIPHER_CBC, chain, in, &out);
	buf_free(&out);
	return rv;
}

CK_RV
tpm_cmac_final(struct tpm_key *k, uint8_t chain[TPM_BLOCK_LEN], struct view in,
    struct buf *out)
{
	size_t blocks = in.len == 0 ? 1 :
	    (in.len + TPM_BLOCK_LEN - 1) / TPM_BLOCK_LEN;
	size_t before = (blocks - 1) * TPM_BLOCK_LEN;
	struct buf rest = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&rest, in)) != CKR_OK ||
	    (rv = buf_resize(&rest, blocks * TPM_BLOCK_LEN)) != CKR_OK ||
	    (rv = mask(k, in.len - before, rest.data + before)) != CKR_OK ||
	    (rv = tpm_cmac_update(k, chain, buf_view(&rest))) != CKR_OK)
		goto out;
	rv = buf_set(out, view_of(chain, TPM_BLOCK_LEN));
out:
	buf_free(&rest);
	return rv;
}
