/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/lock.h"
#include "util/mem.h"

#include <cmocka.h>

enum { THREADS = 4, ROUNDS = 20000 };

/* An application's mutexes, with calls counted and answers to choose. */
static struct {
	unsigned created, destroyed, locked, unlocked;
	CK_RV create_rv, lock_rv, unlock_rv, destroy_rv;
	pthread_mutex_t mutex;
} app;

static CK_RV
app_create(void **mutex)
{
	if (app.create_rv != CKR_OK)
		return app.create_rv;
	app.created++;
	*mutex = &app.mutex;
	return CKR_OK;
}

static CK_RV
app_destroy(void *mutex)
{
	assert_ptr_equal(mutex, &app.mutex);
	app.destroyed++;
	return app.destroy_rv;
}

static CK_RV
app_lock(void *mutex)
{
	if (app.lock_rv != CKR_OK)
		return app.lock_rv;
	pthread_mutex_lock(mutex);
	app.locked++;
	return CKR_OK;
}

static CK_RV
app_unlock(void *mutex)
{
	app.unlocked++;
	pthread_mutex_unlock(mutex);
	return app.unlock_rv;
}

static CK_C_INITIALIZE_ARGS
app_args(CK_FLAGS flags)
{
	CK_C_INITIALIZE_ARGS args;

	memset(&args, 0, sizeof(args));
	args.CreateMutex = app_create;
	args.DestroyMutex = app_destroy;
	args.LockMutex = app_lock;
	args.UnlockMutex = app_unlock;
	args.flags = flags;
	return args;
}

static int
fresh(void **state)
{
	(void)state;
	memset(&app, 0, sizeof(app));
	pthread_mutex_init(&app.mutex, NULL);
	lock_choose(NULL);
	return 0;
}

static struct {
	struct lock *lock;
	volatile unsigned long count;
} shared;

/* Yields between reading and writing: without a lock, steps get lost. */
static void *
count_up(void *arg)
{
	unsigned long seen;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		lock_take(shared.lock);
		seen = shared.count;
		if (i % 16 == 0)
			sched_yield();
		shared.count = seen + 1;
		lock_release(shared.lock);
	}
	return arg;
}

/* Threads that count under the lock lose no step. */
static void
assert_excludes(void)
{
	pthread_t threads[THREADS];
	int i;

	shared.count = 0;
	assert_int_equal(lock_new(&shared.lock), CKR_OK);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up,
		    NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(shared.count, (unsigned long)THREADS * ROUNDS);
	lock_free(&shared.lock);
	assert_null(shared.lock);
}

static void
os_mutex_excludes(void **state)
{
	(void)state;
	assert_excludes();
	lock_free(&shared.lock);
}

static void
callbacks_are_used_when_given_alone(void **state)
{
	CK_C_INITIALIZE_ARGS args = app_args(0);

	(void)state;
	lock_choose(&args);
	/* the pointers were copied */
	memset(&args, 0, sizeof(args));
	assert_excludes();
	assert_int_equal(app.created, 1);
	assert_int_equal(app.locked, THREADS * ROUNDS);
	assert_int_equal(app.unlocked, THREADS * ROUNDS);
	assert_int_equal(app.destroyed, 1);
}

static void
os_locking_wins_over_callbacks(void **state)
{
	CK_C_INITIALIZE_ARGS args = app_args(CKF_OS_LOCKING_OK);

	(void)state;
	lock_choose(&args);
	assert_excludes();
	args = app_args(0);
	args.UnlockMutex = NULL;
	lock_choose(&args);
	assert_excludes();
	assert_int_equal(app.created, 0);
}

static void
lock_keeps_the_callbacks_that_made_it(void **state)
{
	CK_C_INITIALIZE_ARGS args = app_args(0);
	struct lock *l = NULL;

	(void)state;
	lock_choose(&args);
	assert_int_equal(lock_new(&l), CKR_OK);
	lock_choose(NULL);
	lock_take(l);
	lock_release(l);
	lock_free(&l);
	assert_int_equal(app.locked, 1);
	assert_int_equal(app.unlocked, 1);
	assert_int_equal(app.destroyed, 1);
}

static void
failed_creation_gives_no_lock(void **state)
{
	CK_C_INITIALIZE_ARGS args = app_args(0);
	struct lock *l = NULL;

	(void)state;
	mem_fail_at(1);
	assert_int_equal(lock_new(&l), CKR_HOST_MEMORY);
	mem_fail_at(0);
	lock_choose(&args);
	app.create_rv = CKR_HOST_MEMORY;
	assert_int_equal(lock_new(&l), CKR_HOST_MEMORY);
	app.create_rv = 0x80001234UL;
	assert_int_equal(lock_new(&l), CKR_GENERAL_ERROR);
	assert_null(l);
}

static void
failing_lock_callback_still_excludes(void **state)
{
	CK_C_INITIALIZE_ARGS args = app_args(0);

	(void)state;
	lock_choose(&args);
	app.lock_rv = CKR_MUTEX_BAD;
	assert_excludes();
	/* what was not locked is not unlocked */
	assert_int_equal(app.unlocked, 0);
}

static void
other_failing_callbacks_do_no_harm(void **state)
{
	CK_C_INITIALIZE_ARGS args = app_args(0);

	(void)state;
	lock_choose(&args);
	app.unlock_rv = CKR_MUTEX_NOT_LOCKED;
	app.destroy_rv = CKR_MUTEX_BAD;
	assert_excludes();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(os_mutex_excludes, fresh),
		cmocka_unit_test_setup(callbacks_are_used_when_given_alone,
		    fresh),
		cmocka_unit_test_setup(os_locking_wins_over_callbacks, fresh),
		cmocka_unit_test_setup(lock_keeps_the_callbacks_that_made_it,
		    fresh),
		cmocka_unit_test_setup(failed_creation_gives_no_lock, fresh),
		cmocka_unit_test_setup(failing_lock_callback_still_excludes,
		    fresh),
		cmocka_unit_test_setup(other_failing_callbacks_do_no_harm,
		    fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
