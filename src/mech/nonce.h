/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_NONCE_H
#define MECH_NONCE_H

#include "util/buf.h"
#include "util/cryptoki.h"

/*
 * IVs and nonces that are made here for a series of messages under one key
 * (CKG_*; PKCS#11 3.x, 6.13.2); for this folder only. The first message sets
 * how it is done for the series: generator, length, and what stands in the
 * fixed bits at the front.
 *
 * No nonce is made twice in a series. Between series of one key:
 * CKG_GENERATE_RANDOM draws 96 bits or more for each message, CKG_GENERATE and
 * CKG_GENERATE_COUNTER count from a random start. CKG_GENERATE_COUNTER_XOR has
 * to count from 0 (TLS 1.3, HPKE: the peer counts alike), so its caller must
 * not give the same start to a key twice.
 */
struct nonces {
	bool started;
	CK_GENERATOR_FUNCTION how;
	size_t fixed;		/* bits */
	struct buf start;	/* a whole nonce */
	uint64_t used;		/* how many */
};

struct nonce_wish {
	CK_GENERATOR_FUNCTION how;
	CK_BYTE *nonce;		/* in and out */
	size_t len;
	size_t fixed;		/* bits */
};

/*
 * Write the next nonce. Until nonces_used it may come again, so that a caller
 * who only asks for a length uses none up. How is not CKG_NO_GENERATE.
 * CKR_MECHANISM_PARAM_INVALID, also for a wish that is not the series';
 * CKR_DATA_LEN_RANGE when there is no other nonce.
 */
CK_RV nonces_next(struct nonces *n, const struct nonce_wish *w) MUST_CHECK;
void nonces_used(struct nonces *n);
void nonces_free(struct nonces *n);

#endif
