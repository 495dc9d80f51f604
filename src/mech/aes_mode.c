/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes_mode.h"

#include <string.h>

#include "crypto/ctr.h"
#include "crypto/cts.h"
#include "util/secret.h"

/* Blocks of CFB8 that are decrypted at once, each for a byte. */
#define RANGE (CTR_RANGE / AES_BLOCK)

struct aes_mode {
	const struct mode *mode;
	bool decrypt;
	const struct aes_key *key;
	uint8_t iv[AES_BLOCK];	/* what the next block is chained to */
	/* ECB, CBC: bytes that wait for the rest of their block; CFB, OFB: key
	 * stream, of which len bytes are used. */
	uint8_t part[AES_BLOCK];
	size_t len;
	uint64_t room;		/* CTR: bytes that may follow */
	struct ctr ctr;
	struct cts cts;
};

/* A mode, in place: whole blocks, or any bytes of a stream. */
struct mode {
	bool in_blocks;
	CK_RV (*run)(struct aes_mode *m, uint8_t *data, size_t len);
};

static void
xor(uint8_t *data, const uint8_t *with, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] ^= with[i];
}

static CK_RV
run_ecb(struct aes_mode *m, uint8_t *data, size_t len)
{
	return m->decrypt ?
	    aes_key_decrypt(m->key, data, data, len / AES_BLOCK) :
	    aes_key_encrypt(m->key, data, data, len / AES_BLOCK);
}

/* All blocks are decrypted side by side, then chained. */
static CK_RV
decrypt_cbc(const struct aes_key *key, uint8_t iv[AES_BLOCK], uint8_t *data,
    size_t len)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&text, view_of(data, len))) != CKR_OK ||
	    (rv = aes_key_decrypt(key, data, data, len / AES_BLOCK)) !=
	    CKR_OK)
		goto out;
	xor(data, iv, AES_BLOCK);
	xor(data + AES_BLOCK, text.data, len - AES_BLOCK);
	memcpy(iv, text.data + len - AES_BLOCK, AES_BLOCK);
out:
	buf_free(&text);
	return rv;
}

static CK_RV
cbc(struct aes_mode *m, uint8_t iv[AES_BLOCK], uint8_t *data, size_t len)
{
	return m->decrypt ? decrypt_cbc(m->key, iv, data, len) :
	    m->key->cbc(m->key->arg, iv, data, data, len / AES_BLOCK);
}

static CK_RV
run_cbc(struct aes_mode *m, uint8_t *data, size_t len)
{
	return cbc(m, m->iv, data, len);
}

static CK_RV
run_ctr(struct aes_mode *m, uint8_t *data, size_t len)
{
	if (len > m->room)
		return CKR_DATA_LEN_RANGE;
	m->room -= len;
	return ctr_xor(&m->ctr, data, len);
}

/*
 * The key stream of OFB is the CBC encryption of zeros. That of CFB is it of
 * the text one block late, for E(c1), c1 = p1 + E(iv), is what CBC makes of
 * p1 after E(iv); to decrypt, all blocks before are there.
 */
static CK_RV
make_stream(struct aes_mode *m, bool ofb, const uint8_t *data, size_t blocks,
    uint8_t *stream)
{
	uint8_t iv[AES_BLOCK];

	if (ofb)
		return m->key->cbc(m->key->arg, m->iv, stream, stream,
		    blocks);
	memcpy(stream + AES_BLOCK, data, (blocks - 1) * AES_BLOCK);
	if (m->decrypt) {
		memcpy(stream, m->iv, AES_BLOCK);
		return aes_key_encrypt(m->key, stream, stream, blocks);
	}
	memcpy(iv, m->iv, AES_BLOCK);
	return m->key->cbc(m->key->arg, iv, stream, stream, blocks);
}

/* XOR by the stream's bytes from at on; what chains is the ciphertext. */
static void
use_stream(struct aes_mode *m, bool ofb, uint8_t *data, const uint8_t *stream,
    size_t len, size_t at)
{
	size_t i;

	for (i = 0; i < len; i++) {
		uint8_t before = data[i];

		data[i] ^= stream[i];
		if (!ofb)
			m->iv[(at + i) % AES_BLOCK] = m->decrypt ? before :
			    data[i];
	}
}

static CK_RV
run_stream(struct aes_mode *m, bool ofb, uint8_t *data, size_t len)
{
	size_t left = AES_BLOCK - m->len, blocks;
	struct buf stream = BUF_EMPTY;
	CK_RV rv = CKR_OK;

	left = len < left ? len : left;
	use_stream(m, ofb, data, m->part + m->len, left, m->len);
	m->len += left;
	data += left;
	len -= left;
	if (len == 0)
		goto out;
	blocks = (len + AES_BLOCK - 1) / AES_BLOCK;
	if ((rv = buf_resize(&stream, blocks * AES_BLOCK)) != CKR_OK ||
	    (rv = make_stream(m, ofb, data, blocks, stream.data)) != CKR_OK)
		goto out;
	use_stream(m, ofb, data, stream.data, len, 0);
	memcpy(m->part, stream.data + stream.len - AES_BLOCK, AES_BLOCK);
	m->len = len - (blocks - 1) * AES_BLOCK;
out:
	buf_free(&stream);
	return rv;
}

static CK_RV
run_cfb(struct aes_mode *m, uint8_t *data, size_t len)
{
	return run_stream(m, false, data, len);
}

static CK_RV
run_ofb(struct aes_mode *m, uint8_t *data, size_t len)
{
	return run_stream(m, true, data, len);
}

static void
shift_in(uint8_t iv[AES_BLOCK], uint8_t byte)
{
	memmove(iv, iv + 1, AES_BLOCK - 1);
	iv[AES_BLOCK - 1] = byte;
}

/* At most RANGE bytes, whose blocks are all there already. */
static CK_RV
decrypt_cfb8(struct aes_mode *m, uint8_t *data, size_t len)
{
	uint8_t blocks[RANGE * AES_BLOCK] = { 0 };
	CK_RV rv;
	size_t i;

	for (i = 0; i < len; i++) {
		memcpy(blocks + i * AES_BLOCK, m->iv, AES_BLOCK);
		shift_in(m->iv, data[i]);
	}
	if ((rv = aes_key_encrypt(m->key, blocks, blocks, len)) == CKR_OK)
		for (i = 0; i < len; i++)
			data[i] ^= blocks[i * AES_BLOCK];
	wipe(blocks, sizeof(blocks));
	return rv;
}

static CK_RV
encrypt_cfb8(struct aes_mode *m, uint8_t *data)
{
	uint8_t block[AES_BLOCK];
	CK_RV rv;

	if ((rv = aes_key_encrypt(m->key, m->iv, block, 1)) == CKR_OK) {
		*data ^= block[0];
		shift_in(m->iv, *data);
	}
	wipe(block, sizeof(block));
	return rv;
}

static CK_RV
run_cfb8(struct aes_mode *m, uint8_t *data, size_t len)
{
	CK_RV rv = CKR_OK;
	size_t n;

	for (; len > 0 && rv == CKR_OK; len -= n) {
		n = !m->decrypt ? 1 : len < RANGE ? len : RANGE;
		rv = m->decrypt ? decrypt_cfb8(m, data, n) :
		    encrypt_cfb8(m, data);
		data += n;
	}
	return rv;
}

static CK_RV
cts_cbc(void *arg, uint8_t iv[CTS_BLOCK], uint8_t *data, size_t len)
{
	return cbc(arg, iv, data, len);
}

static const struct mode modes[] = {
	[CIPHER_ECB] = { true, run_ecb },
	[CIPHER_CBC] = { true, run_cbc },
	[CIPHER_CTR] = { false, run_ctr },
	[CIPHER_CFB128] = { false, run_cfb },
	[CIPHER_CFB8] = { false, run_cfb8 },
	[CIPHER_OFB] = { false, run_ofb },
	[CIPHER_CTS] = { false, NULL },
};

static bool
is_cts(const struct aes_mode *m)
{
	return m->mode == &modes[CIPHER_CTS];
}

static CK_RV
allowed(const struct cipher_spec *s)
{
	if (s->iv.len != (s->mode == CIPHER_ECB ? 0 : AES_BLOCK) ||
	    (s->mode == CIPHER_CTR &&
	    (s->counter_bits < 1 || s->counter_bits > 128)))
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

/* A counter whose last bits do not come round counts as well in all of its
 * bytes. */
static void
start_ctr(struct aes_mode *m, unsigned bits)
{
	uint64_t blocks = ctr_room(m->iv, bits);

	m->room = blocks > UINT64_MAX / AES_BLOCK ? UINT64_MAX :
	    blocks * AES_BLOCK;
	ctr_start(&m->ctr, m->key, m->iv, AES_BLOCK);
}

CK_RV
aes_mode_new(const struct cipher_spec *s, const struct aes_key *key,
    struct aes_mode **out)
{
	struct aes_mode *m;
	CK_RV rv;

	if ((rv = allowed(s)) != CKR_OK)
		return rv;
	if ((m = secret_alloc(sizeof(*m))) == NULL)
		return CKR_HOST_MEMORY;
	m->mode = &modes[s->mode];
	m->decrypt = s->decrypt;
	m->key = key;
	if (s->iv.len > 0)
		memcpy(m->iv, s->iv.data, AES_BLOCK);
	if (!m->mode->in_blocks)
		m->len = AES_BLOCK;
	if (s->mode == CIPHER_CTR)
		start_ctr(m, s->counter_bits);
	m->cts = (struct cts){ .cbc = cts_cbc, .arg = m,
	    .decrypt = s->decrypt };
	memcpy(m->cts.iv, m->iv, AES_BLOCK);
	*out = m;
	return CKR_OK;
}

void
aes_mode_free(struct aes_mode **m)
{
	if (*m != NULL)
		secret_free(*m, sizeof(**m));
	*m = NULL;
}

size_t
aes_mode_ready(const struct aes_mode *m, size_t in)
{
	if (is_cts(m))
		return cts_ready(&m->cts, in);
	return m->mode->in_blocks ? (m->len + in) / AES_BLOCK * AES_BLOCK :
	    in;
}

static CK_RV
update_blocks(struct aes_mode *m, struct view in, struct buf *out)
{
	size_t ready = aes_mode_ready(m, in.len);
	size_t left = m->len + in.len - ready;
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&text, view_of(m->part, m->len))) != CKR_OK ||
	    (rv = buf_append(&text, in)) != CKR_OK)
		goto out;
	if (left > 0)
		memcpy(m->part, text.data + ready, left);
	m->len = left;
	if ((rv = buf_resize(&text, ready)) != CKR_OK ||
	    (ready > 0 && (rv = m->mode->run(m, text.data, ready)) != CKR_OK))
		goto out;
	buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

static CK_RV
update_stream(struct aes_mode *m, struct view in, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&text, in)) == CKR_OK &&
	    (rv = m->mode->run(m, text.data, text.len)) == CKR_OK)
		buf_move(out, &text);
	buf_free(&text);
	return rv;
}

CK_RV
aes_mode_update(struct aes_mode *m, struct view in, struct buf *out)
{
	if (is_cts(m))
		return cts_update(&m->cts, in, out);
	return m->mode->in_blocks ? update_blocks(m, in, out) :
	    update_stream(m, in, out);
}

CK_RV
aes_mode_final(struct aes_mode *m, struct buf *out)
{
	if (is_cts(m))
		return cts_final(&m->cts, out);
	if (m->mode->in_blocks && m->len != 0)
		return m->decrypt ? CKR_ENCRYPTED_DATA_LEN_RANGE :
		    CKR_DATA_LEN_RANGE;
	buf_clear(out);
	return CKR_OK;
}
