/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/caps.h"

#include <ctype.h>
#include <string.h>

#include "tpm/internal.h"

/* Bit i of struct tpm_caps.hashes. The order is kept by the store: append. */
const uint16_t tpm_hashes[] = {
	TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512,
	TPM2_ALG_SHA3_256, TPM2_ALG_SHA3_384, TPM2_ALG_SHA3_512, 0
};

/* By enum tpm_cipher_mode. */
static const TPM2_ALG_ID cipher_modes[] = {
	[TPM_CIPHER_ECB] = TPM2_ALG_ECB,
	[TPM_CIPHER_CBC] = TPM2_ALG_CBC,
	[TPM_CIPHER_CTR] = TPM2_ALG_CTR,
	[TPM_CIPHER_CFB] = TPM2_ALG_CFB,
	[TPM_CIPHER_OFB] = TPM2_ALG_OFB
};

static TSS2_RC
capability_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles,
    void *args)
{
	const struct capability *a = args;

	(void)handles;
	return Tss2_Sys_GetCapability_Prepare(sys, a->kind, a->first,
	    a->count);
}

static TSS2_RC
capability_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct capability *a = args;
	TSS2_RC rc;

	rc = Tss2_Sys_GetCapability_Complete(sys, &a->more, &a->data);
	if (rc == TSS2_RC_SUCCESS && a->data.capability != a->kind)
		return TSS2_SYS_RC_MALFORMED_RESPONSE;
	return rc;
}

const struct command get_capability = {
	.name = "GetCapability",
	.prepare = capability_prepare,
	.complete = capability_complete
};

static TSS2_RC
test_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)handles;
	return Tss2_Sys_TestParms_Prepare(sys, args);
}

static const struct command test_parms = {
	.name = "TestParms",
	.prepare = test_prepare,
	.flags = COMMAND_QUIET,
	.refused = CKR_KEY_SIZE_RANGE
};

/* Notes what is told from first on; returns where the next portion begins. */
typedef UINT32 (*taker)(struct tpm_caps *c, const TPMS_CAPABILITY_DATA *data,
    UINT32 first);

static CK_RV
ask(struct tpm *t, TPM2_CAP kind, UINT32 first, UINT32 count, taker take,
    struct tpm_caps *c)
{
	struct capability a = { .kind = kind, .first = first, .count = count,
	    .more = TPM2_YES };
	const struct call call = { .command = &get_capability, .args = &a };
	unsigned round;
	CK_RV rv;

	for (round = 0; round < CAPABILITY_ROUNDS && a.more == TPM2_YES;
	    round++) {
		if ((rv = tpm_call(t, &call)) != CKR_OK)
			return rv;
		a.first = take(c, &a.data, a.first);
	}
	return CKR_OK;
}

/* Four characters of a property; what is not printable is left out. */
static void
take_text(char *text, UINT32 value)
{
	size_t len = strlen(text);
	int shift;
	unsigned char ch;

	for (shift = 24; shift >= 0; shift -= 8) {
		ch = (unsigned char)(value >> shift);
		if (ch < 0x80 && isgraph(ch))
			text[len++] = (char)ch;
	}
}

static void
take_property(struct tpm_caps *c, TPM2_PT property, UINT32 value)
{
	switch (property) {
	case TPM2_PT_MANUFACTURER:
		take_text(c->manufacturer, value);
		break;
	case TPM2_PT_VENDOR_STRING_1:
	case TPM2_PT_VENDOR_STRING_2:
	case TPM2_PT_VENDOR_STRING_3:
	case TPM2_PT_VENDOR_STRING_4:
		take_text(c->vendor, value);
		break;
	case TPM2_PT_FIRMWARE_VERSION_1:
		c->firmware[0] = value;
		break;
	case TPM2_PT_FIRMWARE_VERSION_2:
		c->firmware[1] = value;
		break;
	case TPM2_PT_REVISION:
		c->revision = value;
		break;
	case TPM2_PT_INPUT_BUFFER:
		c->input_buffer = value;
		break;
	case TPM2_PT_MAX_DIGEST:
		c->max_digest = value;
		break;
	case TPM2_PT_HR_TRANSIENT_MIN:
		c->transient_slots = value;
		break;
	default:
		break;
	}
}

/*
 * Each property is taken once: a TPM that repeats one must not make the
 * texts longer than they can be. MU has checked the counts.
 */
static UINT32
take_properties(struct tpm_caps *c, const TPMS_CAPABILITY_DATA *data,
    UINT32 first)
{
	const TPML_TAGGED_TPM_PROPERTY *l = &data->data.tpmProperties;
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->tpmProperty[i].property >= first) {
			first = l->tpmProperty[i].property + 1;
			take_property(c, first - 1, l->tpmProperty[i].value);
		}
	return first;
}

static UINT32
take_curves(struct tpm_caps *c, const TPMS_CAPABILITY_DATA *data,
    UINT32 first)
{
	const TPML_ECC_CURVE *l = &data->data.eccCurves;
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (l->eccCurves[i] < 32)
			c->curves |= UINT32_C(1) << l->eccCurves[i];
		first = l->eccCurves[i] + 1u;
	}
	return first;
}

static void
take_algorithm(struct tpm_caps *c, TPM2_ALG_ID alg)
{
	size_t i;

	for (i = 0; tpm_hashes[i] != 0; i++)
		if (alg == tpm_hashes[i])
			c->hashes |= UINT32_C(1) << i;
	for (i = 0; i < ARRAY_LEN(cipher_modes); i++)
		if (alg == cipher_modes[i])
			c->cipher_modes |= UINT32_C(1) << i;
	if (alg == TPM2_ALG_CMAC)
		c->cmac = true;
}

static UINT32
take_algorithms(struct tpm_caps *c, const TPMS_CAPABILITY_DATA *data,
    UINT32 first)
{
	const TPML_ALG_PROPERTY *l = &data->data.algorithms;
	size_t i;

	for (i = 0; i < l->count; i++) {
		take_algorithm(c, l->algProperties[i].alg);
		first = l->algProperties[i].alg + 1u;
	}
	return first;
}

static UINT32
take_commands(struct tpm_caps *c, const TPMS_CAPABILITY_DATA *data,
    UINT32 first)
{
	/* The vendor's own commands are numbered apart. */
	static const TPMA_CC mask = TPMA_CC_COMMANDINDEX_MASK | TPMA_CC_V;
	const TPML_CCA *l = &data->data.command;
	size_t i;

	for (i = 0; i < l->count; i++) {
		first = (l->commandAttributes[i] & mask) + 1;
		switch (first - 1) {
		case TPM2_CC_EncryptDecrypt2:
			c->encrypt_decrypt2 = true;
			break;
		case TPM2_CC_EncryptDecrypt:
			c->encrypt_decrypt = true;
			break;
		case TPM2_CC_HMAC:
			c->hmac = true;
			break;
		case TPM2_CC_HMAC_Start:
			c->hmac_sequence = true;
			break;
		case TPM2_CC_Import:
			c->import = true;
			break;
		default:
			break;
		}
	}
	return first;
}

/* Adds bits to sizes (0 ends) when the TPM takes p. */
static CK_RV
probe(struct tpm *t, TPMT_PUBLIC_PARMS *p, uint32_t bits, uint32_t *sizes)
{
	const struct call c = { .command = &test_parms, .args = p };
	CK_RV rv;

	if ((rv = tpm_call(t, &c)) == CKR_KEY_SIZE_RANGE)
		return CKR_OK;
	if (rv != CKR_OK)
		return rv;
	while (*sizes != 0)
		sizes++;
	*sizes = bits;
	return CKR_OK;
}

static CK_RV
probe_rsa(struct tpm *t, struct tpm_caps *c)
{
	static const uint16_t sizes[] = { 1024, 2048, 3072, 4096 };
	TPMT_PUBLIC_PARMS p = { .type = TPM2_ALG_RSA };
	CK_RV rv = CKR_OK;
	size_t i;

	p.parameters.rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
	p.parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
	for (i = 0; i < ARRAY_LEN(sizes) && rv == CKR_OK; i++) {
		p.parameters.rsaDetail.keyBits = sizes[i];
		rv = probe(t, &p, sizes[i], c->rsa_bits);
	}
	return rv;
}

static CK_RV
probe_aes(struct tpm *t, struct tpm_caps *c)
{
	static const uint16_t sizes[] = { 128, 192, 256 };
	TPMT_PUBLIC_PARMS p = { .type = TPM2_ALG_SYMCIPHER };
	TPMT_SYM_DEF_OBJECT *sym = &p.parameters.symDetail.sym;
	CK_RV rv = CKR_OK;
	size_t i;

	sym->algorithm = TPM2_ALG_AES;
	sym->mode.aes = TPM2_ALG_CFB;
	for (i = 0; i < ARRAY_LEN(sizes) && rv == CKR_OK; i++) {
		sym->keyBits.aes = sizes[i];
		rv = probe(t, &p, sizes[i], c->aes_bits);
	}
	return rv;
}

CK_RV
tpm_caps_read(struct tpm *t, struct tpm_caps *out)
{
	struct tpm_caps c;
	CK_RV rv;

	memset(&c, 0, sizeof(c));
	if ((rv = ask(t, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_FIXED,
	    TPM2_MAX_TPM_PROPERTIES, take_properties, &c)) != CKR_OK ||
	    (rv = ask(t, TPM2_CAP_ALGS, 0, TPM2_MAX_CAP_ALGS, take_algorithms,
	    &c)) != CKR_OK ||
	    (rv = ask(t, TPM2_CAP_ECC_CURVES, 0, TPM2_MAX_ECC_CURVES,
	    take_curves, &c)) != CKR_OK ||
	    (rv = ask(t, TPM2_CAP_COMMANDS, TPM2_CC_FIRST, TPM2_MAX_CAP_CC,
	    take_commands, &c)) != CKR_OK ||
	    (rv = probe_rsa(t, &c)) != CKR_OK ||
	    (rv = probe_aes(t, &c)) != CKR_OK)
		return rv;
	/* TPM2_MAC is TPM2_HMAC of old, by another name. */
	c.cmac = c.cmac && c.hmac;
	*out = c;
	return CKR_OK;
}

CK_RV
tpm_caps_firmware(struct tpm *t, uint32_t firmware[2])
{
	struct tpm_caps c;
	struct capability a = { .kind = TPM2_CAP_TPM_PROPERTIES,
	    .first = TPM2_PT_FIRMWARE_VERSION_1, .count = 2 };
	const struct call call = { .command = &get_capability, .args = &a };
	CK_RV rv;

	memset(&c, 0, sizeof(c));
	if ((rv = tpm_call(t, &call)) != CKR_OK)
		return rv;
	(void)take_properties(&c, &a.data, a.first);
	memcpy(firmware, c.firmware, sizeof(c.firmware));
	return CKR_OK;
}

bool
tpm_caps_curve(const struct tpm_caps *c, uint16_t curve)
{
	return curve < 32 && (c->curves >> curve & 1) != 0;
}

bool
tpm_caps_rsa(const struct tpm_caps *c, size_t bits)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(c->rsa_bits); i++)
		if (c->rsa_bits[i] != 0 && c->rsa_bits[i] == bits)
			return true;
	return false;
}

bool
tpm_caps_hash(const struct tpm_caps *c, CK_MECHANISM_TYPE hash)
{
	const struct hash *h = hash_by_mech(hash);
	size_t i;

	for (i = 0; h != NULL && tpm_hashes[i] != 0; i++)
		if (public_hash(tpm_hashes[i]) == h)
			return (c->hashes >> i & 1) != 0;
	return false;
}

bool
tpm_caps_aes(const struct tpm_caps *c, size_t bits)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(c->aes_bits); i++)
		if (c->aes_bits[i] != 0 && c->aes_bits[i] == bits)
			return true;
	return false;
}

bool
tpm_caps_cipher(const struct tpm_caps *c, enum tpm_cipher_mode mode)
{
	return (c->encrypt_decrypt2 || c->encrypt_decrypt) &&
	    (c->cipher_modes >> mode & 1) != 0;
}
