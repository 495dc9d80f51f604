/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/inherit.h"

#include "token/define.h"
#include "token/device.h"
#include "token/guard.h"
#include "token/pin.h"
#include "util/log.h"

void
heritage_free(struct heritage *h)
{
	store_token_free(&h->row);
	buf_free(&h->auth);
	buf_free(&h->device);
	tpm_counter_free(&h->counter);
}

CK_RV
heritage_open(struct token *t, struct view pin, struct heritage *h)
{
	struct buf kek = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pin_open(t, STORE_SO, pin, &h->auth, &kek)) != CKR_OK ||
	    (rv = store_token_get(t->store, t->row.id, &h->row)) != CKR_OK)
		goto out;
	/* a damaged one has no counter to pass on */
	(void)!device_unwrap(t, buf_view(&kek), &h->device);
out:
	buf_free(&kek);
	return rv;
}

/* Could the new token's role be counted by the old one's index? */
static bool
index_fits(struct token *t, const struct token_wish *wish,
    const struct store_pin *old, uint32_t limit)
{
	return wish->guard == GUARD_INDEX && guard_by_index(old) &&
	    old->index.limit == limit &&
	    tpm_pin_find(machine_tpm(t->machine), &old->index) == CKR_OK;
}

static CK_RV
take_counter(struct token *t, struct heritage *h)
{
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;
	CK_RV rv;

	if (h->row.counter.len == 0 || h->device.len == 0)
		return CKR_OK;
	rv = clock_read(&h->row, buf_view(&h->device), &c);
	if (rv == CKR_OK)
		rv = tpm_counter_read(machine_tpm(t->machine),
		    &h->row.parent, &c, &value);
	if (rv == CKR_OK) {
		h->counter = c;
		c = TPM_COUNTER_EMPTY;
	}
	tpm_counter_free(&c);
	/* one that cannot be read is replaced */
	return rv == CKR_HOST_MEMORY ? rv : CKR_OK;
}

CK_RV
heritage_take(struct token *t, const struct token_wish *wish,
    struct heritage *h, struct store_token *row)
{
	struct store_pin *so = &h->row.pins[STORE_SO];
	struct store_pin *user = &h->row.pins[STORE_USER];
	CK_RV rv;

	/* those under another parent are of another TPM */
	if (h->row.id == 0 || !view_equal(buf_view(&h->row.parent.name),
	    buf_view(&row->parent.name)))
		return CKR_OK;
	if (wish->rollback && (rv = take_counter(t, h)) != CKR_OK)
		return rv;
	if (!index_fits(t, wish, so, wish->so_tries))
		return CKR_OK;
	if ((rv = tpm_pin_copy(&row->pins[STORE_SO].index,
	    &so->index)) != CKR_OK ||
	    (rv = buf_set(&row->pins[STORE_SO].salt,
	    buf_view(&so->salt))) != CKR_OK)
		return rv;
	/* the user's obeys the SO's, so it goes with that */
	if (!index_fits(t, wish, user, wish->user_tries))
		return CKR_OK;
	return tpm_pin_copy(&row->pins[STORE_USER].index, &user->index);
}

size_t
heritage_left(const struct heritage *h, const struct store_token *row,
    struct view areas[INDICES_MAX])
{
	struct view old[INDICES_MAX], new[INDICES_MAX];
	size_t i, k, left = 0, had, has;

	had = h->row.id == 0 ? 0 : indices_of(&h->row, old);
	has = indices_of(row, new);
	for (i = 0; i < had; i++) {
		for (k = 0; k < has && !view_equal(old[i], new[k]); k++)
			continue;
		if (k == has)
			areas[left++] = old[i];
	}
	return left;
}

void
heritage_close_user(struct token *t, const struct heritage *h,
    struct view so_auth)
{
	const struct store_pin *so = &t->row.pins[STORE_SO];
	const struct store_pin *user = &t->row.pins[STORE_USER];
	struct buf nobody = BUF_EMPTY;
	CK_RV rv;

	if (h->row.id == 0 || !guard_by_index(user) ||
	    !view_equal(buf_view(&user->index.public_area),
	    buf_view(&h->row.pins[STORE_USER].index.public_area)))
		return;
	/* it opens nothing in any case: its seal is gone */
	if ((rv = auth_of_nobody(&nobody)) == CKR_OK)
		rv = tpm_pin_reset(machine_tpm(t->machine), &t->row.parent,
		    &user->index, &so->index, so_auth, buf_view(&nobody));
	if (rv != CKR_OK)
		log_info("token %lu: the old user's PIN is still known to the "
		    "TPM, until the user gets a new one",
		    (unsigned long)t->slot);
	buf_free(&nobody);
}
