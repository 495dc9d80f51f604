/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: doing everything at once, closing under each other's feet, and
 * C_Finalize in the midst of it. P11_SECONDS is how long (5).
 *
 * Threads must not assert: they count what went wrong and keep the first.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

#define THREADS 8

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_SESSION_HANDLE keeper;	/* keeps the login */
static struct p11_pair pair;
static struct p11_bytes abc;		/* SHA-256 of "abc" */

static atomic_bool enough;
static atomic_uint rounds, wrongs;
static _Atomic(const char *) first;
static _Atomic CK_RV first_rv;

static bool
is_ok(CK_RV rv, const char *what)
{
	const char *none = NULL;

	if (rv == CKR_OK)
		return true;
	atomic_fetch_add(&wrongs, 1);
	if (atomic_compare_exchange_strong(&first, &none, what))
		atomic_store(&first_rv, rv);
	return false;
}

static void
wrong(const char *what)
{
	(void)is_ok(CKR_GENERAL_ERROR, what);
}

static void
no_thread_was_wrong(void)
{
	if (atomic_load(&wrongs) != 0)
		fail_msg("%u errors, the first: %s gave %s",
		    atomic_load(&wrongs), atomic_load(&first),
		    p11_rv_name(atomic_load(&first_rv)));
}

static int
reset(void **state)
{
	(void)state;
	atomic_store(&enough, false);
	atomic_store(&rounds, 0);
	atomic_store(&wrongs, 0);
	atomic_store(&first, NULL);
	return 0;
}

static int
setup(void **state)
{
	(void)p11_setup(state);
	keeper = p11_open_rw();
	p11_login(keeper, CKU_USER);
	pair = p11_ec_pair(keeper, NID_X9_62_prime256v1, true, "shared");
	abc = ossl_digest("SHA256", "abc", 3);
	return 0;
}

static void
search(CK_SESSION_HANDLE s)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "shared");
	CK_OBJECT_HANDLE found[4];
	CK_ULONG n = 0;

	if (is_ok(p11->C_FindObjectsInit(s, &label, 1), "C_FindObjectsInit") &&
	    is_ok(p11->C_FindObjects(s, found, 4, &n), "C_FindObjects") &&
	    is_ok(p11->C_FindObjectsFinal(s), "C_FindObjectsFinal") && n != 2)
		wrong("the number found");
}

static void
sign(CK_SESSION_HANDLE s)
{
	CK_BYTE signature[64];
	CK_ULONG n = sizeof(signature);

	if (is_ok(p11->C_SignInit(s, &ecdsa, pair.private), "C_SignInit") &&
	    is_ok(p11->C_Sign(s, abc.data, 32, signature, &n), "C_Sign") &&
	    is_ok(p11->C_VerifyInit(s, &ecdsa, pair.public),
	    "C_VerifyInit"))
		(void)is_ok(p11->C_Verify(s, abc.data, 32, signature, n),
		    "C_Verify");
}

static void
digest(CK_SESSION_HANDLE s)
{
	CK_BYTE out[32];
	CK_ULONG n = sizeof(out);

	if (is_ok(p11->C_DigestInit(s, &sha256), "C_DigestInit") &&
	    is_ok(p11->C_DigestUpdate(s, p11_in("a"), 1), "C_DigestUpdate") &&
	    is_ok(p11->C_DigestUpdate(s, p11_in("bc"), 2), "C_DigestUpdate") &&
	    is_ok(p11->C_DigestFinal(s, out, &n), "C_DigestFinal") &&
	    memcmp(out, abc.data, 32) != 0)
		wrong("the digest");
}

static void
create_and_destroy(CK_SESSION_HANDLE s, bool token)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, token),
		P11_STR(CKA_LABEL, "of a thread"),
	};
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "changed by a thread");
	CK_BYTE room[32];
	CK_ATTRIBUTE got = P11_BYTES(CKA_LABEL, room, sizeof(room));
	CK_OBJECT_HANDLE object;

	if (is_ok(p11->C_CreateObject(s, template, 3, &object),
	    "C_CreateObject") &&
	    is_ok(p11->C_SetAttributeValue(s, object, &label, 1),
	    "C_SetAttributeValue") &&
	    is_ok(p11->C_GetAttributeValue(s, object, &got, 1),
	    "C_GetAttributeValue") &&
	    is_ok(p11->C_DestroyObject(s, object), "C_DestroyObject") &&
	    memcmp(room, "changed by a thread", 19) != 0)
		wrong("the label");
}

static void *
does_everything(void *number)
{
	unsigned mine = *(unsigned *)number, i;
	CK_SESSION_HANDLE s;

	for (i = mine; !atomic_load(&enough); i++) {
		if (!is_ok(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION |
		    CKF_RW_SESSION, NULL, NULL, &s), "C_OpenSession"))
			break;
		search(s);
		sign(s);
		digest(s);
		create_and_destroy(s, i % 4 == 0);
		if (!is_ok(p11->C_CloseSession(s), "C_CloseSession"))
			break;
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

static void
pause_for(long milliseconds)
{
	struct timespec t = { milliseconds / 1000,
		milliseconds % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void
run_threads(pthread_t *threads, unsigned *numbers, void *(*run)(void *))
{
	unsigned i;

	for (i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, run,
		    &numbers[i]), 0);
	}
}

static void
join_threads(const pthread_t *threads)
{
	unsigned i;

	atomic_store(&enough, true);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void
eight_threads_do_everything(void **state)
{
	const char *seconds = getenv("P11_SECONDS");
	CK_ULONG before = p11_count(keeper, NULL, 0);
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];

	(void)state;
	run_threads(threads, numbers, does_everything);
	pause_for(1000 * (seconds == NULL ? 5 : atol(seconds)));
	join_threads(threads);
	no_thread_was_wrong();
	print_message("%u rounds\n", atomic_load(&rounds));
	assert_true(atomic_load(&rounds) >= THREADS);
	/* nothing of theirs is left, and all is as usable as before */
	assert_int_equal(p11_count(keeper, NULL, 0), before);
	sign(keeper);
	no_thread_was_wrong();
}

/* One session for all, which the main thread closes: errors, no crash. */
static _Atomic CK_SESSION_HANDLE shared;

static void *
uses_the_shared_session(void *number)
{
	CK_BYTE out[64];
	CK_ULONG n;
	CK_SESSION_HANDLE s;
	CK_OBJECT_HANDLE object;
	CK_ATTRIBUTE class = P11_NUM(CKA_CLASS, CKO_DATA);
	unsigned mine = *(unsigned *)number;

	while (!atomic_load(&enough)) {
		s = atomic_load(&shared);
		n = sizeof(out);
		switch (mine % 4) {
		case 0:
			(void)p11->C_SignInit(s, &ecdsa, pair.private);
			(void)p11->C_Sign(s, out, 32, out, &n);
			break;
		case 1:
			(void)p11->C_DigestInit(s, &sha256);
			(void)p11->C_DigestUpdate(s, out, 10);
			(void)p11->C_DigestFinal(s, out, &n);
			break;
		case 2:
			(void)p11->C_FindObjectsInit(s, NULL, 0);
			(void)p11->C_FindObjects(s, &object, 1, &n);
			(void)p11->C_FindObjectsFinal(s);
			break;
		default:
			(void)p11->C_CreateObject(s, &class, 1, &object);
			break;
		}
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

static void
sessions_closed_under_their_users(void **state)
{
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];
	int i;

	(void)state;
	atomic_store(&shared, p11_open_rw());
	run_threads(threads, numbers, uses_the_shared_session);
	for (i = 0; i < 200; i++) {
		pause_for(5);
		assert_ok(p11->C_CloseSession(atomic_load(&shared)));
		atomic_store(&shared, p11_open_rw());
	}
	join_threads(threads);
	assert_ok(p11->C_CloseSession(atomic_load(&shared)));
	assert_true(atomic_load(&rounds) > 200);
	sign(keeper);
	no_thread_was_wrong();
}

/* Objects destroyed while others read them and sign with them. */
static _Atomic CK_OBJECT_HANDLE passing;

static void *
uses_a_passing_key(void *number)
{
	CK_SESSION_HANDLE s;
	CK_BYTE out[64];
	CK_ATTRIBUTE label = P11_BYTES(CKA_LABEL, out, sizeof(out));
	CK_ULONG n;

	(void)number;
	if (!is_ok(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL,
	    NULL, &s), "C_OpenSession"))
		return NULL;
	while (!atomic_load(&enough)) {
		n = sizeof(out);
		if (p11->C_SignInit(s, &ecdsa, atomic_load(&passing)) ==
		    CKR_OK)
			(void)p11->C_Sign(s, out, 32, out, &n);
		label.ulValueLen = sizeof(out);
		(void)p11->C_GetAttributeValue(s, atomic_load(&passing),
		    &label, 1);
		/* whatever the two have said, the session is a whole one */
		if (!is_ok(p11->C_DigestInit(s, &sha256), "C_DigestInit"))
			break;
		n = sizeof(out);
		(void)is_ok(p11->C_Digest(s, out, 3, out, &n), "C_Digest");
		atomic_fetch_add(&rounds, 1);
	}
	(void)is_ok(p11->C_CloseSession(s), "C_CloseSession");
	return NULL;
}

static void
objects_destroyed_under_their_users(void **state)
{
	struct p11_pair p = p11_ec_pair(keeper, NID_X9_62_prime256v1, false,
	    "passing"), next;
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];
	int i;

	(void)state;
	atomic_store(&passing, p.private);
	run_threads(threads, numbers, uses_a_passing_key);
	for (i = 0; i < 50; i++) {
		next = p11_ec_pair(keeper, NID_X9_62_prime256v1, i % 2 == 0,
		    "passing");
		atomic_store(&passing, next.private);
		p11_destroy(keeper, p.private);
		p11_destroy(keeper, p.public);
		p = next;
	}
	join_threads(threads);
	p11_destroy(keeper, p.private);
	p11_destroy(keeper, p.public);
	no_thread_was_wrong();
}

/* Its handles are dead after a logout or a restart. */
static void
find_pair(void)
{
	CK_ATTRIBUTE template[] = {
		P11_STR(CKA_LABEL, "shared"),
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
	};

	pair.private = p11_find_one(keeper, template, 2);
	template[1] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY);
	pair.public = p11_find_one(keeper, template, 2);
}

/* Log in and out while others look: they see it or not, but no mixture. */
static void *
looks_for_private_objects(void *number)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "shared");
	CK_OBJECT_HANDLE found[4];
	CK_SESSION_HANDLE s;
	CK_ULONG n;

	(void)number;
	if (!is_ok(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL,
	    NULL, &s), "C_OpenSession"))
		return NULL;
	while (!atomic_load(&enough)) {
		n = 0;
		if (!is_ok(p11->C_FindObjectsInit(s, &label, 1),
		    "C_FindObjectsInit"))
			break;
		(void)p11->C_FindObjects(s, found, 4, &n);
		(void)p11->C_FindObjectsFinal(s);
		if (n > 2)
			wrong("the number found");
		atomic_fetch_add(&rounds, 1);
	}
	(void)is_ok(p11->C_CloseSession(s), "C_CloseSession");
	return NULL;
}

static void
logins_come_and_go(void **state)
{
	CK_ATTRIBUTE private[] = { P11_STR(CKA_LABEL, "shared"),
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY) };
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];
	int i;

	(void)state;
	run_threads(threads, numbers, looks_for_private_objects);
	for (i = 0; i < 30; i++) {
		assert_ok(p11->C_Logout(keeper));
		assert_int_equal(p11_count(keeper, private, 2), 0);
		p11_login(keeper, CKU_USER);
		assert_int_equal(p11_count(keeper, private, 2), 1);
	}
	join_threads(threads);
	no_thread_was_wrong();
	find_pair();
}

static void
finalize_while_threads_are_inside(void **state)
{
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		(void)reset(state);
		atomic_store(&shared, p11_open_rw());
		run_threads(threads, numbers, uses_the_shared_session);
		pause_for(50);
		assert_ok(p11->C_Finalize(NULL));
		assert_ok(p11->C_Initialize(NULL));
		join_threads(threads);
		/* sessions and logins are gone; their handles begin anew */
		assert_ok(p11->C_CloseAllSessions(p11_slot));
	}
	keeper = p11_open_rw();
	p11_login(keeper, CKU_USER);
	find_pair();
	sign(keeper);
	no_thread_was_wrong();
}

#define TEST(f) cmocka_unit_test_setup(f, reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(eight_threads_do_everything),
		TEST(sessions_closed_under_their_users),
		TEST(objects_destroyed_under_their_users),
		TEST(logins_come_and_go),
		TEST(finalize_while_threads_are_inside),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
