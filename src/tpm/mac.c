/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/mac.h"

#include "tpm/cipher.h"
#include "tpm/internal.h"
#include "util/mem.h"

struct tpm_mac {
	struct tpm_key *key;	/* a reference */
	TPMI_ALG_HASH alg;	/* of a hash, or CMAC */
	struct buf tail;	/* what was not sent yet */
	bool started;		/* some was sent */
	uint8_t chain[TPM_BLOCK_LEN];	/* of a CMAC that was started */
	struct tpm_blob blob;	/* the sequence's authValue */
	struct object object;	/* the sequence; borrows blob */
	struct sequence sequence;
};

/* How often all at once is started again. */
#define RESTARTS_MAX 3

struct portion {
	struct tpm_mac *mac;
	TPM2B_MAX_BUFFER in;
	TPM2B_AUTH auth;	/* of a new sequence */
	TPM2B_DIGEST out;
};

/* TPM2_MAC has the code and shape of TPM2_HMAC (Part 3, 15.6). */
static TSS2_RC
hmac_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct portion *a = args;

	return Tss2_Sys_HMAC_Prepare(sys, handles[0], &a->in, a->mac->alg);
}

static TSS2_RC
hmac_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct portion *a = args;

	a->out.size = 0;
	return Tss2_Sys_HMAC_Complete(sys, &a->out);
}

/* Type, use and hash are known to fit: the TPM lacks the algorithm. */
static const struct command hmac = {
	.name = "HMAC",
	.prepare = hmac_prepare,
	.complete = hmac_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_SECRET_OUT,
	.refused = CKR_MECHANISM_INVALID
};

static const struct command mac = {
	.name = "MAC",
	.prepare = hmac_prepare,
	.complete = hmac_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_SECRET_OUT |
	    COMMAND_QUIET,
	.refused = CKR_MECHANISM_INVALID
};

static TSS2_RC
start_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct portion *a = args;

	return Tss2_Sys_HMAC_Start_Prepare(sys, handles[0], &a->auth,
	    a->mac->alg);
}

/* From here on the cache knows it, and nobody takes it for a leftover. */
static TSS2_RC
start_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	const struct portion *a = args;
	TPM2_HANDLE handle;
	TSS2_RC rc;

	rc = Tss2_Sys_HMAC_Start_Complete(sys, &handle);
	if (rc == TSS2_RC_SUCCESS)
		cache_add(tpm_key_home(a->mac->key), &a->mac->object, handle);
	return rc;
}

static const struct command hmac_start = {
	.name = "HMAC_Start",
	.prepare = start_prepare,
	.complete = start_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_MAKES,
	.refused = CKR_MECHANISM_INVALID
};

static TSS2_RC
update_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct portion *a = args;

	return Tss2_Sys_SequenceUpdate_Prepare(sys, handles[0], &a->in);
}

static const struct command sequence_update = {
	.name = "SequenceUpdate",
	.prepare = update_prepare,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN,
	.refused = CKR_MECHANISM_INVALID
};

static TSS2_RC
finish_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct portion *a = args;

	return Tss2_Sys_SequenceComplete_Prepare(sys, handles[0], &a->in,
	    TPM2_RH_NULL);
}

/* The TPM has flushed it. */
static TSS2_RC
finish_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct portion *a = args;

	cache_remove(tpm_key_home(a->mac->key), &a->mac->object);
	a->out.size = 0;
	return Tss2_Sys_SequenceComplete_Complete(sys, &a->out, NULL);
}

static const struct command sequence_complete = {
	.name = "SequenceComplete",
	.prepare = finish_prepare,
	.complete = finish_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_SECRET_OUT,
	.refused = CKR_MECHANISM_INVALID
};

/* A key's scheme, if it has one, is the only one. */
static CK_RV
check_hash(const struct tpm_key *k, const struct hash *hash)
{
	const TPMT_KEYEDHASH_SCHEME *s =
	    &tpm_key_area(k)->parameters.keyedHashDetail.scheme;
	TPM2_ALG_ID alg = public_alg(hash);

	if (alg == TPM2_ALG_NULL)
		return CKR_MECHANISM_INVALID;
	return s->scheme == TPM2_ALG_NULL || (s->scheme == TPM2_ALG_HMAC &&
	    s->details.hmac.hashAlg == alg) ? CKR_OK :
	    CKR_KEY_FUNCTION_NOT_PERMITTED;
}

CK_RV
tpm_mac_new(struct tpm_key *k, const struct hash *hash, struct tpm_mac **out)
{
	struct tpm_mac *m;
	CK_RV rv;

	if ((rv = key_allowed(k, hash != NULL ? TPM2_ALG_KEYEDHASH :
	    TPM2_ALG_SYMCIPHER, TPMA_OBJECT_SIGN_ENCRYPT)) != CKR_OK ||
	    (hash != NULL && (rv = check_hash(k, hash)) != CKR_OK))
		return rv;
	if ((m = mem_alloc(1, sizeof(*m))) == NULL)
		return CKR_HOST_MEMORY;
	m->key = tpm_key_ref(k);
	m->alg = hash != NULL ? public_alg(hash) : TPM2_ALG_CMAC;
	m->object = (struct object){ .parent = tpm_key_parent(k),
	    .blob = &m->blob, .sequence = &m->sequence };
	*out = m;
	return CKR_OK;
}

void
tpm_mac_free(struct tpm_mac **m)
{
	if (*m == NULL)
		return;
	object_free(tpm_key_home((*m)->key), &(*m)->object);
	tpm_blob_free(&(*m)->blob);
	buf_free(&(*m)->tail);
	tpm_key_unref(&(*m)->key);
	mem_free(*m);
	*m = NULL;
}

static CK_RV
use_sequence(struct tpm_mac *m, const struct command *command,
    struct portion *a)
{
	const struct call c = {
		.command = command,
		.entities = { { .object = &m->object } },
		.count = 1,
		.parent = tpm_key_parent(m->key),
		.args = a
	};

	return tpm_call(tpm_key_home(m->key), &c);
}

static CK_RV
start(struct tpm_mac *m)
{
	struct portion a = { .mac = m };
	CK_RV rv;

	if (m->started)
		return CKR_OK;
	if ((rv = create_auth(&m->blob.auth)) == CKR_OK &&
	    (rv = TPM2B_SET(&a.auth, buffer,
	    buf_view(&m->blob.auth))) == CKR_OK &&
	    (rv = key_use(m->key, &hmac_start, &a)) == CKR_OK)
		m->started = true;
	wipe(&a, sizeof(a));
	return rv;
}

/* The front of the tail, as much as goes at once. */
static CK_RV
push_hmac(struct tpm_mac *m)
{
	struct tpm *t = tpm_key_home(m->key);
	struct portion a = { .mac = m };
	size_t part;
	CK_RV rv;

	do {
		part = t->input_buffer;
		if ((rv = start(m)) == CKR_OK &&
		    (rv = TPM2B_SET(&a.in, buffer, view_sub(
		    buf_view(&m->tail), 0, part))) == CKR_OK)
			rv = use_sequence(m, &sequence_update, &a);
	} while (rv == CKR_MECHANISM_INVALID && input_was_too_much(t));
	if (rv == CKR_OK)
		rv = buf_set(&m->tail, view_sub(buf_view(&m->tail), part,
		    m->tail.len));
	wipe(&a, sizeof(a));
	return rv;
}

static CK_RV
push(struct tpm_mac *m)
{
	CK_RV rv;

	if (m->alg != TPM2_ALG_CMAC)
		return push_hmac(m);
	if ((rv = tpm_cmac_update(m->key, m->chain, buf_view(&m->tail))) !=
	    CKR_OK)
		return rv;
	m->started = true;
	buf_clear(&m->tail);
	return CKR_OK;
}

CK_RV
tpm_mac_update(struct tpm_mac *m, struct view in)
{
	size_t room;
	CK_RV rv = CKR_OK;

	while (in.len > 0 && rv == CKR_OK) {
		room = TPM2_MAX_DIGEST_BUFFER - m->tail.len;
		if ((rv = buf_append(&m->tail, view_sub(in, 0, room))) !=
		    CKR_OK)
			break;
		in = view_sub(in, room, in.len);
		if (in.len > 0)
			rv = push(m);
	}
	return rv;
}

static CK_RV
finish_hmac(struct tpm_mac *m, struct portion *a)
{
	CK_RV rv;

	while (m->tail.len > tpm_key_home(m->key)->input_buffer)
		if ((rv = push_hmac(m)) != CKR_OK)
			return rv;
	if ((rv = TPM2B_SET(&a->in, buffer, buf_view(&m->tail))) != CKR_OK)
		return rv;
	return m->started ? use_sequence(m, &sequence_complete, a) :
	    key_use(m->key, &hmac, a);
}

static CK_RV
final_hmac(struct tpm_mac *m, struct buf *out)
{
	struct portion a = { .mac = m };
	CK_RV rv;

	do
		rv = finish_hmac(m, &a);
	while (rv == CKR_MECHANISM_INVALID &&
	    input_was_too_much(tpm_key_home(m->key)));
	if (rv == CKR_OK)
		rv = buf_set(out, view_of(a.out.buffer, a.out.size));
	wipe(&a, sizeof(a));
	return rv;
}

/* By one command; CKR_FUNCTION_NOT_SUPPORTED when there is none for it. */
static CK_RV
mac_at_once(struct tpm_mac *m, struct buf *out)
{
	struct tpm *t = tpm_key_home(m->key);
	struct portion a = { .mac = m };
	CK_RV rv;

	if (m->started || t->lacks_cmac || m->tail.len > t->input_buffer)
		return CKR_FUNCTION_NOT_SUPPORTED;
	if ((rv = TPM2B_SET(&a.in, buffer, buf_view(&m->tail))) == CKR_OK &&
	    (rv = key_use(m->key, &mac, &a)) == CKR_OK)
		rv = buf_set(out, view_of(a.out.buffer, a.out.size));
	if (rv == CKR_MECHANISM_INVALID || rv == CKR_FUNCTION_NOT_SUPPORTED) {
		t->lacks_cmac = true;
		rv = CKR_FUNCTION_NOT_SUPPORTED;
	}
	wipe(&a, sizeof(a));
	return rv;
}

CK_RV
tpm_mac_final(struct tpm_mac *m, struct buf *out)
{
	CK_RV rv;

	if (m->alg != TPM2_ALG_CMAC)
		return final_hmac(m, out);
	if ((rv = mac_at_once(m, out)) != CKR_FUNCTION_NOT_SUPPORTED)
		return rv;
	return tpm_cmac_final(m->key, m->chain, buf_view(&m->tail), out);
}

CK_RV
tpm_key_mac(struct tpm_key *k, const struct hash *hash, struct view in,
    struct buf *out)
{
	struct tpm_mac *m = NULL;
	unsigned tries;
	bool lost;
	CK_RV rv;

	for (tries = 0; tries <= RESTARTS_MAX; tries++) {
		if ((rv = tpm_mac_new(k, hash, &m)) != CKR_OK)
			return rv;
		if ((rv = tpm_mac_update(m, in)) == CKR_OK)
			rv = tpm_mac_final(m, out);
		lost = m->sequence.lost;
		tpm_mac_free(&m);
		if (!lost)
			break;
	}
	return rv;
}
