/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/policy.h"

#include <assert.h>

/*
 * The rules by which an assertion changes a policy's digest are those of the
 * command of the same name (Part 3, chapter 23).
 */

/* What a policy command is told. */
struct assertion_args {
	const struct assertion *assertion;
	const struct session *session;
};

struct code {
	uint8_t bytes[4];
};

static struct code
code_of(TPM2_CC cc)
{
	return (struct code){ { (uint8_t)(cc >> 24), (uint8_t)(cc >> 16),
	    (uint8_t)(cc >> 8), (uint8_t)cc } };
}

/* digest becomes H(parts); one of the parts may be digest itself. */
static CK_RV
hash_into(struct buf *digest, const struct view *parts, size_t count)
{
	struct buf made = BUF_EMPTY;
	CK_RV rv;

	rv = digest_once(public_hash(SESSION_HASH), parts, count, &made);
	if (rv == CKR_OK)
		buf_move(digest, &made);
	buf_free(&made);
	return rv;
}

/* digest becomes H(digest | cc | what). */
static CK_RV
extend(struct buf *digest, TPM2_CC cc, struct view what)
{
	const struct code code = code_of(cc);
	const struct view parts[] = { buf_view(digest),
	    view_of(code.bytes, sizeof(code.bytes)), what };

	return hash_into(digest, parts, ARRAY_LEN(parts));
}

/* The same with a Name, and then an empty policyRef. */
static CK_RV
extend_name(struct buf *digest, TPM2_CC cc, struct view name)
{
	struct view once;
	CK_RV rv;

	if ((rv = extend(digest, cc, name)) != CKR_OK)
		return rv;
	once = buf_view(digest);
	return hash_into(digest, &once, 1);
}

/* Back to what an empty policy has. */
static CK_RV
restart(struct buf *digest)
{
	buf_clear(digest);
	return buf_resize(digest, SESSION_HASH_LEN);
}

static TSS2_RC
secret_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct assertion_args *a = args;
	const TPM2B_DIGEST any_command = { .size = 0 };
	const TPM2B_NONCE no_ref = { .size = 0 };

	/* The nonce says that it is meant for this session alone. */
	return Tss2_Sys_PolicySecret_Prepare(sys, handles[0], handles[1],
	    &a->session->nonce_tpm, &any_command, &no_ref, 0);
}

static CK_RV
secret_extend(const struct assertion *a, struct buf *digest)
{
	return extend_name(digest, TPM2_CC_PolicySecret, a->entity.name);
}

static const struct command policy_secret = {
	.name = "PolicySecret",
	.prepare = secret_prepare,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.denied = CKR_PIN_INCORRECT,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

const struct assertion_kind assert_secret = { &policy_secret, secret_extend };

static TSS2_RC
code_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct assertion_args *a = args;

	return Tss2_Sys_PolicyCommandCode_Prepare(sys, handles[0],
	    a->assertion->code);
}

static CK_RV
code_extend(const struct assertion *a, struct buf *digest)
{
	const struct code code = code_of(a->code);

	return extend(digest, TPM2_CC_PolicyCommandCode,
	    view_of(code.bytes, sizeof(code.bytes)));
}

static const struct command policy_command_code = {
	.name = "PolicyCommandCode",
	.prepare = code_prepare
};

const struct assertion_kind assert_command_code = {
	&policy_command_code, code_extend
};

static TSS2_RC
pcr_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct assertion_args *a = args;
	const TPM2B_DIGEST as_they_are = { .size = 0 };

	return Tss2_Sys_PolicyPCR_Prepare(sys, handles[0], &as_they_are,
	    a->assertion->pcrs);
}

static CK_RV
pcr_extend(const struct assertion *a, struct buf *digest)
{
	uint8_t bytes[sizeof(*a->pcrs)];
	struct buf what = BUF_EMPTY;
	size_t used = 0;
	CK_RV rv;

	if (Tss2_MU_TPML_PCR_SELECTION_Marshal(a->pcrs, bytes, sizeof(bytes),
	    &used) != TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	if ((rv = buf_set(&what, view_of(bytes, used))) == CKR_OK &&
	    (rv = buf_append(&what, a->values)) == CKR_OK)
		rv = extend(digest, TPM2_CC_PolicyPCR, buf_view(&what));
	buf_free(&what);
	return rv;
}

static const struct command policy_pcr = {
	.name = "PolicyPCR",
	.prepare = pcr_prepare,
	.refused = CKR_DATA_INVALID
};

const struct assertion_kind assert_pcr_values = { &policy_pcr, pcr_extend };

static TSS2_RC
or_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct assertion_args *a = args;

	return Tss2_Sys_PolicyOR_Prepare(sys, handles[0],
	    a->assertion->branches);
}

static CK_RV
or_extend(const struct assertion *a, struct buf *digest)
{
	const TPML_DIGEST *l = a->branches;
	struct buf all = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = restart(digest)) != CKR_OK)
		goto out;
	for (i = 0; i < l->count; i++)
		if ((rv = buf_append(&all, view_of(l->digests[i].buffer,
		    l->digests[i].size))) != CKR_OK)
			goto out;
	rv = extend(digest, TPM2_CC_PolicyOR, buf_view(&all));
out:
	buf_free(&all);
	return rv;
}

static const struct command policy_or = {
	.name = "PolicyOR",
	.prepare = or_prepare,
	.refused = CKR_ACTION_PROHIBITED
};

const struct assertion_kind assert_any_of = { &policy_or, or_extend };

static TSS2_RC
approved_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles,
    void *args)
{
	const struct assertion_args *a = args;
	const struct assertion *what = a->assertion;
	const TPM2B_NONCE no_ref = { .size = 0 };
	TPM2B_DIGEST policy = { .size = 0 };

	if (TPM2B_SET(&policy, buffer, what->approved) != CKR_OK)
		return TSS2_SYS_RC_BAD_SIZE;
	return Tss2_Sys_PolicyAuthorize_Prepare(sys, handles[0], &policy,
	    &no_ref, &what->approval->key, &what->approval->ticket);
}

static CK_RV
approved_extend(const struct assertion *a, struct buf *digest)
{
	const TPM2B_NAME *key = &a->approval->key;
	CK_RV rv;

	if ((rv = restart(digest)) != CKR_OK)
		return rv;
	return extend_name(digest, TPM2_CC_PolicyAuthorize,
	    view_of(key->name, key->size));
}

static const struct command policy_authorize = {
	.name = "PolicyAuthorize",
	.prepare = approved_prepare,
	.refused = CKR_ACTION_PROHIBITED
};

const struct assertion_kind assert_approved = {
	&policy_authorize, approved_extend
};

void
policy_add(struct policy *p, struct assertion a)
{
	assert(p->count < ASSERTIONS_MAX);
	p->assertions[p->count++] = a;
}

CK_RV
policy_digest(const struct policy *p, struct buf *digest)
{
	struct buf made = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	rv = restart(&made);
	for (i = 0; i < p->count && rv == CKR_OK; i++)
		rv = p->assertions[i].kind->extend(&p->assertions[i], &made);
	if (rv == CKR_OK)
		buf_move(digest, &made);
	buf_free(&made);
	return rv;
}

static CK_RV
satisfy(struct tpm *t, const struct assertion *a, struct session *s)
{
	const struct code name = code_of(s->handle);
	/* A session's Name is its handle (Part 1, 16). */
	const struct entity session = { .handle = s->handle,
	    .name = view_of(name.bytes, sizeof(name.bytes)) };
	const struct entity two[] = { a->entity, session };
	struct assertion_args args = { a, s };

	return a->kind == &assert_secret ?
	    command_run(t, a->kind->command, two, 2, &args) :
	    command_run(t, a->kind->command, &session, 1, &args);
}

/* When the way to the TPM is lost, so is the session. */
static bool
is_cut_off(const struct tpm *t)
{
	return t->trouble.remedy == REMEDY_RECONNECT ||
	    t->trouble.remedy == REMEDY_DROP;
}

CK_RV
policy_run(struct tpm *t, const struct call *c, const struct entity *ready)
{
	struct session s = { .key = BUF_EMPTY };
	size_t i;
	CK_RV rv;

	assert(c->parent != NULL);
	rv = session_start_policy(t, c->parent, &s);
	for (i = 0; i < c->policy->count && rv == CKR_OK; i++)
		rv = satisfy(t, &c->policy->assertions[i], &s);
	if (rv == CKR_OK)
		rv = command_run_policy(t, c->command, ready, c->count, &s,
		    c->args);
	if (rv != CKR_OK && is_cut_off(t))
		s.handle = 0;
	session_drop(t, &s);
	return rv;
}
