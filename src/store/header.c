/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/aes.h"
#include "crypto/digest.h"
#include "store/internal.h"

/*
 * The header's plain bytes: layout, timed, count, the sums, the record. The
 * token's columns stay readable, for lists of slots; their digest here is
 * what binds them, so no second copy of them has to be sealed.
 */
enum {
	LAYOUT = 1,
	HEADER_LEN = 2 + 8 + (1 + (INDEXES - 1) * SUMS) * 16 + RECORD_LEN
};

static size_t
sums_of(int index)
{
	return index == INDEX_MARK ? 1 : SUMS;
}

static uint64_t
number_at(const struct buf *b, size_t *at)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | b->data[(*at)++];
	return v;
}

/* A header of one token is none of another's. */
static CK_RV
bound(int64_t token, struct buf *aad)
{
	CK_RV rv;

	if ((rv = buf_set(aad,
	    view_str("tpm2-cryptoki header 1"))) != CKR_OK)
		return rv;
	return row_number(aad, (uint64_t)token);
}

static CK_RV
append_sums(struct buf *b, const struct row_sum *sum, size_t count)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < count && rv == CKR_OK; i++)
		if ((rv = row_number(b, sum[i].high)) == CKR_OK)
			rv = row_number(b, sum[i].low);
	return rv;
}

static CK_RV
encode(const struct header *h, struct buf *plain)
{
	const uint8_t head[2] = { LAYOUT, h->timed ? 1 : 0 };
	CK_RV rv;
	int i;

	if ((rv = buf_set(plain, view_of(head, sizeof(head)))) != CKR_OK ||
	    (rv = row_number(plain, h->count)) != CKR_OK)
		return rv;
	for (i = 0; i < INDEXES; i++)
		if ((rv = append_sums(plain, h->sum[i],
		    sums_of(i))) != CKR_OK)
			return rv;
	return buf_append(plain, view_of(h->record, sizeof(h->record)));
}

CK_RV
header_seal(struct view key, int64_t token, const struct header *h,
    struct buf *body)
{
	struct buf plain = BUF_EMPTY, aad = BUF_EMPTY;
	CK_RV rv;

	if ((rv = encode(h, &plain)) == CKR_OK &&
	    (rv = bound(token, &aad)) == CKR_OK)
		rv = aes_gcm_seal(key, buf_view(&aad), buf_view(&plain),
		    body);
	buf_free(&plain);
	buf_free(&aad);
	return rv;
}

CK_RV
header_open(struct view key, int64_t token, struct view body,
    struct header *h)
{
	struct buf plain = BUF_EMPTY, aad = BUF_EMPTY;
	size_t at = 2, k;
	CK_RV rv;
	int i;

	if ((rv = bound(token, &aad)) != CKR_OK ||
	    (rv = aes_gcm_open(key, buf_view(&aad), body, &plain)) != CKR_OK)
		goto out;
	if (plain.len != HEADER_LEN || plain.data[0] != LAYOUT) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	*h = (struct header){ .timed = plain.data[1] == 1 };
	h->count = number_at(&plain, &at);
	for (i = 0; i < INDEXES; i++)
		for (k = 0; k < sums_of(i); k++) {
			h->sum[i][k].high = number_at(&plain, &at);
			h->sum[i][k].low = number_at(&plain, &at);
		}
	memcpy(h->record, plain.data + at, sizeof(h->record));
out:
	buf_free(&plain);
	buf_free(&aad);
	return rv;
}

static CK_RV
append(struct buf *b, struct view v)
{
	CK_RV rv;

	if ((rv = row_number(b, v.len)) != CKR_OK)
		return rv;
	return buf_append(b, v);
}

/* Of a PIN that is not set no seal is kept, so none is bound. */
static CK_RV
append_blob(struct buf *b, bool set, const struct tpm_blob *blob)
{
	CK_RV rv;

	if ((rv = append(b, set ? buf_view(&blob->public_area) :
	    VIEW_EMPTY)) != CKR_OK)
		return rv;
	return append(b, set ? buf_view(&blob->private_area) : VIEW_EMPTY);
}

static CK_RV
append_pin(struct buf *b, const struct store_pin *p)
{
	struct buf index = BUF_EMPTY;
	CK_RV rv;

	if ((rv = row_number(b, p->set ? 1 : 0)) != CKR_OK ||
	    (rv = append(b, buf_view(&p->salt))) != CKR_OK ||
	    (rv = append_blob(b, p->set, &p->seal)) != CKR_OK ||
	    (rv = append_blob(b, true, &p->pending)) != CKR_OK ||
	    (rv = pin_row_encode(&p->index, &index)) != CKR_OK ||
	    (rv = append(b, buf_view(&index))) != CKR_OK)
		goto out;
	rv = append(b, buf_view(&p->auth_wrapped));
out:
	buf_free(&index);
	return rv;
}

static CK_RV
append_pcrs(struct buf *b, const struct tpm_pcrs *pcrs)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pcrs_row_encode(pcrs, &text)) == CKR_OK)
		rv = append(b, buf_view(&text));
	buf_free(&text);
	return rv;
}

/* All that a reader gets of row, PINs and seals, each with its length. */
static CK_RV
write_out(const struct store_token *t, struct buf *b)
{
	CK_RV rv;
	int i;

	if ((rv = row_number(b, (uint64_t)t->id)) != CKR_OK ||
	    (rv = row_number(b, t->version)) != CKR_OK ||
	    (rv = row_number(b, t->parent.handle)) != CKR_OK ||
	    (rv = append(b, view_of(t->serial, sizeof(t->serial)))) !=
	    CKR_OK ||
	    (rv = append(b, view_of(t->label, sizeof(t->label)))) != CKR_OK ||
	    (rv = append(b, view_of(t->generation,
	    sizeof(t->generation)))) != CKR_OK ||
	    (rv = append(b, buf_view(&t->parent.public_area))) != CKR_OK ||
	    (rv = append(b, buf_view(&t->parent.name))) != CKR_OK)
		return rv;
	for (i = 0; i < STORE_ROLES; i++)
		if ((rv = append_pin(b, &t->pins[i])) != CKR_OK)
			return rv;
	if ((rv = append_pcrs(b, &t->pcrs)) != CKR_OK ||
	    (rv = append_blob(b, true, &t->device)) != CKR_OK ||
	    (rv = append(b, buf_view(&t->device_wrapped))) != CKR_OK)
		return rv;
	return append(b, buf_view(&t->counter));
}

CK_RV
header_record(const struct store_token *t, uint8_t out[RECORD_LEN])
{
	struct buf text = BUF_EMPTY, digest = BUF_EMPTY;
	struct view part;
	CK_RV rv;

	if ((rv = write_out(t, &text)) != CKR_OK)
		goto out;
	part = buf_view(&text);
	if ((rv = digest_once(hash_by_mech(CKM_SHA256), &part, 1,
	    &digest)) == CKR_OK)
		memcpy(out, digest.data, RECORD_LEN);
out:
	buf_free(&text);
	buf_free(&digest);
	return rv;
}
