/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_CLOCK_H
#define TOKEN_CLOCK_H

#include "store/store.h"
#include "tpm/counter.h"

/*
 * The counter in the TPM by which an old copy of the store is recognised
 * (store_clock), as the token's row keeps it: what finds it, and its
 * authValue under the device key.
 */
struct clock {
	struct store_clock ops;
	struct tpm *tpm;
	const struct tpm_parent *parent;	/* of the token's row */
	struct tpm_counter counter;
	struct buf source;	/* the row's bytes that it was made from */
};

/* Put c into the row. */
CK_RV clock_write(const struct tpm_counter *c, struct view device,
    struct store_token *row) MUST_CHECK;
/* Out of the row. CKR_DATA_INVALID when it was edited. */
CK_RV clock_read(const struct store_token *row, struct view device,
    struct tpm_counter *c) MUST_CHECK;
/* The public area of the row's counter, which needs no key; empty. */
struct view clock_area(const struct store_token *row);

/* Make c ready for the row's counter, unless it is. */
CK_RV clock_open(struct clock *c, struct tpm *tpm,
    const struct store_token *row, struct view device) MUST_CHECK;
void clock_close(struct clock *c);

#endif
