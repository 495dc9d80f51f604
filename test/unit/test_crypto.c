/* SPDX-License-Identifier: BSD-2-Clause */
/* A program may still use what is deprecated: a RAND_METHOD. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto_test.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "crypto/aes.h"
#include "crypto/internal.h"
#include "crypto/mac.h"
#include "crypto/pubkey.h"

/* P-384's generator. */
#define P384_POINT "04" \
	"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38" \
	"5502f25dbf55296c3a545e3872760ab7" \
	"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0" \
	"0a60b1ce1d7e819d7a431d7c90ea0e5f"

/* On P-384 OpenSSL blinds here, so it draws random numbers by itself. */
static void
agree(struct buf *point)
{
	struct buf peer = hex(P384_POINT), z = BUF_EMPTY;

	assert_int_equal(curve_ephemeral(curve_by_tpm_id(4), buf_view(&peer),
	    point, &z), CKR_OK);
	buf_free(&peer);
	buf_free(&z);
}

/* And here. */
static void
verify(struct view point)
{
	struct pubkey *k = NULL;
	uint8_t sig[96];

	memset(sig, 1, sizeof(sig));
	assert_int_equal(pubkey_ec(curve_by_tpm_id(4), point, &k), CKR_OK);
	assert_int_equal(pubkey_ecdsa_verify(k, view_str("text"),
	    view_of(sig, sizeof(sig))), CKR_SIGNATURE_INVALID);
	pubkey_free(&k);
}

/* A bit of everything, also of what fails and leaves errors. */
static void
work(void)
{
	const struct hash *h = hash_by_mech(CKM_SHA256);
	struct buf point = BUF_EMPTY, z = BUF_EMPTY;
	struct view text = view_str("text");
	uint8_t key[32], mac[32];

	assert_int_equal(crypto_random(key, sizeof(key)), CKR_OK);
	assert_int_equal(hmac_once(h, view_of(key, 32), &text, 1, mac),
	    CKR_OK);
	assert_int_equal(digest_once(h, &text, 1, &z), CKR_OK);
	agree(&point);
	verify(buf_view(&point));
	point.data[1] ^= 1;
	assert_int_equal(curve_point(curve_by_tpm_id(4), buf_view(&point),
	    &z), CKR_DATA_INVALID);
	assert_int_equal(aes_gcm_seal(view_of(key, 32), VIEW_EMPTY, text,
	    &point), CKR_OK);
	point.data[20] ^= 1;
	assert_int_equal(aes_gcm_open(view_of(key, 32), VIEW_EMPTY,
	    buf_view(&point), &z), CKR_DATA_INVALID);
	buf_free(&point);
	buf_free(&z);
}

static void
it_starts_again_after_each_stop(void **state)
{
	int i;

	(void)state;
	crypto_stop();
	for (i = 0; i < 100; i++) {
		assert_int_equal(crypto_start(), CKR_OK);
		assert_int_equal(crypto_start(), CKR_OK);
		work();
		crypto_stop();
		crypto_stop();
	}
}

static void
random_bytes_differ(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 }, big[100000];

	(void)state;
	assert_int_equal(crypto_start(), CKR_OK);
	assert_int_equal(crypto_random(NULL, 0), CKR_OK);
	assert_int_equal(crypto_random(a, 32), CKR_OK);
	assert_int_equal(crypto_random(b, 32), CKR_OK);
	assert_memory_not_equal(a, b, 32);
	memset(big, 0, sizeof(big));
	assert_int_equal(crypto_random(big, sizeof(big)), CKR_OK);
	assert_false(view_is_zero(view_of(big + sizeof(big) - 32, 32)));
	crypto_stop();
}

static void
the_programs_error_queue_stays_as_it_was(void **state)
{
	unsigned long first, last;

	(void)state;
	assert_int_equal(crypto_start(), CKR_OK);
	ERR_clear_error();
	work();
	assert_int_equal(ERR_peek_error(), 0);
	ERR_raise(ERR_LIB_USER, 1);
	ERR_raise(ERR_LIB_USER, 2);
	first = ERR_peek_error();
	last = ERR_peek_last_error();
	work();
	assert_int_equal(ERR_peek_error(), first);
	assert_int_equal(ERR_peek_last_error(), last);
	ERR_clear_error();
	crypto_stop();
}

/* A default context in which nothing works. */
static void
the_programs_providers_do_not_matter(void **state)
{
	OSSL_PROVIDER *null = OSSL_PROVIDER_load(NULL, "null");

	(void)state;
	assert_non_null(null);
	assert_int_equal(EVP_set_default_properties(NULL, "provider=none"),
	    1);
	assert_null(EVP_MD_fetch(NULL, "SHA2-256", NULL));
	assert_int_equal(crypto_start(), CKR_OK);
	work();
	crypto_stop();
	assert_int_equal(EVP_set_default_properties(NULL, ""), 1);
	OSSL_PROVIDER_unload(null);
	ERR_clear_error();
}

static int
no_bytes(unsigned char *out, int len)
{
	(void)out;
	(void)len;
	return 0;
}

/* The program's generator may be an engine over this very module. */
static void
the_programs_random_method_is_not_asked(void **state)
{
	uint8_t a[8];
	static RAND_METHOD method;

	(void)state;
	method.bytes = no_bytes;
	assert_int_equal(crypto_start(), CKR_OK);
	RAND_set_rand_method(&method);
	assert_int_equal(RAND_bytes(a, sizeof(a)), 0);
	assert_int_equal(crypto_random(a, sizeof(a)), CKR_OK);
	RAND_set_rand_method(NULL);
	ERR_clear_error();
	crypto_stop();
}

static void
a_forked_child_starts_for_itself(void **state)
{
	const struct library *inherited;
	uint8_t ours[32], theirs[32];
	int fds[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(crypto_start(), CKR_OK);
	assert_int_equal(pipe(fds), 0);
	inherited = library_get();
	if ((child = fork()) == 0) {
		crypto_stop();
		if (library_get() != inherited)
			_exit(3);
		if (crypto_start() != CKR_OK || library_get() == inherited ||
		    crypto_random(ours, sizeof(ours)) != CKR_OK ||
		    write(fds[1], ours, sizeof(ours)) != sizeof(ours))
			_exit(1);
		work();
		crypto_stop();
		if (crypto_start() != CKR_OK)
			_exit(2);
		crypto_stop();
		_exit(0);
	}
	close(fds[1]);
	work();
	assert_int_equal(crypto_random(ours, sizeof(ours)), CKR_OK);
	assert_int_equal(read(fds[0], theirs, sizeof(theirs)), 32);
	assert_memory_not_equal(ours, theirs, 32);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	work();
	crypto_stop();
	close(fds[0]);
}

#define THREADS 4

static sem_t worked, may_end;

static void *
worker(void *arg)
{
	struct buf point = hex(P384_POINT);
	int i;

	/* Each alone, so that none cleans up what another left. */
	for (i = 0; i < 20; i++)
		if (arg == &worked)
			agree(&point);
		else if (arg == &may_end)
			verify(buf_view(&point));
		else
			work();
	buf_free(&point);
	sem_post(&worked);
	sem_wait(&may_end);
	return arg;
}

/* The threads end when the context that they worked with is long gone. */
static void
threads_share_it_and_outlive_it(void **state)
{
	pthread_t threads[THREADS];
	int i;

	(void)state;
	assert_int_equal(crypto_start(), CKR_OK);
	sem_init(&worked, 0, 0);
	sem_init(&may_end, 0, 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, worker,
		    i == 0 ? &worked : i == 1 ? &may_end : NULL), 0);
	for (i = 0; i < THREADS; i++)
		sem_wait(&worked);
	crypto_stop();
	for (i = 0; i < THREADS; i++)
		sem_post(&may_end);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	sem_destroy(&worked);
	sem_destroy(&may_end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First, before the default context has a generator. */
		cmocka_unit_test(the_programs_providers_do_not_matter),
		cmocka_unit_test(it_starts_again_after_each_stop),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(the_programs_error_queue_stays_as_it_was),
		cmocka_unit_test(the_programs_random_method_is_not_asked),
		cmocka_unit_test(a_forked_child_starts_for_itself),
		cmocka_unit_test(threads_share_it_and_outlive_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
