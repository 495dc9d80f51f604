/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"
#include "util/log.h"

/*
 * What a token's header vouches for, and how old it may be.
 *
 * A commit writes a header that names the counter's value plus one, and
 * bumps the counter after it; all that while its process is the only writer
 * (store/writer.c). So a header one ahead of the counter is a commit whose
 * process died in between, or one that is being made right now, and nothing
 * else: who is the only writer may complete it. A header behind the counter,
 * or further ahead, is of another time or another TPM.
 */
enum { RENEWALS = 100 };	/* commits of others while we look */

CK_RV
vault_refuse(struct store *s, const char *why)
{
	log_error("store %s: token %lld %s; restore a backup, or accept it "
	    "as it is by tpm2-token restore", store_path(s),
	    (long long)s->vault.token, why);
	s->vault.verdict = CKR_DEVICE_ERROR;
	s->vault.why = why;
	return CKR_DEVICE_ERROR;
}

void
vault_forget(struct vault *v)
{
	v->known = false;
	v->dirty = false;
	parts_forget(v);
}

void
vault_free(struct vault *v)
{
	vault_forget(v);
	v->token = 0;
	buf_free(&v->device);
	buf_free(&v->header_k);
	buf_free(&v->sum_k);
}

CK_RV
vault_use(struct store *s, const struct store_keys *keys, int64_t token)
{
	struct vault *v = &s->vault;
	CK_RV rv;

	if (keys->for_public.len == 0)
		return CKR_GENERAL_ERROR;
	if (v->token == token &&
	    view_equal(buf_view(&v->device), keys->for_public)) {
		/* with a clock more is asked than without */
		if ((v->clock == NULL) != (keys->clock == NULL) && !v->dirty)
			vault_forget(v);
		v->clock = keys->clock;
		return CKR_OK;
	}
	if (v->dirty)
		return CKR_GENERAL_ERROR;
	vault_free(v);
	if ((rv = row_key(keys->for_public, "header",
	    &v->header_k)) != CKR_OK ||
	    (rv = row_key(keys->for_public, "digest",
	    &v->sum_k)) != CKR_OK ||
	    (rv = buf_set(&v->device, keys->for_public)) != CKR_OK)
		return rv;
	v->token = token;
	v->clock = keys->clock;
	return CKR_OK;
}

/* Are the rows those that the header means? */
static CK_RV
compare_marks(struct store *s, const struct header *h)
{
	struct vault *v = &s->vault;
	struct row_sum sum[SUMS];
	CK_RV rv;

	rv = sum_index(s, buf_view(&v->sum_k), v->token, INDEX_MARK, sum);
	if (rv == CKR_DATA_INVALID)
		return vault_refuse(s, "has a damaged index");
	if (rv == CKR_OK && !sum_same(sum, h->sum[INDEX_MARK], SUMS))
		return vault_refuse(s, "has objects that were edited, "
		    "removed or brought back");
	return rv;
}

CK_RV
vault_record_now(struct store *s, uint8_t record[RECORD_LEN])
{
	struct store_token t = { .id = 0 };
	CK_RV rv;

	rv = s->ops->token_get(s->impl, s->vault.token, &t);
	if (rv == CKR_DATA_INVALID)
		return vault_refuse(s, "has a damaged row");
	if (rv == CKR_OK)
		rv = header_record(&t, record);
	store_token_free(&t);
	return rv;
}

CK_RV
vault_header(struct store *s, struct header *h)
{
	struct vault *v = &s->vault;
	struct buf body = BUF_EMPTY;
	CK_RV rv;

	rv = s->ops->header_get(s->impl, v->token, &body);
	if (rv == CKR_OK)
		rv = header_open(buf_view(&v->header_k), v->token,
		    buf_view(&body), h);
	if (rv == CKR_DATA_INVALID)
		rv = vault_refuse(s, "has a header that does not open");
	buf_free(&body);
	return rv;
}

/* Header, token row and the set of objects, of one snapshot. */
static CK_RV
read_all(struct store *s, struct header *h)
{
	struct vault *v = &s->vault;
	uint8_t record[RECORD_LEN];
	CK_RV rv;

	vault_forget(v);
	v->verdict = CKR_OK;
	if ((rv = s->ops->stamp(s->impl, &v->stamp)) != CKR_OK ||
	    (rv = vault_record_now(s, record)) != CKR_OK ||
	    (rv = vault_header(s, h)) != CKR_OK)
		return rv;
	if (!view_equal(view_of(record, RECORD_LEN),
	    view_of(h->record, RECORD_LEN)))
		return vault_refuse(s, "was edited");
	return compare_marks(s, h);
}

static CK_RV
renew_snapshot(struct store *s, struct header *h)
{
	CK_RV rv;

	s->ops->snapshot_end(s->impl);
	if ((rv = s->ops->snapshot(s->impl)) != CKR_OK)
		return rv;
	return read_all(s, h);
}

static CK_RV
bump_to(const struct store_clock *clock, uint64_t want)
{
	return clock->bump(clock->arg, want - 1);
}

/* The header is one ahead; who reads only leaves that to the next writer. */
static CK_RV
complete(struct store *s, struct header *h)
{
	const struct store_clock *clock = s->vault.clock;
	uint64_t count = 0;
	CK_RV rv;

	if (s->open)
		return bump_to(clock, h->count);
	if (s->ops->read_only(s->impl) ||
	    s->ops->seize(s->impl) != CKR_OK)
		return CKR_OK;
	if ((rv = renew_snapshot(s, h)) != CKR_OK ||
	    (rv = clock->read(clock->arg, &count)) != CKR_OK)
		goto out;
	if (count + 1 == h->count)
		rv = bump_to(clock, h->count);
	else if (count != h->count)
		rv = vault_refuse(s, "is an old copy");
out:
	s->ops->release(s->impl);
	return rv;
}

/* Is the header of now? */
CK_RV
vault_age(struct store *s, struct header *h)
{
	const struct store_clock *clock = s->vault.clock;
	uint64_t count = 0, before;
	unsigned i;
	CK_RV rv;

	if (clock == NULL)
		return CKR_OK;
	if (!h->timed)
		return vault_refuse(s, "was written without its counter");
	for (i = 0; i < RENEWALS; i++) {
		if ((rv = clock->read(clock->arg, &count)) != CKR_OK ||
		    count == h->count)
			return rv;
		if (count + 1 == h->count)
			return complete(s, h);
		before = h->count;
		/* somebody may have committed since our snapshot */
		if (count < before || s->open)
			break;
		if ((rv = renew_snapshot(s, h)) != CKR_OK)
			return rv;
		if (h->count == before)
			break;
	}
	return vault_refuse(s, count < h->count ? "is of another TPM, or its "
	    "counter was made anew" : "is an old copy");
}

/* The verdict on what is there now; the TPM is asked only after a commit of
 * somebody else. */
static CK_RV
check(struct store *s)
{
	struct vault *v = &s->vault;
	struct header h;
	uint64_t stamp;
	CK_RV rv;

	if ((rv = s->ops->stamp(s->impl, &stamp)) != CKR_OK)
		return rv;
	if (v->known && v->stamp == stamp)
		return v->verdict;
	if ((rv = read_all(s, &h)) == CKR_OK &&
	    (rv = vault_age(s, &h)) == CKR_OK)
		v->now = h;
	/* a TPM that does not answer now is asked again */
	v->known = rv == CKR_OK || v->verdict != CKR_OK;
	return rv;
}

CK_RV
vault_enter(struct store *s, const struct store_keys *keys, int64_t token)
{
	CK_RV rv;

	if (!s->open && (rv = s->ops->snapshot(s->impl)) != CKR_OK)
		return rv;
	if ((rv = vault_use(s, keys, token)) != CKR_OK)
		return rv;
	return check(s);
}

void
vault_leave(struct store *s)
{
	if (!s->open)
		s->ops->snapshot_end(s->impl);
}

CK_RV
store_check(struct store *s, const struct store_keys *keys, int64_t token)
{
	CK_RV rv;

	rv = vault_enter(s, keys, token);
	vault_leave(s);
	return rv;
}

CK_RV
vault_change(struct store *s, const struct store_keys *keys, int64_t token)
{
	struct vault *v = &s->vault;
	CK_RV rv;

	if ((rv = vault_use(s, keys, token)) != CKR_OK || v->dirty)
		return rv;
	if ((rv = check(s)) != CKR_OK)
		return rv;
	v->next = v->now;
	v->dirty = true;
	return CKR_OK;
}

/* A header without rows, for the counter as it is. */
static CK_RV
begin_anew(struct store *s)
{
	struct vault *v = &s->vault;
	CK_RV rv = CKR_OK;

	vault_forget(v);
	v->verdict = CKR_OK;
	v->now = (struct header){ .timed = v->clock != NULL };
	if (v->clock != NULL)
		rv = v->clock->read(v->clock->arg, &v->now.count);
	if (rv != CKR_OK ||
	    (rv = s->ops->stamp(s->impl, &v->stamp)) != CKR_OK)
		return rv;
	v->next = v->now;
	v->known = true;
	v->dirty = true;
	return CKR_OK;
}

CK_RV
vault_renew(struct store *s, const struct store_keys *keys, int64_t token)
{
	CK_RV rv;

	if ((rv = vault_use(s, keys, token)) != CKR_OK)
		return rv;
	return begin_anew(s);
}

static CK_RV
accept_rows(struct store *s)
{
	struct vault *v = &s->vault;
	CK_RV rv;
	int i;

	if ((rv = begin_anew(s)) != CKR_OK ||
	    (rv = vault_record_now(s, v->next.record)) != CKR_OK)
		return rv;
	for (i = 0; i < INDEXES && rv == CKR_OK; i++)
		rv = sum_index(s, buf_view(&v->sum_k), v->token,
		    (enum row_index)i, v->next.sum[i]);
	return rv == CKR_DATA_INVALID ?
	    vault_refuse(s, "has a damaged index") : rv;
}

CK_RV
store_accept(struct store *s, const struct store_keys *keys, int64_t token)
{
	bool own;
	CK_RV rv;

	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	if ((rv = vault_use(s, keys, token)) == CKR_OK)
		rv = accept_rows(s);
	return store_leave(s, own, rv);
}

CK_RV
vault_count(struct store *s, const struct object_row *row, int sign)
{
	struct vault *v = &s->vault;
	struct row_entry e[INDEXES];
	CK_RV rv = CKR_OK;
	int i;

	sum_entries(row, e);
	for (i = 0; i < INDEXES && rv == CKR_OK; i++) {
		part_changed(v, (enum row_index)i, &e[i]);
		rv = sum_rows(buf_view(&v->sum_k), (enum row_index)i, &e[i],
		    1, sign, v->next.sum[i]);
	}
	return rv;
}

CK_RV
vault_record(struct store *s, const struct store_token *t)
{
	return header_record(t, s->vault.next.record);
}

CK_RV
vault_write(struct store *s)
{
	struct vault *v = &s->vault;
	struct buf body = BUF_EMPTY;
	CK_RV rv;

	if (!v->dirty)
		return CKR_OK;
	v->next.timed = v->clock != NULL;
	v->next.count = v->now.count + (v->next.timed ? 1 : 0);
	if ((rv = header_seal(buf_view(&v->header_k), v->token, &v->next,
	    &body)) == CKR_OK)
		rv = s->ops->header_put(s->impl, v->token, buf_view(&body));
	buf_free(&body);
	return rv;
}

void
vault_committed(struct store *s)
{
	struct vault *v = &s->vault;

	if (!v->dirty)
		return;
	v->now = v->next;
	v->dirty = false;
	if (!v->now.timed || bump_to(v->clock, v->now.count) == CKR_OK)
		return;
	/* The change is on the disk, so it is no failure of the call; the
	 * next access finds the header one ahead and completes it. */
	log_error("store %s: the counter of token %lld could not be bumped; "
	    "the next access will try again", store_path(s),
	    (long long)v->token);
	vault_forget(v);
}

void
vault_rolled_back(struct store *s)
{
	if (s->vault.dirty)
		vault_forget(&s->vault);
}
