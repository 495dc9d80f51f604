/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OBJECT_ROLES_H
#define OBJECT_ROLES_H

#include "attr/attrs.h"

/*
 * A key works on keys or on data, not on both: who may wrap with a key and
 * also decrypt with it reads whatever it wraps, and who may encrypt with it
 * and also unwrap puts values of his choice where only keys should be (Clulow
 * 2003; Bortolozzo et al., "Tookan", 2010). A secret key's CKA_ENCRYPT is as
 * bad as CKA_DECRYPT, since what a counter mode wraps is opened by encrypting,
 * and CKA_DERIVE as CKA_ENCRYPT, since CKM_AES_ECB_ENCRYPT_DATA shows what a
 * block becomes. Of a pair the public half's CKA_WRAP stands against what the
 * private half opens: by decrypting, by signing without padding (RSA), by an
 * agreement on a key (EC). CKA_UNWRAP does not stand against CKA_ENCRYPT
 * there: anybody may encrypt under a public key, without asking us.
 *
 * The functions are for a token that keeps them apart; see object_plan.apart.
 */

/*
 * A new key's uses. A secret for which all of CKA_ENCRYPT, CKA_DECRYPT, CKA_
 * WRAP and CKA_UNWRAP were asked, as by programs that want any use that there
 * is, or nothing, gets those for data. Another mixture has a purpose, and is
 * CKR_TEMPLATE_INCONSISTENT.
 */
CK_RV roles_settle(struct attrs *a) MUST_CHECK;
/* The same for both halves of a new pair: the public one does not wrap. One
 * that was to do nothing but wrap is CKR_TEMPLATE_INCONSISTENT. */
CK_RV roles_settle_pair(struct attrs *pub,
    const struct attrs *priv) MUST_CHECK;

/* CKR_TEMPLATE_INCONSISTENT for a secret key of both roles. */
CK_RV roles_check(const struct attrs *a) MUST_CHECK;

/*
 * A changed key, or a copy: it gets no role that it was not made with, else a
 * key could do first the one and then the other, or be copied for the other.
 * CKR_ATTRIBUTE_READ_ONLY.
 */
CK_RV roles_keep(const struct attrs *before,
    const struct attrs *after) MUST_CHECK;

#endif
