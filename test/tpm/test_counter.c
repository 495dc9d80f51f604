/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

struct kit {
	struct bench *bench;
	struct tpm_counter counter;
	uint64_t first;
};

static CK_RV
define(struct kit *kit)
{
	return define_counter(kit->bench, VIEW_EMPTY, &kit->counter,
	    &kit->first);
}

static int
kit_setup(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));
	void *bench = NULL;

	if (bench_setup(&bench) != 0)
		return -1;
	kit->bench = bench;
	*state = kit;
	return define(kit) == CKR_OK ? 0 : -1;
}

static int
kit_teardown(void **state)
{
	struct kit *kit = *state;
	void *bench = kit->bench;

	set_fault(NULL);
	assert_ok(undefine(kit->bench, VIEW_EMPTY,
	    &kit->counter.public_area));
	tpm_counter_free(&kit->counter);
	(void)bench_teardown(&bench);
	free(kit);
	assert_tpm_empty();
	return 0;
}

static int
own_setup(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));

	*state = kit;
	kit->bench = calloc(1, sizeof(*kit->bench));
	return bench_open(kit->bench, own_tpm_start()) == CKR_OK &&
	    define(kit) == CKR_OK ? 0 : -1;
}

static int
own_teardown(void **state)
{
	struct kit *kit = *state;
	void *bench = kit->bench;

	tpm_counter_free(&kit->counter);
	(void)bench_teardown(&bench);
	free(kit);
	own_tpm_remove();
	return 0;
}

static CK_RV
step(const struct kit *kit, uint64_t from)
{
	return tpm_counter_increment(kit->bench->tpm, &kit->bench->parent,
	    &kit->counter, from);
}

static CK_RV
look(const struct kit *kit, uint64_t *value)
{
	return tpm_counter_read(kit->bench->tpm, &kit->bench->parent,
	    &kit->counter, value);
}

static void
assert_at(const struct kit *kit, uint64_t value)
{
	uint64_t now = 0;

	assert_ok(look(kit, &now));
	assert_int_equal(now, value);
}

static void
it_steps_by_one_at_the_cost_of_one_command(void **state)
{
	struct kit *kit = *state;
	uint64_t i;

	assert_true(kit->first > 0);
	assert_at(kit, kit->first);
	for (i = kit->first; i < kit->first + 5; i++) {
		trace_reset();
		assert_ok(step(kit, i));
		assert_int_equal(trace_count(NULL), 1);
		assert_at(kit, i + 1);
		assert_int_equal(trace_count(NULL), 2);
	}
	/* A new process: its session, and that. */
	tpm_free(&kit->bench->tpm);
	assert_ok(tpm_new(traced_tcti(), &kit->bench->tpm));
	trace_reset();
	assert_at(kit, i);
	assert_int_equal(trace_count(NULL), 2);
}

/* Neither two steps nor none, wherever it was cut off. */
static void
a_lost_answer_is_one_step(void **state)
{
	static const char *const faults[] = {
		"NV_Increment:1:drop",		/* done, and not known */
		"NV_Increment:1:hmac",
		"NV_Increment:1:0x101",		/* not done */
		"NV_Increment:1:0x922",		/* RETRY */
		"NV_Increment:1:0x920",		/* NV_RATE */
		"NV_Increment:1:0x918",		/* REFERENCE_S0 */
		"NV_Increment:1:0x98e",		/* AUTH_FAIL: a stale session */
		"NV_Increment:1:drop,NV_Read:1:drop",
	};
	struct kit *kit = *state;
	uint64_t at = kit->first;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++, at++) {
		print_message("%s\n", faults[i]);
		set_fault(faults[i]);
		assert_ok(step(kit, at));
		set_fault(NULL);
		assert_at(kit, at + 1);
	}
	set_fault("NV_Increment:0:0x101");
	assert_rv(step(kit, at), CKR_DEVICE_ERROR);
	set_fault("NV_Increment:1:drop");
	assert_rv(step(kit, at + 5), CKR_DEVICE_ERROR);
	set_fault(NULL);
	assert_at(kit, at + 1);
}

static void
a_forged_reading_is_noticed(void **state)
{
	struct kit *kit = *state;
	uint64_t value = 7;

	set_fault("NV_Read:1:flip");
	assert_rv(look(kit, &value), CKR_DEVICE_ERROR);
	set_fault("NV_Read:1:hmac");
	assert_rv(look(kit, &value), CKR_DEVICE_ERROR);
	assert_int_equal(value, 7);
	set_fault(NULL);
	assert_at(kit, kit->first);
}

static void
nobody_else_reads_or_steps_it(void **state)
{
	struct kit *kit = *state;
	uint64_t value;

	run("! tpm2_nvread -C o 0x%08x 2>/dev/null", kit->counter.handle);
	run("! tpm2_nvread 0x%08x 2>/dev/null", kit->counter.handle);
	run("! tpm2_nvincrement -C o 0x%08x 2>/dev/null",
	    kit->counter.handle);
	run("! tpm2_nvincrement 0x%08x 2>/dev/null", kit->counter.handle);
	kit->counter.auth.data[0] ^= 1;
	assert_rv(look(kit, &value), CKR_DEVICE_ERROR);
	assert_rv(step(kit, kit->first), CKR_DEVICE_ERROR);
	kit->counter.auth.data[0] ^= 1;
	assert_at(kit, kit->first);
}

static void
a_removed_counter_is_told(void **state)
{
	struct kit *kit = *state;
	uint64_t value;

	run("tpm2_nvundefine -Q -C o 0x%08x", kit->counter.handle);
	trace_reset();
	assert_rv(look(kit, &value), CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(step(kit, kit->first), CKR_TOKEN_NOT_RECOGNIZED);
	assert_in_range(trace_count(NULL), 2, 3);
}

static void
a_new_counter_begins_above_all_before(void **state)
{
	struct kit *kit = *state;
	const uint64_t before = kit->first + 1;

	assert_ok(step(kit, kit->first));
	assert_ok(undefine(kit->bench, VIEW_EMPTY,
	    &kit->counter.public_area));
	assert_ok(define(kit));
	assert_true(kit->first > before);
}

/* Not orderly: nothing is lost with the power. */
static void
power_that_goes_takes_no_step_back(void **state)
{
	struct kit *kit = *state;
	uint64_t i;

	for (i = kit->first; i < kit->first + 10; i++) {
		assert_ok(step(kit, i));
		own_tpm_reset();
		assert_at(kit, i + 1);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)
#define OWN(f) cmocka_unit_test_setup_teardown(f, own_setup, own_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_steps_by_one_at_the_cost_of_one_command),
		TEST(a_lost_answer_is_one_step),
		TEST(a_forged_reading_is_noticed),
		TEST(nobody_else_reads_or_steps_it),
		TEST(a_removed_counter_is_told),
		TEST(a_new_counter_begins_above_all_before),
		OWN(power_that_goes_takes_no_step_back),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
