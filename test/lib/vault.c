/* SPDX-License-Identifier: BSD-2-Clause */
#include "vault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "crypto/crypto.h"

#define LABEL "of the vault"

static int real_stderr = -1;
static off_t heard;		/* of the log, by vault_hush */

static const CK_FLAGS try_flags = CKF_SO_PIN_COUNT_LOW |
    CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED | CKF_USER_PIN_COUNT_LOW |
    CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

const char *
vault_path(const char *name)
{
	static char path[512];
	const char *store = getenv("TPM2_CRYPTOKI_STORE");

	if (store == NULL)
		fail_msg("not run by with-tpm");
	(void)snprintf(path, sizeof(path), "%s/../%s", store, name);
	return path;
}

/* What is written to standard error goes to a file from here on. */
static void
catch_log(void)
{
	int fd = open(vault_path("log"), O_RDWR | O_CREAT | O_APPEND | O_TRUNC,
	    0600);

	assert_true(fd >= 0);
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_true(real_stderr >= 0);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	(void)close(fd);
	(void)setenv("TPM2_CRYPTOKI_LOG", "error", 1);
}

/* What others than the module wrote was for people. */
static void
show_rest(void)
{
	static const char ours[] = "tpm2-cryptoki: ";
	FILE *f = fopen(vault_path("log"), "r");
	char line[2048];

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, ours, sizeof(ours) - 1) != 0)
			(void)dprintf(real_stderr, "%s", line);
	(void)fclose(f);
	(void)!truncate(vault_path("log"), 0);
	heard = 0;
}

bool
vault_said(const char *text)
{
	FILE *f = fopen(vault_path("log"), "r");
	char line[2048];
	bool said = false;

	assert_non_null(f);
	assert_int_equal(fseeko(f, heard, SEEK_SET), 0);
	while (!said && fgets(line, sizeof(line), f) != NULL)
		said = strstr(line, text) != NULL;
	(void)fclose(f);
	return said;
}

void
vault_hush(void)
{
	struct stat st;

	assert_int_equal(stat(vault_path("log"), &st), 0);
	heard = st.st_size;
}

void
vault_pause(void)
{
	assert_ok(p11->C_Finalize(NULL));
}

void
vault_resume(void)
{
	assert_ok(p11->C_Initialize(NULL));
}

void
vault_restart(void)
{
	vault_pause();
	vault_resume();
}

void
vault_configure(const char *yaml)
{
	const char *path = vault_path("config.yaml");
	FILE *f;

	if (yaml == NULL) {
		(void)unsetenv("TPM2_CRYPTOKI_CONFIG");
	} else {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(yaml, f) >= 0);
		assert_int_equal(fclose(f), 0);
		(void)setenv("TPM2_CRYPTOKI_CONFIG", path, 1);
	}
	vault_restart();
}

void
vault_new_token(void)
{
	CK_SESSION_HANDLE session;

	p11_slot = p11_make_token("vault");
	session = p11_open_rw();
	(void)p11_create_data(session, LABEL, true, false);
	assert_ok(p11->C_CloseSession(session));
}

int
vault_setup_bare(void **state)
{
	(void)state;
	catch_log();
	assert_ok(crypto_start());
	p11_load();
	assert_ok(p11->C_Initialize(NULL));
	return 0;
}

int
vault_setup(void **state)
{
	(void)vault_setup_bare(state);
	vault_new_token();
	return 0;
}

int
vault_teardown(void **state)
{
	show_rest();
	(void)dup2(real_stderr, STDERR_FILENO);
	crypto_stop();
	return p11_teardown(state);
}

int
vault_close(void **state)
{
	(void)state;
	show_rest();
	/* a test that failed may have left it finalised */
	(void)p11->C_Initialize(NULL);
	vault_configure(NULL);
	return 0;
}

CK_RV
vault_try(CK_USER_TYPE who, const char *pin)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_RV rv = p11_try_login(session, who, pin);

	if (rv == CKR_OK)
		assert_ok(p11->C_Logout(session));
	assert_ok(p11->C_CloseSession(session));
	return rv;
}

static CK_RV
set_pin(CK_SESSION_HANDLE session, const char *old_pin, const char *new_pin)
{
	return p11->C_SetPIN(session, p11_in(old_pin), strlen(old_pin),
	    p11_in(new_pin), strlen(new_pin));
}

CK_RV
vault_set_pin(const char *old_pin, const char *new_pin)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_RV rv = set_pin(session, old_pin, new_pin);

	assert_ok(p11->C_CloseSession(session));
	return rv;
}

CK_RV
vault_set_so_pin(const char *old_pin, const char *new_pin)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_RV rv = p11_try_login(session, CKU_SO, old_pin);

	if (rv == CKR_OK)
		rv = set_pin(session, old_pin, new_pin);
	assert_ok(p11->C_CloseSession(session));
	return rv;
}

CK_RV
vault_init_pin(const char *so_pin, const char *pin)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_RV rv = p11_try_login(session, CKU_SO, so_pin);

	if (rv == CKR_OK)
		rv = p11->C_InitPIN(session, p11_in(pin), strlen(pin));
	assert_ok(p11->C_CloseSession(session));
	return rv;
}

CK_FLAGS
vault_flags(void)
{
	CK_TOKEN_INFO info;

	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	return info.flags & try_flags;
}

void
vault_wrong(CK_USER_TYPE who, unsigned n)
{
	while (n-- > 0)
		assert_rv(CKR_PIN_INCORRECT, vault_try(who, "wrong pin"));
}

CK_RV
vault_search(CK_ULONG *count)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, LABEL);
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_OBJECT_HANDLE found[8];
	CK_RV rv;

	*count = 0;
	if ((rv = p11->C_FindObjectsInit(session, &label, 1)) == CKR_OK) {
		rv = p11->C_FindObjects(session, found, P11_COUNT(found),
		    count);
		assert_ok(p11->C_FindObjectsFinal(session));
	}
	assert_ok(p11->C_CloseSession(session));
	return rv;
}

void
vault_works(const char *pin)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_bytes signature;
	struct p11_pair pair;
	CK_ULONG count;

	assert_ok(p11_try_login(session, CKU_USER, pin));
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "a pair");
	p11_sign(session, &ecdsa, pair.private, "digest", 6, &signature);
	assert_ok(p11_verify(session, &ecdsa, pair.public, "digest", 6,
	    &signature));
	p11_destroy(session, pair.private);
	p11_destroy(session, pair.public);
	assert_ok(p11->C_CloseSession(session));
	assert_ok(vault_search(&count));
	assert_int_equal(count, 1);
}
