/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_VAULT_TPM_H
#define LIB_VAULT_TPM_H

/*
 * The token at p11_slot as the TPM, an administrator and an attacker have
 * it, by libcore. Each of these puts the library away meanwhile (vault.h).
 */
#include "vault.h"

#include "store/store.h"

/* TPM2_PT_LOCKOUT_COUNTER, and the indices that look like ours. */
uint32_t vault_lockout_count(void);
size_t vault_index_count(void);
/* What this index of ours counts, as the owner reads it. */
uint32_t vault_tries(enum store_role role);

/* The token's row as it lies in the store; freed by store_token_free. */
void vault_row(struct store_token *row);
/* Write it back, in a header of its own right: as who has the device key. */
void vault_put_row(struct store_token *row);

/* The owner, whose password is empty, removes an index of the token. */
void vault_undefine(enum tpm_index_kind which);
/* The same public area again, with what belongs to this PIN, or, of the
 * counter, with an authValue of the owner's. */
void vault_redefine(enum store_role role, const char *pin);
void vault_redefine_counter(void);
/* What the index of this row, perhaps an old one, says to a PIN. */
CK_RV vault_ask_index(const struct store_token *row, enum store_role role,
    const char *pin);
/* A command line; it has to succeed. */
void vault_run(const char *command);

/* By token/admin.h; so_pin NULL: none is given. */
CK_RV vault_restore(const char *so_pin);
CK_RV vault_reseal(const char *so_pin, const char *pcrs);
CK_RV vault_delete(const char *so_pin);
CK_RV vault_unlock_so(void);
CK_RV vault_sweep(size_t *left);

#endif
