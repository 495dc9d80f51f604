/* SPDX-License-Identifier: BSD-2-Clause */
/* The module as a library: found, started, stopped, asked before it runs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_calls.h"
#include "p11_object.h"

static CK_RV
start(CK_C_INITIALIZE_ARGS *args)
{
	return p11->C_Initialize(args);
}

static void
stop(void)
{
	assert_ok(p11->C_Finalize(NULL));
}

static void
is_padded(const CK_UTF8CHAR *field, size_t len)
{
	size_t i, end = len;

	assert_null(memchr(field, 0, len));
	while (end > 0 && field[end - 1] == ' ')
		end--;
	assert_true(end > 0);
	for (i = 0; i < end; i++)
		assert_in_range(field[i], ' ', '~');
}

static void
info_is_true(void **state)
{
	CK_INFO info;

	(void)state;
	memset(&info, 0x5a, sizeof(info));
	assert_ok(start(NULL));
	assert_ok(p11->C_GetInfo(&info));
	assert_in_range(info.cryptokiVersion.major, 2, 3);
	is_padded(info.manufacturerID, sizeof(info.manufacturerID));
	is_padded(info.libraryDescription, sizeof(info.libraryDescription));
	assert_int_equal(info.flags, 0);
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GetInfo(NULL));
	stop();
}

static void
table_is_full(const void *table, size_t size)
{
	typedef void (*function)(void);
	const unsigned char *p = table;
	size_t at = offsetof(CK_FUNCTION_LIST, C_Initialize);
	function f;

	for (; at < size; at += sizeof(f)) {
		memcpy(&f, p + at, sizeof(f));
		assert_true(f != NULL);
	}
}

static void
function_lists_have_every_function(void **state)
{
	CK_FUNCTION_LIST *list = NULL, *again = NULL;

	(void)state;
	assert_int_equal(p11->version.major, 2);
	assert_int_equal(p11->version.minor, 40);
	table_is_full(p11, sizeof(*p11));
	assert_ok(p11->C_GetFunctionList(&list));
	assert_ok(p11->C_GetFunctionList(&again));
	assert_ptr_equal(list, again);
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GetFunctionList(NULL));
	assert_non_null(p11_3);
	assert_int_equal(p11_3->version.major, 3);
	assert_int_equal(p11_3->version.minor, 0);
	table_is_full(p11_3, sizeof(*p11_3));
	/* one implementation behind both */
	assert_true(p11_3->C_Sign == p11->C_Sign);
}

static CK_INTERFACE *
interface(const char *name, CK_BYTE major, CK_BYTE minor, CK_RV expected)
{
	CK_VERSION version = { major, minor };
	CK_INTERFACE *out = NULL;

	assert_rv(expected, p11_3->C_GetInterface(p11_in(name),
	    major == 0 ? NULL : &version, &out, 0));
	return out;
}

static void
interfaces_are_chosen_by_name_and_version(void **state)
{
	CK_INTERFACE *i;

	(void)state;
	assert_non_null(p11_3);
	i = interface("PKCS 11", 2, 40, CKR_OK);
	assert_string_equal((char *)i->pInterfaceName, "PKCS 11");
	assert_ptr_equal(i->pFunctionList, p11);
	i = interface("PKCS 11", 3, 0, CKR_OK);
	assert_ptr_equal(i->pFunctionList, p11_3);
	/* the default: no name, or no version */
	i = interface(NULL, 0, 0, CKR_OK);
	assert_string_equal((char *)i->pInterfaceName, "PKCS 11");
	i = interface("PKCS 11", 0, 0, CKR_OK);
	assert_string_equal((char *)i->pInterfaceName, "PKCS 11");
	(void)interface("PKCS 11", 9, 0, CKR_FUNCTION_FAILED);
	(void)interface("PKCS 12", 0, 0, CKR_FUNCTION_FAILED);
	(void)interface("PKCS 1", 0, 0, CKR_FUNCTION_FAILED);
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11_3->C_GetInterface(NULL, NULL, NULL, 0));
	/* no interface of ours is fork safe in the standard's sense, or it is
	 * and says so */
	assert_rv_in(p11_3->C_GetInterface(NULL, NULL, &i,
	    CKF_INTERFACE_FORK_SAFE), CKR_FUNCTION_FAILED, CKR_OK);
}

static void
interface_list_has_both_versions(void **state)
{
	CK_INTERFACE list[16];
	CK_ULONG n = 0, i, small = 1;
	bool has_2_40 = false, has_3_0 = false;

	(void)state;
	assert_non_null(p11_3);
	assert_rv(CKR_ARGUMENTS_BAD, p11_3->C_GetInterfaceList(NULL, NULL));
	assert_ok(p11_3->C_GetInterfaceList(NULL, &n));
	assert_in_range(n, 2, P11_COUNT(list));
	assert_rv(CKR_BUFFER_TOO_SMALL,
	    p11_3->C_GetInterfaceList(list, &small));
	assert_int_equal(small, n);
	assert_ok(p11_3->C_GetInterfaceList(list, &n));
	for (i = 0; i < n; i++) {
		has_2_40 |= list[i].pFunctionList == p11;
		has_3_0 |= list[i].pFunctionList == p11_3;
	}
	assert_true(has_2_40 && has_3_0);
}

static void
fifty_cycles_of_a_gateway(void **state)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_SLOT_ID slots[8];
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_INFO info;
	CK_ULONG n, j;
	int i;

	(void)state;
	for (i = 0; i < 50; i++) {
		assert_ok(start(&args));
		assert_ok(p11->C_GetInfo(&info));
		assert_ok(p11->C_GetSlotList(CK_FALSE, NULL, &n));
		assert_in_range(n, 1, P11_COUNT(slots));
		assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
		for (j = 0; j < n; j++) {
			assert_ok(p11->C_GetSlotInfo(slots[j], &slot));
			assert_ok(p11->C_GetTokenInfo(slots[j], &token));
			assert_ok(p11->C_CloseAllSessions(slots[j]));
		}
		stop();
	}
}

static CK_RV
create_mutex(void **mutex)
{
	pthread_mutex_t *m = malloc(sizeof(*m));

	if (m == NULL || pthread_mutex_init(m, NULL) != 0)
		return CKR_HOST_MEMORY;
	*mutex = m;
	return CKR_OK;
}

static CK_RV
destroy_mutex(void *mutex)
{
	if (pthread_mutex_destroy(mutex) != 0)
		return CKR_MUTEX_BAD;
	free(mutex);
	return CKR_OK;
}

static int locked;

static CK_RV
lock_mutex(void *mutex)
{
	locked++;
	return pthread_mutex_lock(mutex) == 0 ? CKR_OK : CKR_MUTEX_BAD;
}

static CK_RV
unlock_mutex(void *mutex)
{
	return pthread_mutex_unlock(mutex) == 0 ? CKR_OK :
	    CKR_MUTEX_NOT_LOCKED;
}

static void
mutexes_and_flags_in_every_combination(void **state)
{
	CK_C_INITIALIZE_ARGS own = {
		create_mutex, destroy_mutex, lock_mutex, unlock_mutex,
		0, NULL,
	};
	CK_C_INITIALIZE_ARGS none = { .flags = 0 };
	CK_FLAGS threads = CKF_LIBRARY_CANT_CREATE_OS_THREADS;
	CK_FLAGS flags[] = { 0, CKF_OS_LOCKING_OK, threads,
		CKF_OS_LOCKING_OK | threads };
	CK_SLOT_ID slot;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(flags); i++) {
		none.flags = own.flags = flags[i];
		assert_ok(start(&none));
		slot = p11_empty_slot();
		stop();
		assert_ok(start(&own));
		assert_int_equal(p11_empty_slot(), slot);
		stop();
	}
}

static void
mutexes_given_alone_are_used(void **state)
{
	CK_C_INITIALIZE_ARGS own = {
		create_mutex, destroy_mutex, lock_mutex, unlock_mutex,
		0, NULL,
	};

	(void)state;
	locked = 0;
	assert_ok(start(&own));
	(void)p11_empty_slot();
	stop();
	assert_true(locked > 0);
}

static void
bad_init_args_are_refused(void **state)
{
	CK_C_INITIALIZE_ARGS args = { 0 };
	unsigned mask;

	(void)state;
	args.pReserved = &args;
	assert_rv(CKR_ARGUMENTS_BAD, start(&args));
	args.pReserved = NULL;
	/* some of the four callbacks, but not all */
	for (mask = 1; mask < 15; mask++) {
		args.CreateMutex = (mask & 1) != 0 ? create_mutex : NULL;
		args.DestroyMutex = (mask & 2) != 0 ? destroy_mutex : NULL;
		args.LockMutex = (mask & 4) != 0 ? lock_mutex : NULL;
		args.UnlockMutex = (mask & 8) != 0 ? unlock_mutex : NULL;
		assert_rv(CKR_ARGUMENTS_BAD, start(&args));
	}
	/* none of that has started it */
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Finalize(NULL));
}

static void
starts_once_and_stops_once(void **state)
{
	(void)state;
	assert_ok(start(NULL));
	assert_rv(CKR_CRYPTOKI_ALREADY_INITIALIZED, start(NULL));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Finalize(&locked));
	/* the refused calls changed nothing */
	(void)p11_empty_slot();
	stop();
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Finalize(NULL));
}

static void
nothing_answers_before_start(void **state)
{
	(void)state;
	assert_int_equal(p11_call_all(P11_TAKES_ANY, 1,
	    CKR_CRYPTOKI_NOT_INITIALIZED), 0);
}

static void
sessions_do_not_survive_finalize(void **state)
{
	CK_SESSION_HANDLE before, after;
	CK_SESSION_INFO info;
	CK_SLOT_ID slot;

	(void)state;
	assert_ok(start(NULL));
	slot = p11_make_token("cycle");
	before = p11_open(slot, CKF_RW_SESSION);
	p11_login(before, CKU_USER);
	(void)p11_create_data(before, "of the session", false, false);
	stop();
	assert_ok(start(NULL));
	assert_rv(CKR_SESSION_HANDLE_INVALID,
	    p11->C_GetSessionInfo(before, &info));
	after = p11_open(slot, CKF_RW_SESSION);
	assert_int_equal(p11_state(after), CKS_RW_PUBLIC_SESSION);
	assert_int_equal(p11_count(after, NULL, 0), 0);
	stop();
}

static void *
wait_for_event(void *rv)
{
	CK_SLOT_ID slot;

	*(CK_RV *)rv = p11->C_WaitForSlotEvent(0, &slot, NULL);
	return NULL;
}

static void
waiting_for_an_event_ends_with_finalize(void **state)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	const struct timespec pause = { 0, 100000000 };
	CK_SLOT_ID slot;
	pthread_t waiter;
	CK_RV rv = CKR_OK;

	(void)state;
	assert_ok(start(&args));
	assert_rv(CKR_NO_EVENT,
	    p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot));
	assert_int_equal(pthread_create(&waiter, NULL, wait_for_event, &rv),
	    0);
	(void)nanosleep(&pause, NULL);
	stop();
	assert_int_equal(pthread_join(waiter, NULL), 0);
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED, rv);
}

static int
load(void **state)
{
	(void)state;
	p11_load();
	return 0;
}

/* A failed test may have left it running. */
static int
stop_if_running(void **state)
{
	(void)state;
	(void)p11->C_Finalize(NULL);
	return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, stop_if_running)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(info_is_true),
		TEST(function_lists_have_every_function),
		TEST(interfaces_are_chosen_by_name_and_version),
		TEST(interface_list_has_both_versions),
		TEST(nothing_answers_before_start),
		TEST(starts_once_and_stops_once),
		TEST(bad_init_args_are_refused),
		TEST(mutexes_and_flags_in_every_combination),
		TEST(mutexes_given_alone_are_used),
		TEST(fifty_cycles_of_a_gateway),
		TEST(waiting_for_an_event_ends_with_finalize),
		TEST(sessions_do_not_survive_finalize),
		TEST(nothing_answers_before_start),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
