/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_FAKE_TPM_MAC_H
#define TEST_FAKE_TPM_MAC_H

#include "tpm/key.h"

/* The part of fake_tpm_key.h for symmetric keys and their MACs. */

/* The next command of a MAC answers this once, unless it is CKR_OK. */
extern CK_RV fake_tpm_mac_rv;

/* A symmetric key as a blob of this TPM. */
CK_RV fake_tpm_secret(struct view value, struct tpm_blob *out) MUST_CHECK;
struct view fake_tpm_value(const struct tpm_key *k);

#endif
