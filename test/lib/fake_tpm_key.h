/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_FAKE_TPM_KEY_H
#define TEST_FAKE_TPM_KEY_H

#include "fake_tpm_mac.h"
#include "tpm/caps.h"
#include "tpm/key.h"

/*
 * A stand-in for src/tpm/ that is linked instead of it: the same functions
 * over software keys of OpenSSL, so that the mechanisms are tested without a
 * TPM. struct tpm is not looked at and may be NULL. A blob's private_area is
 * the key as DER, so a test can also bring a key of its own.
 */

/* Commands that a TPM would have run so far. */
extern unsigned fake_tpm_commands;

/* This TPM refuses RSA exponents other than 65537 when set. */
extern bool fake_tpm_one_exponent;

/* This TPM has no mode of AES but ECB when set. */
extern bool fake_tpm_ecb_only;

/* A TPM with P-256, P-384, P-521, RSA 2048 and 3072, AES 128 and 256, HMAC
 * with SHA-1, SHA-256 and SHA-384. */
extern const struct tpm_caps fake_tpm_caps;

/* A private key in DER as a blob of this TPM. */
CK_RV fake_tpm_import(struct view der, unsigned use,
    struct tpm_blob *out) MUST_CHECK;
/* An AES key by its value. */
CK_RV fake_tpm_import_aes(struct view value, unsigned use,
    struct tpm_blob *out) MUST_CHECK;

#endif
