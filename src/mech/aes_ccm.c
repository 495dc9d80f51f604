/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aead.h"

#include "crypto/ccm.h"
#include "util/mem.h"

/*
 * CKM_AES_CCM: PKCS#11 3.x, 6.13.3. The text's length goes into the first
 * block, so it is said beforehand; and the text is worked on when it is whole.
 */
static struct ccm
scheme(const struct aead *a)
{
	return (struct ccm){ &a->aes.key, buf_view(&a->nonce),
	    buf_view(&a->aad), a->tag_len };
}

/* What the parameter says of lengths, before anything of that length is. */
static CK_RV
check_lengths(size_t nonce_len, size_t tag_len, size_t text_len)
{
	const struct aes_key none = { .value = VIEW_EMPTY };
	const struct ccm p = { &none, { NULL, nonce_len }, VIEW_EMPTY,
		tag_len };

	return ccm_check(&p, text_len) == CKR_OK ? CKR_OK :
	    CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_CCM_PARAMS ccm;
	size_t *text_len;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &ccm, sizeof(ccm))) != CKR_OK ||
	    (rv = check_lengths(ccm.ulNonceLen, ccm.ulMACLen,
	    ccm.ulDataLen)) != CKR_OK ||
	    (rv = params_bytes(ccm.pNonce, ccm.ulNonceLen, &p->iv)) !=
	    CKR_OK ||
	    (rv = params_bytes(ccm.pAAD, ccm.ulAADLen, &p->aad)) != CKR_OK)
		return rv;
	if ((text_len = mem_alloc(1, sizeof(*text_len))) == NULL)
		return CKR_HOST_MEMORY;
	*text_len = ccm.ulDataLen;
	p->own = text_len;
	p->own_free = mem_free;
	p->len = ccm.ulMACLen;
	return CKR_OK;
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	const size_t *text_len = c->params.own;
	struct aead *a;
	CK_RV rv;

	if ((rv = aead_new(c, use, &a)) == CKR_OK) {
		a->text_len = *text_len;
		*state = a;
	}
	return rv;
}

/* Bytes that come in: with the tag at the end of a ciphertext. */
static size_t
whole(const struct aead *a)
{
	return a->decrypt && !a->message ? a->text_len + a->tag_len :
	    a->text_len;
}

static CK_RV
wrong_len(const struct aead *a)
{
	return a->decrypt ? CKR_ENCRYPTED_DATA_LEN_RANGE :
	    CKR_DATA_LEN_RANGE;
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct aead *a = state;

	(void)out;
	if (in.len > whole(a) - a->text.len)
		return wrong_len(a);
	return buf_append(&a->text, in);
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct aead *a = state;
	const struct ccm p = scheme(a);
	struct buf sealed = BUF_EMPTY;
	CK_RV rv;

	if (a->text.len != whole(a))
		return wrong_len(a);
	if (a->decrypt) {
		if ((rv = aead_take_tag(a)) == CKR_OK)
			rv = ccm_open(&p, buf_view(&a->text), out);
		goto out;
	}
	aead_use_nonce(a);
	if ((rv = ccm_seal(&p, buf_view(&a->text), &sealed)) == CKR_OK)
		rv = aead_give(a, &sealed, out);
out:
	buf_free(&sealed);
	return aead_rv(a, rv);
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	const struct aead *a = state;

	(void)c;
	(void)in;
	*exact = true;
	if (!final)
		return 0;
	return a->decrypt || a->message ? a->text_len :
	    a->text_len + a->tag_len;
}

static CK_RV
message_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	(void)m;
	if (from->ulParameterLen != 0 &&
	    from->ulParameterLen != sizeof(CK_CCM_MESSAGE_PARAMS))
		return CKR_MECHANISM_PARAM_INVALID;
	return aead_messages(p);
}

static CK_RV
read_message(struct mech_param param, struct aead_message *m)
{
	CK_CCM_MESSAGE_PARAMS ccm;
	CK_MECHANISM from = { 0, param.data, param.len };
	CK_RV rv;

	if ((rv = params_fixed(&from, &ccm, sizeof(ccm))) != CKR_OK)
		return rv;
	*m = (struct aead_message){
		.nonce = { ccm.nonceGenerator, ccm.pNonce, ccm.ulNonceLen,
		    ccm.ulNonceFixedBits },
		.tag = ccm.pMAC,
		.tag_len = ccm.ulMACLen,
		.text_len = ccm.ulDataLen,
	};
	return check_lengths(ccm.ulNonceLen, ccm.ulMACLen, ccm.ulDataLen);
}

static CK_RV
begin(const struct mech_call *c, enum mech_use use, struct mech_param param,
    struct view aad, void **state)
{
	struct aead_message m;
	struct aead *a;
	CK_RV rv;

	if ((rv = read_message(param, &m)) == CKR_OK &&
	    (rv = aead_begin(c, use, &m, aad, &a)) == CKR_OK)
		*state = a;
	return rv;
}

static CK_RV
set_param(void *state, struct mech_param param)
{
	struct aead *a = state;
	struct aead_message m;
	CK_RV rv;

	if ((rv = read_message(param, &m)) != CKR_OK)
		return rv;
	if (m.text_len != a->text_len)
		return CKR_MECHANISM_PARAM_INVALID;
	a->tag = m.tag;
	a->tag_len = m.tag_len;
	return CKR_OK;
}

#define USES (MECH_USE_BIT(MECH_ENCRYPT) | MECH_USE_BIT(MECH_DECRYPT))

static const struct mech_stream stream = {
	.uses = USES,
	.start = start,
	.update = update,
	.finish = finish,
	.free = aead_free,
	.output = output,
};

static const struct mech_message message = {
	.stream = {
		.uses = USES,
		.update = update,
		.finish = finish,
		.free = aead_free,
		.output = output,
	},
	.params = message_params,
	.begin = begin,
	.param = set_param,
};

const struct mech_family aes_ccm_family = {
	.clause = "6.13",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params,
	.check = aes_check,
	.stream = &stream,
	.message = &message,
	.wraps = true,
};
