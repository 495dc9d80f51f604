/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_SOFT_H
#define MECH_SOFT_H

#include "attr/attrs.h"
#include "crypto/rsa_key.h"
#include "crypto/softkey.h"
#include "tpm/caps.h"

/*
 * Keys that the TPM has not, in software (`software_keys: allow`); for this
 * folder only. Their private parts are attributes of the object, which the
 * store seals under the KEK: so the object is private (CKA_PRIVATE), and
 * like every private key it shows none of them.
 */
struct soft {
	const struct softkey_type *type;	/* NULL: RSA */
	struct buf point;	/* the public key, but of RSA */
	struct softkey *key;	/* of a private key, but of RSA */
	struct rsa_key *rsa;
	struct buf secret;	/* of RSA, for rsa_unpad_encrypt */
};

/* Is this a key type that no TPM has? */
bool soft_only(CK_KEY_TYPE type);

/* From the attributes of a private key, or a public one of such a type.
 * CKR_ATTRIBUTE_VALUE_INVALID, CKR_DATA_INVALID, CKR_KEY_HANDLE_INVALID. */
CK_RV soft_new(const struct attrs *a, struct soft **out) MUST_CHECK;
void soft_free(struct soft **s);

/* Make min..max, which are 0 while there is none, reach over the sizes of
 * software keys: of RSA, or of a key type that no TPM has. */
void soft_add_rsa(CK_ULONG *min, CK_ULONG *max);
void soft_add_sizes(CK_KEY_TYPE type, CK_ULONG *min, CK_ULONG *max);
/* RSA of so many bits: not of this TPM, but allowed in software? */
bool soft_takes_rsa(const struct tpm_caps *caps, size_t bits);

/*
 * What a template of a software key must not ask for: CKR_TEMPLATE_
 * INCONSISTENT for CKA_PRIVATE or CKA_SENSITIVE false.
 */
CK_RV soft_check(const struct attrs *priv) MUST_CHECK;
/* Adds the private parts to priv; modulus is big-endian. */
CK_RV soft_generate_rsa(size_t bits, uint32_t exponent, struct attrs *priv,
    struct buf *modulus) MUST_CHECK;

/* Does this private key, whose value is in a, have to be one in software? */
bool soft_imports(const struct tpm_caps *caps, const struct attrs *a);
/*
 * Check it, and add its public half. CKR_CURVE_NOT_SUPPORTED where software
 * keys are not allowed, CKR_TEMPLATE_INCOMPLETE for RSA without all numbers,
 * CKR_TEMPLATE_INCONSISTENT when they do not belong together.
 */
CK_RV soft_import(const struct tpm_caps *caps, struct attrs *a) MUST_CHECK;

#endif
