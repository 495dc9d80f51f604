/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/aes.h"
#include "crypto/crypto.h"
#include "crypto/kdf.h"
#include "crypto/mac.h"
#include "tpm/internal.h"

/*
 * The HMAC session of a connection: unbound, salted, SHA-256, AES-128-CFB
 * (Part 1, 19.6); and policy sessions, which are made alike and serve for one
 * command. What depends on the entity that authorises a command, its
 * authValue, is added for each command and never kept.
 */

#define CFB_KEY_LEN 16
#define CFB_IV_LEN 16

struct start {
	TPM2_SE type;
	TPM2B_NONCE nonce_caller;
	TPM2B_ENCRYPTED_SECRET salt;
	TPMI_SH_AUTH_SESSION handle;
	TPM2B_NONCE nonce_tpm;
};

static TSS2_RC
start_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	static const TPMT_SYM_DEF aes_cfb = { .algorithm = TPM2_ALG_AES,
	    .keyBits.aes = CFB_KEY_LEN * 8, .mode.aes = TPM2_ALG_CFB };
	const struct start *a = args;

	return Tss2_Sys_StartAuthSession_Prepare(sys, handles[0], TPM2_RH_NULL,
	    &a->nonce_caller, &a->salt, a->type, &aes_cfb, SESSION_HASH);
}

static TSS2_RC
start_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct start *a = args;

	return Tss2_Sys_StartAuthSession_Complete(sys, &a->handle,
	    &a->nonce_tpm);
}

static const struct command start_auth_session = {
	.name = "StartAuthSession",
	.prepare = start_prepare,
	.complete = start_complete
};

CK_RV
session_renew_nonce(struct session *s)
{
	return crypto_random(s->nonce_caller, sizeof(s->nonce_caller));
}

/* Without a salt the key is empty (Part 1, 19.6.8), not derived from one. */
static CK_RV
derive_key(struct session *s, const struct buf *salt)
{
	if (salt->len == 0) {
		buf_clear(&s->key);
		return CKR_OK;
	}
	return kdfa(public_hash(SESSION_HASH), buf_view(salt), "ATH",
	    view_of(s->nonce_tpm.buffer, s->nonce_tpm.size),
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)),
	    SESSION_HASH_LEN, &s->key);
}

static CK_RV
start(struct tpm *t, const struct tpm_parent *parent, TPM2_SE type,
    struct session *s)
{
	struct entity key = { .parent = parent, .handle = TPM2_RH_NULL };
	struct buf salt = BUF_EMPTY;
	struct start a = { .type = type };
	CK_RV rv;

	if (parent != NULL &&
	    ((rv = parent_ready(t, parent, &key.handle)) != CKR_OK ||
	    (rv = salt_make(parent, &salt, &a.salt)) != CKR_OK))
		goto out;
	if ((rv = session_renew_nonce(s)) != CKR_OK ||
	    (rv = TPM2B_SET(&a.nonce_caller, buffer,
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)))) != CKR_OK)
		goto out;
	if ((rv = command_run(t, &start_auth_session, &key, 1, &a)) !=
	    CKR_OK) {
		/* What is at its handle is not the primary any more. */
		if (is_transient(parent) && t->trouble.remedy == REMEDY_NONE)
			t->trouble.remedy = REMEDY_RELOAD;
		goto out;
	}
	s->handle = a.handle;
	s->nonce_tpm = a.nonce_tpm;
	if ((rv = derive_key(s, &salt)) != CKR_OK)
		session_drop(t, s);
out:
	buf_free(&salt);
	return rv;
}

/*
 * For a caller without a parent: random numbers before any token was opened,
 * or the owner's commands before there is an SRK. The storage key that the
 * TPM itself shows keeps listeners out; nothing more can be had.
 */
static CK_RV
start_anyhow(struct tpm *t)
{
	struct tpm_parent found = TPM_PARENT_EMPTY;
	CK_RV rv;

	if ((rv = parent_read(t, TPM_SRK, &found)) == CKR_OK)
		rv = start(t, &found, TPM2_SE_HMAC, &t->session);
	/* No SRK, or one that is no storage key: no remedy brings a better. */
	if (rv != CKR_OK && t->trouble.remedy == REMEDY_NONE)
		rv = start(t, NULL, TPM2_SE_HMAC, &t->session);
	tpm_parent_free(&found);
	return rv;
}

static CK_RV
start_vouched(struct tpm *t, const struct tpm_parent *parent)
{
	CK_RV rv;

	if ((rv = start(t, parent, TPM2_SE_HMAC, &t->session)) != CKR_OK)
		return rv;
	t->session.vouched = true;
	return parent == &t->parent ? CKR_OK :
	    tpm_parent_copy(&t->parent, parent);
}

CK_RV
session_open_anyhow(struct tpm *t)
{
	CK_RV rv;

	if (t->session.handle != 0)
		return CKR_OK;
	if ((rv = start_anyhow(t)) == CKR_OK)
		flush_if_above(t, t->session.handle, 0);
	return rv;
}

/* To make a transient parent may take a session of its own: so the parent
 * comes first. */
CK_RV
session_open(struct tpm *t, const struct tpm_parent *parent)
{
	TPM2_HANDLE handle;
	CK_RV rv;

	if (parent == NULL && t->parent.name.len > 0)
		parent = &t->parent;
	if (parent == NULL)
		return session_open_anyhow(t);
	if (t->session.handle != 0 && t->session.vouched)
		return CKR_OK;
	if ((rv = parent_ready(t, parent, &handle)) != CKR_OK)
		return rv;
	session_end(t);
	if ((rv = start_vouched(t, parent)) == CKR_OK)
		flush_if_above(t, t->session.handle, 0);
	return rv;
}

CK_RV
session_start_policy(struct tpm *t, const struct tpm_parent *parent,
    struct session *s)
{
	return start(t, parent, TPM2_SE_POLICY, s);
}

static void
forget(struct session *s)
{
	buf_free(&s->key);
	*s = (struct session){ .key = BUF_EMPTY };
}

void
session_drop(struct tpm *t, struct session *s)
{
	if (s->handle != 0)
		flush_handle(t, s->handle);
	forget(s);
}

void
session_forget(struct tpm *t)
{
	forget(&t->session);
}

void
session_end(struct tpm *t)
{
	session_drop(t, &t->session);
}

/*
 * The TPM drops trailing zeros of an authValue (Part 1, 19.6.4.3). An HMAC
 * key of up to a block would not tell the difference, a longer one does.
 */
static struct view
trim(struct view auth)
{
	while (auth.len > 0 && auth.data[auth.len - 1] == 0)
		auth.len--;
	return auth;
}

/* sessionValue, and the HMAC key: sessionKey | authValue. */
static CK_RV
session_value(const struct session *s, struct view auth, struct buf *out)
{
	CK_RV rv;

	if ((rv = buf_set(out, buf_view(&s->key))) != CKR_OK)
		return rv;
	return buf_append(out, trim(auth));
}

CK_RV
session_hmac(const struct session *s, struct view auth,
    const struct view *parts, size_t count, uint8_t out[SESSION_HASH_LEN])
{
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	if ((rv = session_value(s, auth, &key)) == CKR_OK)
		rv = hmac_once(public_hash(SESSION_HASH), buf_view(&key),
		    parts, count, out);
	buf_free(&key);
	return rv;
}

static CK_RV
cfb_key(const struct session *s, struct view auth, struct view newer,
    struct view older, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = session_value(s, auth, &value)) == CKR_OK)
		rv = kdfa(public_hash(SESSION_HASH), buf_view(&value), "CFB",
		    newer, older, CFB_KEY_LEN + CFB_IV_LEN, out);
	buf_free(&value);
	return rv;
}

CK_RV
session_encrypt(const struct session *s, struct view auth, uint8_t *data,
    size_t len)
{
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	rv = cfb_key(s, auth,
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)),
	    view_of(s->nonce_tpm.buffer, s->nonce_tpm.size), &key);
	if (rv == CKR_OK)
		rv = aes_cfb_encrypt(view_sub(buf_view(&key), 0, CFB_KEY_LEN),
		    key.data + CFB_KEY_LEN, data, len);
	buf_free(&key);
	return rv;
}

CK_RV
session_decrypt(const struct session *s, struct view auth, uint8_t *data,
    size_t len)
{
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	rv = cfb_key(s, auth,
	    view_of(s->nonce_tpm.buffer, s->nonce_tpm.size),
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)), &key);
	if (rv == CKR_OK)
		rv = aes_cfb_decrypt(view_sub(buf_view(&key), 0, CFB_KEY_LEN),
		    key.data + CFB_KEY_LEN, data, len);
	buf_free(&key);
	return rv;
}
