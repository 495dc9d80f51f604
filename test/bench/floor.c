/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor: the TPM commands alone, through ESAPI, with the key loaded and
 * its authValue given as a plain password. Threads share the connection by
 * a lock. The keys are children of a primary key of the owner; their blobs
 * lie in BENCH_DIR.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include "bench.h"

#define CHUNK 1024	/* of EncryptDecrypt2 */

static const char *const key_names[] = {
	[OP_ECDSA] = "ec", [OP_RSA_SIGN] = "rsa", [OP_RSA_DECRYPT] = "rsa",
	[OP_ECDH] = "ec", [OP_AES] = "aes", [OP_HMAC] = "hmac",
	[OP_TLS] = "ec", [OP_TCTI] = "ec", [OP_SEARCH] = NULL,
};

static const TPM2B_AUTH key_auth = { 32, { "authValue of the keys of bench" } };
static const TPM2B_DIGEST hash = { 32, { 1, 2, 3 } };
static const TPMT_TK_HASHCHECK no_ticket = { TPM2_ST_HASHCHECK, TPM2_RH_NULL,
	{ 0, { 0 } } };
static const TPM2B_DATA no_label;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct test *test;
static TSS2_TCTI_CONTEXT *tcti;
static ESYS_CONTEXT *esys;
static ESYS_TR key;
static TPM2B_PUBLIC *public;
static TPM2B_PUBLIC_KEY_RSA *cipher;
static uint8_t raw[256];	/* OP_TCTI: the bytes of the command */
static size_t raw_len;

static void
check(TSS2_RC rc, const char *what)
{
	if (rc != TSS2_RC_SUCCESS)
		die("%s: 0x%08x", what, rc);
}

#define CHECK(call) check(call, #call)

/* The tail of most ESAPI calls. */
#define PASSWORD ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE
#define NO_SESSION ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

static void
connect_tpm(void)
{
	CHECK(Tss2_TctiLdr_Initialize(need_env("TPM2_CRYPTOKI_TCTI"), &tcti));
	CHECK(Esys_Initialize(&esys, tcti, NULL));
}

static void
disconnect(void)
{
	Esys_Finalize(&esys);
	Tss2_TctiLdr_Finalize(&tcti);
}

static ESYS_TR
make_parent(void)
{
	static const TPM2B_SENSITIVE_CREATE nothing;
	static const TPML_PCR_SELECTION no_pcr;
	TPM2B_PUBLIC template = { .publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_RESTRICTED |
		    TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM |
		    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA |
		    TPMA_OBJECT_SENSITIVEDATAORIGIN |
		    TPMA_OBJECT_USERWITHAUTH,
		.parameters.eccDetail = {
			.symmetric = { TPM2_ALG_AES, { 128 },
			    { TPM2_ALG_CFB } },
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	} };
	ESYS_TR parent;

	CHECK(Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, PASSWORD, &nothing,
	    &template, &no_label, &no_pcr, &parent, NULL, NULL, NULL, NULL));
	return parent;
}

static void
save(const char *name, const uint8_t *data, size_t len)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/floor.%s", need_env("BENCH_DIR"),
	    name);
	if ((f = fopen(path, "w")) == NULL || fwrite(data, 1, len, f) != len ||
	    fclose(f) != 0)
		die("cannot write %s", path);
}

static size_t
load(const char *name, uint8_t *data, size_t room)
{
	char path[512];
	size_t len;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/floor.%s", need_env("BENCH_DIR"),
	    name);
	if ((f = fopen(path, "r")) == NULL ||
	    (len = fread(data, 1, room, f)) == 0)
		die("cannot read %s", path);
	(void)fclose(f);
	return len;
}

static void
create_key(ESYS_TR parent, const char *name, TPMT_PUBLIC template)
{
	static const TPML_PCR_SELECTION no_pcr;
	TPM2B_SENSITIVE_CREATE sensitive = { .sensitive.userAuth = key_auth };
	TPM2B_PUBLIC in = { .publicArea = template }, *out = NULL;
	TPM2B_PRIVATE *private = NULL;
	uint8_t blob[2048];
	size_t len = 0;

	in.publicArea.nameAlg = TPM2_ALG_SHA256;
	in.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM |
	    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA |
	    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH;
	CHECK(Esys_Create(esys, parent, PASSWORD, &sensitive, &in, &no_label,
	    &no_pcr, &private, &out, NULL, NULL, NULL));
	CHECK(Tss2_MU_TPM2B_PUBLIC_Marshal(out, blob, sizeof(blob), &len));
	CHECK(Tss2_MU_TPM2B_PRIVATE_Marshal(private, blob, sizeof(blob), &len));
	save(name, blob, len);
	Esys_Free(private);
	Esys_Free(out);
}

/* The TPM may lack AES; then the floor has no figure for it. */
static bool
tpm_has_aes(void)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	bool has;

	CHECK(Esys_GetCapability(esys, NO_SESSION, TPM2_CAP_COMMANDS,
	    TPM2_CC_EncryptDecrypt2, 1, &more, &data));
	has = data->data.command.count == 1 &&
	    (data->data.command.commandAttributes[0] &
	    TPMA_CC_COMMANDINDEX_MASK) == TPM2_CC_EncryptDecrypt2;
	Esys_Free(data);
	return has;
}

void
floor_make_keys(void)
{
	ESYS_TR parent;

	connect_tpm();
	parent = make_parent();
	create_key(parent, "ec", (TPMT_PUBLIC){
	    .type = TPM2_ALG_ECC,
	    .objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_DECRYPT,
	    .parameters.eccDetail = {
	        .symmetric.algorithm = TPM2_ALG_NULL,
	        .scheme.scheme = TPM2_ALG_NULL,
	        .curveID = TPM2_ECC_NIST_P256,
	        .kdf.scheme = TPM2_ALG_NULL } });
	create_key(parent, "rsa", (TPMT_PUBLIC){
	    .type = TPM2_ALG_RSA,
	    .objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_DECRYPT,
	    .parameters.rsaDetail = {
	        .symmetric.algorithm = TPM2_ALG_NULL,
	        .scheme.scheme = TPM2_ALG_NULL,
	        .keyBits = 2048 } });
	create_key(parent, "hmac", (TPMT_PUBLIC){
	    .type = TPM2_ALG_KEYEDHASH,
	    .objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT,
	    .parameters.keyedHashDetail.scheme = {
	        .scheme = TPM2_ALG_HMAC,
	        .details.hmac.hashAlg = TPM2_ALG_SHA256 } });
	if (tpm_has_aes())
		create_key(parent, "aes", (TPMT_PUBLIC){
		    .type = TPM2_ALG_SYMCIPHER,
		    .objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT |
		        TPMA_OBJECT_DECRYPT,
		    .parameters.symDetail.sym = { TPM2_ALG_AES, { 128 },
		        { TPM2_ALG_NULL } } });
	CHECK(Esys_FlushContext(esys, parent));
	disconnect();
}

static void
flush_from(TPM2_HANDLE first)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	ESYS_TR handle;
	uint32_t i;

	CHECK(Esys_GetCapability(esys, NO_SESSION, TPM2_CAP_HANDLES, first,
	    64, &more, &data));
	for (i = 0; i < data->data.handles.count; i++) {
		CHECK(Esys_TR_FromTPMPublic(esys, data->data.handles.handle[i],
		    NO_SESSION, &handle));
		CHECK(Esys_FlushContext(esys, handle));
	}
	Esys_Free(data);
}

void
floor_flush(void)
{
	connect_tpm();
	flush_from(TPM2_TRANSIENT_FIRST);
	flush_from(TPM2_LOADED_SESSION_FIRST);
	flush_from(TPM2_ACTIVE_SESSION_FIRST);
	disconnect();
}

/* Modules whose keys are under the TPM's dictionary attack protection lose a
 * try when the TPM is switched off. */
void
floor_unlock(void)
{
	connect_tpm();
	CHECK(Esys_DictionaryAttackLockReset(esys, ESYS_TR_RH_LOCKOUT,
	    PASSWORD));
	disconnect();
}

static void
load_key(const char *name)
{
	TPM2B_PRIVATE private = { 0 };
	TPM2B_PUBLIC area = { 0 };
	ESYS_TR parent = make_parent();
	uint8_t blob[2048];
	size_t len = load(name, blob, sizeof(blob)), at = 0;

	CHECK(Tss2_MU_TPM2B_PUBLIC_Unmarshal(blob, len, &at, &area));
	CHECK(Tss2_MU_TPM2B_PRIVATE_Unmarshal(blob, len, &at, &private));
	CHECK(Esys_Load(esys, parent, PASSWORD, &private, &area, &key));
	CHECK(Esys_TR_SetAuth(esys, key, &key_auth));
	CHECK(Esys_FlushContext(esys, parent));
	CHECK(Esys_ReadPublic(esys, key, NO_SESSION, &public, NULL, NULL));
}

/* Something for RSA_Decrypt without a scheme: less than any modulus. */
static void
make_cipher(void)
{
	TPM2B_PUBLIC_KEY_RSA plain = { 256, { 0, 2, 7, 7 } };
	TPMT_RSA_DECRYPT scheme = { .scheme = TPM2_ALG_NULL };

	CHECK(Esys_RSA_Encrypt(esys, key, NO_SESSION, &plain, &scheme,
	    &no_label, &cipher));
}

/* TPM2_Sign with a password, as ESAPI would send it. */
static void
make_raw(void)
{
	TPM2_HANDLE handle;
	size_t n = 0;
	TPM2B_DIGEST digest = hash;

	CHECK(Esys_TR_GetTpmHandle(esys, key, &handle));
	CHECK(Tss2_MU_TPM2_ST_Marshal(TPM2_ST_SESSIONS, raw, sizeof(raw), &n));
	n += 4;
	CHECK(Tss2_MU_UINT32_Marshal(TPM2_CC_Sign, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT32_Marshal(handle, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT32_Marshal(9 + key_auth.size, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT32_Marshal(TPM2_RS_PW, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT16_Marshal(0, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT8_Marshal(0, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_TPM2B_DIGEST_Marshal(&key_auth, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_TPM2B_DIGEST_Marshal(&digest, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT16_Marshal(TPM2_ALG_ECDSA, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_UINT16_Marshal(TPM2_ALG_SHA256, raw, sizeof(raw), &n));
	CHECK(Tss2_MU_TPMT_TK_HASHCHECK_Marshal(&no_ticket, raw, sizeof(raw),
	    &n));
	raw_len = n;
	n = 2;
	CHECK(Tss2_MU_UINT32_Marshal((uint32_t)raw_len, raw, sizeof(raw), &n));
}

static void
floor_open(const struct test *t)
{
	test = t;
	connect_tpm();
	if (t->op != OP_RANDOM)
		load_key(key_names[t->op]);
	if (t->op == OP_RSA_DECRYPT)
		make_cipher();
	if (t->op == OP_TCTI)
		make_raw();
}

static void *
floor_thread(void)
{
	return NULL;
}

static void
sign(TPM2_ALG_ID scheme, TPMT_SIGNATURE **signature)
{
	TPMT_SIG_SCHEME with = { .scheme = scheme,
		.details.any.hashAlg = TPM2_ALG_SHA256 };

	CHECK(Esys_Sign(esys, key, PASSWORD, &hash, &with, &no_ticket,
	    signature));
}

static void
run_sign(void)
{
	TPMT_SIGNATURE *signature = NULL;

	sign(test->op == OP_RSA_SIGN ? TPM2_ALG_RSASSA : TPM2_ALG_ECDSA,
	    &signature);
	Esys_Free(signature);
}

static void
run_decrypt(void)
{
	TPMT_RSA_DECRYPT scheme = { .scheme = TPM2_ALG_NULL };
	TPM2B_PUBLIC_KEY_RSA *plain = NULL;

	CHECK(Esys_RSA_Decrypt(esys, key, PASSWORD, cipher, &scheme, &no_label,
	    &plain));
	Esys_Free(plain);
}

/* With the key's own point as the other side's. */
static void
run_ecdh(void)
{
	TPM2B_ECC_POINT in = { .point = public->publicArea.unique.ecc };
	TPM2B_ECC_POINT *out = NULL;

	CHECK(Esys_ECDH_ZGen(esys, key, PASSWORD, &in, &out));
	Esys_Free(out);
}

static void
run_aes(void)
{
	TPM2B_MAX_BUFFER in = { 0, { 0 } }, *out = NULL;
	TPM2B_IV iv = { 16, { 0 } }, *next = NULL;
	size_t done;

	for (done = 0; done < test->size; done += in.size) {
		in.size = (uint16_t)(test->size - done < CHUNK ?
		    test->size - done : CHUNK);
		CHECK(Esys_EncryptDecrypt2(esys, key, PASSWORD, &in, TPM2_NO,
		    TPM2_ALG_CBC, &iv, &out, &next));
		iv = *next;
		Esys_Free(next);
		Esys_Free(out);
	}
}

static void
run_hmac(void)
{
	TPM2B_MAX_BUFFER in = { (uint16_t)test->size, { 0 } };
	TPM2B_DIGEST *out = NULL;

	CHECK(Esys_HMAC(esys, key, PASSWORD, &in, TPM2_ALG_SHA256, &out));
	Esys_Free(out);
}

static void
run_random(void)
{
	TPM2B_DIGEST *out = NULL;
	size_t done, want;

	for (done = 0; done < test->size; done += out->size, Esys_Free(out)) {
		want = test->size - done < 64 ? test->size - done : 64;
		CHECK(Esys_GetRandom(esys, NO_SESSION, (uint16_t)want, &out));
	}
}

static void
run_tcti(void)
{
	uint8_t response[4096];
	size_t len = sizeof(response);

	CHECK(Tss2_Tcti_Transmit(tcti, raw_len, raw));
	CHECK(Tss2_Tcti_Receive(tcti, &len, response,
	    TSS2_TCTI_TIMEOUT_BLOCK));
	if (len < 10 || memcmp(response + 6, "\0\0\0\0", 4) != 0)
		die("the TPM refuses the command");
}

static void
floor_run(void *thread)
{
	static void (*const runs[])(void) = {
		[OP_ECDSA] = run_sign, [OP_RSA_SIGN] = run_sign,
		[OP_RSA_DECRYPT] = run_decrypt, [OP_ECDH] = run_ecdh,
		[OP_AES] = run_aes, [OP_HMAC] = run_hmac,
		[OP_RANDOM] = run_random, [OP_TCTI] = run_tcti,
	};

	(void)thread;
	(void)pthread_mutex_lock(&lock);
	runs[test->op]();
	(void)pthread_mutex_unlock(&lock);
}

static void
floor_close(void)
{
	if (test->op != OP_RANDOM)
		CHECK(Esys_FlushContext(esys, key));
	disconnect();
}

void
floor_public(unsigned char x[32], unsigned char y[32])
{
	memcpy(x, public->publicArea.unique.ecc.x.buffer, 32);
	memcpy(y, public->publicArea.unique.ecc.y.buffer, 32);
}

void
floor_sign(const unsigned char digest[32], unsigned char r[32],
    unsigned char s[32])
{
	TPMT_SIG_SCHEME with = { .scheme = TPM2_ALG_ECDSA,
		.details.any.hashAlg = TPM2_ALG_SHA256 };
	TPMT_SIGNATURE *out = NULL;
	TPM2B_DIGEST in = { .size = 32 };

	memcpy(in.buffer, digest, 32);
	CHECK(Esys_Sign(esys, key, PASSWORD, &in, &with, &no_ticket, &out));
	memcpy(r, out->signature.ecdsa.signatureR.buffer, 32);
	memcpy(s, out->signature.ecdsa.signatureS.buffer, 32);
	Esys_Free(out);
}

const struct contestant floor_contestant = {
	floor_open, floor_thread, floor_run, floor_close
};
