/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must be nowhere: in the files of the store, nothing of any object and
 * no PIN or key, in any spelling, while it is open, afterwards, and after a
 * sudden death; in memory, no PIN once a call is over and nothing of a private
 * object after C_Logout.
 *
 * The test knows what to look for, so it has it disguised: plain only where
 * the API takes it, and wiped after the call.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "crypto/crypto.h"
#include "p11_child.h"
#include "p11_object.h"
#include "p11_ossl.h"
#include "secret_search.h"
#include "token/internal.h"
#include "token/slots.h"

enum secret {
	SO_PIN, USER_PIN, NEW_PIN, LAST_PIN, PRIVATE_LABEL, PRIVATE_VALUE,
	PRIVATE_ID, GONE_LABEL, GONE_VALUE, PUBLIC_LABEL, PUBLIC_VALUE,
	SUBJECT, KEK, DEVICE_KEY, SECRETS
};

static const char *const names[SECRETS] = {
	"SO PIN", "user PIN", "new PIN", "last PIN", "private label",
	"private value", "private id", "label of a destroyed object",
	"value of a destroyed object", "public label", "public value",
	"subject", "KEK", "device key"
};

/* In one buffer that is wiped again. */
static uint8_t plain[SECRET_MAX];

/* Random letters, so that nothing else has them. */
static void
invent(enum secret which, size_t len)
{
	uint8_t random[SECRET_MAX];
	size_t i;

	ossl_random(random, len);
	for (i = 0; i < len; i++)
		random[i] = 'a' + random[i] % 26;
	secret_keep(which, random, len);
	OPENSSL_cleanse(random, sizeof(random));
}

/* --- what the programs do */

static CK_RV
login(CK_SESSION_HANDLE s, CK_USER_TYPE who, enum secret pin)
{
	CK_RV rv = p11->C_Login(s, who, plain, secret_get(pin, plain));

	OPENSSL_cleanse(plain, sizeof(plain));
	return rv;
}

static void
set_pin(CK_SESSION_HANDLE s, enum secret old, enum secret new)
{
	uint8_t other[SECRET_MAX];

	assert_ok(p11->C_SetPIN(s, plain, secret_get(old, plain), other,
	    secret_get(new, other)));
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(other, sizeof(other));
}

static CK_OBJECT_HANDLE
create(CK_SESSION_HANDLE s, bool private, enum secret label,
    enum secret value)
{
	uint8_t l[SECRET_MAX], v[SECRET_MAX];
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, private),
		P11_BYTES(CKA_LABEL, l, secret_get(label, l)),
		P11_BYTES(CKA_VALUE, v, secret_get(value, v)),
	};
	CK_OBJECT_HANDLE object = p11_create(s, template,
	    P11_COUNT(template));

	OPENSSL_cleanse(l, sizeof(l));
	OPENSSL_cleanse(v, sizeof(v));
	return object;
}

static void
generate(CK_SESSION_HANDLE s)
{
	CK_MECHANISM m = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes params = ossl_curve_oid(NID_X9_62_prime256v1);
	uint8_t id[SECRET_MAX], label[SECRET_MAX], subject[SECRET_MAX];
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, 1),
		/* else it were the private half's */
		P11_STR(CKA_ID, "public id"),
		P11_BYTES(CKA_EC_PARAMS, params.data, params.len),
		P11_BYTES(CKA_SUBJECT, subject, secret_get(SUBJECT, subject)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BYTES(CKA_ID, id, secret_get(PRIVATE_ID, id)),
		P11_BYTES(CKA_LABEL, label, secret_get(PRIVATE_LABEL, label)),
		P11_BYTES(CKA_SUBJECT, subject, secret_get(SUBJECT, subject)),
	};
	CK_OBJECT_HANDLE pair[2];

	assert_ok(p11->C_GenerateKeyPair(s, &m, public, P11_COUNT(public),
	    private, P11_COUNT(private), &pair[0], &pair[1]));
	OPENSSL_cleanse(id, sizeof(id));
	OPENSSL_cleanse(label, sizeof(label));
	OPENSSL_cleanse(subject, sizeof(subject));
}

static CK_SESSION_HANDLE
make_token(void)
{
	CK_UTF8CHAR label[32];
	CK_SESSION_HANDLE s;

	memset(label, ' ', sizeof(label));
	p11_slot = p11_empty_slot();
	assert_ok(p11->C_InitToken(p11_slot, plain, secret_get(SO_PIN, plain),
	    label));
	s = p11_open_rw();
	assert_ok(login(s, CKU_SO, SO_PIN));
	assert_ok(p11->C_InitPIN(s, plain, secret_get(USER_PIN, plain)));
	OPENSSL_cleanse(plain, sizeof(plain));
	assert_ok(p11->C_Logout(s));
	return s;
}

/* All that is written; the token's last PIN is LAST_PIN. */
static void
work(void)
{
	CK_SESSION_HANDLE s;
	CK_OBJECT_HANDLE gone;

	assert_ok(p11->C_Initialize(NULL));
	s = make_token();
	assert_ok(login(s, CKU_USER, USER_PIN));
	(void)create(s, true, PRIVATE_LABEL, PRIVATE_VALUE);
	(void)create(s, false, PUBLIC_LABEL, PUBLIC_VALUE);
	gone = create(s, true, GONE_LABEL, GONE_VALUE);
	generate(s);
	set_pin(s, USER_PIN, NEW_PIN);
	p11_destroy(s, gone);
	set_pin(s, NEW_PIN, LAST_PIN);
}

/* The token's keys, by the layers that have them. */
static void
learn_keys(void)
{
	struct config config;
	struct slots *slots = NULL;
	struct token *t;
	size_t cursor = 0;

	assert_ok(crypto_start());
	assert_ok(config_load(&config));
	assert_ok(slots_new(&config, &slots));
	assert_ok(slots_refresh(slots));
	t = slots_next(slots, true, &cursor);
	assert_non_null(t);
	assert_ok(token_refresh(t));
	assert_ok(token_login(t, CKU_USER, view_of(plain,
	    secret_get(LAST_PIN, plain))));
	secret_keep(KEK, t->kek.data, t->kek.len);
	secret_keep(DEVICE_KEY, t->device.data, t->device.len);
	slots_free(&slots);
	config_free(&config);
}

static void
work_and_finish(void)
{
	work();
	assert_int_equal(secret_in_files("while it is open"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(secret_in_files("after C_Finalize"), 0);
}

static void
work_and_die(void)
{
	work();
	(void)kill(getpid(), SIGKILL);
}

/* --- what reads them */

static const unsigned pins[] = { SO_PIN, USER_PIN, NEW_PIN, LAST_PIN };
static const unsigned private[] = { SO_PIN, USER_PIN, NEW_PIN, LAST_PIN,
	PRIVATE_LABEL, PRIVATE_VALUE, PRIVATE_ID, GONE_LABEL, GONE_VALUE,
	KEK };
static const unsigned all[] = { SO_PIN, USER_PIN, NEW_PIN, LAST_PIN,
	PRIVATE_LABEL, PRIVATE_VALUE, PRIVATE_ID, GONE_LABEL, GONE_VALUE,
	KEK, DEVICE_KEY };

/* Reads what is private, and all of the store. */
static void
read_all(CK_SESSION_HANDLE s)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_LABEL, CKA_VALUE,
		CKA_ID };
	CK_OBJECT_HANDLE found[16];
	CK_BYTE value[200];
	CK_ATTRIBUTE a;
	CK_ULONG n = p11_find(s, NULL, 0, found, P11_COUNT(found));
	size_t k;

	assert_int_equal(n, 4);
	while (n-- > 0)
		for (k = 0; k < P11_COUNT(types); k++) {
			a = (CK_ATTRIBUTE){ types[k], value, sizeof(value) };
			(void)p11->C_GetAttributeValue(s, found[n], &a, 1);
			OPENSSL_cleanse(value, sizeof(value));
		}
}

static void
log_in_and_out(void)
{
	CK_SLOT_ID slots[4];
	CK_ULONG n = P11_COUNT(slots);
	CK_SESSION_HANDLE s;

	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	p11_slot = slots[0];
	s = p11_open_rw();
	assert_rv(CKR_PIN_INCORRECT, login(s, CKU_USER, NEW_PIN));
	assert_ok(login(s, CKU_USER, LAST_PIN));
	read_all(s);
	assert_int_equal(secret_in_memory(pins, P11_COUNT(pins),
	    "logged in"), 0);
	assert_ok(p11->C_Logout(s));
	assert_int_equal(secret_in_memory(private, P11_COUNT(private),
	    "after C_Logout"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(secret_in_memory(all, P11_COUNT(all),
	    "after C_Finalize"), 0);
}

static void
make_change_and_destroy(void)
{
	work();
	assert_int_equal(secret_in_memory(pins, P11_COUNT(pins),
	    "after changes of PIN"), 0);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_int_equal(secret_in_memory(private, P11_COUNT(private),
	    "after C_CloseAllSessions"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(secret_in_memory(private, P11_COUNT(private),
	    "after C_Finalize"), 0);
}

/* --- the tests */

static void
plant(const char *dir, const char *text, size_t len)
{
	char path[600];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/planted", dir);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(secret_in_files("(planted)"), 1);
	assert_int_equal(unlink(path), 0);
}

static void
the_search_finds_what_is_there(void **state)
{
	static char memory[64];
	const char *dir = getenv("TPM2_CRYPTOKI_STORE");
	char text[4 * SECRET_MAX];
	size_t i, n;

	(void)state;
	memset(text, 'x', sizeof(text));
	n = secret_get(PUBLIC_LABEL, plain);
	memcpy(text + 3, plain, n);
	plant(dir, text, n + 5);
	for (i = 0; i < n; i++)
		(void)sprintf(text + 2 * i + 1, "%02x", plain[i]);
	plant(dir, text, 2 * n + 1);
	memset(text, 0, sizeof(text));
	for (i = 0; i < n; i++)
		text[2 * i + 1] = (char)plain[i];
	plant(dir, text, 2 * n + 4);
	n = (size_t)EVP_EncodeBlock((uint8_t *)text, plain + 1, (int)n - 1);
	plant(dir, text, n);
	(void)secret_get(KEK, plain);
	OPENSSL_cleanse(plain, sizeof(plain));
	(void)secret_get(LAST_PIN, (uint8_t *)memory + 7);
	assert_int_equal(secret_in_memory(pins, P11_COUNT(pins), "(planted)"),
	    1);
	OPENSSL_cleanse(memory, sizeof(memory));
	OPENSSL_cleanse(text, sizeof(text));
	assert_int_equal(secret_in_memory(pins, P11_COUNT(pins), "before"), 0);
}

static void
no_file_has_any(void **state)
{
	(void)state;
	p11_in_child(work_and_finish);
	p11_in_child(learn_keys);
	assert_int_equal(secret_in_files("at the end"), 0);
}

static void
no_file_of_a_dead_program_has_any(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = p11_fork(work_and_die);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(secret_in_files("after a sudden death"), 0);
}

static void
memory_forgets_pins_and_private_objects(void **state)
{
	(void)state;
	p11_in_child(log_in_and_out);
	p11_in_child(make_change_and_destroy);
}

static int
setup(void **state)
{
	enum secret which;

	(void)state;
	secret_begin(names, SECRETS);
	for (which = 0; which < KEK; which++)
		invent(which, 24);
	p11_load();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_search_finds_what_is_there),
		cmocka_unit_test(no_file_has_any),
		cmocka_unit_test(memory_forgets_pins_and_private_objects),
		cmocka_unit_test(no_file_of_a_dead_program_has_any),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
