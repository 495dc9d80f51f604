/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "tpm/internal.h"

/*
 * One command by the system API (Part 1, 16 to 19 and 21):
 *
 *	prepare -> encrypt the first parameter -> cpHash -> HMAC -> execute
 *	-> rpHash -> HMAC -> decrypt the first parameter -> complete
 *
 * ESAPI does the same in a process whose OpenSSL works as usual, at 2 ms of
 * CPU a command; see ARCHITECTURE.md for why it is done here.
 */

/* Waits of 1, 2, 4 ... ms: some four seconds in all for a busy TPM. */
#define LONGEST_WAIT_MS 2048

/* One session of a command. */
struct signer {
	struct session *session;
	struct view auth;	/* that goes into its keys */
	uint8_t attributes;
};

/* The one that authorises and, under a policy, the one that encrypts. */
#define SIGNERS_MAX 2

struct exchange {
	struct tpm *tpm;
	const struct command *command;
	const struct entity *entities;
	size_t count;
	void *args;
	TSS2_SYS_CONTEXT *sys;
	struct signer signers[SIGNERS_MAX];
	size_t signer_count;	/* 0: no session is needed */
	uint8_t code[4];	/* the command's, as it is hashed */
};

static CK_RV
failed(const struct exchange *x, TSS2_RC rc)
{
	return trouble_rc(x->tpm, x->command, rc);
}

static CK_RV
broken(const struct exchange *x, const char *text)
{
	return trouble_broken(x->tpm, x->command, text);
}

/* The session that encrypts in this direction; NULL: none does. */
static const struct signer *
cipher_of(const struct exchange *x, TPMA_SESSION direction)
{
	size_t i;

	for (i = 0; i < x->signer_count; i++)
		if ((x->signers[i].attributes & direction) != 0)
			return &x->signers[i];
	return NULL;
}

static CK_RV
encrypt_parameter(const struct exchange *x, const struct signer *by)
{
	struct buf secret = BUF_EMPTY;
	const uint8_t *data;
	size_t len;
	TSS2_RC rc;
	CK_RV rv;

	if ((rc = Tss2_Sys_GetDecryptParam(x->sys, &len, &data)) !=
	    TSS2_RC_SUCCESS)
		return failed(x, rc);
	if (len == 0)
		return CKR_OK;
	if ((rv = buf_set(&secret, view_of(data, len))) != CKR_OK ||
	    (rv = session_encrypt(by->session, by->auth, secret.data,
	    len)) != CKR_OK)
		goto out;
	if ((rc = Tss2_Sys_SetDecryptParam(x->sys, len, secret.data)) !=
	    TSS2_RC_SUCCESS)
		rv = failed(x, rc);
out:
	buf_free(&secret);
	return rv;
}

/* cpHash: command code, Names of what the handles mean, parameters. */
static CK_RV
hash_command(struct exchange *x, struct buf *out)
{
	struct view parts[ENTITIES_MAX + 2];
	const uint8_t *data;
	size_t i, n = 0, len;
	TSS2_RC rc;

	if ((rc = Tss2_Sys_GetCommandCode(x->sys, x->code)) !=
	    TSS2_RC_SUCCESS ||
	    (rc = Tss2_Sys_GetCpBuffer(x->sys, &len, &data)) !=
	    TSS2_RC_SUCCESS)
		return failed(x, rc);
	parts[n++] = view_of(x->code, sizeof(x->code));
	for (i = 0; i < x->count; i++)
		parts[n++] = x->entities[i].name;
	parts[n++] = view_of(data, len);
	return digest_once(public_hash(SESSION_HASH), parts, n, out);
}

/* rpHash: response code (success), command code, parameters. */
static CK_RV
hash_response(const struct exchange *x, struct view parameters,
    struct buf *out)
{
	static const uint8_t success[4];
	const struct view parts[] = { view_of(success, sizeof(success)),
	    view_of(x->code, sizeof(x->code)), parameters };

	return digest_once(public_hash(SESSION_HASH), parts, ARRAY_LEN(parts),
	    out);
}

/*
 * The nonce of who speaks comes first (Part 1, 19.6.3). Where another session
 * decrypts, the first one vouches for it by its nonce (19.6.5).
 */
static CK_RV
hmac_command(const struct exchange *x, const struct signer *by,
    const struct buf *hash, uint8_t *out)
{
	const struct signer *other = cipher_of(x, TPMA_SESSION_DECRYPT);
	const struct session *s = by->session;
	const TPM2B_NONCE none = { .size = 0 };
	const TPM2B_NONCE *its = by == &x->signers[0] && other != NULL &&
	    other != by ? &other->session->nonce_tpm : &none;
	const struct view parts[] = { buf_view(hash),
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)),
	    view_of(s->nonce_tpm.buffer, s->nonce_tpm.size),
	    view_of(its->buffer, its->size), view_of(&by->attributes, 1) };

	return session_hmac(s, by->auth, parts, ARRAY_LEN(parts), out);
}

static CK_RV
hmac_response(const struct signer *by, const struct buf *hash,
    const TPMS_AUTH_RESPONSE *answer, uint8_t *out)
{
	const struct session *s = by->session;
	uint8_t attributes = (uint8_t)answer->sessionAttributes;
	const struct view parts[] = { buf_view(hash),
	    view_of(answer->nonce.buffer, answer->nonce.size),
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)),
	    view_of(&attributes, 1) };

	return session_hmac(s, by->auth, parts, ARRAY_LEN(parts), out);
}

/* The one empty password: there is nothing to sign with. */
static bool
is_password(const struct signer *by)
{
	return by->session->handle == TPM2_RS_PW;
}

static CK_RV
sign(const struct exchange *x, const struct signer *by,
    const struct buf *hash, TPMS_AUTH_COMMAND *out)
{
	CK_RV rv;

	out->sessionHandle = by->session->handle;
	out->sessionAttributes = by->attributes;
	if (is_password(by))
		return CKR_OK;
	if ((rv = TPM2B_SET(&out->nonce, buffer,
	    view_of(by->session->nonce_caller, SESSION_HASH_LEN))) != CKR_OK ||
	    (rv = hmac_command(x, by, hash, out->hmac.buffer)) != CKR_OK)
		return rv;
	out->hmac.size = SESSION_HASH_LEN;
	return CKR_OK;
}

static CK_RV
authorise(struct exchange *x)
{
	const struct signer *cipher = cipher_of(x, TPMA_SESSION_DECRYPT);
	TSS2L_SYS_AUTH_COMMAND area = { .count = (UINT16)x->signer_count };
	struct buf hash = BUF_EMPTY;
	TSS2_RC rc;
	size_t i;
	CK_RV rv;

	if ((cipher != NULL &&
	    (rv = encrypt_parameter(x, cipher)) != CKR_OK) ||
	    (rv = hash_command(x, &hash)) != CKR_OK)
		goto out;
	for (i = 0; i < x->signer_count; i++)
		if ((rv = sign(x, &x->signers[i], &hash,
		    &area.auths[i])) != CKR_OK)
			goto out;
	if ((rc = Tss2_Sys_SetCmdAuths(x->sys, &area)) != TSS2_RC_SUCCESS)
		rv = failed(x, rc);
out:
	buf_free(&hash);
	return rv;
}

/*
 * SAPI checks that the authorisation area ends inside the response, and thus
 * that the parameters do; GetRspAuths has to come first.
 */
static CK_RV
read_response(const struct exchange *x, TSS2L_SYS_AUTH_RESPONSE *area,
    struct view *parameters)
{
	const uint8_t *data;
	size_t len;

	if (Tss2_Sys_GetRspAuths(x->sys, area) != TSS2_RC_SUCCESS ||
	    area->count != x->signer_count ||
	    Tss2_Sys_GetRpBuffer(x->sys, &len, &data) != TSS2_RC_SUCCESS ||
	    len > TPM2_MAX_RESPONSE_SIZE)
		return broken(x, "malformed response");
	*parameters = view_of(data, len);
	return CKR_OK;
}

static CK_RV
verify_signer(const struct exchange *x, const struct signer *by,
    const struct buf *hash, const TPMS_AUTH_RESPONSE *answer)
{
	uint8_t expected[SESSION_HASH_LEN];
	TPMA_SESSION differ = answer->sessionAttributes ^ by->attributes;
	CK_RV rv;

	if (is_password(by))
		return CKR_OK;
	if ((rv = hmac_response(by, hash, answer, expected)) != CKR_OK)
		return rv;
	if (!view_equal(view_of(expected, sizeof(expected)),
	    view_of(answer->hmac.buffer, answer->hmac.size)) ||
	    (differ & TPMA_SESSION_CONTINUESESSION) != 0)
		return broken(x, "the response was tampered with");
	return CKR_OK;
}

static void
advance(const struct signer *by, const TPMS_AUTH_RESPONSE *answer)
{
	struct session *s = by->session;

	s->nonce_tpm = answer->nonce;
	s->proven = true;
	if ((by->attributes & TPMA_SESSION_CONTINUESESSION) == 0)
		s->handle = 0;
}

/* From here on the response is known to come from the TPM, when a session
 * was there. */
static CK_RV
verify(const struct exchange *x, struct view *parameters)
{
	TSS2L_SYS_AUTH_RESPONSE area;
	struct buf hash = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = read_response(x, &area, parameters)) != CKR_OK ||
	    (rv = hash_response(x, *parameters, &hash)) != CKR_OK)
		goto out;
	for (i = 0; i < x->signer_count; i++)
		if ((rv = verify_signer(x, &x->signers[i], &hash,
		    &area.auths[i])) != CKR_OK)
			goto out;
	for (i = 0; i < x->signer_count; i++)
		advance(&x->signers[i], &area.auths[i]);
out:
	buf_free(&hash);
	return rv;
}

static CK_RV
complete(const struct exchange *x)
{
	TSS2_RC rc;

	if (x->command->complete == NULL)
		return CKR_OK;
	rc = x->command->complete(x->sys, x->args);
	return rc == TSS2_RC_SUCCESS ? CKR_OK : failed(x, rc);
}

/*
 * SAPI unmarshals out of its own buffer, so the clear text has to go there;
 * it is overwritten as soon as it has been read.
 */
static CK_RV
complete_secret(const struct exchange *x, const struct signer *by,
    struct view parameters)
{
	struct buf secret = BUF_EMPTY;
	const uint8_t *data;
	size_t len;
	CK_RV rv;

	if (Tss2_Sys_GetEncryptParam(x->sys, &len, &data) !=
	    TSS2_RC_SUCCESS || len + sizeof(UINT16) > parameters.len)
		return broken(x, "malformed response");
	if (len == 0)
		return complete(x);
	if ((rv = buf_set(&secret, view_of(data, len))) != CKR_OK ||
	    (rv = session_decrypt(by->session, by->auth, secret.data,
	    len)) != CKR_OK)
		goto out;
	if (Tss2_Sys_SetEncryptParam(x->sys, len, secret.data) !=
	    TSS2_RC_SUCCESS) {
		rv = broken(x, "malformed response");
		goto out;
	}
	rv = complete(x);
	wipe(secret.data, len);
	(void)Tss2_Sys_SetEncryptParam(x->sys, len, secret.data);
out:
	buf_free(&secret);
	return rv;
}

/*
 * A signal handler that returns makes poll() fail with EINTR, which the
 * device TCTI takes for a lost connection: signals wait for the response, but
 * for those that report a fault of this thread itself.
 */
static TSS2_RC
execute(TSS2_SYS_CONTEXT *sys)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
	    SIGTRAP, SIGSYS };
	sigset_t others, before;
	TSS2_RC rc;
	size_t i;

	(void)sigfillset(&others);
	for (i = 0; i < ARRAY_LEN(faults); i++)
		(void)sigdelset(&others, faults[i]);
	(void)pthread_sigmask(SIG_BLOCK, &others, &before);
	rc = Tss2_Sys_Execute(sys);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

/*
 * For want of memory a response could not be verified. The sessions have gone
 * on in the TPM and not here: in them a right PIN would be a wrong one.
 */
static CK_RV
out_of_step(const struct exchange *x, CK_RV rv)
{
	if (rv == CKR_HOST_MEMORY)
		x->tpm->trouble = (struct trouble){ .command = x->command,
		    .text = "no memory for the response",
		    .remedy = REMEDY_DROP };
	return rv;
}

static CK_RV
exchange(struct exchange *x)
{
	const struct signer *cipher = cipher_of(x, TPMA_SESSION_ENCRYPT);
	TPM2_HANDLE handles[ENTITIES_MAX] = { 0 };
	struct view parameters;
	TSS2_RC rc;
	size_t i;
	CK_RV rv;

	for (i = 0; i < x->count; i++)
		handles[i] = x->entities[i].handle;
	if ((rc = x->command->prepare(x->sys, handles, x->args)) !=
	    TSS2_RC_SUCCESS)
		return failed(x, rc);
	if (x->signer_count > 0 && (rv = authorise(x)) != CKR_OK)
		return rv;
	if ((rc = execute(x->sys)) != TSS2_RC_SUCCESS)
		return failed(x, rc);
	if (x->signer_count == 0)
		return complete(x);
	if ((rv = verify(x, &parameters)) != CKR_OK)
		return out_of_step(x, rv);
	return cipher != NULL ? complete_secret(x, cipher, parameters) :
	    complete(x);
}

static uint8_t
ciphers_of(const struct command *c)
{
	TPMA_SESSION a = 0;

	if ((c->flags & COMMAND_SECRET_IN) != 0)
		a |= TPMA_SESSION_DECRYPT;
	if ((c->flags & COMMAND_SECRET_OUT) != 0)
		a |= TPMA_SESSION_ENCRYPT;
	return (uint8_t)a;
}

static void
add_signer(struct exchange *x, struct session *s, struct view auth,
    uint8_t attributes)
{
	x->signers[x->signer_count++] = (struct signer){ s, auth, attributes };
}

static void
add_own_session(struct exchange *x)
{
	const struct command *c = x->command;

	add_signer(x, &x->tpm->session, (c->flags & COMMAND_AUTH) != 0 ?
	    x->entities[0].auth : VIEW_EMPTY,
	    (uint8_t)(ciphers_of(c) | TPMA_SESSION_CONTINUESESSION));
}

static void
add_policy_session(struct exchange *x, struct session *policy)
{
	const struct command *c = x->command;
	bool apart = (c->flags & COMMAND_APART) != 0;

	add_signer(x, policy, VIEW_EMPTY, apart ? 0 : ciphers_of(c));
	if (apart)
		add_signer(x, &x->tpm->session, VIEW_EMPTY,
		    (uint8_t)(ciphers_of(c) | TPMA_SESSION_CONTINUESESSION));
}

static CK_RV
renew_nonces(const struct exchange *x)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < x->signer_count && rv == CKR_OK; i++)
		rv = session_renew_nonce(x->signers[i].session);
	return rv;
}

static void
nap(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) != 0)
		;
}

static bool
is_of(const struct entity *e, TPM2_HT type)
{
	return e->handle >> TPM2_HR_SHIFT == type;
}

/* The entity that the TPM knows nothing of (Part 2, 6.6.3); NULL: it does
 * not say so. */
static const struct entity *
missing(const struct exchange *x)
{
	TSS2_RC rc = x->tpm->trouble.rc & ~(TSS2_RC)TSS2_RC_LAYER_MASK;
	size_t number = rc >> 8 & 7;

	return (rc & ~(TSS2_RC)TPM2_RC_N_MASK) == TPM2_RC_HANDLE &&
	    number > 0 && number <= x->count ? &x->entities[number - 1] : NULL;
}

static bool
misses_index(const struct exchange *x)
{
	const struct entity *e = missing(x);

	return e != NULL && is_of(e, TPM2_HT_NV_INDEX);
}

/* Does it name anything that a reset of the TPM takes from us? */
static bool
uses_ours(const struct exchange *x)
{
	if (misses_index(x))
		return false;
	return x->signer_count > 0 || (x->count > 0 &&
	    (x->entities[0].object != NULL ||
	    is_transient(x->entities[0].parent) ||
	    is_of(&x->entities[0], TPM2_HT_POLICY_SESSION)));
}

static CK_RV
unsent(const struct exchange *x)
{
	CK_RV rv = failed(x, x->tpm->link.lost);

	x->tpm->trouble.remedy = REMEDY_RECONNECT;
	x->tpm->trouble.unsent = true;
	return rv;
}

static CK_RV
run(struct exchange *x)
{
	struct tpm *t = x->tpm;
	long wait = 1;
	CK_RV rv;

	assert(x->sys != NULL && x->count <= ENTITIES_MAX);
	if (t->link.lost != TSS2_RC_SUCCESS)
		return unsent(x);
	for (;;) {
		if ((rv = renew_nonces(x)) != CKR_OK)
			return rv;
		rv = exchange(x);
		if (rv == CKR_OK || t->trouble.remedy != REMEDY_WAIT ||
		    wait > LONGEST_WAIT_MS)
			break;
		nap(wait);
		wait *= 2;
	}
	if (rv != CKR_OK && !uses_ours(x) &&
	    t->trouble.remedy == REMEDY_RELOAD)
		t->trouble.remedy = REMEDY_NONE;
	if (rv != CKR_OK && misses_index(x))
		t->trouble.text = "the NV index is not in this TPM: the owner "
		    "removed it, or the TPM was cleared";
	return rv;
}

CK_RV
command_run(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, void *args)
{
	struct exchange x = { .tpm = t, .command = c, .entities = entities,
	    .count = count, .args = args, .sys = t->link.sys };

	if ((c->flags & COMMAND_SESSION) != 0)
		add_own_session(&x);
	return run(&x);
}

CK_RV
command_run_policy(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, struct session *policy,
    void *args)
{
	struct exchange x = { .tpm = t, .command = c, .entities = entities,
	    .count = count, .args = args, .sys = t->link.sys };

	add_policy_session(&x, policy);
	return run(&x);
}

CK_RV
command_run_unlocked(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, void *args)
{
	struct session password = { .handle = TPM2_RS_PW };
	struct exchange x = { .tpm = t, .command = c, .entities = entities,
	    .count = count, .args = args, .sys = t->link.sys };

	add_signer(&x, &password, VIEW_EMPTY, TPMA_SESSION_CONTINUESESSION);
	return run(&x);
}
