/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_PIN_TEST_H
#define TEST_PIN_TEST_H

#include "tpm_test.h"

#include "tpm/pin.h"

/* For tests of counted PINs: a bench with an SO's index and a user's. */
struct desk {
	struct bench *bench;
	struct tpm *tpm;	/* of bench */
	struct tpm_parent *parent;	/* likewise */
	struct tpm_pin so;
	struct tpm_pin user;
};

#define SO_PIN view_str("the SO's auth")
#define USER_PIN view_str("the user's auth")
#define WRONG_PIN view_str("a wrong auth")
#define NEW_PIN view_str("a new auth")

#define SO_LIMIT 4
#define USER_LIMIT 3

int desk_setup(void **state);
int desk_teardown(void **state);
/* The same with a software TPM of the test's own. */
int own_desk_setup(void **state);
int own_desk_teardown(void **state);

#define DESK(f) cmocka_unit_test_setup_teardown(f, desk_setup, desk_teardown)
#define OWN_DESK(f) \
	cmocka_unit_test_setup_teardown(f, own_desk_setup, own_desk_teardown)

/* Plan and define, as often as the place is taken if any will do. */
CK_RV define_pin(const struct desk *d, struct view owner_auth,
    struct view auth, const struct tpm_pin_wish *wish,
    struct tpm_pin *out) MUST_CHECK;
/* A new connection, as a new process has it. */
void desk_reopen(struct desk *d);
void assert_counts(const struct desk *d, const struct tpm_pin *pin,
    uint32_t count);
CK_RV check(const struct desk *d, const struct tpm_pin *pin,
    struct view auth) MUST_CHECK;
/* The lockout of the whole TPM was not touched. */
void assert_no_lockout(const struct desk *d);
/* How many indices of ours the TPM has. */
size_t count_indices(const struct desk *d);

#endif
