/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loaded and unloaded again and again, ended in the midst of everything, and
 * used by two at once; and secrets that are derived and never destroyed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "p11_object.h"
#include "p11_ossl.h"

#define CYCLES 50
#define SECRETS 1000

static char *self;
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };

static CK_OBJECT_HANDLE
find_key(CK_SESSION_HANDLE s, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, class),
		P11_STR(CKA_LABEL, "reload"),
	};

	return p11_find_one(s, template, 2);
}

static void
sign_once(CK_SESSION_HANDLE s)
{
	struct p11_bytes signature;
	CK_BYTE in[32] = { 7 };

	p11_sign(s, &ecdsa, find_key(s, CKO_PRIVATE_KEY), in, 32,
	    &signature);
	assert_ok(p11_verify(s, &ecdsa, find_key(s, CKO_PUBLIC_KEY), in, 32,
	    &signature));
}

/* p11.c loads once, so what it has is put back at the end. */
static void *
load_again(void)
{
	const char *path = getenv("P11_MODULE");
	CK_C_GetFunctionList get;
	void *module, *address;

	assert_non_null(path);
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(module);
	address = dlsym(module, "C_GetFunctionList");
	assert_non_null(address);
	memcpy(&get, &address, sizeof(get));
	assert_ok(get(&p11));
	return module;
}

static bool
is_loaded(void)
{
	void *module = dlopen(getenv("P11_MODULE"), RTLD_NOW | RTLD_NOLOAD);

	if (module != NULL)
		(void)dlclose(module);
	return module != NULL;
}

static long
open_files(void)
{
	long n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		if (dup2(fd, fd) == fd)
			n++;
	return n;
}

/* In a process that has loaded nothing yet: exit status 0 when all is well.
 * Each time around, something else is left undone at the end. */
static int
reload(void)
{
	CK_SESSION_HANDLE s;
	void *module;
	long files = 0;
	int i;

	for (i = 0; i < CYCLES; i++) {
		module = load_again();
		assert_ok(p11->C_Initialize(NULL));
		s = p11_open_rw();
		p11_login(s, CKU_USER);
		sign_once(s);
		if (i % 3 == 1)
			assert_ok(p11->C_DigestInit(s, &sha256));
		if (i % 3 == 2)
			assert_ok(p11->C_SignInit(s, &ecdsa,
			    find_key(s, CKO_PRIVATE_KEY)));
		assert_ok(p11->C_Finalize(NULL));
		assert_int_equal(dlclose(module), 0);
		if (i < CYCLES / 5 && open_files() > files)
			files = open_files();
	}
	if (open_files() > files)
		print_error("%ld files open, not %ld\n", open_files(),
		    files);
	else if (!is_loaded())
		return 0;
	else
		print_error("the module cannot be unloaded\n");
	return 1;
}

/* As the gateway does it, and then shot, with all of them alive. */
static int
derive_and_die(void)
{
	EVP_PKEY *peer = ossl_ec_new(NID_X9_62_prime256v1);
	struct p11_bytes point = ossl_ec_point(peer);
	CK_ECDH1_DERIVE_PARAMS params = { .kdf = CKD_NULL,
		.ulPublicDataLen = point.len, .pPublicData = point.data };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
	};
	CK_OBJECT_HANDLE made, key;
	CK_SESSION_HANDLE s;
	int i;

	p11_load();
	assert_ok(p11->C_Initialize(NULL));
	s = p11_open_rw();
	p11_login(s, CKU_USER);
	key = find_key(s, CKO_PRIVATE_KEY);
	for (i = 0; i < SECRETS; i++)
		assert_ok(p11->C_DeriveKey(s, &m, key, template, 2, &made));
	assert_int_equal(p11_count(s, template, 2), SECRETS);
	(void)kill(getpid(), SIGKILL);
	return 1;
}

static int
run(const char *role)
{
	char slot[32];
	int status;
	pid_t pid;

	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	if ((pid = fork()) == 0) {
		(void)alarm(90);
		(void)execl(self, self, slot, role, (char *)NULL);
		_exit(errno);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
unloaded_and_loaded_fifty_times(void **state)
{
	(void)state;
	assert_int_equal(run("reload"), 0);
}

/* The one key is what is in the TPM: no secret ever was. */
static void
a_thousand_secrets_hold_nothing_in_the_tpm(void **state)
{
	char line[64];
	unsigned n = 0;
	int status;
	FILE *f;

	(void)state;
	status = run("derive");
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	f = popen("tpm2_getcap handles-transient", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n++;
	assert_int_equal(pclose(f), 0);
	assert_in_range(n, 0, 1);
}

static void
finalized_with_everything_open(void **state)
{
	CK_SESSION_HANDLE s = 0, first;
	CK_BYTE out[32];
	CK_ULONG n = sizeof(out);
	int i;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	first = p11_open_rw();
	p11_login(first, CKU_USER);
	for (i = 0; i < 40; i++) {
		s = p11_open(p11_slot, i % 2 ? CKF_RW_SESSION : 0);
		assert_ok(p11->C_DigestInit(s, &sha256));
		assert_ok(p11->C_FindObjectsInit(s, NULL, 0));
		(void)p11_create_data(s, "left", false, i % 2);
	}
	assert_ok(p11->C_SignInit(first, &ecdsa,
	    find_key(first, CKO_PRIVATE_KEY)));
	assert_ok(p11->C_Finalize(NULL));
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED,
	    p11->C_DigestFinal(s, out, &n));
	assert_ok(p11->C_Initialize(NULL));
	assert_rv(CKR_SESSION_HANDLE_INVALID, p11->C_DigestFinal(s, out, &n));
	s = p11_open_ro();
	assert_int_equal(p11_state(s), CKS_RO_PUBLIC_SESSION);
	assert_int_equal(p11_count_label(s, "left"), 0);
	assert_ok(p11->C_Finalize(NULL));
}

/*
 * Two libraries of one program, each with the same module: the second hears
 * that it is initialised and goes on; sessions are apart, the login is not.
 */
static void
two_users_of_one_module(void **state)
{
	CK_FUNCTION_LIST *first = p11, *second;
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_SESSION_HANDLE a, b;
	void *module;

	(void)state;
	assert_ok(first->C_Initialize(NULL));
	a = p11_open_rw();
	p11_login(a, CKU_USER);
	module = load_again();
	second = p11;
	assert_ptr_equal(first, second);
	assert_rv(CKR_CRYPTOKI_ALREADY_INITIALIZED,
	    second->C_Initialize(&args));
	b = p11_open_rw();
	assert_int_not_equal(a, b);
	assert_rv(CKR_USER_ALREADY_LOGGED_IN,
	    p11_try_login(b, CKU_USER, P11_USER_PIN));
	sign_once(b);
	assert_ok(second->C_CloseSession(b));
	/* the second goes away without a C_Finalize of its own */
	assert_int_equal(dlclose(module), 0);
	assert_true(is_loaded());
	sign_once(a);
	assert_ok(first->C_Finalize(NULL));
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED, first->C_Finalize(NULL));
}

/* A token with a pair of keys; nothing of it is left open. */
static int
setup(void **state)
{
	CK_SESSION_HANDLE s;

	(void)p11_setup(state);
	s = p11_open_rw();
	p11_login(s, CKU_USER);
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, "reload");
	return p11_teardown(state);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unloaded_and_loaded_fifty_times),
		cmocka_unit_test(finalized_with_everything_open),
		cmocka_unit_test(two_users_of_one_module),
		/* the last one: what is shot leaves its key in the TPM */
		cmocka_unit_test(a_thousand_secrets_hold_nothing_in_the_tpm),
	};

	self = argv[0];
	if (argc == 3) {
		p11_slot = strtoul(argv[1], NULL, 10);
		return strcmp(argv[2], "reload") == 0 ? reload() :
		    derive_and_die();
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
