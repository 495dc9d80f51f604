/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots and tokens: which there are, what they say, how they are made. */
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "p11_object.h"

static CK_ULONG
list(CK_SLOT_ID *slots, CK_ULONG room)
{
	CK_ULONG n = 0;

	assert_ok(p11->C_GetSlotList(CK_FALSE, NULL, &n));
	assert_in_range(n, 1, room);
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	return n;
}

static CK_TOKEN_INFO
token_info(CK_SLOT_ID slot)
{
	CK_TOKEN_INFO info;

	memset(&info, 0x5a, sizeof(info));
	assert_ok(p11->C_GetTokenInfo(slot, &info));
	return info;
}

static bool
is_initialised(CK_SLOT_ID slot)
{
	return (token_info(slot).flags & CKF_TOKEN_INITIALIZED) != 0;
}

static void
one_uninitialised_slot_is_last(void **state)
{
	CK_SLOT_ID slots[64];
	CK_ULONG i, j, n = list(slots, P11_COUNT(slots));

	(void)state;
	for (i = 0; i < n; i++) {
		assert_int_equal(is_initialised(slots[i]), i + 1 < n);
		for (j = 0; j < i; j++)
			assert_int_not_equal(slots[i], slots[j]);
	}
}

static void
slot_list_keeps_the_convention_of_sizes(void **state)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = list(slots, P11_COUNT(slots)), got;

	(void)state;
	assert_true(n >= 2);
	memset(slots, 0x5a, sizeof(slots));
	got = n - 1;
	assert_rv(CKR_BUFFER_TOO_SMALL,
	    p11->C_GetSlotList(CK_FALSE, slots, &got));
	assert_int_equal(got, n);
	assert_int_equal(slots[n - 1] & 0xff, 0x5a);
	got = n + 5;
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &got));
	assert_int_equal(got, n);
	assert_int_equal(slots[n] & 0xff, 0x5a);
	/* a token is present in each */
	got = P11_COUNT(slots);
	assert_ok(p11->C_GetSlotList(CK_TRUE, slots, &got));
	assert_int_equal(got, n);
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GetSlotList(CK_FALSE, slots, NULL));
}

static void
init_token_adds_a_slot_and_keeps_the_ids(void **state)
{
	CK_SLOT_ID before[64], after[64], empty = p11_empty_slot();
	CK_ULONG i, n = list(before, P11_COUNT(before));

	(void)state;
	assert_int_equal(p11_make_token("added"), empty);
	assert_int_equal(list(after, P11_COUNT(after)), n + 1);
	for (i = 0; i < n; i++)
		assert_int_equal(after[i], before[i]);
	assert_int_not_equal(after[n], empty);
	assert_true(is_initialised(empty));
	assert_false(is_initialised(after[n]));
}

static void
finalize_changes_nothing_of_slots(void **state)
{
	CK_SLOT_ID before[64], after[64];
	CK_TOKEN_INFO was[64], is;
	CK_ULONG i, n = list(before, P11_COUNT(before));

	(void)state;
	for (i = 0; i < n; i++)
		was[i] = token_info(before[i]);
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	assert_int_equal(list(after, P11_COUNT(after)), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(after[i], before[i]);
		is = token_info(after[i]);
		assert_memory_equal(is.label, was[i].label, sizeof(is.label));
		assert_memory_equal(is.serialNumber, was[i].serialNumber,
		    sizeof(is.serialNumber));
		assert_int_equal(is.flags, was[i].flags);
	}
}

static void
text_is_padded(const CK_UTF8CHAR *field, size_t len)
{
	assert_null(memchr(field, '\0', len));
	assert_int_not_equal(field[0], ' ');
}

static void
uuid_of(CK_SLOT_ID slot, char *uuid)
{
	static const char pattern[] =
	    "[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}";
	CK_SLOT_INFO info;
	char text[65] = "";
	regmatch_t at;
	regex_t regex;

	memset(&info, 0x5a, sizeof(info));
	assert_ok(p11->C_GetSlotInfo(slot, &info));
	text_is_padded(info.slotDescription, sizeof(info.slotDescription));
	text_is_padded(info.manufacturerID, sizeof(info.manufacturerID));
	assert_true((info.flags & CKF_TOKEN_PRESENT) != 0);
	assert_true((info.flags & CKF_HW_SLOT) != 0);
	assert_int_equal(info.flags & CKF_REMOVABLE_DEVICE, 0);
	memcpy(text, info.slotDescription, sizeof(info.slotDescription));
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
	if (regexec(&regex, text, 1, &at, 0) != 0)
		fail_msg("no UUID in \"%s\"", text);
	regfree(&regex);
	assert_int_equal(at.rm_eo - at.rm_so, 36);
	memcpy(uuid, text + at.rm_so, 36);
	uuid[36] = '\0';
}

static void
slots_carry_the_uuid_of_the_tpm(void **state)
{
	CK_SLOT_ID slots[64];
	CK_ULONG i, n = list(slots, P11_COUNT(slots));
	char first[37], other[37];

	(void)state;
	uuid_of(slots[0], first);
	/* version 5, a hash of a name */
	assert_int_equal(first[14], '5');
	for (i = 1; i < n; i++) {
		uuid_of(slots[i], other);
		assert_string_equal(other, first);
	}
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	uuid_of(slots[0], other);
	assert_string_equal(other, first);
}

static void
token_info_of_an_initialised_token(void **state)
{
	CK_TOKEN_INFO info = token_info(p11_slot);
	CK_FLAGS on = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED |
	    CKF_USER_PIN_INITIALIZED;
	CK_FLAGS off = CKF_WRITE_PROTECTED | CKF_USER_PIN_LOCKED |
	    CKF_SO_PIN_LOCKED | CKF_USER_PIN_TO_BE_CHANGED |
	    CKF_SO_PIN_TO_BE_CHANGED | CKF_ERROR_STATE |
	    CKF_PROTECTED_AUTHENTICATION_PATH | CKF_CLOCK_ON_TOKEN |
	    CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;

	(void)state;
	assert_memory_equal(info.label, "test                            ",
	    sizeof(info.label));
	text_is_padded(info.manufacturerID, sizeof(info.manufacturerID));
	text_is_padded(info.model, sizeof(info.model));
	text_is_padded(info.serialNumber, sizeof(info.serialNumber));
	assert_int_equal(info.flags & on, on);
	assert_int_equal(info.flags & off, 0);
	assert_in_range(info.ulMinPinLen, 1, 8);
	assert_in_range(info.ulMaxPinLen, 32, 4096);
	assert_int_equal(info.ulSessionCount, 0);
	assert_int_equal(info.ulRwSessionCount, 0);
	assert_true(info.ulMaxSessionCount == CK_EFFECTIVELY_INFINITE ||
	    info.ulMaxSessionCount == CK_UNAVAILABLE_INFORMATION ||
	    info.ulMaxSessionCount >= 1000);
}

static void
token_info_counts_sessions(void **state)
{
	CK_TOKEN_INFO info;

	(void)state;
	(void)p11_open_ro();
	(void)p11_open_ro();
	(void)p11_open_rw();
	info = token_info(p11_slot);
	assert_int_equal(info.ulSessionCount, 3);
	assert_int_equal(info.ulRwSessionCount, 1);
}

static void
token_info_of_the_empty_slot(void **state)
{
	CK_TOKEN_INFO info = token_info(p11_empty_slot());

	(void)state;
	assert_int_equal(info.flags & CKF_TOKEN_INITIALIZED, 0);
	assert_int_equal(info.flags & CKF_USER_PIN_INITIALIZED, 0);
	assert_null(memchr(info.label, '\0', sizeof(info.label)));
	text_is_padded(info.manufacturerID, sizeof(info.manufacturerID));
}

static void
serial_numbers_differ(void **state)
{
	CK_SLOT_ID slots[64];
	CK_ULONG i, j, n;
	CK_TOKEN_INFO one, other;

	(void)state;
	(void)p11_make_token("first");
	(void)p11_make_token("second");
	n = list(slots, P11_COUNT(slots)) - 1;
	assert_true(n >= 3);
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++) {
			one = token_info(slots[i]);
			other = token_info(slots[j]);
			assert_memory_not_equal(one.serialNumber,
			    other.serialNumber, sizeof(one.serialNumber));
		}
}

static void
tokens_keep_their_objects_apart(void **state)
{
	CK_SLOT_ID other = p11_make_token("apart");
	CK_SESSION_HANDLE here = p11_open_rw();
	CK_SESSION_HANDLE there = p11_open(other, CKF_RW_SESSION);
	CK_OBJECT_HANDLE object;
	struct p11_bytes label;

	(void)state;
	object = p11_create_data(here, "only here", true, false);
	assert_int_equal(p11_count_label(here, "only here"), 1);
	assert_int_equal(p11_count_label(there, "only here"), 0);
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(there, object, CKA_LABEL));
	/* logged in here is not logged in there */
	p11_login(here, CKU_USER);
	assert_int_equal(p11_state(there), CKS_RW_PUBLIC_SESSION);
	assert_ok(p11->C_CloseAllSessions(other));
	p11_get(here, object, CKA_LABEL, &label);
	p11_destroy(here, object);
}

static void
a_new_token_has_no_user_pin(void **state)
{
	CK_SLOT_ID slot = p11_empty_slot();
	CK_SESSION_HANDLE session;

	(void)state;
	p11_init_token(slot, P11_SO_PIN, "no user pin");
	assert_int_equal(token_info(slot).flags & CKF_USER_PIN_INITIALIZED, 0);
	session = p11_open(slot, CKF_RW_SESSION);
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED,
	    p11_try_login(session, CKU_USER, P11_USER_PIN));
	assert_ok(p11->C_CloseAllSessions(slot));
	p11_init_pin(slot, P11_USER_PIN);
	assert_true((token_info(slot).flags & CKF_USER_PIN_INITIALIZED) != 0);
}

static void
reinitialising_with_the_right_pin_wipes(void **state)
{
	CK_SLOT_ID slot = p11_make_token("to be wiped");
	CK_SESSION_HANDLE session = p11_open(slot, CKF_RW_SESSION);
	CK_SLOT_ID slots[64];
	CK_ULONG n = list(slots, P11_COUNT(slots));

	(void)state;
	p11_login(session, CKU_USER);
	(void)p11_create_data(session, "public", true, false);
	(void)p11_create_data(session, "private", true, true);
	assert_ok(p11->C_CloseSession(session));
	p11_init_token(slot, P11_SO_PIN, "another label");
	assert_int_equal(list(slots, P11_COUNT(slots)), n);
	assert_memory_equal(token_info(slot).label, "another label   ", 16);
	assert_int_equal(token_info(slot).flags & CKF_USER_PIN_INITIALIZED, 0);
	session = p11_open(slot, CKF_RW_SESSION);
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED,
	    p11_try_login(session, CKU_USER, P11_USER_PIN));
	assert_ok(p11->C_CloseSession(session));
	p11_init_pin(slot, "new pin 2");
	session = p11_open(slot, CKF_RW_SESSION);
	assert_ok(p11_try_login(session, CKU_USER, "new pin 2"));
	assert_int_equal(p11_count(session, NULL, 0), 0);
	/* and it is a whole token again */
	(void)p11_create_data(session, "after", true, true);
	assert_int_equal(p11_count_label(session, "after"), 1);
	assert_ok(p11->C_CloseAllSessions(slot));
}

static void
reinitialising_with_a_wrong_pin_changes_nothing(void **state)
{
	CK_SLOT_ID slot = p11_make_token("to be kept");
	CK_SESSION_HANDLE session = p11_open(slot, CKF_RW_SESSION);
	CK_TOKEN_INFO was = token_info(slot), is;

	(void)state;
	(void)p11_create_data(session, "kept", true, false);
	assert_ok(p11->C_CloseSession(session));
	assert_rv(CKR_PIN_INCORRECT,
	    p11_try_init_token(slot, "not the pin", "changed"));
	is = token_info(slot);
	assert_memory_equal(is.label, was.label, sizeof(is.label));
	assert_memory_equal(is.serialNumber, was.serialNumber,
	    sizeof(is.serialNumber));
	session = p11_open(slot, CKF_RW_SESSION);
	assert_int_equal(p11_count_label(session, "kept"), 1);
	p11_login(session, CKU_USER);
	assert_ok(p11->C_CloseAllSessions(slot));
}

static void
an_open_session_prevents_init_token(void **state)
{
	CK_SLOT_ID slot = p11_make_token("in use");
	CK_SESSION_HANDLE session = p11_open(slot, 0);

	(void)state;
	assert_rv(CKR_SESSION_EXISTS,
	    p11_try_init_token(slot, P11_SO_PIN, "changed"));
	assert_memory_equal(token_info(slot).label, "in use ", 7);
	assert_ok(p11->C_CloseSession(session));
	/* a session with another token is no obstacle */
	session = p11_open_ro();
	assert_ok(p11_try_init_token(slot, P11_SO_PIN, "changed"));
	assert_ok(p11->C_CloseSession(session));
}

static void
so_pin_length_is_checked_at_init(void **state)
{
	CK_SLOT_ID slot = p11_empty_slot();
	CK_TOKEN_INFO info = token_info(slot);
	char pin[4100];

	(void)state;
	assert_in_range(info.ulMinPinLen, 1, sizeof(pin));
	assert_in_range(info.ulMaxPinLen, info.ulMinPinLen, 256);
	memset(pin, 'p', sizeof(pin));
	pin[info.ulMinPinLen - 1] = '\0';
	/* C_InitToken's list has no CKR_PIN_LEN_RANGE, C_SetPIN's has */
	assert_rv_in(p11_try_init_token(slot, pin, "short"),
	    CKR_PIN_LEN_RANGE, CKR_PIN_INCORRECT);
	assert_false(is_initialised(slot));
	assert_int_equal(p11_empty_slot(), slot);
}

static void
close_all_sessions_with_none_open(void **state)
{
	(void)state;
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_ok(p11->C_CloseAllSessions(p11_empty_slot()));
}

/* Sessions with the empty slot: there is nothing to talk to. */
static void
the_empty_slot_opens_no_session(void **state)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

	(void)state;
	assert_rv_in(p11->C_OpenSession(p11_empty_slot(), CKF_SERIAL_SESSION,
	    NULL, NULL, &session), CKR_TOKEN_NOT_RECOGNIZED, CKR_OK);
	if (session != CK_INVALID_HANDLE)
		assert_ok(p11->C_CloseSession(session));
}

static void
label_of_32_bytes_and_utf_8(void **state)
{
	static const char label[] = "T\xc3\xb6ken of exactly 32 bytes : ok!";
	CK_SLOT_ID slot = p11_empty_slot();

	(void)state;
	assert_int_equal(strlen(label), 32);
	p11_init_token(slot, P11_SO_PIN, label);
	assert_memory_equal(token_info(slot).label, label, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(one_uninitialised_slot_is_last),
		P11_TEST(slot_list_keeps_the_convention_of_sizes),
		P11_TEST(init_token_adds_a_slot_and_keeps_the_ids),
		P11_TEST(finalize_changes_nothing_of_slots),
		P11_TEST(slots_carry_the_uuid_of_the_tpm),
		P11_TEST(token_info_of_an_initialised_token),
		P11_TEST(token_info_counts_sessions),
		P11_TEST(token_info_of_the_empty_slot),
		P11_TEST(serial_numbers_differ),
		P11_TEST(tokens_keep_their_objects_apart),
		P11_TEST(a_new_token_has_no_user_pin),
		P11_TEST(reinitialising_with_the_right_pin_wipes),
		P11_TEST(reinitialising_with_a_wrong_pin_changes_nothing),
		P11_TEST(an_open_session_prevents_init_token),
		P11_TEST(so_pin_length_is_checked_at_init),
		P11_TEST(label_of_32_bytes_and_utf_8),
		P11_TEST(close_all_sessions_with_none_open),
		P11_TEST(the_empty_slot_opens_no_session),
		P11_TEST(one_uninitialised_slot_is_last),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
