/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"

#define USUAL_EXPONENT 65537

/* What all keys have in common. */
static void
start(TPMT_PUBLIC *p, TPMI_ALG_PUBLIC type, TPMA_OBJECT origin, unsigned use)
{
	p->type = type;
	p->nameAlg = TPM2_ALG_SHA256;
	p->objectAttributes = origin | TPMA_OBJECT_USERWITHAUTH |
	    TPMA_OBJECT_NODA;
	if ((use & TPM_USE_SIGN) != 0)
		p->objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
	if ((use & TPM_USE_DECRYPT) != 0)
		p->objectAttributes |= TPMA_OBJECT_DECRYPT;
}

void
template_rsa(TPMT_PUBLIC *p, TPMA_OBJECT origin, unsigned use, size_t bits,
    uint32_t exponent)
{
	TPMS_RSA_PARMS *detail = &p->parameters.rsaDetail;

	start(p, TPM2_ALG_RSA, origin, use);
	detail->symmetric.algorithm = TPM2_ALG_NULL;
	detail->scheme.scheme = TPM2_ALG_NULL;
	detail->keyBits = (TPMI_RSA_KEY_BITS)bits;
	/* To the TPM 0 means 65537, and some know no other way to say it. */
	detail->exponent = exponent == USUAL_EXPONENT ? 0 : exponent;
}

void
template_ec(TPMT_PUBLIC *p, TPMA_OBJECT origin, unsigned use, uint16_t curve)
{
	TPMS_ECC_PARMS *detail = &p->parameters.eccDetail;

	start(p, TPM2_ALG_ECC, origin, use);
	detail->symmetric.algorithm = TPM2_ALG_NULL;
	detail->scheme.scheme = TPM2_ALG_NULL;
	detail->kdf.scheme = TPM2_ALG_NULL;
	detail->curveID = curve;
}

void
template_aes(TPMT_PUBLIC *p, TPMA_OBJECT origin, unsigned use, size_t bits)
{
	TPMT_SYM_DEF_OBJECT *sym = &p->parameters.symDetail.sym;

	start(p, TPM2_ALG_SYMCIPHER, origin, use);
	sym->algorithm = TPM2_ALG_AES;
	sym->keyBits.aes = (TPMI_AES_KEY_BITS)bits;
	sym->mode.aes = TPM2_ALG_NULL;
}

/*
 * A key without a scheme has to have both uses (Part 2, 12.2.3.3); it decrypts
 * nothing all the same, for that takes the scheme XOR. It may be as long as
 * the block of its nameAlg.
 */
void
template_hmac(TPMT_PUBLIC *p, TPMA_OBJECT origin, const struct hash *hash,
    size_t size)
{
	TPMT_KEYEDHASH_SCHEME *scheme = &p->parameters.keyedHashDetail.scheme;

	start(p, TPM2_ALG_KEYEDHASH, origin, hash != NULL ? TPM_USE_SIGN :
	    TPM_USE_SIGN | TPM_USE_DECRYPT);
	if (hash != NULL) {
		scheme->scheme = TPM2_ALG_HMAC;
		scheme->details.hmac.hashAlg = public_alg(hash);
		return;
	}
	scheme->scheme = TPM2_ALG_NULL;
	if (size > hash_by_mech(CKM_SHA256)->block)
		p->nameAlg = TPM2_ALG_SHA512;
}
