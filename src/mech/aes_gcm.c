/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aead.h"

/*
 * CKM_AES_GCM: PKCS#11 3.x, 6.13.2. Encryption goes on as the text comes; a
 * ciphertext is kept until its tag is known to be right.
 */

/* CK_GCM_PARAMS as the text of 2.40 has it, without ulIvBits: Java and NSS
 * give it in this form. */
struct params_240 {
	CK_BYTE *iv;
	CK_ULONG iv_len;
	CK_BYTE *aad;
	CK_ULONG aad_len;
	CK_ULONG tag_bits;
};

static CK_RV
tag_bytes(CK_ULONG bits, size_t *len)
{
	if (bits % 8 != 0 || bits < 32 || bits > 128)
		return CKR_MECHANISM_PARAM_INVALID;
	*len = bits / 8;
	return CKR_OK;
}

/* ulIvBits says nothing that ulIvLen does not, and many leave it 0. */
static CK_RV
read_params(const CK_MECHANISM *from, struct params_240 *to)
{
	CK_GCM_PARAMS now;
	CK_RV rv;

	if (from->ulParameterLen == sizeof(*to))
		return params_fixed(from, to, sizeof(*to));
	if ((rv = params_fixed(from, &now, sizeof(now))) == CKR_OK)
		*to = (struct params_240){ now.pIv, now.ulIvLen, now.pAAD,
			now.ulAADLen, now.ulTagBits };
	return rv;
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	struct params_240 gcm;
	CK_RV rv;

	(void)m;
	if ((rv = read_params(from, &gcm)) != CKR_OK ||
	    (rv = tag_bytes(gcm.tag_bits, &p->len)) != CKR_OK ||
	    (rv = params_bytes(gcm.iv, gcm.iv_len, &p->iv)) != CKR_OK ||
	    (rv = params_bytes(gcm.aad, gcm.aad_len, &p->aad)) != CKR_OK)
		return rv;
	return p->iv.len > 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct aead *a;
	CK_RV rv;

	if ((rv = aead_new(c, use, &a)) == CKR_OK)
		*state = a;
	return rv;
}

static CK_RV
begin_text(struct aead *a)
{
	CK_RV rv;

	if (a->gcm != NULL)
		return CKR_OK;
	aead_use_nonce(a);
	if ((rv = gcm_new(&a->aes.key, buf_view(&a->nonce), &a->gcm)) !=
	    CKR_OK)
		return rv;
	return gcm_aad(a->gcm, buf_view(&a->aad));
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct aead *a = state;
	CK_RV rv;

	if (a->decrypt)
		return buf_append(&a->text, in);
	if ((rv = begin_text(a)) != CKR_OK)
		return rv;
	return gcm_encrypt(a->gcm, in, out);
}

static CK_RV
finish_encryption(struct aead *a, struct buf *out)
{
	struct buf tag = BUF_EMPTY;
	CK_RV rv;

	if ((rv = begin_text(a)) == CKR_OK &&
	    (rv = gcm_tag(a->gcm, a->tag_len, &tag)) == CKR_OK)
		rv = aead_give(a, &tag, out);
	buf_free(&tag);
	return rv;
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct aead *a = state;
	CK_RV rv;

	if (!a->decrypt)
		return finish_encryption(a, out);
	if ((rv = aead_take_tag(a)) == CKR_OK)
		rv = gcm_open(&a->aes.key, buf_view(&a->nonce),
		    buf_view(&a->aad), buf_view(&a->text), a->tag_len, out);
	return aead_rv(a, rv);
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	const struct aead *a = state;
	size_t tag = a->message ? 0 : a->tag_len;
	size_t all = a->text.len + in;

	(void)c;
	*exact = true;
	if (!a->decrypt)
		return final ? in + tag : in;
	return final && all > tag ? all - tag : 0;
}

/* The mechanism of C_MessageEncryptInit says no more than which it is;
 * programs give it no parameter or that of a message. */
static CK_RV
message_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	(void)m;
	if (from->ulParameterLen != 0 &&
	    from->ulParameterLen != sizeof(CK_GCM_MESSAGE_PARAMS))
		return CKR_MECHANISM_PARAM_INVALID;
	return aead_messages(p);
}

static CK_RV
read_message(struct mech_param param, struct aead_message *m)
{
	CK_GCM_MESSAGE_PARAMS gcm;
	CK_MECHANISM from = { 0, param.data, param.len };
	CK_RV rv;

	if ((rv = params_fixed(&from, &gcm, sizeof(gcm))) != CKR_OK)
		return rv;
	*m = (struct aead_message){
		.nonce = { gcm.ivGenerator, gcm.pIv, gcm.ulIvLen,
		    gcm.ulIvFixedBits },
		.tag = gcm.pTag,
	};
	return tag_bytes(gcm.ulTagBits, &m->tag_len);
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

	if ((rv = read_message(param, &m)) == CKR_OK) {
		a->tag = m.tag;
		a->tag_len = m.tag_len;
	}
	return rv;
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

const struct mech_family aes_gcm_family = {
	.clause = "6.13",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.params = params,
	.check = aes_check,
	.stream = &stream,
	.message = &message,
	.wraps = true,
};
