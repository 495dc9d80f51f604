/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"

#include "crypto/keywrap.h"
#include "util/mem.h"

/*
 * AES key wrapping: PKCS#11 3.1, 6.16.
 *
 * CKM_AES_KEY_WRAP_PAD is KWP. 3.1 deprecates it because some had read 2.40
 * as RFC 5649 and others as PKCS #7 padding before RFC 3394, and names the two
 * anew; programs that still ask for it (OpenSC, SoftHSM's own tools) were
 * tested against SoftHSM, where it is RFC 5649.
 */
static const struct kind {
	CK_MECHANISM_TYPE type;
	enum keywrap kind;
} kinds[] = {
	{ CKM_AES_KEY_WRAP, KEYWRAP_KW },
	{ CKM_AES_KEY_WRAP_PAD, KEYWRAP_KWP },
	{ CKM_AES_KEY_WRAP_KWP, KEYWRAP_KWP },
	{ CKM_AES_KEY_WRAP_PKCS7, KEYWRAP_PKCS7 },
};

#define HALF (AES_BLOCK / 2)

struct state {
	struct aes aes;
	enum keywrap kind;
	bool decrypt;
	struct view iv;
	struct buf text;
};

static enum keywrap
kind_of(const struct mech *m)
{
	size_t i;

	for (i = 0; kinds[i].type != m->type; i++)
		continue;
	return kinds[i].kind;
}

/* An IV for the standard's own, or none. */
static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	size_t len = kind_of(m) == KEYWRAP_KWP ? HALF / 2 : HALF;

	if (from->ulParameterLen == 0)
		return CKR_OK;
	if (from->ulParameterLen != len)
		return CKR_MECHANISM_PARAM_INVALID;
	return params_bytes(from->pParameter, len, &p->iv);
}

static void
free_state(void *state)
{
	struct state *s = state;

	buf_free(&s->text);
	mem_free(s);
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct state *s = mem_alloc(1, sizeof(*s));

	if (s == NULL)
		return CKR_HOST_MEMORY;
	aes_init(&s->aes, c->key);
	s->kind = kind_of(c->m);
	s->decrypt = use == MECH_DECRYPT;
	s->iv = buf_view(&c->params.iv);
	*state = s;
	return CKR_OK;
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct state *s = state;

	(void)out;
	return buf_append(&s->text, in);
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct state *s = state;
	struct view text = buf_view(&s->text);

	return s->decrypt ?
	    keyunwrap(s->kind, &s->aes.key, s->iv, text, out) :
	    keywrap(s->kind, &s->aes.key, s->iv, text, out);
}

static size_t
whole_halves(size_t len)
{
	return (len + HALF - 1) / HALF * HALF;
}

static size_t
encrypted_len(enum keywrap kind, size_t len)
{
	return whole_halves(kind == KEYWRAP_PKCS7 ? len + 1 : len) + HALF;
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	const struct state *s = state;
	size_t len = s->text.len + in;

	(void)c;
	*exact = !final || !s->decrypt || s->kind == KEYWRAP_KW;
	if (!final)
		return 0;
	if (!s->decrypt)
		return encrypted_len(s->kind, len);
	return len < HALF ? 0 : len - HALF;
}

/* KW takes a key of any length: zeros make it whole (6.16.2), and the
 * template of C_UnwrapKey takes them off. */
static CK_RV
wrap(const struct mech_call *c, struct view plain, struct buf *out)
{
	struct buf padded = BUF_EMPTY;
	size_t len = kind_of(c->m) == KEYWRAP_KW ? whole_halves(plain.len) :
	    plain.len;
	CK_RV rv;

	if ((rv = buf_set(&padded, plain)) == CKR_OK &&
	    (rv = buf_resize(&padded, len)) == CKR_OK)
		rv = wrap_whole(c, MECH_ENCRYPT, buf_view(&padded), out);
	buf_free(&padded);
	return rv;
}

static size_t
wrapped_len(const struct mech_call *c, size_t plain)
{
	return encrypted_len(kind_of(c->m), plain);
}

static const struct mech_stream stream = {
	.uses = MECH_USE_BIT(MECH_ENCRYPT) | MECH_USE_BIT(MECH_DECRYPT),
	.start = start,
	.update = update,
	.finish = finish,
	.free = free_state,
	.output = output,
};

const struct mech_family aes_keywrap_family = {
	.clause = "6.16",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params,
	.check = aes_check,
	.stream = &stream,
	.wraps = true,
	.wrap = wrap,
	.wrapped_len = wrapped_len,
};
