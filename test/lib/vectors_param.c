/* SPDX-License-Identifier: BSD-2-Clause */
#include "vectors_param.h"

#include <stdlib.h>
#include <string.h>

/* The parameters that a vector can name, and their words. */
static union {
	CK_ULONG number;
	CK_RSA_PKCS_PSS_PARAMS pss;
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	CK_ECDH1_DERIVE_PARAMS ecdh;
	CK_AES_CTR_PARAMS ctr;
	CK_GCM_PARAMS gcm;
	CK_CCM_PARAMS ccm;
	CK_KEY_DERIVATION_STRING_DATA string;
	CK_AES_CBC_ENCRYPT_DATA_PARAMS cbc;
	CK_HKDF_PARAMS hkdf;
} param;

/* What a parameter points to. */
static CK_BYTE bytes[2][256];

static CK_ULONG
hex_word(const struct vector *v, size_t word, int to)
{
	return vector_hex(v->param[word], bytes[to], sizeof(bytes[to]));
}

static CK_ULONG
number(const struct vector *v, size_t word)
{
	return strtoul(v->param[word], NULL, 10);
}

/* raw BYTES */
static void
raw(const struct vector *v, CK_MECHANISM *m)
{
	m->pParameter = bytes[0];
	m->ulParameterLen = hex_word(v, 1, 0);
}

/* ulong NUMBER */
static void
one_number(const struct vector *v, CK_MECHANISM *m)
{
	param.number = number(v, 1);
	m->ulParameterLen = sizeof(param.number);
}

/* pss HASH MGF SALT */
static void
pss(const struct vector *v, CK_MECHANISM *m)
{
	param.pss.hashAlg = vector_mechanism_by_name(v->param[1]);
	param.pss.mgf = number(v, 2);
	param.pss.sLen = number(v, 3);
	m->ulParameterLen = sizeof(param.pss);
}

/* oaep HASH MGF LABEL */
static void
oaep(const struct vector *v, CK_MECHANISM *m)
{
	param.oaep.hashAlg = vector_mechanism_by_name(v->param[1]);
	param.oaep.mgf = number(v, 2);
	param.oaep.source = CKZ_DATA_SPECIFIED;
	param.oaep.ulSourceDataLen = hex_word(v, 3, 0);
	if (param.oaep.ulSourceDataLen != 0)
		param.oaep.pSourceData = bytes[0];
	m->ulParameterLen = sizeof(param.oaep);
}

/* ecdh KDF POINT SHARED */
static void
ecdh(const struct vector *v, CK_MECHANISM *m)
{
	param.ecdh.kdf = number(v, 1);
	param.ecdh.pPublicData = bytes[0];
	param.ecdh.ulPublicDataLen = hex_word(v, 2, 0);
	param.ecdh.ulSharedDataLen = hex_word(v, 3, 1);
	if (param.ecdh.ulSharedDataLen != 0)
		param.ecdh.pSharedData = bytes[1];
	m->ulParameterLen = sizeof(param.ecdh);
}

/* ctr BITS BLOCK */
static void
ctr(const struct vector *v, CK_MECHANISM *m)
{
	param.ctr.ulCounterBits = number(v, 1);
	assert_int_equal(hex_word(v, 2, 0), sizeof(param.ctr.cb));
	memcpy(param.ctr.cb, bytes[0], sizeof(param.ctr.cb));
	m->ulParameterLen = sizeof(param.ctr);
}

/* gcm IV AAD TAG */
static void
gcm(const struct vector *v, CK_MECHANISM *m)
{
	param.gcm.pIv = bytes[0];
	param.gcm.ulIvLen = hex_word(v, 1, 0);
	param.gcm.ulIvBits = 8 * param.gcm.ulIvLen;
	param.gcm.pAAD = bytes[1];
	param.gcm.ulAADLen = hex_word(v, 2, 1);
	param.gcm.ulTagBits = 8 * number(v, 3);
	m->ulParameterLen = sizeof(param.gcm);
}

/* ccm NONCE AAD MAC */
static void
ccm(const struct vector *v, CK_MECHANISM *m)
{
	param.ccm.ulDataLen = v->in_len;
	param.ccm.pNonce = bytes[0];
	param.ccm.ulNonceLen = hex_word(v, 1, 0);
	param.ccm.pAAD = bytes[1];
	param.ccm.ulAADLen = hex_word(v, 2, 1);
	param.ccm.ulMACLen = number(v, 3);
	m->ulParameterLen = sizeof(param.ccm);
}

/* string BYTES */
static void
string(const struct vector *v, CK_MECHANISM *m)
{
	param.string.pData = bytes[0];
	param.string.ulLen = hex_word(v, 1, 0);
	m->ulParameterLen = sizeof(param.string);
}

/* ivdata IV BYTES */
static void
ivdata(const struct vector *v, CK_MECHANISM *m)
{
	assert_int_equal(hex_word(v, 1, 0), sizeof(param.cbc.iv));
	memcpy(param.cbc.iv, bytes[0], sizeof(param.cbc.iv));
	param.cbc.pData = bytes[1];
	param.cbc.length = hex_word(v, 2, 1);
	m->ulParameterLen = sizeof(param.cbc);
}

/* hkdf HASH SALT INFO: extract and expand */
static void
hkdf(const struct vector *v, CK_MECHANISM *m)
{
	param.hkdf.bExtract = CK_TRUE;
	param.hkdf.bExpand = CK_TRUE;
	param.hkdf.prfHashMechanism = vector_mechanism_by_name(v->param[1]);
	param.hkdf.pSalt = bytes[0];
	param.hkdf.ulSaltLen = hex_word(v, 2, 0);
	param.hkdf.ulSaltType = param.hkdf.ulSaltLen != 0 ?
	    CKF_HKDF_SALT_DATA : CKF_HKDF_SALT_NULL;
	param.hkdf.pInfo = bytes[1];
	param.hkdf.ulInfoLen = hex_word(v, 3, 1);
	m->ulParameterLen = sizeof(param.hkdf);
}

static const struct {
	const char *kind;
	void (*make)(const struct vector *v, CK_MECHANISM *m);
} kinds[] = {
	{ "raw", raw },
	{ "ulong", one_number },
	{ "pss", pss },
	{ "oaep", oaep },
	{ "ecdh", ecdh },
	{ "ctr", ctr },
	{ "gcm", gcm },
	{ "ccm", ccm },
	{ "string", string },
	{ "ivdata", ivdata },
	{ "hkdf", hkdf },
};

CK_MECHANISM
vector_mechanism(const struct vector *v)
{
	CK_MECHANISM m = { v->type, NULL, 0 };
	size_t i;

	if (v->param[0][0] == '\0')
		return m;
	memset(&param, 0, sizeof(param));
	m.pParameter = &param;
	for (i = 0; i < P11_COUNT(kinds); i++)
		if (strcmp(kinds[i].kind, v->param[0]) == 0) {
			kinds[i].make(v, &m);
			return m;
		}
	fail_msg("%s: no such parameter: %s", v->where, v->param[0]);
	return m;
}
