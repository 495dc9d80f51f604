/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Silence: nothing on standard error or output, whatever happens, unless
 * TPM2_CRYPTOKI_LOG asks for it; then a line that names what is wrong.
 *
 * Each scene is played by this program run once more, since libraries decide
 * about their messages when they are loaded. There, outside cmocka, a failed
 * assertion prints and exits, and so fails the scene in both ways.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "p11_object.h"

#include <openssl/obj_mac.h>

static char *self;
static char dir[] = "/tmp/p11-quiet.XXXXXX";
static char said[16384];	/* by the last scene */

/* --- the scenes */

static void
all_is_well(void)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	struct p11_bytes signature;
	CK_SESSION_HANDLE s;
	struct p11_pair pair;

	(void)p11_setup(NULL);
	s = p11_open_rw();
	p11_login(s, CKU_USER);
	pair = p11_ec_pair(s, NID_X9_62_prime256v1, true, "quiet");
	p11_sign(s, &ecdsa, pair.private, "digest", 6, &signature);
	assert_ok(p11->C_Finalize(NULL));
}

static void
a_wrong_pin(void)
{
	CK_SESSION_HANDLE s;

	(void)p11_setup(NULL);
	s = p11_open_rw();
	assert_rv(CKR_PIN_INCORRECT, p11_try_login(s, CKU_USER, "wrong pin"));
	assert_rv(CKR_PIN_INCORRECT, p11_try_login(s, CKU_SO, "wrong pin"));
	assert_ok(p11->C_Finalize(NULL));
}

static void
calls_that_are_wrong(void)
{
	CK_SESSION_HANDLE s;
	CK_MECHANISM none = { CKM_VENDOR_DEFINED, NULL, 0 };
	CK_ATTRIBUTE point = P11_STR(CKA_EC_POINT, "no point");
	CK_OBJECT_HANDLE object;

	(void)p11_setup(NULL);
	s = p11_open_rw();
	assert_rv(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(s + 1));
	assert_rv(CKR_MECHANISM_INVALID, p11->C_DigestInit(s, &none));
	assert_rv(CKR_TEMPLATE_INCOMPLETE,
	    p11->C_CreateObject(s, &point, 1, &object));
	assert_ok(p11->C_Finalize(NULL));
}

/* Codes that say the TPM is the trouble. */
#define NO_TPM CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT

static void
no_tpm(void)
{
	CK_SLOT_ID slots[4];
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_MECHANISM_TYPE types[400];
	CK_ULONG i, n = P11_COUNT(slots), m = P11_COUNT(types);

	p11_load();
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	for (i = 0; i < n; i++) {
		(void)p11->C_GetSlotInfo(slots[i], &slot);
		(void)p11->C_GetTokenInfo(slots[i], &token);
		m = P11_COUNT(types);
		(void)p11->C_GetMechanismList(slots[i], types, &m);
		assert_ok(p11->C_CloseAllSessions(slots[i]));
	}
	assert_rv_in(p11_try_init_token(slots[n - 1], P11_SO_PIN, "none"),
	    NO_TPM);
	assert_ok(p11->C_Finalize(NULL));
}

/* There is a token, made while there was a TPM. */
static void
no_tpm_behind_a_token(void)
{
	CK_SLOT_ID slots[4];
	CK_TOKEN_INFO token;
	CK_ULONG n = P11_COUNT(slots);
	CK_SESSION_HANDLE s;

	p11_load();
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	assert_int_equal(n, 2);
	assert_ok(p11->C_GetTokenInfo(slots[0], &token));
	assert_memory_equal(token.label, "test ", 5);
	s = p11_open(slots[0], CKF_RW_SESSION);
	assert_rv_in(p11_try_login(s, CKU_USER, P11_USER_PIN), NO_TPM);
	assert_int_equal(p11_state(s), CKS_RW_PUBLIC_SESSION);
	assert_ok(p11->C_Finalize(NULL));
}

static void
unwritable_store(void)
{
	CK_SLOT_ID slots[4];
	CK_ULONG n = P11_COUNT(slots);
	CK_RV rv;

	p11_load();
	/* root may write anywhere, but not everywhere */
	if (getenv("AS_NOBODY") != NULL)
		assert_int_equal(setgid(65534) | setuid(65534), 0);
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	assert_int_equal(n, 1);
	rv = p11_try_init_token(slots[0], P11_SO_PIN, "none");
	assert_rv_in(rv, CKR_TOKEN_WRITE_PROTECTED, CKR_DEVICE_ERROR,
	    CKR_DEVICE_MEMORY, CKR_DEVICE_REMOVED);
	assert_ok(p11->C_Finalize(NULL));
}

static void
try_all(CK_SESSION_HANDLE s)
{
	CK_OBJECT_HANDLE found[8];
	CK_ULONG n;

	(void)p11_try_login(s, CKU_USER, P11_USER_PIN);
	if (p11->C_FindObjectsInit(s, NULL, 0) == CKR_OK) {
		(void)p11->C_FindObjects(s, found, 8, &n);
		(void)p11->C_FindObjectsFinal(s);
	}
	(void)p11->C_CloseSession(s);
}

/* Whatever the codes are: no crash, and the library is as whole as before. */
static void
damaged_store(void)
{
	CK_SLOT_ID slots[4] = { 0 };
	CK_TOKEN_INFO token;
	CK_ULONG i, n = P11_COUNT(slots);
	CK_SESSION_HANDLE s;

	p11_load();
	assert_ok(p11->C_Initialize(NULL));
	if (p11->C_GetSlotList(CK_FALSE, slots, &n) != CKR_OK)
		n = 0;
	for (i = 0; i < n; i++) {
		(void)p11->C_GetTokenInfo(slots[i], &token);
		if (p11->C_OpenSession(slots[i], CKF_SERIAL_SESSION |
		    CKF_RW_SESSION, NULL, NULL, &s) == CKR_OK)
			try_all(s);
	}
	assert_ok(p11->C_Finalize(NULL));
}

static const struct {
	const char *name;
	void (*play)(void);
} scenes[] = {
	{ "all_is_well", all_is_well },
	{ "a_wrong_pin", a_wrong_pin },
	{ "calls_that_are_wrong", calls_that_are_wrong },
	{ "no_tpm", no_tpm },
	{ "no_tpm_behind_a_token", no_tpm_behind_a_token },
	{ "unwritable_store", unwritable_store },
	{ "damaged_store", damaged_store },
};

static int
play(const char *name)
{
	size_t i;

	for (i = 0; i < P11_COUNT(scenes); i++)
		if (strcmp(scenes[i].name, name) == 0) {
			scenes[i].play();
			return 0;
		}
	return 99;
}

/* --- the stage */

/* A variable of the environment is set when value is not NULL. */
static void
set(const char *name, const char *value)
{
	if (value == NULL)
		(void)unsetenv(name);
	else
		(void)setenv(name, value, 1);
}

static void
read_back(int fd)
{
	ssize_t n = pread(fd, said, sizeof(said) - 1, 0);

	assert_true(n >= 0);
	said[n] = '\0';
}

/* What the scene prints on either stream is in said. */
static void
stage(const char *scene)
{
	char path[sizeof(dir) + 16];
	int status, fd;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/said", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
	assert_true(fd >= 0);
	(void)fflush(NULL);
	if ((pid = fork()) == 0) {
		(void)alarm(60);
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		(void)execl(self, self, scene, (char *)NULL);
		_exit(98);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	read_back(fd);
	(void)close(fd);
	if (status != 0)
		fail_msg("%s: status 0x%x\n%s", scene, (unsigned)status, said);
}

static void
silent(const char *scene)
{
	stage(scene);
	if (said[0] != '\0')
		fail_msg("%s said:\n%s", scene, said);
}

/* With the log on, it says what a person needs to know. */
static void
telling(const char *scene, const char *what)
{
	set("TPM2_CRYPTOKI_LOG", "error");
	stage(scene);
	set("TPM2_CRYPTOKI_LOG", NULL);
	if (strstr(said, what) == NULL)
		fail_msg("%s does not name %s:\n%s", scene, what, said);
}

/* One that a user who is not root may read too, and that says nothing. */
static void
set_configuration(void)
{
	char path[sizeof(dir) + 64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/config.yaml", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644) | close(fd), 0);
	set("TPM2_CRYPTOKI_CONFIG", path);
}

/* A fresh directory for the store of the next scenes. */
static void
new_store(const char *name)
{
	char path[sizeof(dir) + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
	set("TPM2_CRYPTOKI_STORE", path);
}

static char *tcti, *store;

static int
restore(void **state)
{
	(void)state;
	set("TPM2_CRYPTOKI_TCTI", tcti);
	set("TPM2_CRYPTOKI_STORE", store);
	set("TPM2_CRYPTOKI_LOG", NULL);
	set("AS_NOBODY", NULL);
	return 0;
}

static void
a_normal_run_is_silent(void **state)
{
	(void)state;
	new_store("normal");
	silent("all_is_well");
}

static void
a_wrong_pin_is_silent(void **state)
{
	(void)state;
	new_store("pin");
	silent("a_wrong_pin");
}

static void
wrong_calls_are_silent(void **state)
{
	(void)state;
	new_store("calls");
	silent("calls_that_are_wrong");
}

static const char *const nowhere[] = {
	"swtpm:path=/nonexistent",
	"swtpm:host=127.0.0.1,port=1",
	"mssim:host=127.0.0.1,port=1",
	"device:/nonexistent",
	"device:/dev/null",
	"tabrmd:bus_type=session,bus_name=com.example.None",
	"tabrmd:bus_type=system",
	"libtss2-tcti-nonexistent.so",
	"nonsense",
};

static void
no_tpm_is_silent(void **state)
{
	size_t i;

	(void)state;
	new_store("no-tpm");
	for (i = 0; i < P11_COUNT(nowhere); i++) {
		set("TPM2_CRYPTOKI_TCTI", nowhere[i]);
		silent("no_tpm");
	}
	set("TPM2_CRYPTOKI_TCTI", tcti);
	silent("all_is_well");
	for (i = 0; i < P11_COUNT(nowhere); i++) {
		set("TPM2_CRYPTOKI_TCTI", nowhere[i]);
		silent("no_tpm_behind_a_token");
	}
}

static void
the_log_names_the_tpm(void **state)
{
	(void)state;
	new_store("log-tpm");
	set("TPM2_CRYPTOKI_TCTI", "device:/nonexistent/tpm");
	telling("no_tpm", "/nonexistent/tpm");
	set("TPM2_CRYPTOKI_TCTI", "swtpm:path=/nonexistent/socket");
	telling("no_tpm", "/nonexistent/socket");
}

static void
an_unwritable_store_is_silent_and_named(void **state)
{
	char path[sizeof(dir) + 64];

	(void)state;
	set("TPM2_CRYPTOKI_STORE", "/dev/null/store");
	silent("unwritable_store");
	telling("unwritable_store", "/dev/null/store");
	if (geteuid() != 0)
		return;
	/* nobody in particular, before a directory of root's */
	new_store("of-root");
	(void)snprintf(path, sizeof(path), "%s/of-root", dir);
	assert_int_equal(chmod(dir, 0755) | chmod(path, 0555), 0);
	set("AS_NOBODY", "1");
	silent("unwritable_store");
	telling("unwritable_store", path);
}

enum damage { EMPTY, CUT, NOISE, HEADER, TAIL };

static void
damage_file(const char *path, enum damage how)
{
	unsigned char block[512];
	struct stat st;
	off_t at;
	int fd;

	assert_int_equal(stat(path, &st), 0);
	if (how == EMPTY || how == CUT) {
		assert_int_equal(truncate(path, how == EMPTY ? 0 :
		    st.st_size / 2), 0);
		return;
	}
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	memset(block, 0xa5, sizeof(block));
	for (at = 0; at < st.st_size; at += (off_t)sizeof(block))
		if (how == NOISE || (how == HEADER && at == 0) ||
		    (how == TAIL && at >= 4096))
			assert_int_equal(pwrite(fd, block, sizeof(block), at),
			    (ssize_t)sizeof(block));
	assert_int_equal(close(fd), 0);
}

/* Call f for the files of the store; it does not matter how many there are,
 * but SQLite's notes beside them do not count. */
static void
each_file(const char *path, void (*f)(const char *, void *), void *arg)
{
	char file[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(path);
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strstr(e->d_name, "-shm") != NULL ||
		    strstr(e->d_name, "-wal") != NULL)
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		f(file, arg);
		n++;
	}
	(void)closedir(d);
	assert_true(n > 0);
}

static void
damage(const char *file, void *how)
{
	damage_file(file, *(enum damage *)how);
}

/* FNV-1a; who changed a byte did not do it to fool this test. */
static void
add_up(const char *file, void *sum)
{
	uint64_t *n = sum;
	FILE *f = fopen(file, "rb");
	int c;

	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		*n = (*n ^ (uint64_t)c) * UINT64_C(0x100000001b3);
	assert_int_equal(fclose(f), 0);
}

static uint64_t
sum_of(const char *path)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	each_file(path, add_up, &sum);
	return sum;
}

static void
a_damaged_store_is_silent_and_left_alone(void **state)
{
	static const char *const names[] = { "empty", "cut", "noise",
		"header", "tail" };
	char path[sizeof(dir) + 64];
	enum damage how;
	uint64_t sum;

	(void)state;
	for (how = EMPTY; how <= TAIL; how++) {
		new_store(names[how]);
		silent("all_is_well");
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[how]);
		each_file(path, damage, &how);
		sum = sum_of(path);
		silent("damaged_store");
		if (how == NOISE || how == HEADER)
			telling("damaged_store", path);
		if (sum_of(path) != sum)
			fail_msg("a store with damage \"%s\" was changed",
			    names[how]);
	}
}

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	tcti = getenv("TPM2_CRYPTOKI_TCTI");
	store = getenv("TPM2_CRYPTOKI_STORE");
	assert_non_null(tcti);
	assert_non_null(store);
	tcti = strdup(tcti);
	store = strdup(store);
	set_configuration();
	return 0;
}

static int
teardown(void **state)
{
	char command[64];

	(void)state;
	free(tcti);
	free(store);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

#define TEST(f) cmocka_unit_test_teardown(f, restore)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_normal_run_is_silent),
		TEST(a_wrong_pin_is_silent),
		TEST(wrong_calls_are_silent),
		TEST(no_tpm_is_silent),
		TEST(the_log_names_the_tpm),
		TEST(an_unwritable_store_is_silent_and_named),
		TEST(a_damaged_store_is_silent_and_left_alone),
	};

	self = argv[0];
	if (argc == 2)
		return play(argv[1]);
	return cmocka_run_group_tests(tests, setup, teardown);
}
