/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_CAPS_H
#define TPM_CAPS_H

#include "tpm/cipher.h"
#include "tpm/tpm.h"

/*
 * What this TPM is and can do, asked once and kept in the store, which is why
 * it is one flat struct without pointers.
 */
struct tpm_caps {
	char manufacturer[5];	/* TPM_PT_MANUFACTURER as text, "IBM" */
	char vendor[17];	/* TPM_PT_VENDOR_STRING_1..4, trimmed */
	uint32_t firmware[2];	/* TPM_PT_FIRMWARE_VERSION_1, _2 */
	uint32_t revision;	/* of the specification, times 100 */
	uint32_t curves;	/* bit i: TPM_ECC_CURVE i, for i < 32 */
	uint32_t rsa_bits[4];	/* sizes it can create, ascending, 0 ends */
	uint32_t aes_bits[3];	/* likewise */
	uint32_t hashes;	/* bit i: tpm_hashes[i] of caps.c */
	uint32_t cipher_modes;	/* bit i: enum tpm_cipher_mode i of cipher.h */
	bool encrypt_decrypt2;	/* TPM2_EncryptDecrypt2 */
	bool encrypt_decrypt;	/* TPM2_EncryptDecrypt, its elder brother */
	bool hmac;		/* TPM2_HMAC, with each of hashes */
	bool hmac_sequence;	/* TPM2_HMAC_Start and what goes with it */
	bool cmac;		/* TPM2_MAC of an AES key */
	bool import;		/* TPM2_Import */
	uint32_t input_buffer;	/* TPM_PT_INPUT_BUFFER, bytes of a portion */
	uint32_t max_digest;	/* bytes of TPM2_GetRandom's largest portion */
	uint32_t transient_slots;	/* TPM_PT_HR_TRANSIENT_MIN */
	/* Not the TPM's to say: keys that it lacks may be in software
	 * (software_keys); machine_caps knows. */
	bool software;
};

CK_RV tpm_caps_read(struct tpm *t, struct tpm_caps *out) MUST_CHECK;
/* The firmware alone, as in struct tpm_caps: one command. */
CK_RV tpm_caps_firmware(struct tpm *t, uint32_t firmware[2]) MUST_CHECK;

/* TPM_ALG_ID of each bit of hashes; 0 ends. */
extern const uint16_t tpm_hashes[];

bool tpm_caps_curve(const struct tpm_caps *c, uint16_t curve);
bool tpm_caps_rsa(const struct tpm_caps *c, size_t bits);
bool tpm_caps_hash(const struct tpm_caps *c, CK_MECHANISM_TYPE hash);
bool tpm_caps_aes(const struct tpm_caps *c, size_t bits);
/* Is the mode there, and a command for it? */
bool tpm_caps_cipher(const struct tpm_caps *c, enum tpm_cipher_mode mode);

#endif
