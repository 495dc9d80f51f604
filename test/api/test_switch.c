/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Twenty keys in the three places of a TPM, used in turn by eight threads:
 * no error, and a switch costs one Load and at most one flush.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"
#include "p11_trace.h"

#include <openssl/obj_mac.h>

#define KEYS 20
#define THREADS 8
#define ROUNDS 40

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static struct p11_pair pairs[KEYS];
static atomic_uint wrongs;

static int
setup(void **state)
{
	CK_SESSION_HANDLE session;
	char label[16];
	size_t i;

	p11_trace_start();
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	for (i = 0; i < KEYS; i++) {
		(void)snprintf(label, sizeof(label), "key-%02zu", i);
		pairs[i] = p11_ec_pair(session, NID_X9_62_prime256v1, true,
		    label);
	}
	return 0;
}

static int
teardown(void **state)
{
	p11_trace_stop();
	return p11_teardown(state);
}

/* Signs with one key, and has the public one judge it. */
static bool
works(CK_SESSION_HANDLE session, const struct p11_pair *pair, CK_BYTE n)
{
	CK_BYTE digest[32] = { n }, signature[64];
	CK_ULONG len = sizeof(signature);

	return p11->C_SignInit(session, &ecdsa, pair->private) == CKR_OK &&
	    p11->C_Sign(session, digest, sizeof(digest), signature, &len) ==
	    CKR_OK &&
	    p11->C_VerifyInit(session, &ecdsa, pair->public) == CKR_OK &&
	    p11->C_Verify(session, digest, sizeof(digest), signature, len) ==
	    CKR_OK;
}

/* No assertions in a thread. */
static void *
use_keys(void *arg)
{
	const size_t *begin = arg;
	CK_SESSION_HANDLE session;
	size_t i;

	if (p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &session) != CKR_OK) {
		atomic_fetch_add(&wrongs, 1);
		return NULL;
	}
	for (i = 0; i < ROUNDS; i++)
		if (!works(session, &pairs[(*begin + i * 7) % KEYS],
		    (CK_BYTE)i))
			atomic_fetch_add(&wrongs, 1);
	(void)p11->C_CloseSession(session);
	return NULL;
}

static void
run_threads(void)
{
	pthread_t threads[THREADS];
	size_t begins[THREADS], i;

	for (i = 0; i < THREADS; i++) {
		begins[i] = i * 5;
		assert_int_equal(pthread_create(&threads[i], NULL, use_keys,
		    &begins[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&wrongs), 0);
}

static void
a_switch_costs_a_load_and_a_flush(void **state)
{
	static struct p11_traced all[8192];
	CK_ULONG n, i, loads = 0, flushes = 0, signs = 0;

	(void)state;
	run_threads();		/* now it is known what the TPM has room for */
	p11_trace_clear();
	run_threads();
	n = p11_trace_take(all, P11_COUNT(all));
	for (i = 0; i < n; i++) {
		loads += strcmp(all[i].name, "Load") == 0;
		flushes += strcmp(all[i].name, "FlushContext") == 0;
		signs += strcmp(all[i].name, "Sign") == 0;
	}
	print_message("%lu commands: %lu Sign, %lu Load, %lu FlushContext\n",
	    n, signs, loads, flushes);
	assert_int_equal(signs, THREADS * ROUNDS);
	assert_in_range(loads, p11_has_resource_manager() ? 0 : KEYS, signs);
	/* Of 64 evictions one forgets how much room there is, and finds out
	 * by a Load that fails, for which more is flushed. */
	assert_in_range(flushes, 0, loads);
	assert_in_range(n, signs, signs + loads + flushes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch_costs_a_load_and_a_flush),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
