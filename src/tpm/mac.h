/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_MAC_H
#define TPM_MAC_H

#include "crypto/digest.h"
#include "tpm/key.h"

/*
 * Make an HMAC key of size bytes (1 to 128) under parent: a KEYEDHASH object,
 * attributes as those of tpm_create_ec. With a hash it is for that alone,
 * NULL: for any that the TPM has. A TPM makes keys of no other length than
 * the hash's, or 32 bytes without one. Others are drawn from its generator and
 * ours and given to it, so they are in this process' memory for a moment and
 * lack sensitiveDataOrigin.
 * Beyond 64 bytes without a hash the TPM needs SHA-512.
 * CKR_KEY_SIZE_RANGE; CKR_MECHANISM_INVALID for a hash that no TPM has.
 */
CK_RV tpm_create_hmac(struct tpm *t, const struct tpm_parent *parent,
    const struct hash *hash, size_t size, struct tpm_blob *out) MUST_CHECK;

/*
 * A MAC of data that comes in portions: HMAC with a hash, CMAC of an AES key
 * (with TPM_USE_SIGN) when hash is NULL. What fits one command is sent when
 * it is complete, as one command.
 *
 * More of HMAC goes to a sequence in the TPM, which takes a place like a
 * loaded key and gives it up for one (it is saved and comes back), so any
 * number may be under way. A TPM that is reset, or a connection that is lost,
 * takes a sequence with it: CKR_DEVICE_ERROR. More of CMAC, and any where
 * there is no TPM2_MAC, goes by TPM2_EncryptDecrypt2 (cipher.h) and leaves
 * nothing in the TPM.
 *
 * References the key. Not for two threads at a time. Codes as key.h;
 * CKR_KEY_FUNCTION_NOT_PERMITTED also for another hash than the key's own,
 * CKR_MECHANISM_INVALID for a hash that the TPM lacks,
 * CKR_FUNCTION_NOT_SUPPORTED when it lacks the commands.
 */
struct tpm_mac;

CK_RV tpm_mac_new(struct tpm_key *k, const struct hash *hash,
    struct tpm_mac **out) MUST_CHECK;
CK_RV tpm_mac_update(struct tpm_mac *m, struct view in) MUST_CHECK;
/* All of the MAC replaces out; m can then only be freed. */
CK_RV tpm_mac_final(struct tpm_mac *m, struct buf *out) MUST_CHECK;
void tpm_mac_free(struct tpm_mac **m);

/* All at once. What the TPM loses on the way is started again. */
CK_RV tpm_key_mac(struct tpm_key *k, const struct hash *hash, struct view in,
    struct buf *out) MUST_CHECK;

#endif
