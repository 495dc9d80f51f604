/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/ops.h"

/*
 * Columns that hold more than one value. The index of a PIN: handle and
 * limit in four bytes each, then public area, Name, the SO's Name and
 * approval, each behind its length in two bytes. It is read and written as
 * one: none of it is of use without the rest, and nobody searches by it.
 * PCRs are their text, which a person can read in the file.
 *
 * One value has one encoding, so what the header binds is what was read.
 */
enum { HEAD = 8, PARTS = 4 };

static const size_t part_max[PARTS] = {
	ROW_PIN_AREA_MAX, ROW_NAME_MAX, ROW_NAME_MAX, ROW_APPROVAL_MAX
};

static void
parts_of(const struct tpm_pin *p, struct view out[PARTS])
{
	out[0] = buf_view(&p->public_area);
	out[1] = buf_view(&p->name);
	out[2] = buf_view(&p->so_name);
	out[3] = buf_view(&p->approval);
}

bool
pin_row_fits(const struct tpm_pin *p)
{
	struct view parts[PARTS];
	size_t i;

	parts_of(p, parts);
	for (i = 0; i < PARTS; i++)
		if (parts[i].len > part_max[i])
			return false;
	return true;
}

static CK_RV
append_number(struct buf *b, uint32_t v, size_t bytes)
{
	uint8_t n[4];
	size_t i;

	for (i = 0; i < bytes; i++)
		n[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
	return buf_append(b, view_of(n, bytes));
}

/* The number before the rest of in, which has as many bytes. */
static uint32_t
take_number(struct view *in, size_t bytes)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < bytes; i++)
		v = v << 8 | in->data[i];
	*in = view_sub(*in, bytes, SIZE_MAX);
	return v;
}

CK_RV
pin_row_encode(const struct tpm_pin *p, struct buf *out)
{
	struct buf made = BUF_EMPTY;
	struct view parts[PARTS];
	size_t i;
	CK_RV rv;

	parts_of(p, parts);
	if ((rv = append_number(&made, p->handle, 4)) != CKR_OK ||
	    (rv = append_number(&made, p->limit, 4)) != CKR_OK)
		goto out;
	for (i = 0; i < PARTS; i++)
		if ((rv = append_number(&made, (uint32_t)parts[i].len,
		    2)) != CKR_OK ||
		    (rv = buf_append(&made, parts[i])) != CKR_OK)
			goto out;
	buf_move(out, &made);
out:
	buf_free(&made);
	return rv;
}

static CK_RV
take_part(struct view *in, size_t max, struct buf *out)
{
	size_t len;
	CK_RV rv;

	if (in->len < 2)
		return CKR_DATA_INVALID;
	len = take_number(in, 2);
	if (len > max || len > in->len)
		return CKR_DATA_INVALID;
	rv = buf_set(out, view_sub(*in, 0, len));
	*in = view_sub(*in, len, SIZE_MAX);
	return rv;
}

CK_RV
pin_row_decode(struct view in, struct tpm_pin *out)
{
	struct tpm_pin p = TPM_PIN_EMPTY;
	struct buf *parts[PARTS] = { &p.public_area, &p.name, &p.so_name,
		&p.approval };
	size_t i;
	CK_RV rv = CKR_DATA_INVALID;

	if (in.len < HEAD)
		goto out;
	p.handle = take_number(&in, 4);
	p.limit = take_number(&in, 4);
	for (i = 0; i < PARTS; i++)
		if ((rv = take_part(&in, part_max[i], parts[i])) != CKR_OK)
			goto out;
	if (in.len != 0) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	tpm_pin_free(out);
	*out = p;
	p = TPM_PIN_EMPTY;
out:
	tpm_pin_free(&p);
	return rv;
}

CK_RV
pcrs_row_encode(const struct tpm_pcrs *pcrs, struct buf *out)
{
	return tpm_pcrs_format(pcrs, out);
}

CK_RV
pcrs_row_decode(struct view in, struct tpm_pcrs *out)
{
	struct tpm_pcrs pcrs = TPM_PCRS_NONE;
	struct buf again = BUF_EMPTY;
	CK_RV rv = CKR_OK;

	if (in.len > 0 && (rv = tpm_pcrs_parse(in, &pcrs)) != CKR_OK)
		goto out;
	if ((rv = tpm_pcrs_format(&pcrs, &again)) != CKR_OK)
		goto out;
	if (view_equal(in, buf_view(&again)))
		*out = pcrs;
	else
		rv = CKR_DATA_INVALID;
out:
	buf_free(&again);
	return rv;
}
