/* SPDX-License-Identifier: BSD-2-Clause */
#include "pin_test.h"

#include "tpm/state.h"

static void
link_bench(struct desk *d)
{
	d->tpm = d->bench->tpm;
	d->parent = &d->bench->parent;
}

CK_RV
define_pin(const struct desk *d, struct view owner_auth, struct view auth,
    const struct tpm_pin_wish *wish, struct tpm_pin *out)
{
	CK_RV rv;

	do {
		if ((rv = tpm_pin_plan(d->tpm, d->parent, wish, out)) ==
		    CKR_OK)
			rv = tpm_pin_define(d->tpm, d->parent, owner_auth,
			    auth, out);
	} while (rv == CKR_OBJECT_HANDLE_INVALID && wish->handle == 0);
	return rv;
}

static CK_RV
define(struct desk *d)
{
	const struct tpm_pin_wish so = { .limit = SO_LIMIT };
	const struct tpm_pin_wish user = { .limit = USER_LIMIT, .so = &d->so };
	CK_RV rv;

	link_bench(d);
	if ((rv = define_pin(d, VIEW_EMPTY, SO_PIN, &so, &d->so)) != CKR_OK)
		return rv;
	return define_pin(d, VIEW_EMPTY, USER_PIN, &user, &d->user);
}

int
desk_setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	void *bench = NULL;

	if (bench_setup(&bench) != 0)
		return -1;
	d->bench = bench;
	*state = d;
	if (define(d) != CKR_OK)
		return -1;
	trace_reset();
	return 0;
}

int
desk_teardown(void **state)
{
	struct desk *d = *state;
	void *bench = d->bench;

	set_fault(NULL);
	/* Some tests have removed them already, or the TPM. */
	if (undefine(bench, VIEW_EMPTY, &d->user.public_area) != CKR_OK ||
	    undefine(bench, VIEW_EMPTY, &d->so.public_area) != CKR_OK)
		print_message("# indices remain\n");
	tpm_pin_free(&d->so);
	tpm_pin_free(&d->user);
	(void)bench_teardown(&bench);
	free(d);
	assert_tpm_empty();
	return 0;
}

int
own_desk_setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	*state = d;
	d->bench = calloc(1, sizeof(*d->bench));
	if (bench_open(d->bench, own_tpm_start()) != CKR_OK)
		return -1;
	return define(d) == CKR_OK ? 0 : -1;
}

int
own_desk_teardown(void **state)
{
	struct desk *d = *state;
	void *bench = d->bench;

	tpm_pin_free(&d->so);
	tpm_pin_free(&d->user);
	(void)bench_teardown(&bench);
	free(d);
	own_tpm_remove();
	return 0;
}

void
desk_reopen(struct desk *d)
{
	tpm_free(&d->bench->tpm);
	assert_ok(tpm_new(traced_tcti(), &d->bench->tpm));
	link_bench(d);
	trace_reset();
}

void
assert_counts(const struct desk *d, const struct tpm_pin *pin, uint32_t count)
{
	uint32_t n = 99, limit = 0;

	assert_ok(tpm_pin_status(d->tpm, d->parent, VIEW_EMPTY, pin, &n,
	    &limit));
	assert_int_equal(n, count);
	assert_int_equal(limit, pin->limit);
}

CK_RV
check(const struct desk *d, const struct tpm_pin *pin, struct view auth)
{
	return tpm_pin_check(d->tpm, d->parent, pin, auth);
}

void
assert_no_lockout(const struct desk *d)
{
	struct tpm_state s;

	assert_ok(tpm_state_read(d->tpm, &s));
	assert_int_equal(s.lockout_count, 0);
	assert_false(s.in_lockout);
	/* It does tell the truth of the others. */
	assert_true(s.lockout_max > 0);
	assert_true(s.nv_indices >= 1);
}

size_t
count_indices(const struct desk *d)
{
	struct tpm_index *list = NULL;
	size_t count = 0;

	assert_ok(tpm_index_list(d->tpm, &list, &count));
	tpm_index_list_free(&list, count);
	return count;
}
