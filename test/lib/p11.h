/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_H
#define LIB_P11_H

/*
 * What every test of test/api stands on. The module under test is the shared
 * object that P11_MODULE names; nothing of it is linked, so a test sees what
 * a program sees. Everything here fails the running test when it fails.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cryptoki.h"

#include <cmocka.h>

#define P11_SO_PIN "so-pin-1"
#define P11_USER_PIN "user-pin-1"

#define P11_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The tables; p11_3 is NULL when the module has none of 3.0. */
extern CK_FUNCTION_LIST *p11;
extern CK_FUNCTION_LIST_3_0 *p11_3;
/* The slot of the token that p11_setup made. */
extern CK_SLOT_ID p11_slot;

/* Load the module; once, further calls do nothing. */
void p11_load(void);

/* Load, initialise, and make one token with both PINs; finalise. */
int p11_setup(void **state);
int p11_teardown(void **state);

/*
 * For one test: *state becomes a pointer to the handle of a read-write
 * session, public or with the user logged in; all sessions are closed at the
 * end, whatever the test did.
 */
int p11_public(void **state);
int p11_user(void **state);
int p11_close(void **state);
CK_SESSION_HANDLE p11_session(void **state);

#define P11_PUBLIC_TEST(f) \
	cmocka_unit_test_setup_teardown(f, p11_public, p11_close)
#define P11_USER_TEST(f) \
	cmocka_unit_test_setup_teardown(f, p11_user, p11_close)
/* A test that opens what it needs. */
#define P11_TEST(f) cmocka_unit_test_teardown(f, p11_close)

/* The uninitialised slot, last in the list. */
CK_SLOT_ID p11_empty_slot(void);
/* Initialise that slot; PINs are P11_SO_PIN and P11_USER_PIN. */
CK_SLOT_ID p11_make_token(const char *label);
void p11_init_token(CK_SLOT_ID slot, const char *pin, const char *label);
CK_RV p11_try_init_token(CK_SLOT_ID slot, const char *pin, const char *label);
/* The SO gives the user a PIN, in a session of its own. */
void p11_init_pin(CK_SLOT_ID slot, const char *pin);

CK_SESSION_HANDLE p11_open(CK_SLOT_ID slot, CK_FLAGS flags);
CK_SESSION_HANDLE p11_open_ro(void);	/* on p11_slot */
CK_SESSION_HANDLE p11_open_rw(void);
CK_RV p11_try_login(CK_SESSION_HANDLE session, CK_USER_TYPE who,
    const char *pin);
void p11_login(CK_SESSION_HANDLE session, CK_USER_TYPE who);
CK_STATE p11_state(CK_SESSION_HANDLE session);

/* A running copy of the TPM? Else one client at a time talks to it. */
bool p11_has_resource_manager(void);
/* CKF_... of C_GetMechanismInfo on p11_slot; 0 when there is none such. */
CK_FLAGS p11_mechanism_flags(CK_MECHANISM_TYPE type);

/* Codes, by name when they differ. */
#define assert_rv(expected, call) \
	p11_assert_rv((const CK_RV[]){ expected }, 1, call, #call, \
		__FILE__, __LINE__)
/* For what the standard leaves open: assert_rv_in(call, CKR_A, CKR_B). */
#define assert_rv_in(call, ...) \
	p11_assert_rv((const CK_RV[]){ __VA_ARGS__ }, \
		P11_COUNT(((const CK_RV[]){ __VA_ARGS__ })), call, #call, \
		__FILE__, __LINE__)
/* Not by assert_rv, which would print the call with its macros expanded. */
#define assert_ok(call) \
	p11_assert_rv((const CK_RV[]){ CKR_OK }, 1, call, #call, \
		__FILE__, __LINE__)

void p11_assert_rv(const CK_RV *allowed, size_t n, CK_RV rv, const char *call,
    const char *file, int line);
const char *p11_rv_name(CK_RV rv);

/* One entry of a template; the values live as long as the block. */
#define P11_BOOL(type, value) \
	{ type, (CK_BBOOL[]){ (value) ? CK_TRUE : CK_FALSE }, 1 }
#define P11_NUM(type, value) \
	{ type, (CK_ULONG[]){ value }, sizeof(CK_ULONG) }
#define P11_STR(type, literal) \
	{ type, (char[]){ literal }, sizeof(literal) - 1 }
#define P11_BYTES(type, value, len) \
	{ type, (void *)(uintptr_t)(value), len }
#define P11_NONE(type) { type, NULL, 0 }

#endif
