/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sealed store costs: a table of TPM commands and microseconds for
 * each operation, with the counter against old copies and without; and how a
 * cold signature grows with the number of objects. Of the times only ratios
 * are asserted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "crypto/crypto.h"
#include "p11_child.h"
#include "p11_object.h"
#include "p11_ossl.h"
#include "p11_trace.h"
#include "token/internal.h"
#include "token/slots.h"

static char *self;
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
configure(const char *yaml)
{
	FILE *f = fopen(getenv("TPM2_CRYPTOKI_CONFIG"), "w");

	assert_non_null(f);
	assert_true(fputs(yaml, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* --- the table */

/* What the operations of one pass work on. */
static CK_SESSION_HANDLE session;
static struct p11_pair pair;
static CK_OBJECT_HANDLE data;
static struct ossl_cert cert;
static struct p11_bytes bytes;

static void
start(void)
{
	assert_ok(p11->C_Initialize(NULL));
}

static void
init_token(void)
{
	p11_slot = p11_empty_slot();
	p11_init_token(p11_slot, P11_SO_PIN, "cost");
}

static void
open_session(void)
{
	session = p11_open_rw();
}

static void
login_so(void)
{
	p11_login(session, CKU_SO);
}

static void
init_pin(void)
{
	assert_ok(p11->C_InitPIN(session, p11_in("first pin"), 9));
}

static void
logout(void)
{
	assert_ok(p11->C_Logout(session));
}

static void
set_pin(void)
{
	assert_ok(p11->C_SetPIN(session, p11_in("first pin"), 9,
	    p11_in(P11_USER_PIN), sizeof(P11_USER_PIN) - 1));
}

static void
look(void)
{
	(void)p11_count_label(session, "data");
}

static void
login(void)
{
	p11_login(session, CKU_USER);
}

static void
create_data(void)
{
	data = p11_create_data(session, "data", true, true);
}

static void
create_cert(void)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_CERTIFICATE),
		P11_NUM(CKA_CERTIFICATE_TYPE, CKC_X_509),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BYTES(CKA_SUBJECT, cert.subject.data, cert.subject.len),
		P11_BYTES(CKA_VALUE, cert.der.data, cert.der.len),
	};

	(void)p11_create(session, template, P11_COUNT(template));
}

static void
generate(void)
{
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "pair");
}

static void
find(void)
{
	assert_int_equal(p11_count_label(session, "pair"), 2);
}

static void
read_attribute(void)
{
	p11_get(session, pair.public, CKA_EC_POINT, &bytes);
}

static void
set_attribute(void)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "data2");

	assert_ok(p11->C_SetAttributeValue(session, data, &label, 1));
}

static void
sign(void)
{
	p11_sign(session, &ecdsa, pair.private, "digest", 6, &bytes);
}

static void
destroy(void)
{
	p11_destroy(session, data);
}

static void
finish(void)
{
	assert_ok(p11->C_Finalize(NULL));
}

/*
 * In this order, on a new token. The most commands that each may take,
 * without the counter and with it.
 */
static const struct operation {
	const char *name;
	void (*run)(void);
	unsigned max[2];
} operations[] = {
	{ "C_Initialize", start, { 0, 0 } },
	{ "C_InitToken", init_token, { 99, 99 } },
	{ "C_OpenSession", open_session, { 0, 0 } },
	{ "C_Login, SO", login_so, { 8, 9 } },
	{ "C_InitPIN", init_pin, { 99, 99 } },
	{ "C_Logout", logout, { 0, 0 } },
	{ "C_SetPIN, public session", set_pin, { 99, 99 } },
	{ "C_Finalize", finish, { 9, 9 } },
	{ "C_Initialize", start, { 0, 0 } },
	{ "C_OpenSession", open_session, { 0, 0 } },
	{ "first look without login", look, { 5, 5 } },
	{ "second look", look, { 0, 0 } },
	{ "C_Finalize", finish, { 9, 9 } },
	{ "C_Initialize", start, { 0, 0 } },
	{ "C_OpenSession", open_session, { 0, 0 } },
	{ "C_Login, first of a process", login, { 8, 8 } },
	{ "search, nothing there", look, { 0, 0 } },
	{ "C_CreateObject, private data", create_data, { 0, 1 } },
	{ "C_CreateObject, certificate", create_cert, { 0, 1 } },
	{ "C_GenerateKeyPair, P-256", generate, { 9, 9 } },
	{ "C_FindObjects, by label", find, { 0, 0 } },
	{ "C_GetAttributeValue", read_attribute, { 0, 0 } },
	{ "C_SetAttributeValue", set_attribute, { 0, 1 } },
	{ "C_Sign, key not loaded", sign, { 2, 2 } },
	{ "C_Sign", sign, { 1, 1 } },
	{ "C_DestroyObject", destroy, { 0, 1 } },
	{ "C_Logout", logout, { 1, 1 } },
	{ "C_Login, again", login, { 8, 8 } },
	{ "C_Finalize", finish, { 9, 9 } },
};

static struct {
	unsigned commands;
	double time;
} cost[2][P11_COUNT(operations)];

/* Counted in one pass, timed in another, without what the trace takes. */
static void
pass(bool on, bool counted)
{
	double begin;
	size_t i;

	configure(on ? "rollback: on\n" : "rollback: off\n");
	if (counted)
		p11_trace_start();
	for (i = 0; i < P11_COUNT(operations); i++) {
		begin = now();
		operations[i].run();
		cost[on][i].time = now() - begin;
		if (counted)
			cost[on][i].commands = p11_trace_count(NULL);
	}
	if (counted)
		p11_trace_stop();
}

static void
the_table_of_operations(void **state)
{
	unsigned over = 0;
	size_t i, on;

	(void)state;
	ossl_make_cert("cost", &cert);
	for (on = 0; on < 2; on++) {
		pass(on == 1, true);
		pass(on == 1, false);
	}
	print_message("%-30s %18s %18s\n", "", "rollback: off",
	    "rollback: on");
	for (i = 0; i < P11_COUNT(operations); i++) {
		print_message("%-30s", operations[i].name);
		for (on = 0; on < 2; on++) {
			print_message(" %3u cmds %7.0f us",
			    cost[on][i].commands, cost[on][i].time);
			over += cost[on][i].commands > operations[i].max[on];
		}
		print_message("\n");
	}
	assert_int_equal(over, 0);
}

/* As a program that comes, signs and goes: from the first call to the last. */
static void
a_cold_run(void)
{
	start();
	open_session();
	login();
	pair.private = p11_find_one(session, (CK_ATTRIBUTE[]){
	    P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
	    P11_STR(CKA_LABEL, "pair") }, 2);
	sign();
	finish();
}

static void
a_cold_run_keeps_the_budget(void **state)
{
	(void)state;
	p11_trace_start();
	a_cold_run();
	assert_in_range(p11_trace_count("a cold run"), 2,
	    p11_has_resource_manager() ? 10 : 13);
	p11_trace_stop();
}

/* --- many objects */

/* Before 100,000 objects it may take MOST times as long. */
enum { SIZES = 4, ROUNDS = 9, TRIES = 4, MOST = 3 };

static struct {
	unsigned objects;
	CK_SLOT_ID slot;
	double times[ROUNDS];
} sizes[SIZES] = { { .objects = 10 }, { .objects = 1000 },
	{ .objects = 10000 }, { .objects = 100000 } };
static unsigned size;	/* the one that a child is to see to */
static char base[300];	/* of their directories */

/* The store of this size. */
static void
choose(unsigned which)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%u", base,
	    sizes[which].objects);
	(void)mkdir(path, 0700);
	assert_int_equal(setenv("TPM2_CRYPTOKI_STORE", path, 1), 0);
	size = which;
	p11_slot = sizes[which].slot;
}

/* Half of them private; each has a label and an id. */
static void
put_one(struct token *t, const struct store_keys *keys, unsigned n)
{
	struct store_object o = { .token = t->row.id, .private = n % 2 };
	char label[32];

	(void)snprintf(label, sizeof(label), "object-%u", n);
	assert_ok(attrs_set_ulong(&o.attrs, CKA_CLASS, CKO_DATA));
	assert_ok(attrs_set_bool(&o.attrs, CKA_TOKEN, true));
	assert_ok(attrs_set_bool(&o.attrs, CKA_PRIVATE, o.private));
	assert_ok(attrs_set(&o.attrs, CKA_LABEL, view_str(label)));
	assert_ok(attrs_set(&o.attrs, CKA_VALUE, view_str("some value")));
	assert_ok(store_object_put(t->store, keys, &o));
	store_object_free(&o);
}

/* By the layers below C_CreateObject: all in one transaction. */
static void
put_many(void)
{
	struct config config;
	struct slots *slots = NULL;
	struct token *t;
	struct store_keys keys;
	unsigned i;

	assert_ok(crypto_start());
	assert_ok(config_load(&config));
	assert_ok(slots_new(&config, &slots));
	assert_ok(slots_refresh(slots));
	t = slots_find(slots, p11_slot);
	assert_non_null(t);
	assert_ok(token_refresh(t));
	assert_ok(token_login(t, CKU_USER, view_str(P11_USER_PIN)));
	assert_ok(token_keys(t, &keys));
	assert_ok(store_begin(t->store));
	for (i = 0; i < sizes[size].objects; i++)
		put_one(t, &keys, i);
	assert_ok(store_commit(t->store));
	slots_free(&slots);
	config_free(&config);
}

static void
make_store(unsigned which)
{
	double begin = now();

	choose(which);
	start();
	p11_slot = sizes[which].slot = p11_make_token("many");
	open_session();
	login();
	generate();
	finish();
	p11_in_child(put_many);
	print_message("%u objects: made in %.1f s\n", sizes[which].objects,
	    (now() - begin) / 1e6);
}

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(unsigned which)
{
	qsort(sizes[which].times, ROUNDS, sizeof(double), ascending);
	return sizes[which].times[ROUNDS / 2];
}

/*
 * Nanoseconds on a processor of the TPM and what stands before it; a busy
 * machine does not change them, and a quiet one waits for nothing else.
 */
static double
time_of(const char *daemon)
{
	char path[400], line[64] = "";
	long pid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/../../%s.pid", base, daemon);
	if ((f = fopen(path, "r")) == NULL)
		return 0;	/* there is none such in this run */
	if (fgets(line, sizeof(line), f) != NULL)
		pid = strtol(line, NULL, 10);
	(void)fclose(f);
	(void)snprintf(path, sizeof(path), "/proc/%ld/schedstat", pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)fclose(f);
	return strtod(line, NULL);
}

static double
time_of_all(void)
{
	struct rusage u;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &u), 0);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3 +
	    time_of("swtpm") + time_of("abrmd") + time_of("dbus");
}

/* The whole of a program: it is started, and loads the module. */
static void
exec_self(void)
{
	char slot[32];

	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	(void)execl(self, self, slot, (char *)NULL);
	_exit(98);
}

/* In turn, so that what else happens meets all of them. */
static void
measure(void)
{
	unsigned round, which;
	double begin;

	for (round = 0; round < ROUNDS; round++)
		for (which = 0; which < SIZES; which++) {
			choose(which);
			begin = time_of_all();
			p11_in_child(exec_self);
			sizes[which].times[round] = time_of_all() - begin;
		}
	for (which = 0; which < SIZES; which++)
		print_message("%6u objects: a cold signature in %.1f ms "
		    "(%.2f)\n", sizes[which].objects, median(which) / 1e6,
		    median(which) / median(0));
}

static void
a_cold_signature_hardly_grows(void **state)
{
	unsigned which, i;

	(void)state;
	(void)snprintf(base, sizeof(base), "%s",
	    getenv("TPM2_CRYPTOKI_STORE"));
	for (which = 0; which < SIZES; which++)
		make_store(which);
	for (i = 0; i < TRIES; i++) {
		measure();
		if (median(2) <= 1.5 * median(0) &&
		    median(3) <= MOST * median(0))
			return;
	}
	fail_msg("it grows too much");
}

static int
setup(void **state)
{
	(void)state;
	p11_load();
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_operations),
		cmocka_unit_test(a_cold_run_keeps_the_budget),
		cmocka_unit_test(a_cold_signature_hardly_grows),
	};

	self = argv[0];
	if (argc == 2) {
		p11_slot = strtoul(argv[1], NULL, 10);
		p11_load();
		a_cold_run();
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
