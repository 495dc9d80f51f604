/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_TPM_TEST_H
#define TEST_TPM_TEST_H

/*
 * For tests of the TPM layer, run under tools/with-tpm. Commands pass through
 * libtcti-trace.so (TCTI_TRACE_LIB, or in the build directory), so a test can
 * count them and break them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/pubkey.h"
#include "tpm/counter.h"
#include "tpm/key.h"

#include <cmocka.h>

#define assert_rv(call, rv) assert_int_equal(call, rv)
#define assert_ok(call) assert_int_equal(call, CKR_OK)

struct bench {
	struct tpm *tpm;
	struct tpm_parent parent;
};

/* Where the parent of a bench is: TPM_SRK unless a test says otherwise. */
extern uint32_t bench_parent;
CK_RV bench_open(struct bench *b, const char *tcti) MUST_CHECK;
/* Setup and teardown of each test: a struct bench with a parent. */
int bench_setup(void **state);
int bench_teardown(void **state);
/* Of the group: OpenSSL, the trace's file. */
int group_setup(void **state);
int group_teardown(void **state);
/* All tests twice: under a persistent parent and under a transient one. */
#define run_with_each_parent(tests) \
	(cmocka_run_group_tests_name("persistent parent", (tests), \
	    group_setup, group_teardown) + \
	cmocka_run_group_tests_name("transient parent", (tests), \
	    transient_setup, group_teardown))
int transient_setup(void **state);
/* How many objects the parent itself takes for as long as a connection. */
unsigned roots(void);

/* The traced TCTI of this run. */
const char *traced_tcti(void);
bool behind_resource_manager(void);

/* Commands since the last trace_reset, all or those with this name. */
void trace_reset(void);
unsigned trace_count(const char *command);
void trace_print(const char *title);
/* See tcti_trace.c; NULL: none. */
void set_fault(const char *fault);

/* What tpm2_getcap finds in the TPM; not behind a resource manager. */
unsigned tpm_holds(const char *what);
void assert_tpm_empty(void);
/* Run a command line; fails the test when it does. */
void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * A software TPM of the test's own, freshly made by the first call; its TCTI.
 * The next calls stop it and start it again from its state. With tpm2_getcap
 * and its like, use "TPM2TOOLS_TCTI=..."; own_tpm_run sets that.
 */
const char *own_tpm_start(void);
void own_tpm_stop(void);
void own_tpm_reset(void);	/* power off and on, no TPM2_Startup */
void own_tpm_remove(void);
void own_tpm_run(const char *command);

/* Plan and define, as often as the place is taken. */
CK_RV define_counter(const struct bench *b, struct view owner_auth,
    struct tpm_counter *c, uint64_t *value) MUST_CHECK;
CK_RV undefine(const struct bench *b, struct view owner_auth,
    const struct buf *public_area) MUST_CHECK;

/* A new key of this curve for signing and ECDH, loaded into out. */
void make_ec(const struct bench *b, uint16_t curve, struct tpm_key **out,
    struct buf *point);
void assert_signs(struct tpm_key *k, const struct buf *point, uint16_t curve,
    size_t digest_len);

#endif
