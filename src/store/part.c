/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"

/*
 * What a search goes by: of an index only the part that has the tag, so that
 * its cost follows the part and not the store. Each has a sum of its own in
 * the header.
 *
 * A search looks among the entries that were summed up, which stay here until
 * they change, and not in the file's tree again. That a tree leads to all of
 * its entries shows only when all of them are read: in an edited one, a walk
 * along a part may meet what a search for one tag misses.
 */
struct reader {
	struct sum_run run;
	size_t first;		/* the sums that this is about */
	size_t count;
	struct buf entries;
};

static CK_RV
take(void *arg, const struct row_entry *e)
{
	struct reader *r = arg;
	CK_RV rv;

	if (sum_place(r->run.which, e) - r->first >= r->count)
		return CKR_DATA_INVALID;
	if (r->entries.len / sizeof(*e) == ROW_IDS_MAX)
		return CKR_DEVICE_ERROR;
	if ((rv = buf_append(&r->entries, view_of(e, sizeof(*e)))) != CKR_OK)
		return rv;
	return sum_add(&r->run, e);
}

static CK_RV
read_part(struct store *s, bool private, unsigned part, struct reader *r)
{
	struct vault *v = &s->vault;
	const struct header *h = v->dirty ? &v->next : &v->now;
	CK_RV rv;

	rv = s->ops->object_part(s->impl, v->token, r->run.which, private,
	    part, take, r);
	if (rv == CKR_DATA_INVALID)
		return vault_refuse(s, "has a damaged index");
	if (rv != CKR_OK || (rv = sum_end(&r->run)) != CKR_OK)
		return rv;
	if (!sum_same(r->run.sum + r->first, h->sum[r->run.which] + r->first,
	    r->count))
		return vault_refuse(s, "has objects that were edited, "
		    "removed or brought back");
	return CKR_OK;
}

CK_RV
part_get(struct store *s, enum row_index which, bool private, unsigned part,
    struct view *out)
{
	struct part *p = &s->vault.parts[which][private ? 1 : 0][part];
	const bool all = part == PART_ALL;
	struct reader r = {
		.run = { .key = buf_view(&s->vault.sum_k), .which = which },
		.first = (private ? PART_COUNT : 0) + (all ? 0 : part),
		.count = all ? PART_COUNT : 1
	};
	CK_RV rv = CKR_OK;

	if (!p->right &&
	    (rv = read_part(s, private, part, &r)) == CKR_OK) {
		buf_move(&p->entries, &r.entries);
		p->right = true;
	}
	if (rv == CKR_OK)
		*out = buf_view(&p->entries);
	buf_free(&r.entries);
	return rv;
}

static void
forget(struct part *p)
{
	p->right = false;
	buf_free(&p->entries);
}

void
part_changed(struct vault *v, enum row_index which, const struct row_entry *e)
{
	const size_t place = sum_place(which, e);

	forget(&v->parts[which][place / PART_COUNT][place % PART_COUNT]);
	forget(&v->parts[which][place / PART_COUNT][PART_ALL]);
}

void
parts_forget(struct vault *v)
{
	int i, k, part;

	for (i = 0; i < INDEXES; i++)
		for (k = 0; k < 2; k++)
			for (part = 0; part <= PART_ALL; part++)
				forget(&v->parts[i][k][part]);
}
