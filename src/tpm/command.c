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

struct exchange {
	struct tpm *tpm;
	const struct command *command;
	const struct entity *entities;
	size_t count;
	void *args;
	TSS2_SYS_CONTEXT *sys;
	struct session *session;	/* NULL: none is needed */
	struct view auth;	/* of the entity that authorises */
	uint8_t attributes;
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

static CK_RV
encrypt_parameter(const struct exchange *x)
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
	    (rv = session_encrypt(x->session, x->auth, secret.data,
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

/* The nonce of who speaks comes first (Part 1, 19.6.3). */
static CK_RV
hmac_command(const struct exchange *x, const struct buf *hash, uint8_t *out)
{
	const struct session *s = x->session;
	const struct view parts[] = { buf_view(hash),
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)),
	    view_of(s->nonce_tpm.buffer, s->nonce_tpm.size),
	    view_of(&x->attributes, 1) };

	return session_hmac(s, x->auth, parts, ARRAY_LEN(parts), out);
}

static CK_RV
hmac_response(const struct exchange *x, const struct buf *hash,
    const TPMS_AUTH_RESPONSE *answer, uint8_t *out)
{
	const struct session *s = x->session;
	uint8_t attributes = (uint8_t)answer->sessionAttributes;
	const struct view parts[] = { buf_view(hash),
	    view_of(answer->nonce.buffer, answer->nonce.size),
	    view_of(s->nonce_caller, sizeof(s->nonce_caller)),
	    view_of(&attributes, 1) };

	return session_hmac(s, x->auth, parts, ARRAY_LEN(parts), out);
}

static CK_RV
authorise(struct exchange *x)
{
	struct buf hash = BUF_EMPTY;
	TSS2L_SYS_AUTH_COMMAND area = { .count = 1 };
	TPMS_AUTH_COMMAND *mine = &area.auths[0];
	TSS2_RC rc;
	CK_RV rv;

	if ((x->attributes & TPMA_SESSION_DECRYPT) != 0 &&
	    (rv = encrypt_parameter(x)) != CKR_OK)
		goto out;
	if ((rv = hash_command(x, &hash)) != CKR_OK ||
	    (rv = TPM2B_SET(&mine->nonce, buffer,
	    view_of(x->session->nonce_caller, SESSION_HASH_LEN))) != CKR_OK ||
	    (rv = hmac_command(x, &hash, mine->hmac.buffer)) != CKR_OK)
		goto out;
	mine->hmac.size = SESSION_HASH_LEN;
	mine->sessionHandle = x->session->handle;
	mine->sessionAttributes = x->attributes;
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
	    area->count != 1 ||
	    Tss2_Sys_GetRpBuffer(x->sys, &len, &data) != TSS2_RC_SUCCESS ||
	    len > TPM2_MAX_RESPONSE_SIZE)
		return broken(x, "malformed response");
	*parameters = view_of(data, len);
	return CKR_OK;
}

/* From here on the response is known to come from the TPM. */
static CK_RV
verify(const struct exchange *x, struct view *parameters)
{
	uint8_t expected[SESSION_HASH_LEN];
	TSS2L_SYS_AUTH_RESPONSE area;
	const TPMS_AUTH_RESPONSE *answer = &area.auths[0];
	struct buf hash = BUF_EMPTY;
	CK_RV rv;

	if ((rv = read_response(x, &area, parameters)) != CKR_OK ||
	    (rv = hash_response(x, *parameters, &hash)) != CKR_OK ||
	    (rv = hmac_response(x, &hash, answer, expected)) != CKR_OK)
		goto out;
	if (!view_equal(view_of(expected, sizeof(expected)),
	    view_of(answer->hmac.buffer, answer->hmac.size)) ||
	    (answer->sessionAttributes & TPMA_SESSION_CONTINUESESSION) == 0) {
		rv = broken(x, "the response was tampered with");
		goto out;
	}
	x->session->nonce_tpm = answer->nonce;
	x->session->proven = true;
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
complete_secret(const struct exchange *x, struct view parameters)
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
	    (rv = session_decrypt(x->session, x->auth, secret.data,
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

static CK_RV
exchange(struct exchange *x)
{
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
	if (x->session != NULL && (rv = authorise(x)) != CKR_OK)
		return rv;
	if ((rc = execute(x->sys)) != TSS2_RC_SUCCESS)
		return failed(x, rc);
	if (x->session == NULL)
		return complete(x);
	if ((rv = verify(x, &parameters)) != CKR_OK)
		return rv;
	return (x->attributes & TPMA_SESSION_ENCRYPT) != 0 ?
	    complete_secret(x, parameters) : complete(x);
}

static uint8_t
attributes_of(const struct command *c)
{
	TPMA_SESSION a = TPMA_SESSION_CONTINUESESSION;

	if ((c->flags & COMMAND_SECRET_IN) != 0)
		a |= TPMA_SESSION_DECRYPT;
	if ((c->flags & COMMAND_SECRET_OUT) != 0)
		a |= TPMA_SESSION_ENCRYPT;
	return (uint8_t)a;
}

static void
nap(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) != 0)
		;
}

/* Does it name anything that a reset of the TPM takes from us? */
static bool
uses_ours(const struct exchange *x)
{
	return x->session != NULL ||
	    (x->count > 0 && x->entities[0].object != NULL);
}

CK_RV
command_run(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, void *args)
{
	struct exchange x = { .tpm = t, .command = c, .entities = entities,
	    .count = count, .args = args, .sys = t->link.sys,
	    .attributes = attributes_of(c) };
	long wait = 1;
	CK_RV rv;

	assert(x.sys != NULL && count <= ENTITIES_MAX);
	if ((c->flags & COMMAND_SESSION) != 0)
		x.session = &t->session;
	if ((c->flags & COMMAND_AUTH) != 0)
		x.auth = entities[0].auth;
	for (;;) {
		if (x.session != NULL &&
		    (rv = session_renew_nonce(x.session)) != CKR_OK)
			return rv;
		rv = exchange(&x);
		if (rv == CKR_OK || t->trouble.remedy != REMEDY_WAIT ||
		    wait > LONGEST_WAIT_MS)
			break;
		nap(wait);
		wait *= 2;
	}
	if (rv != CKR_OK && !uses_ours(&x) &&
	    t->trouble.remedy == REMEDY_RELOAD)
		t->trouble.remedy = REMEDY_NONE;
	return rv;
}
