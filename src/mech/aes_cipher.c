/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"

#include "crypto/cipher.h"
#include "crypto/pkcs7.h"
#include "mech/aes_mode.h"
#include "util/mem.h"

/* The modes of SP 800-38A: PKCS#11 3.x, 6.10 to 6.12. */
static const struct kind {
	CK_MECHANISM_TYPE type;
	enum cipher_mode mode;
	bool pads;		/* by PKCS #7 */
	bool in_blocks;		/* whole ones only, but for what is padded */
} kinds[] = {
	{ CKM_AES_ECB, CIPHER_ECB, false, true },
	{ CKM_AES_CBC, CIPHER_CBC, false, true },
	{ CKM_AES_CBC_PAD, CIPHER_CBC, true, true },
	{ CKM_AES_CTR, CIPHER_CTR, false, false },
	{ CKM_AES_CFB128, CIPHER_CFB128, false, false },
	{ CKM_AES_CFB8, CIPHER_CFB8, false, false },
	{ CKM_AES_OFB, CIPHER_OFB, false, false },
	{ CKM_AES_CTS, CIPHER_CTS, false, false },
};

struct state {
	const struct kind *kind;
	bool decrypt;
	struct aes aes;
	struct cipher *near;	/* for a known key, */
	struct aes_mode *far;	/* or for the TPM's */
	struct buf held;	/* of a padded text: may be the end */
	size_t inside;		/* bytes that came and have not gone yet */
};

static const struct kind *
kind_of(const struct mech *m)
{
	size_t i;

	for (i = 0; kinds[i].type != m->type; i++)
		continue;
	return &kinds[i];
}

static CK_RV
params_ctr(const CK_MECHANISM *from, struct mech_params *p)
{
	CK_AES_CTR_PARAMS ctr;
	CK_RV rv;

	if ((rv = params_fixed(from, &ctr, sizeof(ctr))) != CKR_OK)
		return rv;
	if (ctr.ulCounterBits < 1 || ctr.ulCounterBits > 8 * sizeof(ctr.cb))
		return CKR_MECHANISM_PARAM_INVALID;
	p->len = ctr.ulCounterBits;
	return buf_set(&p->iv, view_of(ctr.cb, sizeof(ctr.cb)));
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	uint8_t iv[AES_BLOCK];
	CK_RV rv;

	if (m->type == CKM_AES_ECB)
		return from->ulParameterLen == 0 ? CKR_OK :
		    CKR_MECHANISM_PARAM_INVALID;
	if (m->type == CKM_AES_CTR)
		return params_ctr(from, p);
	if ((rv = params_fixed(from, iv, sizeof(iv))) != CKR_OK)
		return rv;
	return buf_set(&p->iv, view_of(iv, sizeof(iv)));
}

static void
free_state(void *state)
{
	struct state *s = state;

	cipher_free(&s->near);
	aes_mode_free(&s->far);
	buf_free(&s->held);
	mem_free(s);
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct state *s = mem_alloc(1, sizeof(*s));
	struct cipher_spec spec;
	CK_RV rv;

	if (s == NULL)
		return CKR_HOST_MEMORY;
	s->kind = kind_of(c->m);
	s->decrypt = use == MECH_DECRYPT;
	aes_init(&s->aes, c->key);
	spec = (struct cipher_spec){ s->kind->mode, s->decrypt,
	    s->aes.key.value, buf_view(&c->params.iv),
	    (unsigned)c->params.len };
	rv = s->aes.tpm == NULL ? cipher_new(&spec, &s->near) :
	    aes_mode_new(&spec, &s->aes.key, &s->far);
	if (rv == CKR_OK)
		*state = s;
	else
		free_state(s);
	return rv;
}

static CK_RV
feed(struct state *s, struct view in, struct buf *out)
{
	return s->near != NULL ? cipher_update(s->near, in, out) :
	    aes_mode_update(s->far, in, out);
}

/* How much goes on of len bytes that are there: of a padded ciphertext not
 * the last block, which may be the padding. */
static size_t
ready_padded(const struct state *s, size_t len)
{
	if (s->decrypt && len > 0)
		len--;
	return len / AES_BLOCK * AES_BLOCK;
}

static size_t
ready(const struct state *s, size_t in)
{
	if (s->kind->pads)
		return ready_padded(s, s->inside + in);
	return s->near != NULL ? cipher_ready(s->near, in) :
	    aes_mode_ready(s->far, in);
}

static CK_RV
feed_padded(struct state *s, struct view in, struct buf *out)
{
	struct view all;
	size_t n;
	CK_RV rv;

	if ((rv = buf_append(&s->held, in)) != CKR_OK)
		return rv;
	all = buf_view(&s->held);
	n = ready_padded(s, all.len);
	if ((rv = feed(s, view_sub(all, 0, n), out)) != CKR_OK)
		return rv;
	return buf_set(&s->held, view_sub(all, n, all.len));
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct state *s = state;
	CK_RV rv;

	rv = s->kind->pads ? feed_padded(s, in, out) : feed(s, in, out);
	if (rv == CKR_OK)
		s->inside += in.len - out->len;
	return rv;
}

static CK_RV
finish_padded(struct state *s, struct buf *out)
{
	struct buf last = BUF_EMPTY;
	CK_RV rv;

	if (s->decrypt && s->held.len != AES_BLOCK)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	if ((!s->decrypt && (rv = pkcs7_pad(&s->held, AES_BLOCK)) !=
	    CKR_OK) ||
	    (rv = feed(s, buf_view(&s->held), &last)) != CKR_OK ||
	    (s->decrypt && (rv = pkcs7_unpad(&last, AES_BLOCK)) != CKR_OK))
		goto out;
	buf_move(out, &last);
out:
	buf_free(&last);
	return rv;
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct state *s = state;

	if (s->kind->pads)
		return finish_padded(s, out);
	return s->near != NULL ? cipher_final(s->near, out) :
	    aes_mode_final(s->far, out);
}

static size_t
padded_len(size_t plain)
{
	return (plain / AES_BLOCK + 1) * AES_BLOCK;
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	const struct state *s = state;

	(void)c;
	*exact = !final || !s->kind->pads || !s->decrypt;
	if (!final)
		return ready(s, in);
	return s->kind->pads && !s->decrypt ? padded_len(s->inside + in) :
	    s->inside + in;
}

/* Zeros up to a block (6.10.6), to be cut off by the template of C_UnwrapKey,
 * where the mode does not pad by itself. */
static size_t
whole_blocks(const struct kind *k, size_t len)
{
	return k->in_blocks && !k->pads ?
	    (len + AES_BLOCK - 1) / AES_BLOCK * AES_BLOCK : len;
}

static CK_RV
wrap(const struct mech_call *c, struct view plain, struct buf *out)
{
	struct buf padded = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&padded, plain)) == CKR_OK &&
	    (rv = buf_resize(&padded, whole_blocks(kind_of(c->m),
	    plain.len))) == CKR_OK)
		rv = wrap_whole(c, MECH_ENCRYPT, buf_view(&padded), out);
	buf_free(&padded);
	return rv;
}

static size_t
wrapped_len(const struct mech_call *c, size_t plain)
{
	const struct kind *k = kind_of(c->m);

	return k->pads ? padded_len(plain) : whole_blocks(k, plain);
}

static const struct mech_stream stream = {
	.uses = MECH_USE_BIT(MECH_ENCRYPT) | MECH_USE_BIT(MECH_DECRYPT),
	.start = start,
	.update = update,
	.finish = finish,
	.free = free_state,
	.output = output,
};

const struct mech_family aes_cipher_family = {
	.clause = "6.10 to 6.12",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params,
	.check = aes_check,
	.stream = &stream,
	.wraps = true,
	.wrap = wrap,
	.wrapped_len = wrapped_len,
};
