/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls work CONTESTANT tls13: TLS 1.3 handshakes of OpenSSL with itself in
 * memory, the server's key in the TPM: through libp11's engine and a module,
 * or (the floor) by a method that hands the digest to ESAPI.
 */
#define OPENSSL_SUPPRESS_DEPRECATED	/* engines and methods of keys */

#include <stdio.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/engine.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "bench.h"

static SSL_CTX *server, *client;
static ENGINE *engine;
static bool with_floor;

static void
want(bool good, const char *what)
{
	if (!good)
		die("OpenSSL: %s", what);
}

static ECDSA_SIG *
sign_sig(const unsigned char *digest, int len, const BIGNUM *kinv,
    const BIGNUM *rp, EC_KEY *key)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char r[32], s[32];

	(void)kinv;
	(void)rp;
	(void)key;
	want(len == 32 && sig != NULL, "a digest of 32 bytes");
	floor_sign(digest, r, s);
	want(ECDSA_SIG_set0(sig, BN_bin2bn(r, 32, NULL),
	    BN_bin2bn(s, 32, NULL)) == 1, "a signature");
	return sig;
}

static int
sign(int type, const unsigned char *digest, int len, unsigned char *sig,
    unsigned int *sig_len, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key)
{
	ECDSA_SIG *made = sign_sig(digest, len, kinv, r, key);

	(void)type;
	*sig_len = (unsigned int)i2d_ECDSA_SIG(made, &sig);
	ECDSA_SIG_free(made);
	return 1;
}

static EVP_PKEY *
floor_key(void)
{
	EC_KEY *ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
	EC_KEY_METHOD *method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	EVP_PKEY *key = EVP_PKEY_new();
	unsigned char x[32], y[32];

	floor_public(x, y);
	want(ec != NULL && method != NULL && key != NULL &&
	    EC_KEY_set_public_key_affine_coordinates(ec,
	    BN_bin2bn(x, 32, NULL), BN_bin2bn(y, 32, NULL)) == 1, "a key");
	EC_KEY_METHOD_set_sign(method, sign, NULL, sign_sig);
	want(EC_KEY_set_method(ec, method) == 1 &&
	    EVP_PKEY_assign_EC_KEY(key, ec) == 1, "the key's method");
	return key;
}

static EVP_PKEY *
module_key(void)
{
	static const char uri[] = "pkcs11:token=" BENCH_LABEL
	    ";object=ec;type=private;pin-value=" BENCH_PIN;
	EVP_PKEY *key;

	ENGINE_load_dynamic();
	want((engine = ENGINE_by_id("pkcs11")) != NULL,
	    "libp11's engine is not installed");
	want(ENGINE_ctrl_cmd_string(engine, "MODULE_PATH",
	    need_env("BENCH_MODULE"), 0) == 1 && ENGINE_init(engine) == 1,
	    "the engine does not start");
	key = ENGINE_load_private_key(engine, uri, NULL, NULL);
	want(key != NULL, "the engine has no key");
	return key;
}

static X509 *
certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	want(X509_set_version(x, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x), 86400) != NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"bench", -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 &&
	    X509_set_pubkey(x, key) == 1 &&
	    X509_sign(x, key, EVP_sha256()) > 0, "a certificate");
	return x;
}

static void
tls_open(const struct test *t)
{
	EVP_PKEY *key;
	X509 *x;

	if (with_floor)
		floor_contestant.open(t);
	key = with_floor ? floor_key() : module_key();
	x = certificate(key);
	server = SSL_CTX_new(TLS_server_method());
	client = SSL_CTX_new(TLS_client_method());
	want(server != NULL && client != NULL &&
	    SSL_CTX_set_min_proto_version(server, TLS1_3_VERSION) == 1 &&
	    SSL_CTX_set_num_tickets(server, 0) == 1 &&
	    SSL_CTX_use_certificate(server, x) == 1 &&
	    SSL_CTX_use_PrivateKey(server, key) == 1, "a server");
	X509_free(x);
	EVP_PKEY_free(key);
}

static void *
tls_thread(void)
{
	return NULL;
}

static void
tls_run(void *thread)
{
	SSL *s = SSL_new(server), *c = SSL_new(client);
	BIO *to, *from;
	int i, rs = 0, rc = 0;

	(void)thread;
	want(s != NULL && c != NULL && BIO_new_bio_pair(&to, 0, &from, 0) == 1,
	    "a pair of sides");
	SSL_set_bio(s, to, to);
	SSL_set_bio(c, from, from);
	SSL_set_accept_state(s);
	SSL_set_connect_state(c);
	for (i = 0; i < 10 && (rs != 1 || rc != 1); i++) {
		rc = SSL_do_handshake(c);
		rs = SSL_do_handshake(s);
	}
	want(rs == 1 && rc == 1 && SSL_version(c) == TLS1_3_VERSION,
	    "the handshake fails");
	SSL_free(s);
	SSL_free(c);
}

static void
tls_close(void)
{
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	if (with_floor)
		floor_contestant.close();
	else
		(void)ENGINE_finish(engine);
}

const struct contestant *
contestant_for(enum who who, const struct test *t)
{
	static const struct contestant tls = {
		tls_open, tls_thread, tls_run, tls_close
	};

	with_floor = who == FLOOR;
	return t->op == OP_TLS ? &tls : NULL;
}

int
main(int argc, char **argv)
{
	if (argc != 4 || strcmp(argv[1], "work") != 0)
		die("test/bench/bench calls this one");
	work(who_find(argv[2]), test_find(argv[3]));
	return 0;
}
