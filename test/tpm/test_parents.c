/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include <unistd.h>

#include "tpm/caps.h"
#include "util/log.h"

#define P256 3

/*
 * TPMs that are cleared, exchanged, switched off or not there at all. Each
 * test has a software TPM of its own.
 */

static int
own_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	return tpm_new(own_tpm_start(), &b->tpm) == CKR_OK ? 0 : -1;
}

static int
own_teardown(void **state)
{
	int rc = bench_teardown(state);

	own_tpm_remove();
	return rc;
}

static void
provision(struct bench *b)
{
	assert_ok(tpm_parent_provision(b->tpm, TPM_SRK, VIEW_EMPTY,
	    &b->parent));
}

static void
assert_makes_working_keys(const struct bench *b)
{
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;

	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	tpm_key_unref(&k);
	buf_free(&point);
}

static void
the_srk_is_made_once_and_found_again(void **state)
{
	struct bench *b = *state;
	struct tpm_parent found = TPM_PARENT_EMPTY, again = TPM_PARENT_EMPTY;

	/* The same that provisioning will make, and nothing changed yet. */
	assert_ok(tpm_parent_find(b->tpm, TPM_SRK, VIEW_EMPTY, &found));
	own_tpm_run("! tpm2_readpublic -Q -c 0x81000001 2>/dev/null");
	provision(b);
	assert_int_equal(b->parent.handle, 0x81000001);
	assert_true(view_equal(buf_view(&found.name),
	    buf_view(&b->parent.name)));
	own_tpm_run("tpm2_readpublic -Q -c 0x81000001");
	assert_ok(tpm_parent_provision(b->tpm, TPM_SRK, VIEW_EMPTY, &again));
	assert_true(view_equal(buf_view(&again.name),
	    buf_view(&b->parent.name)));
	assert_ok(tpm_parent_check(b->tpm, &b->parent));
	assert_makes_working_keys(b);
	tpm_free(&b->tpm);
	own_tpm_run("test -z \"$(tpm2_getcap handles-transient; "
	    "tpm2_getcap handles-loaded-session)\"");
	tpm_parent_free(&found);
	tpm_parent_free(&again);
}

static void
the_owners_password_is_asked_for_and_not_shown(void **state)
{
	struct bench *b = *state;

	own_tpm_run("tpm2_changeauth -c owner ownerpw");
	assert_rv(tpm_parent_provision(b->tpm, TPM_SRK, view_str("wrong"),
	    &b->parent), CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_parent_find(b->tpm, TPM_SRK, VIEW_EMPTY, &b->parent),
	    CKR_USER_NOT_LOGGED_IN);
	assert_ok(tpm_parent_provision(b->tpm, TPM_SRK, view_str("ownerpw"),
	    &b->parent));
	assert_makes_working_keys(b);
}

/* Wherever the owner may have one; the primary is the same. */
static void
a_parent_is_made_where_it_is_wished(void **state)
{
	static const uint32_t refused[] = { 1, 0x40000001, 0x80000000,
	    0x81800000, 0x81ffffff, 0x82000000 };
	struct bench *b = *state;
	struct tpm_parent found = TPM_PARENT_EMPTY, other = TPM_PARENT_EMPTY;
	size_t i;

	assert_ok(tpm_parent_find(b->tpm, 0x817fffff, VIEW_EMPTY, &found));
	assert_int_equal(found.handle, 0x817fffff);
	assert_ok(tpm_parent_provision(b->tpm, 0x817fffff, VIEW_EMPTY,
	    &b->parent));
	assert_int_equal(b->parent.handle, 0x817fffff);
	own_tpm_run("tpm2_readpublic -Q -c 0x817fffff");
	own_tpm_run("! tpm2_readpublic -Q -c 0x81000001 2>/dev/null");
	assert_makes_working_keys(b);
	assert_ok(tpm_parent_provision(b->tpm, 0x81000000, VIEW_EMPTY,
	    &other));
	assert_true(view_equal(buf_view(&other.name),
	    buf_view(&b->parent.name)));
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		assert_rv(tpm_parent_provision(b->tpm, refused[i], VIEW_EMPTY,
		    &other), CKR_ARGUMENTS_BAD);
		assert_rv(tpm_parent_find(b->tpm, refused[i], VIEW_EMPTY,
		    &other), CKR_ARGUMENTS_BAD);
	}
	tpm_parent_free(&found);
	tpm_parent_free(&other);
}

/* It is restricted, decrypt and fixedTPM too, but takes a policy to use. */
static void
the_endorsement_key_is_no_parent(void **state)
{
	struct bench *b = *state;

	own_tpm_run("tpm2_createek -Q -c 0x81010001 -G ecc");
	assert_rv(tpm_parent_provision(b->tpm, 0x81010001, VIEW_EMPTY,
	    &b->parent), CKR_TOKEN_NOT_RECOGNIZED);
}

static void
another_key_in_the_srks_place_is_refused(void **state)
{
	struct bench *b = *state;

	own_tpm_run("cd /tmp && c=$(mktemp) && "
	    "tpm2_createprimary -Q -C o -G ecc256:ecdsa -a 'sign|fixedtpm|"
	    "fixedparent|sensitivedataorigin|userwithauth' -c $c && "
	    "tpm2_evictcontrol -Q -C o -c $c 0x81000001; rm $c");
	assert_rv(tpm_parent_provision(b->tpm, TPM_SRK, VIEW_EMPTY,
	    &b->parent), CKR_TOKEN_NOT_RECOGNIZED);
	assert_null(b->parent.name.data);
}

static void
srks_of_other_kinds_serve(void **state)
{
	static const char *const kinds[] = {
		"-G rsa2048", "-G ecc384:aes128cfb -g sha384",
		"-G rsa2048 -g sha384", "-G ecc256"
	};
	struct bench *b = *state;
	char line[512];
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		(void)snprintf(line, sizeof(line),
		    "tpm2_clear -Q -c p && cd /tmp && c=$(mktemp) && "
		    "tpm2_createprimary -Q -C o %s -c $c && tpm2_flushcontext "
		    "-t && tpm2_createprimary -Q -C o %s -c $c && "
		    "tpm2_evictcontrol -Q -C o -c $c 0x81000001 && "
		    "tpm2_flushcontext -t && rm $c", kinds[i], kinds[i]);
		own_tpm_run(line);
		print_message("%s\n", kinds[i]);
		tpm_free(&b->tpm);
		assert_ok(tpm_new(own_tpm_start(), &b->tpm));
		provision(b);
		assert_makes_working_keys(b);
	}
}

/* Made under one TPM, used under another. */
static void
assert_not_recognised(struct bench *b, const struct tpm_blob *seal,
    const struct tpm_blob *key)
{
	struct tpm_key *k = NULL;
	struct buf out = BUF_EMPTY;
	static const uint8_t digest[32] = { 1 };

	assert_rv(tpm_unseal(b->tpm, &b->parent, seal, &out),
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(tpm_key_new(b->tpm, &b->parent, key, &k));
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(tpm_parent_check(b->tpm, &b->parent),
	    CKR_TOKEN_NOT_RECOGNIZED);
	tpm_key_unref(&k);
	assert_null(out.data);
}

static void
another_tpm_is_not_recognised(void **state)
{
	struct bench *b = *state;
	struct tpm_parent other = TPM_PARENT_EMPTY;
	struct tpm_blob seal = TPM_BLOB_EMPTY, key = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;
	uint8_t byte;

	provision(b);
	assert_ok(tpm_seal(b->tpm, &b->parent, view_str("s"), VIEW_EMPTY,
	    true, &seal));
	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, TPM_USE_SIGN, &key,
	    &point));
	tpm_free(&b->tpm);

	/* An empty one. */
	own_tpm_run("tpm2_clear -Q -c p");
	assert_ok(tpm_new(own_tpm_start(), &b->tpm));
	assert_not_recognised(b, &seal, &key);
	/* One with an SRK of its own: with an open session, and without. */
	assert_ok(tpm_parent_provision(b->tpm, TPM_SRK, VIEW_EMPTY, &other));
	assert_ok(tpm_random(b->tpm, &byte, 1));
	assert_not_recognised(b, &seal, &key);
	tpm_free(&b->tpm);
	assert_ok(tpm_new(own_tpm_start(), &b->tpm));
	assert_not_recognised(b, &seal, &key);
	/* The session that the new SRK vouched for does not help the old. */
	assert_ok(tpm_seal(b->tpm, &other, view_str("s"), VIEW_EMPTY, true,
	    &seal));
	assert_not_recognised(b, &key, &key);
	tpm_parent_free(&other);
	tpm_blob_free(&seal);
	tpm_blob_free(&key);
	buf_free(&point);
}

/* The record in a store must not choose whom a session is salted to. */
static void
a_public_area_that_is_not_the_names_is_refused(void **state)
{
	struct bench *b = *state;
	struct tpm_blob seal = TPM_BLOB_EMPTY, key = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;

	provision(b);
	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, TPM_USE_DECRYPT,
	    &key, &point));
	tpm_free(&b->tpm);
	assert_ok(tpm_new(own_tpm_start(), &b->tpm));
	assert_ok(buf_set(&b->parent.public_area,
	    buf_view(&key.public_area)));
	assert_rv(tpm_seal(b->tpm, &b->parent, view_str("s"), VIEW_EMPTY,
	    true, &seal), CKR_DATA_INVALID);
	tpm_blob_free(&key);
	buf_free(&point);
}

static void
a_reset_is_not_seen(void **state)
{
	struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;
	uint8_t byte;
	int i;

	provision(b);
	make_ec(b, P256, &k, &point);
	for (i = 0; i < 3; i++) {
		assert_signs(k, &point, P256, 32);
		own_tpm_reset();
	}
	assert_ok(tpm_random(b->tpm, &byte, 1));
	for (i = 0; i < 3; i++) {
		assert_signs(k, &point, P256, 32);
		(void)own_tpm_start();
	}
	assert_makes_working_keys(b);
	tpm_key_unref(&k);
	buf_free(&point);
}

static void
a_tpm_that_comes_back_is_used_again(void **state)
{
	struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY, out = BUF_EMPTY;
	static const uint8_t digest[32] = { 1 };

	provision(b);
	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	own_tpm_stop();
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_DEVICE_REMOVED);
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_DEVICE_REMOVED);
	(void)own_tpm_start();
	assert_signs(k, &point, P256, 32);
	own_tpm_stop();
	tpm_key_unref(&k);
	buf_free(&point);
	tpm_free(&b->tpm);
}

/* What is on stderr while f runs, with this level of the log; NULL: with
 * what is usual. */
static const char *
stderr_of(void (*f)(const char *), const char *arg, const char *level)
{
	static char text[1024];
	FILE *file = tmpfile();
	int before = dup(2);

	assert_true(file != NULL && before >= 0);
	(void)unsetenv("TPM2_CRYPTOKI_LOG");
	if (level != NULL)
		(void)setenv("TPM2_CRYPTOKI_LOG", level, 1);
	log_start();
	assert_int_equal(dup2(fileno(file), 2), 2);
	f(arg);
	assert_int_equal(dup2(before, 2), 2);
	assert_int_equal(unsetenv("TPM2_CRYPTOKI_LOG"), 0);
	log_start();
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	(void)close(before);
	return text;
}

static void
try_without_password(const char *tcti)
{
	struct tpm_parent found = TPM_PARENT_EMPTY;
	struct tpm *t = NULL;

	assert_ok(tpm_new(tcti, &t));
	assert_rv(tpm_parent_find(t, TPM_SRK, VIEW_EMPTY, &found),
	    CKR_USER_NOT_LOGGED_IN);
	tpm_free(&t);
}

static void
who_lacks_the_owners_password_is_told_what_to_do(void **state)
{
	const char *tcti = own_tpm_start(), *text;

	(void)state;
	own_tpm_run("tpm2_changeauth -c owner ownerpw");
	text = stderr_of(try_without_password, tcti, "error");
	print_message("%s", text);
	assert_non_null(strstr(text, "owner_auth_file"));
	assert_true(strchr(text, '\n') == text + strlen(text) - 1);
}

static void
try_to_connect(const char *tcti)
{
	struct tpm *t = NULL;
	uint8_t byte;

	assert_ok(tpm_new(tcti, &t));
	assert_rv(tpm_random(t, &byte, 1), CKR_DEVICE_REMOVED);
	assert_rv(tpm_random(t, &byte, 1), CKR_DEVICE_REMOVED);
	tpm_free(&t);
}

static void
a_missing_tpm_is_a_code_and_no_chatter(void **state)
{
	static const char *const tctis[] = {
		"device:/dev/does-not-exist", "device:/dev/null",
		"swtpm:path=/does/not/exist", "mssim:host=localhost,port=1",
		"tabrmd", "tabrmd:bus_type=session,bus_name=com.example.None",
		"tabrmd:bus_name=com.intel.tss2.Tabrmd", "nonsense",
		"/does/not/exist.so:swtpm", ""
	};
	size_t i;

	(void)state;
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS",
	    "unix:path=/does/not/exist", 1), 0);
	/* It is the configuration's affair to look at that. */
	(void)setenv("TPM2_CRYPTOKI_TCTI", own_tpm_start(), 1);
	for (i = 0; i < ARRAY_LEN(tctis); i++) {
		print_message("\"%s\"\n", tctis[i]);
		assert_string_equal(stderr_of(try_to_connect, tctis[i],
		    NULL), "");
	}
}

static void
the_capabilities_are_those_of_this_tpm(void **state)
{
	struct bench *b = *state;
	struct tpm_caps c;

	assert_ok(tpm_caps_read(b->tpm, &c));
	assert_string_equal(c.manufacturer, "IBM");
	assert_string_equal(c.vendor, "SWTPM");
	assert_true(c.revision >= 138);
	assert_true(c.firmware[0] != 0);
	assert_true(tpm_caps_curve(&c, P256));
	assert_true(tpm_caps_curve(&c, 4));
	assert_false(tpm_caps_curve(&c, 0));
	assert_false(tpm_caps_curve(&c, 0x40));
	assert_true(tpm_caps_rsa(&c, 2048));
	assert_false(tpm_caps_rsa(&c, 1536));
	assert_false(tpm_caps_rsa(&c, 0));
	assert_int_equal(c.aes_bits[0], 128);
	assert_true(c.encrypt_decrypt);
	assert_true(c.max_digest >= 32);
	assert_true(c.transient_slots >= 3);
	assert_true((c.hashes & 2) != 0);
	assert_true(tpm_hashes[1] == 0x000b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, own_setup, own_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_srk_is_made_once_and_found_again),
		TEST(the_owners_password_is_asked_for_and_not_shown),
		TEST(who_lacks_the_owners_password_is_told_what_to_do),
		TEST(a_parent_is_made_where_it_is_wished),
		TEST(the_endorsement_key_is_no_parent),
		TEST(another_key_in_the_srks_place_is_refused),
		TEST(srks_of_other_kinds_serve),
		TEST(another_tpm_is_not_recognised),
		TEST(a_public_area_that_is_not_the_names_is_refused),
		TEST(a_reset_is_not_seen),
		TEST(a_tpm_that_comes_back_is_used_again),
		TEST(the_capabilities_are_those_of_this_tpm),
		TEST(a_missing_tpm_is_a_code_and_no_chatter),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
