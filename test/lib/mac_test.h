/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_MAC_TEST_H
#define TEST_MAC_TEST_H

#include "tpm_test.h"

#include "tpm/mac.h"

/* For tests of MACs in the TPM: keys of a known value, and OpenSSL's answer. */

/* hash NULL: for any. */
void import_hmac(const struct bench *b, const struct hash *hash,
    struct view value, struct tpm_key **out);
void import_aes(const struct bench *b, struct view value,
    struct tpm_key **out);
void assert_equals(const struct buf *found, struct view expected);

void judge_hmac(const char *hash, struct view key, struct view in,
    struct buf *out);
void judge_cmac(const char *cipher, struct view key, struct view in,
    struct buf *out);

/* The TPM's, of data that comes in portions of random lengths (rand). */
void mac_of(struct tpm_key *k, const struct hash *hash, struct view in,
    struct buf *out);

#endif
