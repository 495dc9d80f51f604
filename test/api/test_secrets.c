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
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "crypto/crypto.h"
#include "p11_child.h"
#include "p11_object.h"
#include "p11_ossl.h"
#include "token/internal.h"
#include "token/slots.h"

enum { LEN_MAX = 40, MASK = 0x5a };

enum secret {
	SO_PIN, USER_PIN, NEW_PIN, LAST_PIN, PRIVATE_LABEL, PRIVATE_VALUE,
	PRIVATE_ID, GONE_LABEL, GONE_VALUE, PUBLIC_LABEL, PUBLIC_VALUE,
	SUBJECT, KEK, DEVICE_KEY, SECRETS
};

/* Shared by all processes: those of the keys are found out on the way. */
static struct {
	size_t len;
	uint8_t masked[LEN_MAX];
} *secrets;

static const char *const names[SECRETS] = {
	"SO PIN", "user PIN", "new PIN", "last PIN", "private label",
	"private value", "private id", "label of a destroyed object",
	"value of a destroyed object", "public label", "public value",
	"subject", "KEK", "device key"
};

static void
keep(enum secret which, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t i;

	assert_in_range(len, 8, LEN_MAX);
	for (i = 0; i < len; i++)
		secrets[which].masked[i] = p[i] ^ MASK;
	secrets[which].len = len;
}

/* In one buffer that is wiped again. */
static uint8_t plain[LEN_MAX];

static CK_ULONG
unmask(enum secret which, uint8_t *out)
{
	volatile uint8_t mask = MASK;
	size_t i;

	for (i = 0; i < secrets[which].len; i++)
		out[i] = secrets[which].masked[i] ^ mask;
	return secrets[which].len;
}

/* Random letters, so that nothing else has them. */
static void
invent(enum secret which, size_t len)
{
	uint8_t random[LEN_MAX];
	size_t i;

	ossl_random(random, len);
	for (i = 0; i < len; i++)
		random[i] = 'a' + random[i] % 26;
	keep(which, random, len);
	OPENSSL_cleanse(random, sizeof(random));
}

/* --- files */

static uint8_t *content;
static size_t content_len;

static void
load(const char *dir, const char *name)
{
	char path[600];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	content_len = (size_t)st.st_size;
	content = malloc(content_len + 1);
	assert_non_null(content);
	assert_int_equal(read(fd, content, content_len),
	    (ssize_t)content_len);
	(void)close(fd);
}

/* Every nth byte of the file is the text: n is 2 for UTF-16 of any kind. */
static bool
is_there(const uint8_t *text, size_t len, size_t step)
{
	size_t at, i;

	for (at = 0; at + len * step <= content_len + step - 1; at++) {
		for (i = 0; i < len; i++)
			if (content[at + i * step] != text[i])
				break;
		if (i == len)
			return true;
	}
	return false;
}

static bool
is_there_in_hex(const uint8_t *bytes, size_t len)
{
	char low[2 * LEN_MAX + 1], high[2 * LEN_MAX + 1];
	size_t i;

	for (i = 0; i < len; i++) {
		(void)sprintf(low + 2 * i, "%02x", bytes[i]);
		(void)sprintf(high + 2 * i, "%02X", bytes[i]);
	}
	return is_there((uint8_t *)low, 2 * len, 1) ||
	    is_there((uint8_t *)high, 2 * len, 1);
}

/* As it looks behind 0, 1 or 2 other bytes: what is common to all that may
 * stand before and behind it. */
static bool
is_there_in_base64(const uint8_t *bytes, size_t len)
{
	uint8_t padded[LEN_MAX + 4], text[2 * LEN_MAX];
	size_t shift, n;

	for (shift = 0; shift < 3; shift++) {
		memset(padded, 0, sizeof(padded));
		memcpy(padded + shift, bytes, len);
		n = (shift + len) / 3 * 3;
		(void)EVP_EncodeBlock(text, padded, (int)n);
		if (is_there(text + 4, n / 3 * 4 - 4, 1))
			return true;
	}
	return false;
}

/* The spelling in which it stands in the file, or NULL. */
static const char *
spelling(enum secret which)
{
	uint8_t bytes[LEN_MAX];
	size_t len = unmask(which, bytes);

	if (is_there(bytes, len, 1))
		return "as it is";
	if (is_there(bytes, len, 2))
		return "in UTF-16";
	if (is_there_in_hex(bytes, len))
		return "in hex";
	return is_there_in_base64(bytes, len) ? "in base64" : NULL;
}

/* How many of them are found in the files of the store. */
static unsigned
search_files(const char *when)
{
	const char *dir = getenv("TPM2_CRYPTOKI_STORE"), *how;
	unsigned found = 0, files = 0;
	struct dirent *e;
	enum secret which;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		load(dir, e->d_name);
		for (which = 0; which < SECRETS; which++) {
			if (secrets[which].len == 0 ||
			    (how = spelling(which)) == NULL)
				continue;
			print_message("%s: the %s, %s, in %s\n", when,
			    names[which], how, e->d_name);
			found++;
		}
		free(content);
		files++;
	}
	(void)closedir(d);
	assert_true(files > 0);
	return found;
}

/* --- what the programs do */

static CK_RV
login(CK_SESSION_HANDLE s, CK_USER_TYPE who, enum secret pin)
{
	CK_RV rv = p11->C_Login(s, who, plain, unmask(pin, plain));

	OPENSSL_cleanse(plain, sizeof(plain));
	return rv;
}

static void
set_pin(CK_SESSION_HANDLE s, enum secret old, enum secret new)
{
	uint8_t other[LEN_MAX];

	assert_ok(p11->C_SetPIN(s, plain, unmask(old, plain), other,
	    unmask(new, other)));
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(other, sizeof(other));
}

static CK_OBJECT_HANDLE
create(CK_SESSION_HANDLE s, bool private, enum secret label,
    enum secret value)
{
	uint8_t l[LEN_MAX], v[LEN_MAX];
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, private),
		P11_BYTES(CKA_LABEL, l, unmask(label, l)),
		P11_BYTES(CKA_VALUE, v, unmask(value, v)),
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
	uint8_t id[LEN_MAX], label[LEN_MAX], subject[LEN_MAX];
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, 1),
		/* else it were the private half's */
		P11_STR(CKA_ID, "public id"),
		P11_BYTES(CKA_EC_PARAMS, params.data, params.len),
		P11_BYTES(CKA_SUBJECT, subject, unmask(SUBJECT, subject)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BYTES(CKA_ID, id, unmask(PRIVATE_ID, id)),
		P11_BYTES(CKA_LABEL, label, unmask(PRIVATE_LABEL, label)),
		P11_BYTES(CKA_SUBJECT, subject, secrets[SUBJECT].len),
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
	assert_ok(p11->C_InitToken(p11_slot, plain, unmask(SO_PIN, plain),
	    label));
	s = p11_open_rw();
	assert_ok(login(s, CKU_SO, SO_PIN));
	assert_ok(p11->C_InitPIN(s, plain, unmask(USER_PIN, plain)));
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
	    unmask(LAST_PIN, plain))));
	keep(KEK, t->kek.data, t->kek.len);
	keep(DEVICE_KEY, t->device.data, t->device.len);
	slots_free(&slots);
	config_free(&config);
}

static void
work_and_finish(void)
{
	work();
	assert_int_equal(search_files("while it is open"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(search_files("after C_Finalize"), 0);
}

static void
work_and_die(void)
{
	work();
	(void)kill(getpid(), SIGKILL);
}

/* --- memory */

struct area {
	uintptr_t begin, end;
};

/* The next one of /proc/self/maps that can be read. What is larger than a
 * process of ours can fill is a sanitizer's. */
static bool
next_area(FILE *maps, struct area *a)
{
	char line[600], mode[8];

	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx %7s", &a->begin, &a->end,
		    mode) == 3 && mode[0] == 'r' && mode[1] == 'w' &&
		    a->end - a->begin < (size_t)1 << 30)
			return true;
	return false;
}

static uint8_t window[1 << 16];

static bool
in_window(size_t len, enum secret which)
{
	volatile uint8_t mask = MASK;
	const uint8_t *masked = secrets[which].masked, *at = window;
	const uint8_t *const end = window + len;
	size_t i;

	while ((at = memchr(at, masked[0] ^ mask, (size_t)(end - at))) !=
	    NULL && at + secrets[which].len <= end) {
		for (i = 1; i < secrets[which].len; i++)
			if (at[i] != (uint8_t)(masked[i] ^ mask))
				break;
		if (i == secrets[which].len)
			return true;
		at++;
	}
	return false;
}

/* One window's worth of the area from at on, but for the window itself. */
static size_t
look_through(int mem, uintptr_t at, uintptr_t end)
{
	const uintptr_t own = (uintptr_t)window;
	ssize_t got;

	if (at < own && end > own)
		end = own;
	if (end - at > sizeof(window))
		end = at + sizeof(window);
	got = pread(mem, window, end - at, (off_t)at);
	return got > 0 ? (size_t)got : 0;
}

static unsigned
search_area(int mem, const struct area *a, const enum secret *list, size_t n,
    const char *when)
{
	const uintptr_t own = (uintptr_t)window;
	uintptr_t at = a->begin;
	unsigned found = 0;
	size_t got, i;

	while (at < a->end) {
		if (at >= own && at < own + sizeof(window)) {
			at = own + sizeof(window);
			continue;
		}
		got = look_through(mem, at, a->end);
		for (i = 0; i < n; i++)
			if (in_window(got, list[i])) {
				print_message("%s: the %s is in memory, "
				    "behind %lx of %lx-%lx\n", when,
				    names[list[i]], at, a->begin, a->end);
				found++;
			}
		/* what lies across two of them is in the next one */
		at += got > LEN_MAX ? got - LEN_MAX + 1 : LEN_MAX;
	}
	return found;
}

static unsigned
search_memory(const enum secret *list, size_t n, const char *when)
{
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned found = 0, areas = 0;
	struct area a;

	assert_true(mem >= 0);
	assert_non_null(maps);
	for (; next_area(maps, &a); areas++)
		found += search_area(mem, &a, list, n, when);
	OPENSSL_cleanse(window, sizeof(window));
	(void)fclose(maps);
	(void)close(mem);
	assert_true(areas > 10);
	return found;
}

static const enum secret pins[] = { SO_PIN, USER_PIN, NEW_PIN, LAST_PIN };
static const enum secret private[] = { SO_PIN, USER_PIN, NEW_PIN, LAST_PIN,
	PRIVATE_LABEL, PRIVATE_VALUE, PRIVATE_ID, GONE_LABEL, GONE_VALUE,
	KEK };
static const enum secret all[] = { SO_PIN, USER_PIN, NEW_PIN, LAST_PIN,
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
	assert_int_equal(search_memory(pins, P11_COUNT(pins),
	    "logged in"), 0);
	assert_ok(p11->C_Logout(s));
	assert_int_equal(search_memory(private, P11_COUNT(private),
	    "after C_Logout"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(search_memory(all, P11_COUNT(all),
	    "after C_Finalize"), 0);
}

static void
make_change_and_destroy(void)
{
	work();
	assert_int_equal(search_memory(pins, P11_COUNT(pins),
	    "after changes of PIN"), 0);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_int_equal(search_memory(private, P11_COUNT(private),
	    "after C_CloseAllSessions"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(search_memory(private, P11_COUNT(private),
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
	assert_int_equal(search_files("(planted)"), 1);
	assert_int_equal(unlink(path), 0);
}

static void
the_search_finds_what_is_there(void **state)
{
	static char memory[64];
	const char *dir = getenv("TPM2_CRYPTOKI_STORE");
	char text[4 * LEN_MAX];
	size_t i, n;

	(void)state;
	memset(text, 'x', sizeof(text));
	n = unmask(PUBLIC_LABEL, plain);
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
	(void)unmask(KEK, plain);
	OPENSSL_cleanse(plain, sizeof(plain));
	(void)unmask(LAST_PIN, (uint8_t *)memory + 7);
	assert_int_equal(search_memory(pins, P11_COUNT(pins), "(planted)"),
	    1);
	OPENSSL_cleanse(memory, sizeof(memory));
	OPENSSL_cleanse(text, sizeof(text));
	assert_int_equal(search_memory(pins, P11_COUNT(pins), "before"), 0);
}

static void
no_file_has_any(void **state)
{
	(void)state;
	p11_in_child(work_and_finish);
	p11_in_child(learn_keys);
	assert_int_equal(search_files("at the end"), 0);
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
	assert_int_equal(search_files("after a sudden death"), 0);
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
	secrets = mmap(NULL, SECRETS * sizeof(*secrets),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(secrets != MAP_FAILED);
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
