/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each kind of session may do (PKCS#11 3.1, 4.1 "Session state", table
 * "Access to different types of objects by different types of sessions"), and
 * what each function about PINs and logins says in it.
 */
#include <string.h>

#include <openssl/obj_mac.h>

#include "p11_object.h"
#include "p11_ossl.h"

#define STATES 5
#define KINDS 4

enum access { NONE, RO, RW };

/* Kinds of objects: session public and private, token public and private. */
static const struct {
	const char *name;
	CK_FLAGS flags;
	CK_USER_TYPE who;	/* or nobody */
	CK_STATE state;
	enum access to[KINDS];
} states[STATES] = {
	{ "R/O public", 0, CK_UNAVAILABLE_INFORMATION, CKS_RO_PUBLIC_SESSION,
	    { RW, NONE, RO, NONE } },
	{ "R/W public", CKF_RW_SESSION, CK_UNAVAILABLE_INFORMATION,
	    CKS_RW_PUBLIC_SESSION, { RW, NONE, RW, NONE } },
	{ "R/O user", 0, CKU_USER, CKS_RO_USER_FUNCTIONS,
	    { RW, RW, RO, RO } },
	{ "R/W user", CKF_RW_SESSION, CKU_USER, CKS_RW_USER_FUNCTIONS,
	    { RW, RW, RW, RW } },
	{ "R/W SO", CKF_RW_SESSION, CKU_SO, CKS_RW_SO_FUNCTIONS,
	    { RW, NONE, RW, NONE } },
};

static const char *const kinds[KINDS] = { "session public",
	"session private", "token public", "token private" };

static CK_SESSION_HANDLE keeper, session;
static CK_OBJECT_HANDLE objects[KINDS];
static struct p11_pair pair;
static struct p11_bytes point;
static unsigned counted;

static bool
is_token(unsigned kind)
{
	return kind >= 2;
}

static bool
is_private(unsigned kind)
{
	return kind % 2 != 0;
}

/*
 * One object of each kind, made by the user; then the session of that state.
 * Who logs out loses the private session object, as the standard has it.
 */
static void
enter(unsigned s)
{
	CK_ATTRIBUTE key[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_STR(CKA_LABEL, "pair"),
	};
	unsigned k;

	assert_ok(p11->C_CloseAllSessions(p11_slot));
	keeper = p11_open_rw();
	p11_login(keeper, CKU_USER);
	for (k = 0; k < KINDS; k++)
		objects[k] = p11_create_data(keeper, "of a state",
		    is_token(k), is_private(k));
	/* a logout makes handles of private objects invalid, for good */
	pair.private = p11_find_one(keeper, key, P11_COUNT(key));
	if (states[s].who != CKU_USER)
		assert_ok(p11->C_Logout(keeper));
	if (states[s].who == CKU_SO)
		p11_login(keeper, CKU_SO);
	session = p11_open(p11_slot, states[s].flags);
	assert_int_equal(p11_state(session), states[s].state);
}

/* As the user, so that all are seen; what was destroyed is gone. */
static void
leave(void)
{
	CK_OBJECT_HANDLE found[64];
	CK_ATTRIBUTE data = P11_NUM(CKA_CLASS, CKO_DATA);
	CK_ATTRIBUTE secret = P11_NUM(CKA_CLASS, CKO_SECRET_KEY);
	CK_ULONG i, n;

	assert_ok(p11->C_CloseAllSessions(p11_slot));
	keeper = p11_open_rw();
	p11_login(keeper, CKU_USER);
	n = p11_find(keeper, &data, 1, found, P11_COUNT(found));
	for (i = 0; i < n; i++)
		p11_destroy(keeper, found[i]);
	n = p11_find(keeper, &secret, 1, found, P11_COUNT(found));
	for (i = 0; i < n; i++)
		p11_destroy(keeper, found[i]);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
}

/* The operations on an object of a kind. */
static CK_RV
do_create(unsigned kind)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, is_token(kind)),
		P11_BOOL(CKA_PRIVATE, is_private(kind)),
	};
	CK_OBJECT_HANDLE made;

	return p11->C_CreateObject(session, template, 3, &made);
}

static CK_RV
do_copy(unsigned kind)
{
	CK_ATTRIBUTE template[] = { P11_STR(CKA_LABEL, "copy") };
	CK_OBJECT_HANDLE made;

	return p11->C_CopyObject(session, objects[kind], template, 1, &made);
}

static CK_RV
do_set(unsigned kind)
{
	CK_ATTRIBUTE template[] = { P11_STR(CKA_LABEL, "of a state") };

	return p11->C_SetAttributeValue(session, objects[kind], template, 1);
}

static CK_RV
do_get(unsigned kind)
{
	CK_ATTRIBUTE template[] = { P11_NONE(CKA_LABEL) };

	return p11->C_GetAttributeValue(session, objects[kind], template, 1);
}

static CK_RV
do_size(unsigned kind)
{
	CK_ULONG size;

	return p11->C_GetObjectSize(session, objects[kind], &size);
}

/* Found, or not: told as the code of an object that is not to be had. */
static CK_RV
do_find(unsigned kind)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, is_token(kind)),
		P11_BOOL(CKA_PRIVATE, is_private(kind)),
	};
	CK_ULONG n = p11_count(session, template, 3);

	assert_true(n <= 1);
	return n == 1 ? CKR_OK : CKR_OBJECT_HANDLE_INVALID;
}

static CK_RV
do_destroy(unsigned kind)
{
	return p11->C_DestroyObject(session, objects[kind]);
}

static CK_RV
do_generate(unsigned kind)
{
	CK_MECHANISM m = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_VALUE_LEN, 16),
		P11_BOOL(CKA_TOKEN, is_token(kind)),
		P11_BOOL(CKA_PRIVATE, is_private(kind)),
	};
	CK_OBJECT_HANDLE made;

	return p11->C_GenerateKey(session, &m, template, 3, &made);
}

/* The private half is of the kind; the public half is public. */
static CK_RV
do_generate_pair(unsigned kind)
{
	CK_MECHANISM m = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes oid = ossl_curve_oid(NID_X9_62_prime256v1);
	CK_ATTRIBUTE public[] = {
		P11_BYTES(CKA_EC_PARAMS, oid.data, oid.len),
		P11_BOOL(CKA_TOKEN, is_token(kind)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, is_token(kind)),
		P11_BOOL(CKA_PRIVATE, is_private(kind)),
	};
	struct p11_pair made;
	CK_RV rv = p11->C_GenerateKeyPair(session, &m, public, 2, private, 2,
	    &made.public, &made.private);

	if (rv != CKR_OK)
		return rv;
	p11_destroy(session, made.public);
	p11_destroy(session, made.private);
	return rv;
}

/* From the token's private key, which only the user has. */
static CK_RV
do_derive(unsigned kind)
{
	CK_ECDH1_DERIVE_PARAMS params = { .kdf = CKD_NULL,
		.ulPublicDataLen = point.len, .pPublicData = point.data };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_TOKEN, is_token(kind)),
		P11_BOOL(CKA_PRIVATE, is_private(kind)),
	};
	CK_OBJECT_HANDLE made;

	return p11->C_DeriveKey(session, &m, pair.private, template, 4,
	    &made);
}

/* What an operation needs, and does not need, of the access. */
enum need { READS, WRITES, MAKES, SECRETS, DERIVES };

static const struct {
	const char *name;
	CK_RV (*run)(unsigned kind);
	enum need need;
} operations[] = {
	{ "find", do_find, READS },
	{ "get", do_get, READS },
	{ "size", do_size, READS },
	{ "create", do_create, MAKES },
	{ "copy", do_copy, WRITES },
	{ "set", do_set, WRITES },
	{ "destroy", do_destroy, WRITES },
	{ "generate", do_generate, SECRETS },
	{ "generate pair", do_generate_pair, MAKES },
	{ "derive", do_derive, DERIVES },
};

static bool
is_right(unsigned s, unsigned kind, enum need need, CK_RV rv)
{
	enum access to = states[s].to[kind];
	bool user = states[s].who == CKU_USER;

	if (need == DERIVES && !user)
		return rv == CKR_KEY_HANDLE_INVALID ||
		    rv == CKR_USER_NOT_LOGGED_IN ||
		    (rv == CKR_SESSION_READ_ONLY && is_token(kind) &&
		    states[s].flags == 0);
	/* a token may refuse to keep a secret that anyone may read */
	if (to == RW && is_token(kind) && !is_private(kind) &&
	    need >= SECRETS && rv == CKR_TEMPLATE_INCONSISTENT)
		return true;
	if (to == RW || (to == RO && need == READS))
		return rv == CKR_OK;
	if (to == RO)
		return rv == CKR_SESSION_READ_ONLY;
	if (need >= MAKES)	/* two rules broken: either may be named */
		return rv == CKR_USER_NOT_LOGGED_IN ||
		    (rv == CKR_SESSION_READ_ONLY && is_token(kind) &&
		    states[s].flags == 0);
	return rv == CKR_OBJECT_HANDLE_INVALID ||
	    rv == CKR_USER_NOT_LOGGED_IN;
}

static void
objects_by_state(void **state)
{
	unsigned s, kind, wrong = 0;
	size_t i;
	CK_RV rv;

	(void)state;
	for (s = 0; s < STATES; s++)
		for (i = 0; i < P11_COUNT(operations); i++) {
			enter(s);
			for (kind = 0; kind < KINDS; kind++) {
				rv = operations[i].run(kind);
				counted++;
				if (is_right(s, kind, operations[i].need, rv))
					continue;
				wrong++;
				print_error("%s, %s, %s: %s\n",
				    states[s].name, operations[i].name,
				    kinds[kind], p11_rv_name(rv));
			}
			leave();
		}
	assert_int_equal(wrong, 0);
}

/* What concerns no object, or a key. */
static CK_RV
op_digest(void)
{
	CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
	CK_BYTE out[32];
	CK_ULONG n = sizeof(out);
	CK_RV rv = p11->C_DigestInit(session, &sha256);

	return rv != CKR_OK ? rv : p11->C_Digest(session, p11_in("abc"), 3,
	    out, &n);
}

static CK_RV
op_random(void)
{
	CK_BYTE out[32];

	return p11->C_GenerateRandom(session, out, sizeof(out));
}

static CK_RV
op_sign(void)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_BYTE in[32] = { 0 }, out[64];
	CK_ULONG n = sizeof(out);
	CK_RV rv = p11->C_SignInit(session, &ecdsa, pair.private);

	return rv != CKR_OK ? rv : p11->C_Sign(session, in, 32, out, &n);
}

static CK_RV
op_verify(void)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_BYTE in[32] = { 0 }, out[64] = { 1 };
	CK_RV rv = p11->C_VerifyInit(session, &ecdsa, pair.public);

	if (rv != CKR_OK)
		return rv;
	rv = p11->C_Verify(session, in, 32, out, 64);
	return rv == CKR_SIGNATURE_INVALID ? CKR_OK : rv;
}

static CK_RV
op_open_ro(void)
{
	return p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &(CK_SESSION_HANDLE){ 0 });
}

static CK_RV
op_open_rw(void)
{
	return p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, NULL, NULL, &(CK_SESSION_HANDLE){ 0 });
}

static CK_RV
op_login_user(void)
{
	return p11_try_login(session, CKU_USER, P11_USER_PIN);
}

static CK_RV
op_login_so(void)
{
	return p11_try_login(session, CKU_SO, P11_SO_PIN);
}

static CK_RV
op_login_context(void)
{
	return p11_try_login(session, CKU_CONTEXT_SPECIFIC, P11_USER_PIN);
}

static CK_RV
op_logout(void)
{
	return p11->C_Logout(session);
}

static CK_RV
op_init_pin(void)
{
	CK_UTF8CHAR pin[] = P11_USER_PIN;

	return p11->C_InitPIN(session, pin, sizeof(pin) - 1);
}

/* To what it was: of the SO if that one is logged in, else of the user. */
static CK_RV
op_set_pin(void)
{
	bool so = p11_state(session) == CKS_RW_SO_FUNCTIONS;
	CK_BYTE *pin = p11_in(so ? P11_SO_PIN : P11_USER_PIN);
	CK_ULONG len = strlen(so ? P11_SO_PIN : P11_USER_PIN);

	return p11->C_SetPIN(session, pin, len, pin, len);
}

static CK_RV
op_init_token(void)
{
	return p11_try_init_token(p11_slot, P11_SO_PIN, "again");
}

static CK_RV
op_trust(void)
{
	CK_ATTRIBUTE trusted[] = { P11_BOOL(CKA_TRUSTED, 1) };
	CK_RV rv = p11->C_SetAttributeValue(session, pair.public, trusted, 1);

	if (rv == CKR_OK) {
		trusted[0] = (CK_ATTRIBUTE)P11_BOOL(CKA_TRUSTED, 0);
		rv = p11->C_SetAttributeValue(session, pair.public, trusted,
		    1);
	}
	return rv;
}

#define ALWAYS { "OK", "OK", "OK", "OK", "OK" }
#define NOT_LOGGED_IN "USER_NOT_LOGGED_IN"
#define NO_KEY "KEY_HANDLE_INVALID USER_NOT_LOGGED_IN"

static const struct {
	const char *name;
	CK_RV (*run)(void);
	const char *want[STATES];
} functions[] = {
	{ "digest", op_digest, ALWAYS },
	{ "random", op_random, ALWAYS },
	{ "verify", op_verify, ALWAYS },
	{ "sign", op_sign, { NO_KEY, NO_KEY, "OK", "OK", NO_KEY } },
	{ "open R/W", op_open_rw, ALWAYS },
	{ "open R/O", op_open_ro, { "OK", "OK", "OK", "OK",
	    "SESSION_READ_WRITE_SO_EXISTS" } },
	{ "login user", op_login_user, { "OK", "OK",
	    "USER_ALREADY_LOGGED_IN", "USER_ALREADY_LOGGED_IN",
	    "USER_ANOTHER_ALREADY_LOGGED_IN" } },
	{ "login SO", op_login_so, { "SESSION_READ_ONLY_EXISTS", "OK",
	    "SESSION_READ_ONLY_EXISTS USER_ANOTHER_ALREADY_LOGGED_IN",
	    "USER_ANOTHER_ALREADY_LOGGED_IN", "USER_ALREADY_LOGGED_IN" } },
	{ "login for a context", op_login_context,
	    { "OPERATION_NOT_INITIALIZED", "OPERATION_NOT_INITIALIZED",
	    "OPERATION_NOT_INITIALIZED", "OPERATION_NOT_INITIALIZED",
	    "OPERATION_NOT_INITIALIZED" } },
	{ "logout", op_logout, { NOT_LOGGED_IN, NOT_LOGGED_IN, "OK", "OK",
	    "OK" } },
	{ "C_InitPIN", op_init_pin, { "SESSION_READ_ONLY " NOT_LOGGED_IN,
	    NOT_LOGGED_IN, "SESSION_READ_ONLY " NOT_LOGGED_IN,
	    NOT_LOGGED_IN, "OK" } },
	{ "C_SetPIN", op_set_pin, { "SESSION_READ_ONLY", "OK",
	    "SESSION_READ_ONLY", "OK", "OK" } },
	{ "C_InitToken", op_init_token, { "SESSION_EXISTS",
	    "SESSION_EXISTS", "SESSION_EXISTS", "SESSION_EXISTS",
	    "SESSION_EXISTS" } },
	{ "CKA_TRUSTED", op_trust, { "SESSION_READ_ONLY ATTRIBUTE_READ_ONLY",
	    "ATTRIBUTE_READ_ONLY " NOT_LOGGED_IN,
	    "SESSION_READ_ONLY ATTRIBUTE_READ_ONLY", "ATTRIBUTE_READ_ONLY",
	    "OK" } },
};

static void
functions_by_state(void **state)
{
	unsigned s, wrong = 0;
	const char *name;
	size_t i;
	CK_RV rv;

	(void)state;
	for (s = 0; s < STATES; s++)
		for (i = 0; i < P11_COUNT(functions); i++) {
			enter(s);
			rv = functions[i].run();
			name = p11_rv_name(rv) + strlen("CKR_");
			counted++;
			if (strstr(functions[i].want[s], name) == NULL) {
				wrong++;
				print_error("%s, %s: %s, expected %s\n",
				    states[s].name, functions[i].name, name,
				    functions[i].want[s]);
			}
			leave();
		}
	assert_int_equal(wrong, 0);
}

static int
setup(void **state)
{
	EVP_PKEY *peer = ossl_ec_new(NID_X9_62_prime256v1);
	CK_SESSION_HANDLE s;

	(void)p11_setup(state);
	s = p11_open_rw();
	p11_login(s, CKU_USER);
	pair = p11_ec_pair(s, NID_X9_62_prime256v1, true, "pair");
	point = ossl_ec_point(peer);
	EVP_PKEY_free(peer);
	return p11_close(state);
}

static int
teardown(void **state)
{
	print_message("%u states x (%zu operations on %u kinds of objects "
	    "+ %zu functions): %u answers\n", STATES, P11_COUNT(operations),
	    KINDS, P11_COUNT(functions), counted);
	return p11_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(objects_by_state),
		P11_TEST(functions_by_state),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
