/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define P256 3

static const uint8_t digest[32] = { 1 };

struct kit {
	struct bench *bench;
	struct tpm_key *key;
	struct buf point;
};

/* A bench with a key that is loaded. */
static int
kit_setup(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));
	void *bench = NULL;

	if (bench_setup(&bench) != 0)
		return -1;
	kit->bench = bench;
	make_ec(kit->bench, P256, &kit->key, &kit->point);
	assert_signs(kit->key, &kit->point, P256, 32);
	trace_reset();
	*state = kit;
	return 0;
}

/* Whatever was done to it, a test leaves nothing in the TPM. */
static int
kit_teardown(void **state)
{
	struct kit *kit = *state;
	void *bench = kit->bench;

	tpm_key_unref(&kit->key);
	buf_free(&kit->point);
	(void)bench_teardown(&bench);
	free(kit);
	assert_tpm_empty();
	return 0;
}

static void
assert_kit_works(const struct kit *kit)
{
	assert_signs(kit->key, &kit->point, P256, 32);
}

static void
assert_sign_rv(const struct kit *kit, CK_RV rv)
{
	struct buf out = BUF_EMPTY;

	assert_rv(tpm_key_ecdsa(kit->key, view_of(digest, 32), &out), rv);
	buf_free(&out);
}

/* Each fault is met once, at a signature with all that it needs. */
static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = {
		"Sign:1:0x922",			/* RETRY */
		"Sign:1:0x908",			/* YIELDED */
		"Sign:1:0x90a",			/* TESTING */
		"Sign:1:0x920",			/* NV_RATE */
		"Sign:1:0x910",			/* REFERENCE_H0 */
		"Sign:1:0x918",			/* REFERENCE_S0 */
		"Sign:1:0x18b",			/* HANDLE (handle 1) */
		"Sign:1:0x100",			/* INITIALIZE */
		"Sign:1:drop",
		"Sign:1:drop,StartAuthSession:1:drop,Load:1:drop",
		"Sign:1:0x918,StartAuthSession:1:0x903", /* SESSION_MEMORY */
		"Sign:1:0x918,StartAuthSession:1:0x905", /* SESSION_HANDLES */
		"Sign:1:0x918,StartAuthSession:1:0x901", /* CONTEXT_GAP */
		"Sign:1:0x918,Load:1:0x922",
	};
	const struct kit *kit = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(NULL);
		assert_kit_works(kit);
		/* Others' sessions are not ours to flush. */
		if (strstr(faults[i], "StartAuthSession:1:0x") != NULL &&
		    behind_resource_manager())
			continue;
		set_fault(faults[i]);
		print_message("%s\n", faults[i]);
		assert_kit_works(kit);
	}
}

static void
a_shortage_evicts_one_key(void **state)
{
	static const char *const faults[] = {
		"Load:1:0x902",		/* OBJECT_MEMORY */
		"Load:1:0x904",		/* MEMORY */
		"Load:1:0xb0902",	/* told by a resource manager */
		"Load:1:0xc0906",	/* OBJECT_HANDLES, likewise */
	};
	const struct kit *kit = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(NULL);
		/* A new connection knows nothing of a shortage before it. */
		set_fault("Sign:1:drop");
		assert_kit_works(kit);
		make_ec(kit->bench, P256, &k, &point);
		set_fault(faults[i]);
		trace_reset();
		assert_signs(k, &point, P256, 32);
		assert_int_equal(trace_count("FlushContext"), 1);
		assert_int_equal(trace_count("Load"), 2);
		tpm_key_unref(&k);
	}
	buf_free(&point);
}

static void
a_busy_tpm_is_not_waited_for_without_end(void **state)
{
	const struct kit *kit = *state;

	set_fault("Sign:0:0x922");
	assert_sign_rv(kit, CKR_DEVICE_ERROR);
	assert_in_range(trace_count("Sign"), 5, 20);
	set_fault(NULL);
	assert_kit_works(kit);
}

static void
a_tpm_that_stays_full_says_so(void **state)
{
	const struct kit *kit = *state;

	set_fault("Sign:0:0x902");
	assert_sign_rv(kit, CKR_DEVICE_MEMORY);
	set_fault(NULL);
	assert_kit_works(kit);
}

static void
a_tpm_that_keeps_failing_is_given_up(void **state)
{
	const struct kit *kit = *state;

	set_fault("Sign:0:0x910");
	assert_sign_rv(kit, CKR_DEVICE_ERROR);
	set_fault("Sign:0:drop");
	assert_sign_rv(kit, CKR_DEVICE_ERROR);
	set_fault("Sign:0:0x101");	/* FAILURE */
	assert_sign_rv(kit, CKR_DEVICE_ERROR);
	assert_in_range(trace_count("Sign"), 3, 24);
	set_fault(NULL);
	assert_kit_works(kit);
}

static void
a_changed_response_is_noticed(void **state)
{
	static const char *const faults[] = { "Sign:1:flip", "Sign:1:hmac",
	    "ECDH_ZGen:1:flip", "ECDH_ZGen:1:hmac", "Load:1:flip",
	    "Load:1:hmac", "GetRandom:1:flip" };
	const struct kit *kit = *state;
	struct buf out = BUF_EMPTY;
	uint8_t bytes[8];
	size_t i;
	CK_RV rv;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(NULL);
		assert_kit_works(kit);
		print_message("%s\n", faults[i]);
		set_fault(faults[i]);
		rv = CKR_OK;
		if (strncmp(faults[i], "Load", 4) == 0) {
			struct tpm_key *k = NULL;

			make_ec(kit->bench, P256, &k, &out);
			rv = tpm_key_ecdsa(k, view_of(digest, 32), &out);
			tpm_key_unref(&k);
		} else if (strncmp(faults[i], "Sign", 4) == 0) {
			rv = tpm_key_ecdsa(kit->key, view_of(digest, 32),
			    &out);
		} else if (strncmp(faults[i], "ECDH", 4) == 0) {
			rv = tpm_key_ecdh(kit->key, buf_view(&kit->point),
			    &out);
		} else {
			rv = tpm_random(kit->bench->tpm, bytes, sizeof(bytes));
		}
		assert_int_equal(rv, CKR_DEVICE_ERROR);
	}
	set_fault(NULL);
	assert_kit_works(kit);
	buf_free(&out);
}

/* Runs f in a child that dies without tidying up. */
static void
in_a_crashing_process(void (*f)(const struct bench *))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct bench b = { NULL, TPM_PARENT_EMPTY };

		if (bench_open(&b, traced_tcti()) == CKR_OK)
			f(&b);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
load_two_keys(const struct bench *b)
{
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;

	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
}

static void
what_a_crash_left_is_flushed(void **state)
{
	struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;

	if (behind_resource_manager())
		return;	/* it is the resource manager's affair */
	tpm_free(&b->tpm);
	assert_tpm_empty();
	in_a_crashing_process(load_two_keys);
	assert_int_equal(tpm_holds("transient"), 2 + roots());
	assert_int_equal(tpm_holds("loaded-session"), 1);
	assert_ok(tpm_new(traced_tcti(), &b->tpm));
	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	tpm_key_unref(&k);
	tpm_free(&b->tpm);
	assert_tpm_empty();
	buf_free(&point);
}

static void
a_tpm_full_of_others_objects_is_cleared(void **state)
{
	struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;

	if (behind_resource_manager())
		return;	/* it is the resource manager's affair */
	tpm_free(&b->tpm);
	run("cd /tmp && for i in 1 2 3; do tpm2_createprimary -Q -C o -G ecc "
	    "-c $TCTI_TRACE_FILE.ctx; done; rm -f $TCTI_TRACE_FILE.ctx");
	assert_int_equal(tpm_holds("transient"), 3);
	assert_ok(tpm_new(traced_tcti(), &b->tpm));
	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	tpm_key_unref(&k);
	tpm_free(&b->tpm);
	assert_tpm_empty();
	buf_free(&point);
}

static void
a_child_abandons_and_the_parent_goes_on(void **state)
{
	struct kit *kit = *state;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct buf out = BUF_EMPTY;
		unsigned before = trace_count(NULL);

		tpm_abandon(&kit->bench->tpm);
		if (tpm_key_ecdsa(kit->key, view_of(digest, 32), &out) !=
		    CKR_DEVICE_REMOVED)
			_exit(1);
		tpm_key_unref(&kit->key);
		_exit(trace_count(NULL) == before &&
		    kit->bench->tpm == NULL ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	trace_reset();
	assert_kit_works(kit);
	assert_int_equal(trace_count(NULL), 1);
}

/* Not a thing to do without a resource manager, but it works. */
static void
two_processes_share_a_tpm(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *keys[3] = { NULL };
	struct buf points[3] = { BUF_EMPTY };
	struct bench mine = *b;
	int status;
	pid_t pid;
	size_t i;

	if (behind_resource_manager())
		return;	/* test_abrmd does that: the trace's TCTI cannot */
	if (roots() > 0)
		return;	/* each has to hold two places of the three */
	if ((pid = fork()) == 0)
		tpm_abandon(&mine.tpm);
	assert_ok(tpm_new(traced_tcti(), &mine.tpm));
	for (i = 0; i < ARRAY_LEN(keys); i++)
		make_ec(&mine, P256, &keys[i], &points[i]);
	for (i = 0; i < 300; i++)
		assert_signs(keys[i % 3], &points[i % 3], P256, 32);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		tpm_key_unref(&keys[i]);
		buf_free(&points[i]);
	}
	tpm_free(&mine.tpm);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void *
sign_often(void *arg)
{
	const struct kit *kit = arg;
	struct buf out = BUF_EMPTY;
	uintptr_t bad = 0;
	int i;

	for (i = 0; i < 100; i++)
		if (tpm_key_ecdsa(kit->key, view_of(digest, 32), &out) !=
		    CKR_OK)
			bad++;
	buf_free(&out);
	return (void *)bad;
}

static void
threads_share_keys_and_places(void **state)
{
	const struct kit *kit = *state;
	struct kit kits[6];
	pthread_t threads[6];
	void *bad;
	size_t i;

	for (i = 0; i < ARRAY_LEN(kits); i++) {
		kits[i] = (struct kit){ .bench = kit->bench };
		if (i % 2 == 0)
			make_ec(kit->bench, P256, &kits[i].key,
			    &kits[i].point);
		else
			kits[i].key = tpm_key_ref(kits[i - 1].key);
	}
	for (i = 0; i < ARRAY_LEN(kits); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often,
		    &kits[i]), 0);
	for (i = 0; i < ARRAY_LEN(kits); i++) {
		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
		tpm_key_unref(&kits[i].key);
		buf_free(&kits[i].point);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)
#define BENCH(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(faults_with_a_remedy_are_not_seen),
		TEST(a_shortage_evicts_one_key),
		TEST(a_busy_tpm_is_not_waited_for_without_end),
		TEST(a_tpm_that_stays_full_says_so),
		TEST(a_tpm_that_keeps_failing_is_given_up),
		TEST(a_changed_response_is_noticed),
		BENCH(what_a_crash_left_is_flushed),
		BENCH(a_tpm_full_of_others_objects_is_cleared),
		TEST(a_child_abandons_and_the_parent_goes_on),
		BENCH(two_processes_share_a_tpm),
		TEST(threads_share_keys_and_places),
	};

	return run_with_each_parent(tests);
}
