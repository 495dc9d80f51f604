/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_VAULT_H
#define LIB_VAULT_H

/*
 * For tests of PINs that the TPM counts and of the sealed store: p11_slot's
 * token as programs see it. vault_tpm.h has what an administrator or an
 * attacker does, vault_process.h has other processes.
 *
 * A TPM without resource manager has one client at a time. So what looks
 * into the TPM or starts another process finalises the library before and
 * initialises it after: sessions are gone.
 */
#include "p11_object.h"

/* Setup and teardown of the group; the setup makes a token at p11_slot,
 * unless it is vault_setup_bare. */
int vault_setup(void **state);
int vault_setup_bare(void **state);
int vault_teardown(void **state);
/* Of a test: closes sessions, forgets the configuration and the log. */
int vault_close(void **state);
#define VAULT_TEST(f) cmocka_unit_test_teardown(f, vault_close)

/* Initialise anew, with this configuration in YAML; NULL: none. */
void vault_configure(const char *yaml);
void vault_restart(void);
/* A new token with both PINs becomes p11_slot. */
void vault_new_token(void);
/* A path in the private directory of this run, good until the next call. */
const char *vault_path(const char *name);

/* Did the module log this since the last vault_hush? Of all processes. */
bool vault_said(const char *text);
void vault_hush(void);

/* In a session of its own, and out again. */
CK_RV vault_try(CK_USER_TYPE who, const char *pin);
/* C_SetPIN, not logged in; C_InitPIN by this SO PIN. */
CK_RV vault_set_pin(const char *old_pin, const char *new_pin);
CK_RV vault_set_so_pin(const char *old_pin, const char *new_pin);
CK_RV vault_init_pin(const char *so_pin, const char *pin);
/* Those flags of the token that are about PINs being wrong. */
CK_FLAGS vault_flags(void);
/* n wrong tries, each CKR_PIN_INCORRECT. */
void vault_wrong(CK_USER_TYPE who, unsigned n);
/* Login, a private key pair, a signature; search: a public object's label. */
void vault_works(const char *pin);
CK_RV vault_search(CK_ULONG *count);

/* The library put away for what needs the TPM or the store, and back. */
void vault_pause(void);
void vault_resume(void);

#endif
