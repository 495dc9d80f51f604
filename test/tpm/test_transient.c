/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

/*
 * A transient parent: made when it is needed, kept, made again, and nothing
 * of it left behind. What works under any parent is in test_keys, test_seal,
 * test_recovery and test_abrmd.
 */

#define P256 3
#define OWNER view_str("the owner's password")

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	set_fault(NULL);
	return bench_open(b, own_tpm_start()) == CKR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	int rc = bench_teardown(state);

	own_tpm_remove();
	return rc;
}

/* With the trace, as a new process has it. */
static void
reopen(struct bench *b)
{
	(void)setenv("TPM2_CRYPTOKI_TCTI", own_tpm_start(), 1);
	tpm_free(&b->tpm);
	assert_ok(tpm_new(traced_tcti(), &b->tpm));
	trace_reset();
}

static void
set_owner(const char *old)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "tpm2_changeauth -Q -c owner %s "
	    "\"the owner's password\"", old);
	own_tpm_run(line);
}

static void
assert_makes_keys(const struct bench *b)
{
	struct buf point = BUF_EMPTY;
	struct tpm_key *k = NULL;

	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	tpm_key_unref(&k);
	buf_free(&point);
}

static void
nothing_is_left_in_the_tpm(void **state)
{
	struct bench *b = *state;

	assert_int_equal(b->parent.handle, 0);
	assert_makes_keys(b);
	own_tpm_run("test -z \"$(tpm2_getcap handles-persistent)\"");
	own_tpm_run("test -n \"$(tpm2_getcap handles-transient)\"");
	tpm_free(&b->tpm);
	own_tpm_run("test -z \"$(tpm2_getcap handles-transient)\"");
	own_tpm_run("test -z \"$(tpm2_getcap handles-loaded-session)\"");
}

/* The same primary as the persistent one, so that a store can move. */
static void
it_is_the_key_that_would_be_persisted(void **state)
{
	struct bench *b = *state;
	struct tpm_parent srk = TPM_PARENT_EMPTY, found = TPM_PARENT_EMPTY;

	assert_ok(tpm_parent_find(b->tpm, TPM_SRK, VIEW_EMPTY, &srk));
	assert_ok(tpm_parent_find(b->tpm, TPM_TRANSIENT, VIEW_EMPTY,
	    &found));
	assert_int_equal(found.handle, 0);
	assert_true(view_equal(buf_view(&srk.name),
	    buf_view(&b->parent.name)));
	assert_true(view_equal(buf_view(&found.name),
	    buf_view(&b->parent.name)));
	tpm_parent_free(&srk);
	tpm_parent_free(&found);
}

static void
it_is_made_once_a_connection_and_not_before(void **state)
{
	struct bench *b = *state;
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	struct tpm_parent other = TPM_PARENT_EMPTY;
	struct buf out = BUF_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, view_str("s"), VIEW_EMPTY,
	    true, &seal));
	reopen(b);
	assert_ok(tpm_connect(b->tpm));
	assert_int_equal(trace_count(NULL), 0);
	assert_ok(tpm_unseal(b->tpm, &b->parent, &seal, &out));
	/* CreatePrimary, StartAuthSession, Load, Unseal, FlushContext */
	assert_int_equal(trace_count(NULL), 5);
	assert_int_equal(trace_count("CreatePrimary"), 1);
	/* Another store's record of it is the same key. */
	assert_ok(tpm_parent_copy(&other, &b->parent));
	assert_ok(tpm_unseal(b->tpm, &other, &seal, &out));
	assert_ok(tpm_parent_check(b->tpm, &other));
	assert_makes_keys(b);
	assert_int_equal(trace_count("CreatePrimary"), 1);
	tpm_parent_free(&other);
	tpm_blob_free(&seal);
	buf_free(&out);
}

static void
the_owners_password_makes_it(void **state)
{
	struct bench *b = *state;
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, view_str("s"), VIEW_EMPTY,
	    true, &seal));
	set_owner("");
	reopen(b);
	assert_rv(tpm_unseal(b->tpm, &b->parent, &seal, &out),
	    CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(trace_count(NULL), 1);
	assert_ok(tpm_set_owner_auth(b->tpm, view_str("wrong")));
	assert_rv(tpm_unseal(b->tpm, &b->parent, &seal, &out),
	    CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_parent_check(b->tpm, &b->parent),
	    CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_parent_find(b->tpm, TPM_TRANSIENT, view_str("wrong"),
	    &b->parent), CKR_USER_NOT_LOGGED_IN);
	assert_ok(tpm_set_owner_auth(b->tpm, OWNER));
	assert_ok(tpm_unseal(b->tpm, &b->parent, &seal, &out));
	assert_ok(tpm_parent_find(b->tpm, TPM_TRANSIENT, OWNER, &b->parent));
	/* ReadPublic of an SRK, a session for the owner's command, its end. */
	reopen(b);
	assert_ok(tpm_set_owner_auth(b->tpm, OWNER));
	assert_ok(tpm_unseal(b->tpm, &b->parent, &seal, &out));
	assert_int_equal(trace_count(NULL), 8);
	tpm_blob_free(&seal);
	buf_free(&out);
}

/* Wrong after a session has worked: one attempt more, and no key is lost. */
static void
a_password_that_is_wrong_later_is_told(void **state)
{
	struct bench *b = *state;
	struct tpm_parent srk = TPM_PARENT_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;
	struct tpm_key *k = NULL;

	assert_ok(tpm_parent_provision(b->tpm, TPM_SRK, VIEW_EMPTY, &srk));
	assert_ok(tpm_create_ec(b->tpm, &srk, P256, TPM_USE_SIGN, &blob,
	    &point));
	set_owner("");
	reopen(b);
	assert_ok(tpm_key_new(b->tpm, &srk, &blob, &k));
	assert_signs(k, &point, P256, 32);
	/* Without a password no session is in doubt. */
	trace_reset();
	assert_rv(tpm_parent_check(b->tpm, &b->parent),
	    CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(trace_count(NULL), 1);
	assert_ok(tpm_set_owner_auth(b->tpm, view_str("wrong")));
	assert_rv(tpm_parent_check(b->tpm, &b->parent),
	    CKR_USER_NOT_LOGGED_IN);
	assert_in_range(trace_count("CreatePrimary"), 2, 3);
	assert_signs(k, &point, P256, 32);
	assert_ok(tpm_set_owner_auth(b->tpm, OWNER));
	assert_ok(tpm_parent_check(b->tpm, &b->parent));
	assert_makes_keys(b);
	assert_signs(k, &point, P256, 32);
	tpm_key_unref(&k);
	tpm_parent_free(&srk);
	tpm_blob_free(&blob);
	buf_free(&point);
}

static void
the_owners_password_does_not_cross_the_bus(void **state)
{
	struct bench *b = *state;
	struct buf hex = BUF_EMPTY;

	set_owner("");
	reopen(b);
	assert_ok(tpm_set_owner_auth(b->tpm, OWNER));
	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	assert_makes_keys(b);
	(void)unsetenv("TCTI_TRACE_RAW");
	assert_ok(hex_append(OWNER, &hex));
	run("! grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	/* The trace does show what is in clear: CreatePrimary's code. */
	run("grep -q 00000131 $TCTI_TRACE_FILE");
	buf_free(&hex);
}

static void
resets_and_restarts_are_not_seen(void **state)
{
	struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;
	uint8_t byte;
	int i;

	set_owner("");
	assert_ok(tpm_set_owner_auth(b->tpm, OWNER));
	make_ec(b, P256, &k, &point);
	for (i = 0; i < 3; i++) {
		assert_signs(k, &point, P256, 32);
		own_tpm_reset();
		if (i == 1)	/* and somebody else starts it */
			own_tpm_run("tpm2_startup -c");
	}
	assert_ok(tpm_random(b->tpm, &byte, 1));
	for (i = 0; i < 3; i++) {
		assert_signs(k, &point, P256, 32);
		(void)own_tpm_start();
	}
	assert_ok(tpm_parent_check(b->tpm, &b->parent));
	own_tpm_reset();
	own_tpm_run("tpm2_startup -c");
	assert_ok(tpm_parent_check(b->tpm, &b->parent));
	assert_makes_keys(b);
	tpm_key_unref(&k);
	buf_free(&point);
}

/* As another program without manners does it. */
static void
a_primary_that_was_flushed_is_made_again(void **state)
{
	static const char *const deeds[] = {
		/* Nothing is there. */
		"tpm2_flushcontext -t",
		/* Our session has gone too. */
		"tpm2_flushcontext -t; tpm2_flushcontext -l",
		/* A key that is none of a parent is in its place. */
		"tpm2_flushcontext -t; cd /tmp; c=$(mktemp) && "
		"tpm2_createprimary -Q -C n -G ecc256:ecdsa -a 'sign|"
		"sensitivedataorigin|userwithauth' -c $c; rm $c",
		"tpm2_flushcontext -t; tpm2_flushcontext -l; cd /tmp; "
		"c=$(mktemp) && tpm2_createprimary -Q -C n -G ecc256:ecdsa "
		"-a 'sign|sensitivedataorigin|userwithauth' -c $c; rm $c",
		/* Another parent is there. */
		"tpm2_flushcontext -t; tpm2_flushcontext -l; cd /tmp; "
		"c=$(mktemp) && tpm2_createprimary -Q -C n -c $c; rm $c",
	};
	struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;
	size_t i;

	make_ec(b, P256, &k, &point);
	for (i = 0; i < ARRAY_LEN(deeds); i++) {
		print_message("%s\n", deeds[i]);
		assert_signs(k, &point, P256, 32);
		own_tpm_run(deeds[i]);
		assert_makes_keys(b);
		own_tpm_run(deeds[i]);
		assert_signs(k, &point, P256, 32);
	}
	tpm_key_unref(&k);
	buf_free(&point);
}

static void
a_cleared_tpm_is_not_recognised(void **state)
{
	struct bench *b = *state;
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY, point = BUF_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, view_str("s"), VIEW_EMPTY,
	    true, &seal));
	own_tpm_run("tpm2_clear -Q -c p");
	assert_rv(tpm_unseal(b->tpm, &b->parent, &seal, &out),
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(tpm_parent_check(b->tpm, &b->parent),
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(tpm_create_ec(b->tpm, &b->parent, P256, TPM_USE_SIGN, &seal,
	    &point), CKR_TOKEN_NOT_RECOGNIZED);
	reopen(b);
	assert_rv(tpm_unseal(b->tpm, &b->parent, &seal, &out),
	    CKR_TOKEN_NOT_RECOGNIZED);
	/* A token of now works beside it. */
	assert_ok(tpm_parent_provision(b->tpm, TPM_TRANSIENT, VIEW_EMPTY,
	    &b->parent));
	assert_makes_keys(b);
	tpm_blob_free(&seal);
	buf_free(&out);
}

/* Keys under both parents, more than there are places, in turn. */
static void
both_kinds_of_parents_share_the_places(void **state)
{
	enum { MANY = 8 };
	struct bench *b = *state;
	struct bench under[2] = { *b, *b };
	struct buf points[MANY] = { BUF_EMPTY };
	struct tpm_key *keys[MANY] = { NULL };
	struct tpm_parent other = TPM_PARENT_EMPTY;
	size_t i, round;

	under[1].parent = TPM_PARENT_EMPTY;
	assert_ok(tpm_parent_provision(b->tpm, TPM_SRK, VIEW_EMPTY,
	    &under[1].parent));
	for (i = 0; i < MANY; i++)
		make_ec(&under[i % 2], P256, &keys[i], &points[i]);
	for (round = 0; round < 3; round++)
		for (i = 0; i < MANY; i++)
			assert_signs(keys[i], &points[i], P256, 32);
	/* Three places are taken: another primary has to find one. */
	assert_ok(tpm_parent_provision(b->tpm, 0x81000005, VIEW_EMPTY,
	    &other));
	for (i = 0; i < MANY; i++) {
		assert_signs(keys[i], &points[i], P256, 32);
		tpm_key_unref(&keys[i]);
		buf_free(&points[i]);
	}
	tpm_parent_free(&under[1].parent);
	tpm_parent_free(&other);
}

/* Each fault is met once: while it is made, and when something else needs
 * the place. */
static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = {
		"CreatePrimary:1:0x922", "CreatePrimary:1:0x902",
		"CreatePrimary:1:0x100", "CreatePrimary:1:drop",
		"StartAuthSession:1:0x95", "StartAuthSession:1:0x18b",
		"StartAuthSession:1:0x910", "StartAuthSession:1:0x903",
		"Load:1:0x902", "Load:1:0x98e", "Load:1:0x910",
		"Create:1:0x902", "Sign:1:0x902", "Sign:1:0x910",
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i]);
		reopen(b);
		set_fault(faults[i]);
		assert_makes_keys(b);
		set_fault(NULL);
	}
	set_fault("CreatePrimary:0:0x902");
	reopen(b);
	assert_rv(tpm_parent_check(b->tpm, &b->parent), CKR_DEVICE_MEMORY);
	set_fault("CreatePrimary:0:0x101");
	assert_rv(tpm_parent_check(b->tpm, &b->parent), CKR_DEVICE_ERROR);
	set_fault("StartAuthSession:0:0x95");
	assert_rv(tpm_random(b->tpm, (uint8_t[1]){ 0 }, 1),
	    CKR_DEVICE_ERROR);
	set_fault(NULL);
	assert_makes_keys(b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_left_in_the_tpm),
		TEST(it_is_the_key_that_would_be_persisted),
		TEST(it_is_made_once_a_connection_and_not_before),
		TEST(the_owners_password_makes_it),
		TEST(a_password_that_is_wrong_later_is_told),
		TEST(the_owners_password_does_not_cross_the_bus),
		TEST(resets_and_restarts_are_not_seen),
		TEST(a_primary_that_was_flushed_is_made_again),
		TEST(a_cleared_tpm_is_not_recognised),
		TEST(both_kinds_of_parents_share_the_places),
		TEST(faults_with_a_remedy_are_not_seen),
	};

	return cmocka_run_group_tests(tests, transient_setup, group_teardown);
}
