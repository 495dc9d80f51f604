/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork: the child begins anew, the parent goes on as if nothing had been.
 *
 * The children must not assert, since cmocka would go on with its tests in
 * them; they end with a status and have said on stderr what was wrong.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "p11_calls.h"
#include "p11_object.h"

#include <openssl/obj_mac.h>

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_SESSION_HANDLE session;
static struct p11_pair pair;

static void
parent_signs(void)
{
	struct p11_bytes signature;
	CK_BYTE digest[32] = { 1 };

	p11_sign(session, &ecdsa, pair.private, digest, 32, &signature);
	assert_ok(p11_verify(session, &ecdsa, pair.public, digest, 32,
	    &signature));
	assert_int_equal(p11_state(session), CKS_RW_USER_FUNCTIONS);
}

static int
start(void **state)
{
	(void)state;
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "forked");
	return 0;
}

static int
stop(void **state)
{
	p11_destroy(session, pair.public);
	p11_destroy(session, pair.private);
	return p11_close(state);
}

/* A child that hangs is ended by its alarm, and so has failed. */
static int
in_child(int (*run)(void))
{
	int status;
	pid_t pid;

	(void)fflush(NULL);
	if ((pid = fork()) == 0) {
		(void)alarm(20);
		_exit(run());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool
is_wrong(CK_RV rv, CK_RV expected, const char *what)
{
	if (rv == expected)
		return false;
	(void)fprintf(stderr, "child: %s gave %s, expected %s\n", what,
	    p11_rv_name(rv), p11_rv_name(expected));
	return true;
}

static int
asks_everything(void)
{
	unsigned wrong = p11_call_all(P11_TAKES_ANY, session,
	    CKR_CRYPTOKI_NOT_INITIALIZED);

	return wrong != 0 || is_wrong(p11->C_Finalize(NULL),
	    CKR_CRYPTOKI_NOT_INITIALIZED, "C_Finalize");
}

static void
a_child_is_not_initialised(void **state)
{
	(void)state;
	parent_signs();
	assert_int_equal(in_child(asks_everything), 0);
	parent_signs();
}

/*
 * Asked by the leak sanitizer, in a build that has it. What only a thread of
 * the parent refers to, as with GLib's for D-Bus, is a leak in its eyes in a
 * child that exits.
 */
static int is_child;
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return is_child;
}

/* Through exit, with all that libraries do there. */
static int
exits(void)
{
	is_child = 1;
	exit(0);
}

static void
a_child_that_only_exits_disturbs_nothing(void **state)
{
	CK_SESSION_HANDLE other = p11_open_ro();
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	(void)state;
	assert_ok(p11->C_DigestInit(other, &sha256));
	assert_ok(p11->C_DigestUpdate(other, p11_in("abc"), 3));
	parent_signs();
	assert_int_equal(in_child(exits), 0);
	parent_signs();
	assert_int_equal(in_child(exits), 0);
	assert_ok(p11->C_DigestFinal(other, digest, &n));
	parent_signs();
}

/* From C_Initialize to a signature that verifies; 2 for a TPM that is not to
 * be had. */
static int
child_signs(void)
{
	CK_SESSION_HANDLE s = 0;
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_STR(CKA_LABEL, "forked"),
	};
	CK_OBJECT_HANDLE key = 0;
	CK_BYTE digest[32] = { 7 }, signature[64];
	CK_ULONG n = 0;
	CK_RV rv;

	if (is_wrong(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL,
	    NULL, &s), CKR_OK, "C_OpenSession"))
		return 1;
	rv = p11_try_login(s, CKU_USER, P11_USER_PIN);
	if (rv == CKR_DEVICE_REMOVED)
		return 2;
	if (is_wrong(rv, CKR_OK, "C_Login") ||
	    is_wrong(p11->C_FindObjectsInit(s, template, 2), CKR_OK,
	    "C_FindObjectsInit") ||
	    is_wrong(p11->C_FindObjects(s, &key, 1, &n), CKR_OK,
	    "C_FindObjects") || n != 1 ||
	    is_wrong(p11->C_FindObjectsFinal(s), CKR_OK,
	    "C_FindObjectsFinal") ||
	    is_wrong(p11->C_SignInit(s, &ecdsa, key), CKR_OK, "C_SignInit"))
		return 1;
	n = sizeof(signature);
	return is_wrong(p11->C_Sign(s, digest, 32, signature, &n), CKR_OK,
	    "C_Sign");
}

static int
begins_anew(void)
{
	CK_SESSION_INFO info;
	int status;

	if (is_wrong(p11->C_Initialize(NULL), CKR_OK, "C_Initialize") ||
	    is_wrong(p11->C_Initialize(NULL),
	    CKR_CRYPTOKI_ALREADY_INITIALIZED, "C_Initialize again") ||
	    is_wrong(p11->C_GetSessionInfo(session, &info),
	    CKR_SESSION_HANDLE_INVALID, "the parent's session"))
		return 1;
	status = child_signs();
	if (is_wrong(p11->C_Finalize(NULL), CKR_OK, "C_Finalize"))
		return 1;
	return status;
}

/*
 * tpm2-abrmd is reached through GLib's D-Bus, which does not work in the child
 * of a process that has used it; the module says CKR_DEVICE_REMOVED there
 * instead of hanging. A kernel's resource manager and swtpm have no such rule.
 */
static void
a_child_may_begin_anew(void **state)
{
	int status;

	(void)state;
	parent_signs();
	status = in_child(begins_anew);
	assert_int_equal(status, 0);
	parent_signs();
	status = in_child(begins_anew);
	parent_signs();
}

static int
has_a_child_of_its_own(void)
{
	int status = begins_anew();

	if (status != 0 || is_wrong(p11->C_Initialize(NULL), CKR_OK,
	    "C_Initialize"))
		return status == 0 ? 1 : status;
	status = in_child(begins_anew);
	if (is_wrong(p11->C_Finalize(NULL), CKR_OK, "C_Finalize"))
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void
a_grandchild_too(void **state)
{
	int status = in_child(has_a_child_of_its_own);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	parent_signs();
}

/* A server that loads and looks before it forks, as nginx does; there it is
 * no matter how the TPM is reached. */
static void
a_child_forked_before_the_tpm_was_used(void **state)
{
	int status, i;

	(void)stop(state);
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_rw();
	for (i = 0; i < 3; i++) {
		status = in_child(begins_anew);
		/* the key is not there: the child says so, and no more */
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
	}
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	(void)start(state);
	parent_signs();
}

static atomic_bool enough;
static atomic_uint rounds;

static void *
keeps_busy(void *unused)
{
	CK_SESSION_HANDLE s = 0;
	CK_BYTE out[32];
	CK_ULONG n;

	(void)unused;
	while (!atomic_load(&enough)) {
		n = sizeof(out);
		(void)p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL,
		    NULL, &s);
		(void)p11->C_DigestInit(s, &sha256);
		(void)p11->C_Digest(s, out, 32, out, &n);
		(void)p11->C_CloseSession(s);
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

static int
digests(void)
{
	CK_SESSION_HANDLE s = 0;
	CK_BYTE out[32] = { 0 };
	CK_ULONG n = sizeof(out);

	return is_wrong(p11->C_Initialize(NULL), CKR_OK, "C_Initialize") ||
	    is_wrong(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL,
	    NULL, &s), CKR_OK, "C_OpenSession") ||
	    is_wrong(p11->C_DigestInit(s, &sha256), CKR_OK, "C_DigestInit") ||
	    is_wrong(p11->C_Digest(s, out, 32, out, &n), CKR_OK,
	    "C_Digest") ||
	    is_wrong(p11->C_Finalize(NULL), CKR_OK, "C_Finalize");
}

/* Whatever lock a thread held at that moment, it is nobody's in the child. */
static void
a_fork_while_threads_are_inside(void **state)
{
	pthread_t threads[3];
	int i, status = 0;

	(void)state;
	atomic_store(&enough, false);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keeps_busy,
		    NULL), 0);
	/* a thread that is just being made is the C library's matter */
	while (atomic_load(&rounds) < 100)
		(void)usleep(1000);
	for (i = 0; i < 40 && status == 0; i++)
		status = in_child(digests);
	atomic_store(&enough, true);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(status, 0);
	parent_signs();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_is_not_initialised),
		TEST(a_child_that_only_exits_disturbs_nothing),
		TEST(a_child_may_begin_anew),
		TEST(a_grandchild_too),
		TEST(a_child_forked_before_the_tpm_was_used),
		TEST(a_fork_while_threads_are_inside),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
