/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A token whose store lies in a bad place: on a full disk, whatever is left
 * of it; in a directory or a file that cannot be written; a part of a file.
 * A call that needs room says so and changes nothing; all others work.
 * (Another TPM: test_other_tpm; noise for a file: test_quiet.)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "indices.h"
#include "p11_child.h"
#include "p11_object.h"

enum { PAGE = 4096 };

/* Shared by the processes. */
static struct world {
	CK_SLOT_ID slot;
	unsigned pins;		/* how often the user's was changed */
	unsigned pairs;		/* and how many there are */
	bool again;		/* was the token made anew? */
	CK_RV rv;		/* of the call */
} *world;

static char dir[256];
static bool mounted;
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

static const char *
path_of(const char *name)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *
pin_of(unsigned n)
{
	return n % 2 == 0 ? P11_USER_PIN : "another user pin";
}

/* --- the token and what it is good for */

static CK_SESSION_HANDLE
begin(void)
{
	assert_ok(p11->C_Initialize(NULL));
	return p11_open(world->slot, CKF_RW_SESSION);
}

static CK_SESSION_HANDLE
begin_user(void)
{
	CK_SESSION_HANDLE s = begin();

	assert_ok(p11_try_login(s, CKU_USER, pin_of(world->pins)));
	return s;
}

static void
fill_token(CK_SESSION_HANDLE s)
{
	assert_ok(p11_try_login(s, CKU_USER, P11_USER_PIN));
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, "pair");
	(void)p11_create_data(s, "data", true, true);
	world->pairs = 1;
	world->pins = 0;
}

static void
make_token(void)
{
	assert_ok(p11->C_Initialize(NULL));
	world->slot = p11_make_token("place");
	fill_token(p11_open(world->slot, CKF_RW_SESSION));
	assert_ok(p11->C_Finalize(NULL));
}

static void
sign(CK_SESSION_HANDLE s)
{
	CK_ATTRIBUTE t[] = { P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_STR(CKA_LABEL, "pair") };
	CK_OBJECT_HANDLE found[64];
	struct p11_bytes signature;
	CK_ULONG n = p11_find(s, t, 2, found, P11_COUNT(found));

	assert_int_equal(n, world->pairs);
	p11_sign(s, &ecdsa, found[n - 1], "digest", 6, &signature);
	t[0] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY);
	assert_int_equal(p11_find(s, t, 2, found, P11_COUNT(found)), n);
	assert_ok(p11_verify(s, &ecdsa, found[n - 1], "digest", 6,
	    &signature));
}

/* Which calls went well is known; all that has to follow. */
static void
look(void)
{
	CK_SESSION_HANDLE s = begin();

	if (world->again) {
		assert_rv(CKR_USER_PIN_NOT_INITIALIZED,
		    p11_try_login(s, CKU_USER, pin_of(world->pins)));
	} else {
		assert_rv(CKR_PIN_INCORRECT,
		    p11_try_login(s, CKU_USER, pin_of(world->pins + 1)));
		assert_ok(p11_try_login(s, CKU_USER, pin_of(world->pins)));
		sign(s);
		assert_int_equal(p11_count_label(s, "data"), 1);
		assert_ok(p11->C_Logout(s));
	}
	assert_ok(p11_try_login(s, CKU_SO, P11_SO_PIN));
	assert_ok(p11->C_Finalize(NULL));
}

static void
look_and_count(void)
{
	look();
	indices_agree();
}

/* --- calls that write; what they give is in world->rv */

static void
set_pin(void)
{
	const char *old = pin_of(world->pins), *new = pin_of(world->pins + 1);

	world->rv = p11->C_SetPIN(begin(), p11_in(old), strlen(old),
	    p11_in(new), strlen(new));
	world->pins += world->rv == CKR_OK;
}

static void
init_pin(void)
{
	const char *new = pin_of(world->pins + 1);
	CK_SESSION_HANDLE s = begin();

	assert_ok(p11_try_login(s, CKU_SO, P11_SO_PIN));
	world->rv = p11->C_InitPIN(s, p11_in(new), strlen(new));
	world->pins += world->rv == CKR_OK;
}

static void
generate(void)
{
	CK_MECHANISM m = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_BYTE p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	CK_ATTRIBUTE public[] = { P11_BOOL(CKA_TOKEN, 1),
		P11_STR(CKA_LABEL, "pair"),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)) };
	CK_ATTRIBUTE private[] = { P11_BOOL(CKA_TOKEN, 1),
		P11_STR(CKA_LABEL, "pair"), P11_BOOL(CKA_SIGN, 1) };
	CK_OBJECT_HANDLE pair[2];

	world->rv = p11->C_GenerateKeyPair(begin_user(), &m, public,
	    P11_COUNT(public), private, P11_COUNT(private), &pair[0],
	    &pair[1]);
	world->pairs += world->rv == CKR_OK;
}

static void
init_token(void)
{
	assert_ok(p11->C_Initialize(NULL));
	world->rv = p11_try_init_token(world->slot, P11_SO_PIN, "again");
	world->again = world->rv == CKR_OK;
}

static void
init_new_token(void)
{
	assert_ok(p11->C_Initialize(NULL));
	world->rv = p11_try_init_token(p11_empty_slot(), P11_SO_PIN, "new");
}

/* --- a full disk */

/* So that pages of the disk are left. */
static void
fill_disk(unsigned pages)
{
	static const uint8_t zeros[PAGE];
	int fd = open(path_of("ballast"), O_WRONLY | O_CREAT | O_CLOEXEC,
	    0600);
	off_t len = 0;

	assert_true(fd >= 0);
	while (write(fd, zeros, PAGE) == PAGE)
		len += PAGE;
	assert_int_equal(errno, ENOSPC);
	assert_true(len >= (off_t)pages * PAGE);
	assert_int_equal(ftruncate(fd, len - (off_t)pages * PAGE), 0);
	(void)close(fd);
}

/* A little more room each time, until there is enough. */
static void
with_ever_more_room(const char *name, void (*call)(void))
{
	unsigned pages, failed = 0;

	if (!mounted)
		skip();
	p11_in_child(make_token);
	for (pages = 0; pages < 200; pages++) {
		fill_disk(pages);
		p11_in_child(call);
		if (world->rv != CKR_OK)
			assert_rv(CKR_DEVICE_MEMORY, world->rv);
		/* on the disk that is full, and then with room */
		p11_in_child(look);
		assert_int_equal(unlink(path_of("ballast")), 0);
		p11_in_child(look_and_count);
		if (world->rv == CKR_OK && failed > 0)
			break;
		failed += world->rv != CKR_OK;
	}
	print_message("%s: the disk was full at %u points\n", name, failed);
	assert_true(failed > 0 && pages < 200);
}

static void
set_pin_on_a_full_disk(void **state)
{
	(void)state;
	with_ever_more_room("C_SetPIN", set_pin);
}

static void
init_pin_on_a_full_disk(void **state)
{
	(void)state;
	with_ever_more_room("C_InitPIN", init_pin);
}

static void
generate_on_a_full_disk(void **state)
{
	(void)state;
	with_ever_more_room("C_GenerateKeyPair", generate);
}

static void
init_token_on_a_full_disk(void **state)
{
	(void)state;
	with_ever_more_room("C_InitToken, again", init_token);
}

static void
new_token_on_a_full_disk(void **state)
{
	(void)state;
	with_ever_more_room("C_InitToken, new", init_new_token);
}

/* --- what cannot be written */

/* Root obeys the modes of files like everybody else. */
static void
obey(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	assert_int_equal(syscall(SYS_capset, &head, data), 0);
	assert_int_equal(access(path_of("store.sqlite3"), W_OK), -1);
}

static void
use_what_cannot_be_written(void)
{
	CK_TOKEN_INFO info;

	if (!mounted)
		obey();
	look();
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetTokenInfo(world->slot, &info));
	assert_true((info.flags & CKF_WRITE_PROTECTED) != 0);
	assert_ok(p11->C_Finalize(NULL));
}

static void (*writing)(void);

static void
write_what_cannot_be_written(void)
{
	if (!mounted)
		obey();
	writing();
	assert_rv(CKR_TOKEN_WRITE_PROTECTED, world->rv);
}

static void
nothing_is_written(void)
{
	static void (*const calls[])(void) = { set_pin, init_pin, generate,
		init_token, init_new_token };
	size_t i;

	p11_in_child(use_what_cannot_be_written);
	for (i = 0; i < P11_COUNT(calls); i++) {
		writing = calls[i];
		p11_in_child(write_what_cannot_be_written);
	}
	p11_in_child(use_what_cannot_be_written);
}

static void
a_disk_that_cannot_be_written(void **state)
{
	(void)state;
	if (!mounted)
		skip();
	p11_in_child(make_token);
	assert_int_equal(mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY,
	    NULL), 0);
	nothing_is_written();
	assert_int_equal(mount(NULL, dir, NULL, MS_REMOUNT, NULL), 0);
	p11_in_child(look_and_count);
}

static void
chmod_all(mode_t directory, mode_t file)
{
	static const char *const names[] = { "store.sqlite3",
		"store.sqlite3-wal", "store.sqlite3-shm",
		"store.sqlite3-lock" };
	size_t i;

	for (i = 0; i < P11_COUNT(names); i++)
		(void)chmod(path_of(names[i]), file);
	assert_int_equal(chmod(dir, directory), 0);
}

static void
modes_that_forbid(mode_t directory, mode_t file)
{
	const bool was = mounted;

	p11_in_child(make_token);
	chmod_all(directory, file);
	mounted = false;
	nothing_is_written();
	mounted = was;
	chmod_all(0700, 0600);
	p11_in_child(look_and_count);
}

static void
a_directory_that_cannot_be_written(void **state)
{
	(void)state;
	modes_that_forbid(0500, 0400);
}

static void
a_file_that_cannot_be_written(void **state)
{
	(void)state;
	modes_that_forbid(0700, 0400);
}

/* --- a part of the file */

/* What was cut off may be an index, which a login needs not: then a search
 * that needs it is refused, and one that does not finds all. */
static void
search_the_part(CK_SESSION_HANDLE s, const char *label, CK_ULONG count)
{
	CK_ATTRIBUTE t = P11_BYTES(CKA_LABEL, p11_in(label), strlen(label));
	CK_OBJECT_HANDLE found[8];
	CK_ULONG n = 0;

	if (p11->C_FindObjectsInit(s, &t, label[0] != '\0') != CKR_OK)
		return;
	assert_ok(p11->C_FindObjects(s, found, P11_COUNT(found), &n));
	assert_int_equal(n, count);
	assert_ok(p11->C_FindObjectsFinal(s));
}

static void
try_the_part(void)
{
	CK_SLOT_ID slots[8];
	CK_ULONG n = P11_COUNT(slots);
	CK_SESSION_HANDLE s = 0;
	CK_RV rv;

	assert_ok(p11->C_Initialize(NULL));
	rv = p11->C_GetSlotList(CK_TRUE, slots, &n);
	if (rv == CKR_OK)
		rv = p11->C_OpenSession(world->slot, CKF_SERIAL_SESSION |
		    CKF_RW_SESSION, NULL, NULL, &s);
	if (rv == CKR_OK)
		rv = p11_try_login(s, CKU_USER, P11_USER_PIN);
	if (rv == CKR_OK) {
		search_the_part(s, "", 3);
		search_the_part(s, "pair", 2);
	} else {
		/* nor is another put in the place of what is left */
		assert_int_not_equal(p11_try_init_token(world->slot,
		    P11_SO_PIN, "over it"), CKR_OK);
	}
	assert_ok(p11->C_Finalize(NULL));
	world->rv = rv;
}

static void
a_part_of_the_file(void **state)
{
	uint8_t whole[64 * PAGE], part[64 * PAGE];
	unsigned parts = 0, refused = 0;
	off_t len, all;
	int fd;

	(void)state;
	p11_in_child(make_token);
	fd = open(path_of("store.sqlite3"), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	all = pread(fd, whole, sizeof(whole), 0);
	assert_in_range(all, PAGE, sizeof(whole) - 1);
	for (len = 512; len < all; len += 3 * PAGE / 4) {
		assert_int_equal(ftruncate(fd, len), 0);
		p11_in_child(try_the_part);
		parts++;
		refused += world->rv != CKR_OK;
		assert_int_equal(pread(fd, part, sizeof(part), 0), len);
		assert_memory_equal(part, whole, (size_t)len);
		assert_int_equal(pwrite(fd, whole, (size_t)all, 0), all);
	}
	(void)close(fd);
	print_message("%u parts, %u of them refused at the login\n", parts,
	    refused);
	assert_true(refused > parts / 2);
	p11_in_child(look);
}

/* --- a place for each test, with a disk of its own where root may mount */

static int
new_place(void **state)
{
	(void)state;
	world->again = false;
	mounted = mount("none", dir, "tmpfs", 0, "size=1m,mode=700") == 0;
	if (system("tpm2_clear -c p") != 0)
		fail_msg("tpm2_clear failed");
	return 0;
}

static int
drop_place(void **state)
{
	char command[300];

	(void)state;
	chmod_all(0700, 0600);
	(void)snprintf(command, sizeof(command), "rm -rf -- %s/*", dir);
	assert_int_equal(system(command), 0);
	return mounted ? umount2(dir, MNT_DETACH) : 0;
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s",
	    getenv("TPM2_CRYPTOKI_STORE"));
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	/* mounts of our own, which go with this process */
	if (unshare(CLONE_NEWNS) == 0)
		(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	p11_load();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, new_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(set_pin_on_a_full_disk),
		TEST(init_pin_on_a_full_disk),
		TEST(generate_on_a_full_disk),
		TEST(init_token_on_a_full_disk),
		TEST(new_token_on_a_full_disk),
		TEST(a_disk_that_cannot_be_written),
		TEST(a_directory_that_cannot_be_written),
		TEST(a_file_that_cannot_be_written),
		TEST(a_part_of_the_file),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
