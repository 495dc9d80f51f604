/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/clock.h"

#include "token/wrap.h"
#include "util/log.h"

/*
 * In the row: the lengths of two parts in two bytes each, the public area and
 * the Name, then the sealed authValue. The handle is in the public area (its
 * first member after two lengths, TPMS_NV_PUBLIC), the sealed part is bound
 * to both.
 */
enum { HEAD_LEN = 4, HANDLE_AT = 2 };

static CK_RV
write_open_part(const struct tpm_counter *c, struct buf *out)
{
	const uint8_t head[HEAD_LEN] = {
		(uint8_t)(c->public_area.len >> 8),
		(uint8_t)c->public_area.len,
		(uint8_t)(c->name.len >> 8), (uint8_t)c->name.len
	};
	CK_RV rv;

	if ((rv = buf_set(out, view_of(head, sizeof(head)))) != CKR_OK ||
	    (rv = buf_append(out, buf_view(&c->public_area))) != CKR_OK)
		return rv;
	return buf_append(out, buf_view(&c->name));
}

CK_RV
clock_write(const struct tpm_counter *c, struct view device,
    struct store_token *row)
{
	struct buf out = BUF_EMPTY, sealed = BUF_EMPTY;
	CK_RV rv;

	if ((rv = write_open_part(c, &out)) != CKR_OK ||
	    (rv = wrap_close(row, device, "counter", buf_view(&out),
	    buf_view(&c->auth), &sealed)) != CKR_OK ||
	    (rv = buf_append(&out, buf_view(&sealed))) != CKR_OK)
		goto out;
	buf_move(&row->counter, &out);
out:
	buf_free(&out);
	buf_free(&sealed);
	return rv;
}

/* The parts in the row; false when it is not made of them. */
static bool
parts_of(const struct store_token *row, struct view *area, struct view *name,
    struct view *sealed)
{
	const struct view all = buf_view(&row->counter);
	size_t area_len, name_len;

	if (all.len < HEAD_LEN)
		return false;
	area_len = (size_t)all.data[0] << 8 | all.data[1];
	name_len = (size_t)all.data[2] << 8 | all.data[3];
	if (area_len < HANDLE_AT + 4 || all.len - HEAD_LEN < area_len ||
	    all.len - HEAD_LEN - area_len < name_len)
		return false;
	*area = view_sub(all, HEAD_LEN, area_len);
	*name = view_sub(all, HEAD_LEN + area_len, name_len);
	*sealed = view_sub(all, HEAD_LEN + area_len + name_len, all.len);
	return true;
}

struct view
clock_area(const struct store_token *row)
{
	struct view area = VIEW_EMPTY, name, sealed;

	return parts_of(row, &area, &name, &sealed) ? area : VIEW_EMPTY;
}

static uint32_t
handle_in(struct view area)
{
	const uint8_t *p = area.data + HANDLE_AT;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

CK_RV
clock_read(const struct store_token *row, struct view device,
    struct tpm_counter *c)
{
	struct tpm_counter made = TPM_COUNTER_EMPTY;
	struct view area, name, sealed, open_part;
	CK_RV rv;

	if (!parts_of(row, &area, &name, &sealed))
		return CKR_DATA_INVALID;
	open_part = view_sub(buf_view(&row->counter), 0,
	    row->counter.len - sealed.len);
	if ((rv = wrap_open(row, device, "counter", open_part, sealed,
	    &made.auth)) != CKR_OK ||
	    (rv = buf_set(&made.public_area, area)) != CKR_OK ||
	    (rv = buf_set(&made.name, name)) != CKR_OK)
		goto out;
	made.handle = handle_in(area);
	tpm_counter_free(c);
	*c = made;
	made = TPM_COUNTER_EMPTY;
out:
	tpm_counter_free(&made);
	return rv;
}

static CK_RV
read_value(void *arg, uint64_t *value)
{
	const struct clock *c = arg;
	CK_RV rv;

	rv = tpm_counter_read(c->tpm, c->parent, &c->counter, value);
	if (rv == CKR_TOKEN_NOT_RECOGNIZED || rv == CKR_DEVICE_ERROR)
		log_error("the counter against old copies of the store, NV "
		    "index 0x%08x, was removed from the TPM or made anew; if "
		    "the store is the latest, run tpm2-token restore",
		    c->counter.handle);
	return rv;
}

static CK_RV
bump_value(void *arg, uint64_t from)
{
	const struct clock *c = arg;

	return tpm_counter_increment(c->tpm, c->parent, &c->counter, from);
}

CK_RV
clock_open(struct clock *c, struct tpm *tpm, const struct store_token *row,
    struct view device)
{
	CK_RV rv;

	c->ops = (struct store_clock){ c, read_value, bump_value };
	c->tpm = tpm;
	c->parent = &row->parent;
	if (c->source.len != 0 &&
	    view_equal(buf_view(&c->source), buf_view(&row->counter)))
		return CKR_OK;
	if ((rv = clock_read(row, device, &c->counter)) != CKR_OK)
		return rv;
	return buf_set(&c->source, buf_view(&row->counter));
}

void
clock_close(struct clock *c)
{
	tpm_counter_free(&c->counter);
	buf_free(&c->source);
}
