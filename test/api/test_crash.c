/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Death at every point of the calls that change a token: before and after
 * each system call of theirs that anybody else can notice. The process that
 * starts next finds either what was before or what was meant, all of it, and
 * the calls can be made again.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "death_scene.h"
#include "indices.h"
#include "p11_object.h"

/* What all processes of the test know. */
static struct world {
	CK_SLOT_ID slot;
	unsigned user, so;	/* how often the PIN was changed */
	unsigned turn;		/* the first death that left it done */
} *world;

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
enum { BASE = 4 };		/* objects that each scene begins with */

static const char *
pin_of(CK_USER_TYPE who, unsigned n)
{
	static const char *const pins[2][2] = {
		{ P11_SO_PIN, "another so pin" },
		{ P11_USER_PIN, "another user pin" },
	};

	return pins[who == CKU_USER][n % 2];
}

static const char *
in_force(CK_USER_TYPE who)
{
	return pin_of(who, who == CKU_USER ? world->user : world->so);
}

static void
login(CK_SESSION_HANDLE s, CK_USER_TYPE who)
{
	assert_ok(p11_try_login(s, who, in_force(who)));
}

static const char *
name_of_round(void)
{
	static char name[32];

	(void)snprintf(name, sizeof(name), "round-%u", death_round());
	return name;
}

/* --- a token, and whether it is whole */

static CK_SESSION_HANDLE
begin(void)
{
	assert_ok(p11->C_Initialize(NULL));
	return p11_open(world->slot, CKF_RW_SESSION);
}

static CK_SESSION_HANDLE
begin_as(CK_USER_TYPE who)
{
	CK_SESSION_HANDLE s = begin();

	login(s, who);
	return s;
}

static void
set_first_pin(CK_SESSION_HANDLE s)
{
	login(s, CKU_SO);
	assert_ok(p11->C_InitPIN(s, p11_in(in_force(CKU_USER)),
	    strlen(in_force(CKU_USER))));
	assert_ok(p11->C_Logout(s));
}

static void
fill(CK_SESSION_HANDLE s)
{
	login(s, CKU_USER);
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, "base");
	(void)p11_create_data(s, "public", true, false);
	(void)p11_create_data(s, "private", true, true);
	assert_ok(p11->C_Logout(s));
}

static void
sign_with(CK_SESSION_HANDLE s, const char *label)
{
	CK_ATTRIBUTE t[] = { P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)) };
	CK_OBJECT_HANDLE private = p11_find_one(s, t, 2), public;
	struct p11_bytes signature;

	t[0] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY);
	public = p11_find_one(s, t, 2);
	p11_sign(s, &ecdsa, private, "digest", 6, &signature);
	assert_ok(p11_verify(s, &ecdsa, public, "digest", 6, &signature));
}

static void
has_value(CK_SESSION_HANDLE s, const char *label)
{
	CK_ATTRIBUTE t = P11_BYTES(CKA_LABEL, p11_in(label), strlen(label));

	p11_assert_attr(s, p11_find_one(s, &t, 1), CKA_VALUE, "some value",
	    10);
}

/* The user is logged in: what was there before is there, and works. */
static void
base_is_whole(CK_SESSION_HANDLE s)
{
	sign_with(s, "base");
	has_value(s, "public");
	has_value(s, "private");
}

/* The last of a process; what it opened is gone from the TPM. */
static void
end(void)
{
	assert_ok(p11->C_Finalize(NULL));
	indices_agree();
}

/* No store, and a TPM that was never used. */
static void
new_machine(void)
{
	static const char *const names[] = { "store.sqlite3",
		"store.sqlite3-wal", "store.sqlite3-shm",
		"store.sqlite3-lock" };
	char path[400];
	size_t i;

	for (i = 0; i < P11_COUNT(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    getenv("TPM2_CRYPTOKI_STORE"), names[i]);
		(void)unlink(path);
	}
	if (system("tpm2_clear -c p") != 0)
		fail_msg("tpm2_clear failed");
}

/* The only token of the store, with all that base_is_whole looks for. */
static void
make_base(void)
{
	CK_SESSION_HANDLE s;

	new_machine();
	assert_ok(p11->C_Initialize(NULL));
	world->slot = p11_empty_slot();
	p11_init_token(world->slot, in_force(CKU_SO), "base");
	s = p11_open(world->slot, CKF_RW_SESSION);
	set_first_pin(s);
	fill(s);
	assert_ok(p11->C_Finalize(NULL));
}

/* --- C_InitToken in an empty slot, of a TPM that was never used */

static void
new_call(void)
{
	CK_SLOT_ID slot;

	assert_ok(p11->C_Initialize(NULL));
	slot = p11_empty_slot();
	death_may_come();
	p11_init_token(slot, in_force(CKU_SO), "new");
}

static void
new_look(void)
{
	CK_SLOT_ID slots[4];
	CK_ULONG n = P11_COUNT(slots);
	CK_SESSION_HANDLE s;

	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetSlotList(CK_FALSE, NULL, &(CK_ULONG){ 0 }));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	assert_in_range(n, 1, 2);
	death_was_done(n == 2);
	world->slot = slots[0];
	if (n == 1)
		p11_init_token(slots[0], in_force(CKU_SO), "again");
	s = p11_open(slots[0], CKF_RW_SESSION);
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED, p11_try_login(s, CKU_USER,
	    in_force(CKU_USER)));
	set_first_pin(s);
	login(s, CKU_USER);
	assert_int_equal(p11_count(s, NULL, 0), 0);
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, "works");
	sign_with(s, "works");
	end();
}

/* --- C_InitToken over a token */

static void
again_call(void)
{
	assert_ok(p11->C_Initialize(NULL));
	death_may_come();
	p11_init_token(world->slot, in_force(CKU_SO), name_of_round());
}

static bool
has_label(const char *label)
{
	CK_TOKEN_INFO info;

	assert_ok(p11->C_GetTokenInfo(world->slot, &info));
	return memcmp(info.label, label, strlen(label)) == 0;
}

/* What was there is there, or nothing is; then it is made anew. */
static void
again_look(void)
{
	CK_SESSION_HANDLE s = begin();
	const bool done = has_label(name_of_round());

	death_was_done(done);
	if (done) {
		assert_rv(CKR_USER_PIN_NOT_INITIALIZED, p11_try_login(s,
		    CKU_USER, in_force(CKU_USER)));
		assert_int_equal(p11_count(s, NULL, 0), 0);
	} else {
		login(s, CKU_USER);
		base_is_whole(s);
		assert_int_equal(p11_count(s, NULL, 0), BASE);
		assert_ok(p11->C_CloseSession(s));
		p11_init_token(world->slot, in_force(CKU_SO), "again");
		s = p11_open(world->slot, CKF_RW_SESSION);
	}
	set_first_pin(s);
	fill(s);
	end();
}

/* --- C_SetPIN */

static void
set_pin(CK_SESSION_HANDLE s, CK_USER_TYPE who)
{
	const char *new = pin_of(who, (who == CKU_USER ? world->user :
	    world->so) + 1);

	death_may_come();
	assert_ok(p11->C_SetPIN(s, p11_in(in_force(who)),
	    strlen(in_force(who)), p11_in(new), strlen(new)));
}

static void
user_call(void)
{
	set_pin(begin_as(CKU_USER), CKU_USER);
}

static void
so_call(void)
{
	set_pin(begin_as(CKU_SO), CKU_SO);
}

/* Just one of the two; it is in force from here on. */
static void
one_pin_works(CK_SESSION_HANDLE s, CK_USER_TYPE who, unsigned *n)
{
	CK_RV old, new;

	new = p11_try_login(s, who, pin_of(who, *n + 1));
	if (new == CKR_OK)
		assert_ok(p11->C_Logout(s));
	old = p11_try_login(s, who, pin_of(who, *n));
	if (old == CKR_OK)
		assert_ok(p11->C_Logout(s));
	assert_rv_in(new, CKR_OK, CKR_PIN_INCORRECT);
	assert_rv(new == CKR_OK ? CKR_PIN_INCORRECT : CKR_OK, old);
	death_was_done(new == CKR_OK);
	if (new == CKR_OK)
		*n += 1;
}

static void
pin_look(void)
{
	CK_SESSION_HANDLE s = begin();

	one_pin_works(s, CKU_USER, &world->user);
	login(s, CKU_USER);
	base_is_whole(s);
	assert_int_equal(p11_count(s, NULL, 0), BASE);
	assert_ok(p11->C_Logout(s));
	/* neither died with the other */
	login(s, CKU_SO);
	end();
}

static void
so_look(void)
{
	CK_SESSION_HANDLE s = begin();

	one_pin_works(s, CKU_SO, &world->so);
	/* and what the SO is for */
	set_first_pin(s);
	login(s, CKU_USER);
	base_is_whole(s);
	end();
}

/* --- C_Login, where a C_SetPIN died */

/* A few calls later: how many there are before it differs by some. */
static void
login_prepare(void)
{
	assert_true(death_at(world->turn + 4, DEATH_BEFORE, user_call));
}

static void
login_call(void)
{
	CK_SESSION_HANDLE s = begin();

	death_may_come();
	assert_ok(p11_try_login(s, CKU_USER, pin_of(CKU_USER,
	    world->user + 1)));
}

/* --- C_InitPIN */

static void
init_pin_call(void)
{
	CK_SESSION_HANDLE s = begin_as(CKU_SO);
	const char *new = pin_of(CKU_USER, world->user + 1);

	death_may_come();
	assert_ok(p11->C_InitPIN(s, p11_in(new), strlen(new)));
}

/* The PIN is there or not; C_InitPIN gives the user one in any case. */
static void
first_look(void)
{
	CK_SESSION_HANDLE s = begin();
	CK_RV rv;

	rv = p11_try_login(s, CKU_USER, pin_of(CKU_USER, world->user + 1));
	assert_rv_in(rv, CKR_OK, CKR_PIN_INCORRECT,
	    CKR_USER_PIN_NOT_INITIALIZED);
	death_was_done(rv == CKR_OK);
	if (rv == CKR_OK)
		assert_ok(p11->C_Logout(s));
	set_first_pin(s);
	login(s, CKU_USER);
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, "works");
	sign_with(s, "works");
	end();
}

/* A token that had no user yet. */
static void
first_prepare(void)
{
	assert_ok(p11->C_Initialize(NULL));
	p11_init_token(world->slot, in_force(CKU_SO), "first");
	assert_ok(p11->C_Finalize(NULL));
}

/* --- objects */

static void
pair_call(void)
{
	CK_SESSION_HANDLE s = begin_as(CKU_USER);

	death_may_come();
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, name_of_round());
}

static void
pair_look(void)
{
	CK_SESSION_HANDLE s = begin_as(CKU_USER);
	CK_ULONG n = p11_count_label(s, name_of_round());
	CK_ATTRIBUTE label = P11_BYTES(CKA_LABEL, name_of_round(),
	    strlen(name_of_round()));
	CK_OBJECT_HANDLE found[4];

	death_was_done(n != 0);
	if (n != 0) {
		assert_int_equal(n, 2);
		sign_with(s, name_of_round());
		(void)p11_find(s, &label, 1, found, P11_COUNT(found));
		p11_destroy(s, found[0]);
		p11_destroy(s, found[1]);
	}
	base_is_whole(s);
	assert_int_equal(p11_count(s, NULL, 0), BASE);
	end();
}

static void
destroy_prepare(void)
{
	CK_SESSION_HANDLE s = begin_as(CKU_USER);

	(void)p11_create_data(s, name_of_round(), true, death_round() % 2);
	assert_ok(p11->C_Finalize(NULL));
}

static void
destroy_call(void)
{
	CK_SESSION_HANDLE s = begin_as(CKU_USER);
	CK_ATTRIBUTE label = P11_BYTES(CKA_LABEL, name_of_round(),
	    strlen(name_of_round()));
	CK_OBJECT_HANDLE object = p11_find_one(s, &label, 1);

	death_may_come();
	p11_destroy(s, object);
}

static void
destroy_look(void)
{
	CK_SESSION_HANDLE s = begin_as(CKU_USER);
	CK_ATTRIBUTE label = P11_BYTES(CKA_LABEL, name_of_round(),
	    strlen(name_of_round()));
	bool gone;

	gone = p11_count_label(s, name_of_round()) == 0;
	death_was_done(gone);
	if (!gone) {
		has_value(s, name_of_round());
		p11_destroy(s, p11_find_one(s, &label, 1));
	}
	base_is_whole(s);
	assert_int_equal(p11_count(s, NULL, 0), BASE);
	end();
}

/* --- the tests */

static void
init_token_of_a_new_token(void **state)
{
	static const struct death_scene scene = { "C_InitToken, new",
		new_machine, new_call, new_look };

	(void)state;
	(void)death_at_all_points(&scene);
}

static void
init_token_over_a_token(void **state)
{
	static const struct death_scene scene = { "C_InitToken, again", NULL,
		again_call, again_look };

	(void)state;
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static void
set_pin_of_the_user(void **state)
{
	static const struct death_scene scene = { "C_SetPIN, user", NULL,
		user_call, pin_look };

	(void)state;
	p11_in_child(make_base);
	world->turn = death_at_all_points(&scene);
}

/* The first death leaves the new PIN in force, but not tidy; the second
 * meets the login that makes it so. */
static void
login_after_such_a_death(void **state)
{
	static const struct death_scene scene = { "C_Login, after C_SetPIN",
		login_prepare, login_call, pin_look };

	(void)state;
	assert_true(world->turn > 0);
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static void
set_pin_of_the_so(void **state)
{
	static const struct death_scene scene = { "C_SetPIN, SO", NULL,
		so_call, so_look };

	(void)state;
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static void
init_pin_of_a_new_user(void **state)
{
	static const struct death_scene scene = { "C_InitPIN, first",
		first_prepare, init_pin_call, first_look };

	(void)state;
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static void
init_pin_again(void **state)
{
	static const struct death_scene scene = { "C_InitPIN, again", NULL,
		init_pin_call, pin_look };

	(void)state;
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static void
generate_key_pair(void **state)
{
	static const struct death_scene scene = { "C_GenerateKeyPair", NULL,
		pair_call, pair_look };

	(void)state;
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static void
destroy_object(void **state)
{
	static const struct death_scene scene = { "C_DestroyObject",
		destroy_prepare, destroy_call, destroy_look };

	(void)state;
	p11_in_child(make_base);
	(void)death_at_all_points(&scene);
}

static int
setup(void **state)
{
	(void)state;
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	/* a disk in memory, where root may have one: nothing waits for it */
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		(void)mount("none", getenv("TPM2_CRYPTOKI_STORE"), "tmpfs",
		    0, "mode=700");
	death_begin();
	p11_load();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_pin_of_the_user),
		cmocka_unit_test(login_after_such_a_death),
		cmocka_unit_test(set_pin_of_the_so),
		cmocka_unit_test(init_pin_again),
		cmocka_unit_test(init_pin_of_a_new_user),
		cmocka_unit_test(generate_key_pair),
		cmocka_unit_test(destroy_object),
		cmocka_unit_test(init_token_over_a_token),
		cmocka_unit_test(init_token_of_a_new_token),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
