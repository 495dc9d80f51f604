/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_TPM_H
#define TPM_TPM_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/lock.h"

/*
 * The TPM 2.0 that holds the keys. The types here are the module's own; the
 * tss2 headers stay inside this folder (tpm/internal.h).
 *
 * One struct tpm is one connection. It is opened when first needed and has a
 * mutex of its own: every function below may be called by several threads,
 * one command runs at a time. Each command that carries an authorisation or
 * a secret runs in one salted HMAC session with AES-128-CFB parameter
 * encryption (TPM 2.0 Part 1, 19 and 21), whose response HMAC is checked.
 *
 * Codes common to all functions, from one table over TPM, TSS and TCTI codes
 * (tpm/rc.c), where they are logged once:
 *   CKR_DEVICE_REMOVED   no TPM could be reached, with the reason in the log
 *   CKR_DEVICE_ERROR     the TPM failed, or a response was tampered with
 *   CKR_TOKEN_NOT_RECOGNIZED  the parent is not in this TPM
 *   CKR_DATA_INVALID     parent or blob cannot be unmarshalled, or the
 *                        parent's public area is not what its Name names
 *   CKR_DEVICE_MEMORY    no room left in the TPM after eviction
 *   CKR_HOST_MEMORY
 */
struct tpm;

/*
 * Nothing is sent yet. tcti NULL or empty means: /dev/tpmrm0, /dev/tpm0, or
 * tpm2-abrmd, the first that is there.
 */
CK_RV tpm_new(const char *tcti, struct tpm **out) MUST_CHECK;
/* Can the TPM be reached? Opens the connection; sends no command. */
CK_RV tpm_connect(struct tpm *t) MUST_CHECK;
/* The TCTI by which it is or would be reached, as text with a NUL that len
 * does not count. CKR_DEVICE_REMOVED when there is none to use (logged). */
CK_RV tpm_tcti(struct tpm *t, struct buf *text) MUST_CHECK;
/* Flush what was loaded, end the session, close the connection. */
void tpm_free(struct tpm **t);
/* After a fork: give up the parent's connection without sending a byte. */
void tpm_abandon(struct tpm **t);

/*
 * The storage key above all keys of a token. The store keeps it, so a start
 * needs no command to find it. Compared by Name: a token whose parent is not
 * in this TPM belongs to another TPM, or this one was cleared.
 *
 * A transient one is made from the template when it is first needed on a
 * connection, by the owner (tpm_set_owner_auth), and stays loaded.
 */
struct tpm_parent {
	uint32_t handle;	/* persistent; or TPM_TRANSIENT */
	struct buf public_area;	/* TPM2B_PUBLIC as marshalled */
	struct buf name;	/* nameAlg | digest */
};
#define TPM_PARENT_EMPTY ((struct tpm_parent){ 0, BUF_EMPTY, BUF_EMPTY })

void tpm_parent_free(struct tpm_parent *p);
CK_RV tpm_parent_copy(struct tpm_parent *to,
    const struct tpm_parent *from) MUST_CHECK;

/*
 * The parent of a new token. handle is a persistent one, by default that of
 * the SRK: what is there when it is a storage key (restricted, decrypt,
 * fixedTPM, userWithAuth), else created from the TCG default ECC P-256
 * template (TCG EK credential profile / provisioning guidance: H-template of
 * the SRK) and persisted, with owner_auth. Or it is TPM_TRANSIENT: a primary
 * of the same template, which changes nothing in the TPM.
 * CKR_USER_NOT_LOGGED_IN when owner_auth is not the owner's password,
 * CKR_TOKEN_NOT_RECOGNIZED when the handle holds something else,
 * CKR_ARGUMENTS_BAD when it is none that the owner may use.
 */
#define TPM_SRK 0x81000001u
#define TPM_TRANSIENT 0u
CK_RV tpm_parent_provision(struct tpm *t, uint32_t handle,
    struct view owner_auth, struct tpm_parent *out) MUST_CHECK;

/*
 * The parent that tpm_parent_provision would give, found out without
 * changing anything: read from its persistent handle, or else made as a
 * transient primary (same template, same Name) and flushed.
 */
CK_RV tpm_parent_find(struct tpm *t, uint32_t handle,
    struct view owner_auth, struct tpm_parent *out) MUST_CHECK;

/*
 * The owner's password, by which a transient parent is made; copied, empty
 * until it is set. Every function that is given such a parent answers
 * CKR_USER_NOT_LOGGED_IN when it is wrong.
 */
CK_RV tpm_set_owner_auth(struct tpm *t, struct view owner_auth) MUST_CHECK;

/*
 * Is this parent in this TPM? Asks by TPM2_ReadPublic, or makes it.
 * CKR_TOKEN_NOT_RECOGNIZED when it is not. Other functions find out by
 * themselves when a salted session fails, and then answer the same.
 */
CK_RV tpm_parent_check(struct tpm *t,
    const struct tpm_parent *p) MUST_CHECK;

/* What an object needs to be loaded and used. private_area is encrypted by
 * the TPM; auth is its authValue, a secret (sealed by the store). */
struct tpm_blob {
	struct buf public_area;		/* TPM2B_PUBLIC as marshalled */
	struct buf private_area;	/* TPM2B_PRIVATE as marshalled */
	struct buf auth;
};
#define TPM_BLOB_EMPTY ((struct tpm_blob){ BUF_EMPTY, BUF_EMPTY, BUF_EMPTY })

void tpm_blob_free(struct tpm_blob *b);
CK_RV tpm_blob_copy(struct tpm_blob *to,
    const struct tpm_blob *from) MUST_CHECK;

/* What a key may do in the TPM (TPMA_OBJECT sign and decrypt). */
#define TPM_USE_SIGN	1u
#define TPM_USE_DECRYPT	2u

/*
 * Make a key under parent: fixedTPM, fixedParent, sensitiveDataOrigin,
 * userWithAuth, noDA, a fresh random 32-byte authValue, scheme NULL.
 * point is 04|X|Y with padded coordinates, modulus is big-endian.
 * CKR_CURVE_NOT_SUPPORTED, CKR_KEY_SIZE_RANGE when the TPM lacks it.
 */
CK_RV tpm_create_ec(struct tpm *t, const struct tpm_parent *parent,
    uint16_t curve, unsigned use, struct tpm_blob *out,
    struct buf *point) MUST_CHECK;
CK_RV tpm_create_rsa(struct tpm *t, const struct tpm_parent *parent,
    size_t bits, uint32_t exponent, unsigned use, struct tpm_blob *out,
    struct buf *modulus) MUST_CHECK;

/*
 * A secret of 1 to 128 bytes as a sealed KEYEDHASH object; auth has at most
 * 32 bytes, CKR_DATA_LEN_RANGE. The TPM's dictionary-attack rules guard auth
 * unless no_da.
 */
CK_RV tpm_seal(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, struct view auth, bool no_da,
    struct tpm_blob *out) MUST_CHECK;
/*
 * CKR_PIN_INCORRECT when blob->auth is wrong, CKR_PIN_LOCKED when the TPM is
 * in lockout, CKR_TOKEN_NOT_RECOGNIZED for a blob of another TPM.
 */
CK_RV tpm_unseal(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct buf *secret) MUST_CHECK;
/* The same secret under a new authValue (TPM2_ObjectChangeAuth); out shares
 * the public area. blob->auth must be right, codes as tpm_unseal. */
CK_RV tpm_seal_change_auth(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct view new_auth,
    struct tpm_blob *out) MUST_CHECK;

/* n random bytes of the TPM, in as few commands as it allows. */
CK_RV tpm_random(struct tpm *t, uint8_t *out, size_t n) MUST_CHECK;
/* By one command: as many of room as the TPM gives, at least one. */
CK_RV tpm_random_portion(struct tpm *t, uint8_t *out, size_t room,
    size_t *got) MUST_CHECK;
/* Stir all of seed into the TPM's generator. */
CK_RV tpm_stir(struct tpm *t, struct view seed) MUST_CHECK;

#endif
