/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_STORE_TEST_H
#define TEST_STORE_TEST_H

/*
 * For the tests of src/store: a directory of its own for each test, ready
 * tokens and objects, and children. A child must not use cmocka's asserts
 * (they would jump back into the parent's test run): it uses must().
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crypto/crypto.h"
#include "store/store.h"
#include "util/log.h"

#include <cmocka.h>

static char store_dir[256];
/* Of all that the tests open: the defaults and the environment. */
static struct config store_config;

/* Again, after the environment changed; no store is open. */
static inline void
configure(void)
{
	config_free(&store_config);
	if (config_defaults(&store_config) != CKR_OK)
		abort();
}

static inline const char *
store_file(void)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/store.sqlite3", store_dir);
	return path;
}

static inline int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* An absent directory that TPM2_CRYPTOKI_STORE names, below one of ours. */
static inline int
new_place(void **state)
{
	char *base;

	(void)state;
	(void)snprintf(store_dir, sizeof(store_dir), "%s/store-test.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	base = mkdtemp(store_dir);
	if (base == NULL || chmod(base, 0755) != 0)
		return -1;
	(void)strcat(store_dir, "/store");
	log_start();
	if (setenv("TPM2_CRYPTOKI_STORE", store_dir, 1) != 0)
		return -1;
	configure();
	return crypto_start() == CKR_OK ? 0 : -1;
}

static inline int
drop_place(void **state)
{
	(void)state;
	crypto_stop();
	config_free(&store_config);
	*strrchr(store_dir, '/') = '\0';
	return nftw(store_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define store_test(f) cmocka_unit_test_setup_teardown(f, new_place, drop_place)

/* NULL: without a counter. */
static const struct store_clock *test_clock;

static const uint8_t public_key[32] = { 1, 2, 3 };
static const uint8_t private_key[32] = { 4, 5, 6 };

static inline struct store_keys
keys_both(void)
{
	return (struct store_keys){ view_of(public_key, 32),
	    view_of(private_key, 32), test_clock };
}

/* With these keys. */
static inline CK_RV
token_put(struct store *s, struct store_token *t)
{
	struct store_keys keys = keys_both();

	return store_token_put(s, &keys, t);
}

static inline CK_RV
object_delete(struct store *s, int64_t token, int64_t id)
{
	struct store_keys keys = keys_both();

	return store_object_delete(s, &keys, token, id);
}

static inline CK_RV
objects_delete_all(struct store *s, int64_t token)
{
	struct store_keys keys = keys_both();

	return store_objects_delete_all(s, &keys, token);
}

static inline CK_RV
object_version(struct store *s, int64_t token, int64_t id, uint64_t *version)
{
	struct store_keys keys = keys_both();

	return store_object_version(s, &keys, token, id, version);
}

/* How many findings of store_verify are bad. */
static inline void
count_bad(void *arg, const struct store_finding *f)
{
	size_t *bad = arg;

	if (f->rv == CKR_OK)
		return;
	(*bad)++;
	fprintf(stderr, "%s %lld: %s\n", f->what, (long long)f->object,
	    f->why);
}

/* CKR_OK when everything is right. */
static inline CK_RV
verify(struct store *s, const struct store_keys *keys, int64_t token)
{
	size_t bad = 0;
	CK_RV rv = store_verify(s, keys, token, count_bad, &bad);

	return rv == CKR_OK && bad > 0 ? CKR_DEVICE_ERROR : rv;
}

static inline struct store *
opened(void)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&store_config, true, &s), CKR_OK);
	return s;
}

static inline void
put_bytes(struct buf *b, const char *text)
{
	assert_int_equal(buf_set(b, view_str(text)), CKR_OK);
}

/* What hangs on a PIN besides its seal. */
static inline void
put_index(struct store_pin *p, const char *who)
{
	p->index.handle = 0x01a50000 + (uint32_t)who[0];
	p->index.limit = 10;
	put_bytes(&p->index.public_area, "index public");
	put_bytes(&p->index.name, who);
	put_bytes(&p->index.so_name, "so name");
	put_bytes(&p->index.approval, "approval");
	put_bytes(&p->auth_wrapped, "auth wrapped");
	put_bytes(&p->pending.public_area, "pending public");
	put_bytes(&p->pending.private_area, who);
}

/* A new token with both PINs set; its id. */
static inline int64_t
add_token(struct store *s, const char *label)
{
	struct store_token t = { .id = 0 };
	int64_t id;

	assert_int_equal(store_token_next_id(s, &t.id), CKR_OK);
	memset(t.label, ' ', sizeof(t.label));
	memcpy(t.label, label, strlen(label));
	memcpy(t.serial, "0123456789abcdef", sizeof(t.serial));
	t.parent.handle = 0x81000001;
	put_bytes(&t.parent.public_area, "parent public");
	put_bytes(&t.parent.name, "parent name");
	t.pins[STORE_SO].set = t.pins[STORE_USER].set = true;
	put_bytes(&t.device.public_area, "device public");
	put_bytes(&t.device.private_area, "device private");
	put_bytes(&t.device_wrapped, "device wrapped");
	put_bytes(&t.counter, "counter");
	t.pcrs = (struct tpm_pcrs){ 1, { { 0x000b, 0x85 } } };
	put_bytes(&t.pins[STORE_SO].salt, "so salt");
	put_bytes(&t.pins[STORE_SO].seal.public_area, "so public");
	put_bytes(&t.pins[STORE_SO].seal.private_area, "so private");
	put_bytes(&t.pins[STORE_USER].salt, "user salt");
	put_bytes(&t.pins[STORE_USER].seal.public_area, "user public");
	put_bytes(&t.pins[STORE_USER].seal.private_area, "user private");
	put_index(&t.pins[STORE_SO], "so");
	put_index(&t.pins[STORE_USER], "user");
	assert_int_equal(token_put(s, &t), CKR_OK);
	id = t.id;
	store_token_free(&t);
	return id;
}

/* Not put yet. */
static inline struct store_object
new_object(int64_t token, bool private, CK_OBJECT_CLASS class,
    const char *label)
{
	struct store_object o = { .token = token, .private = private };
	CK_RV rv = CKR_OK;

	rv |= attrs_set_ulong(&o.attrs, CKA_CLASS, class);
	rv |= attrs_set_ulong(&o.attrs, CKA_KEY_TYPE, CKK_EC);
	rv |= attrs_set(&o.attrs, CKA_LABEL, view_str(label));
	rv |= attrs_set(&o.attrs, CKA_ID, view_str(label));
	rv |= attrs_set_bool(&o.attrs, CKA_PRIVATE, private);
	rv |= buf_set(&o.blob.public_area, view_str("public area"));
	rv |= buf_set(&o.blob.private_area, view_str("private area"));
	rv |= buf_set(&o.blob.auth, view_str("authorisation"));
	if (rv != CKR_OK)
		abort();
	return o;
}

/* For children too: the code of the put; *id may be NULL. */
static inline CK_RV
put_object(struct store *s, int64_t token, bool private, const char *label,
    int64_t *id)
{
	struct store_keys keys = keys_both();
	struct store_object o = new_object(token, private,
	    private ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY, label);
	CK_RV rv = store_object_put(s, &keys, &o);

	if (id != NULL)
		*id = o.id;
	store_object_free(&o);
	return rv;
}

static inline int64_t
add_object(struct store *s, int64_t token, bool private, const char *label)
{
	int64_t id = 0;

	assert_int_equal(put_object(s, token, private, label, &id), CKR_OK);
	return id;
}

static inline CK_RV
get_code(struct store *s, const struct store_keys *keys, int64_t token,
    int64_t id)
{
	struct store_object o = { .id = 0 };
	CK_RV rv = store_object_get(s, keys, token, id, &o);

	store_object_free(&o);
	return rv;
}

static inline bool
attrs_same(const struct attrs *a, const struct attrs *b)
{
	return a->count == b->count && attrs_match(a, b);
}

/* How many objects a search for this label finds (NULL: for all). */
static inline size_t
count_objects(struct store *s, int64_t token, const char *label)
{
	struct store_keys keys = keys_both();
	struct attrs want = ATTRS_EMPTY;
	int64_t *ids = NULL;
	size_t count = SIZE_MAX;
	CK_RV rv = CKR_OK;

	if (label != NULL)
		rv = attrs_set(&want, CKA_LABEL, view_str(label));
	if (rv == CKR_OK)
		rv = store_object_find(s, &keys, token, &want, &ids, &count);
	store_ids_free(&ids);
	attrs_free(&want);
	return rv == CKR_OK ? count : SIZE_MAX;
}

/* Edit the file behind the store's back. */
static inline int
edit_code(const char *sql)
{
	sqlite3 *h = NULL;
	int rc = sqlite3_open(store_file(), &h);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(h, sql, NULL, NULL, NULL);
	(void)sqlite3_close(h);
	return rc;
}

static inline void
edit(const char *sql)
{
	assert_int_equal(edit_code(sql), SQLITE_OK);
}

static inline void
must(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "child: %s\n", what);
	_exit(1);
}

/* As another user when we are root: root may do everything. */
static inline void
become_nobody(void)
{
	if (geteuid() != 0)
		return;
	must(setresgid(65534, 65534, 65534) == 0, "setresgid");
	must(setresuid(65534, 65534, 65534) == 0, "setresuid");
}

static inline pid_t
start_child(void (*run)(int), int arg)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		run(arg);
		_exit(0);
	}
	return pid;
}

static inline void
child_went_well(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* All bytes of a file, to see that it stays as it was. */
static inline struct buf
slurp(const char *path)
{
	struct buf b = BUF_EMPTY;
	uint8_t chunk[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		assert_int_equal(buf_append(&b, view_of(chunk, n)), CKR_OK);
	(void)fclose(f);
	return b;
}

static inline void
spill(const char *path, struct view v)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	if (v.len > 0)
		assert_int_equal(fwrite(v.data, 1, v.len, f), v.len);
	assert_int_equal(fclose(f), 0);
}

#endif
