/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#include "util/mem.h"

/*
 * The generic half of a running operation: where its input goes. A stream
 * has a state of the family's own; a hash-and-sign row has a digest in
 * front; everything else is gathered, up to what the mechanism can take.
 */
struct mech_op {
	enum mech_use use;
	const struct mech_call *call;
	struct mech_call own;	/* call, but for a message */
	const struct mech_stream *stream;	/* NULL: none */
	void *state;		/* of the stream */
	struct digest *digest;
	struct buf gathered;
	bool over;		/* finished, or failed */
};

/* Too much input, by use; the rest take data. */
static const CK_RV too_long[MECH_USES] = {
	[MECH_DECRYPT] = CKR_ENCRYPTED_DATA_LEN_RANGE,
	[MECH_VERIFY_RECOVER] = CKR_SIGNATURE_LEN_RANGE,
};

static const struct mech_family *
family(const struct mech_op *op)
{
	return op->call->m->family;
}

static const struct mech_stream *
stream_of(const struct mech_family *f, enum mech_use use)
{
	return f->stream != NULL && (f->stream->uses & MECH_USE_BIT(use)) !=
	    0 ? f->stream : NULL;
}

/* Uses that call_prepare knows but that are one call, not an operation. */
static bool
is_operation(enum mech_use use)
{
	return use <= MECH_VERIFY_RECOVER;
}

static CK_RV
open_input(struct mech_op *op)
{
	op->stream = stream_of(family(op), op->use);
	if (op->stream != NULL)
		return op->stream->start(op->call, op->use, &op->state);
	if (op->call->m->hash != NO_HASH)
		return digest_new(op->call->params.hash, &op->digest);
	return CKR_OK;
}

CK_RV
mech_start(enum mech_use use, const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct mech_op **out)
{
	struct mech_op *op;
	CK_RV rv;

	if (!is_operation(use))
		return CKR_MECHANISM_INVALID;
	if ((op = mem_alloc(1, sizeof(*op))) == NULL)
		return CKR_HOST_MEMORY;
	op->use = use;
	op->call = &op->own;
	if ((rv = call_prepare(use, m, key, caps, &op->own)) != CKR_OK ||
	    (rv = open_input(op)) != CKR_OK)
		goto out;

	*out = op;
	op = NULL;
out:
	mech_end(&op);
	return rv;
}

CK_RV
op_open(enum mech_use use, const struct mech_call *call,
    const struct mech_stream *stream, void *state, struct mech_op **out)
{
	struct mech_op *op;
	CK_RV rv = CKR_OK;

	if ((op = mem_alloc(1, sizeof(*op))) == NULL) {
		if (stream != NULL)
			stream->free(state);
		return CKR_HOST_MEMORY;
	}
	op->use = use;
	op->call = call;
	op->stream = stream;
	op->state = state;
	if (stream == NULL && (rv = open_input(op)) != CKR_OK)
		goto out;

	*out = op;
	op = NULL;
out:
	mech_end(&op);
	return rv;
}

void *
op_message(struct mech_op *op, const struct mech_message **message)
{
	const struct mech_message *own = family(op)->message;

	if (own == NULL || op->stream != &own->stream)
		return NULL;
	*message = own;
	return op->state;
}

void
mech_end(struct mech_op **op)
{
	struct mech_op *old = *op;

	*op = NULL;
	if (old == NULL)
		return;
	if (old->state != NULL)
		old->stream->free(old->state);
	digest_free(&old->digest);
	buf_free(&old->gathered);
	call_free(&old->own);
	mem_free(old);
}

static CK_RV
gather(struct mech_op *op, struct view in)
{
	size_t limit = family(op)->limit(op->call, op->use);

	if (in.len > limit - op->gathered.len)
		return too_long[op->use] != 0 ? too_long[op->use] :
		    CKR_DATA_LEN_RANGE;
	return buf_append(&op->gathered, in);
}

static CK_RV
take(struct mech_op *op, struct view in, struct buf *out)
{
	if (op->stream != NULL)
		return op->stream->update(op->state, in, out);
	if (op->digest != NULL)
		return digest_update(op->digest, in);
	return gather(op, in);
}

CK_RV
mech_update(struct mech_op *op, struct view in, struct buf *out)
{
	CK_RV rv;

	if (op->over)
		return CKR_OPERATION_NOT_INITIALIZED;
	buf_clear(out);
	if ((rv = take(op, in, out)) != CKR_OK)
		op->over = true;
	return rv;
}

/* All the input of an operation that is no stream, as its function wants it. */
static CK_RV
close_input(struct mech_op *op)
{
	if (op->digest == NULL)
		return CKR_OK;
	return digest_final(op->digest, &op->gathered);
}

CK_RV
mech_finish(struct mech_op *op, struct buf *out)
{
	mech_run *run = family(op)->run[op->use];
	CK_RV rv;

	if (op->over)
		return CKR_OPERATION_NOT_INITIALIZED;
	op->over = true;
	if (op->stream != NULL)
		return op->stream->finish(op->state, out);
	if ((rv = close_input(op)) != CKR_OK)
		return rv;
	return run(op->call, buf_view(&op->gathered), out);
}

static CK_RV
verify_mac(struct mech_op *op, struct view signature)
{
	struct buf mac = BUF_EMPTY;
	CK_RV rv;

	if ((rv = op->stream->finish(op->state, &mac)) != CKR_OK)
		goto out;
	if (signature.len != mac.len)
		rv = CKR_SIGNATURE_LEN_RANGE;
	else if (!view_equal(buf_view(&mac), signature))
		rv = CKR_SIGNATURE_INVALID;
out:
	buf_free(&mac);
	return rv;
}

CK_RV
mech_verify(struct mech_op *op, struct view signature)
{
	CK_RV rv;

	if (op->over)
		return CKR_OPERATION_NOT_INITIALIZED;
	op->over = true;
	if (op->stream != NULL)
		return verify_mac(op, signature);
	if ((rv = close_input(op)) != CKR_OK)
		return rv;
	return family(op)->verify(op->call, buf_view(&op->gathered),
	    signature);
}

size_t
mech_output(const struct mech_op *op, size_t in, bool final, bool *exact)
{
	*exact = true;
	if (op->stream != NULL)
		return op->stream->output(op->call, op->state, in, final,
		    exact);
	if (!final || op->use == MECH_VERIFY)
		return 0;
	return family(op)->output(op->call, op->use, exact);
}

CK_RV
mech_copy(const struct mech_op *op, struct mech_op **out)
{
	struct mech_op *copy;
	CK_RV rv;

	/* with a key in it, a saved state would carry the key out */
	if (op->call->key != NULL || op->stream == NULL ||
	    op->stream->copy == NULL || op->over)
		return CKR_STATE_UNSAVEABLE;
	if ((copy = mem_alloc(1, sizeof(*copy))) == NULL)
		return CKR_HOST_MEMORY;
	copy->use = op->use;
	copy->call = &copy->own;
	copy->own.m = op->call->m;
	copy->own.params.hash = op->call->params.hash;
	copy->stream = op->stream;
	if ((rv = op->stream->copy(op->state, &copy->state)) != CKR_OK)
		goto out;

	*out = copy;
	copy = NULL;
out:
	mech_end(&copy);
	return rv;
}

CK_MECHANISM_TYPE
mech_op_type(const struct mech_op *op)
{
	return op->call->m->type;
}
