/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several processes with one token: what one does, the others see at their
 * next call. The other processes are this program again, run with arguments.
 * Without a resource manager one process at a time has the TPM, so that only
 * those tests run there that need no more of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "p11_object.h"

#define WRITERS 8
#define READERS 2
#define EACH 100
#define OTHER_PIN "user-pin-2"

static char *self;

/* --- what the other processes do */

static CK_RV
add(CK_SESSION_HANDLE s, const char *label)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 0),
		P11_BYTES(CKA_LABEL, label, strlen(label)),
		P11_STR(CKA_VALUE, "of some process"),
	};
	CK_OBJECT_HANDLE made;

	return p11->C_CreateObject(s, template, P11_COUNT(template), &made);
}

static CK_ULONG
all_data(CK_SESSION_HANDLE s)
{
	CK_ATTRIBUTE template[] = { P11_NUM(CKA_CLASS, CKO_DATA) };

	return p11_count(s, template, 1);
}

/* A hundred objects, each seen by its maker at once. */
static int
write_objects(const char *label)
{
	CK_SESSION_HANDLE s = p11_open_rw();
	CK_ULONG i;

	for (i = 0; i < EACH; i++) {
		assert_ok(add(s, label));
		if (i % 10 == 9)
			assert_int_equal(p11_count_label(s, label), i + 1);
	}
	return 0;
}

/* Never an error, never fewer than before, until all are there. */
static int
read_objects(void)
{
	CK_SESSION_HANDLE s = p11_open_ro();
	CK_ULONG before = 0, n = 0;

	while (n < WRITERS * EACH) {
		n = all_data(s);
		assert_true(n >= before);
		before = n;
	}
	return 0;
}

struct answer {
	CK_RV rv;
	CK_ULONG value;
};

/* Two labels of one length: what is re-labelled is "old", then "new". */
static CK_RV
relabel(CK_SESSION_HANDLE s)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "old");
	CK_OBJECT_HANDLE object = p11_find_one(s, &label, 1);

	label = (CK_ATTRIBUTE)P11_STR(CKA_LABEL, "new");
	return p11->C_SetAttributeValue(s, object, &label, 1);
}

static CK_RV
delete_one(CK_SESSION_HANDLE s)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "new");

	return p11->C_DestroyObject(s, p11_find_one(s, &label, 1));
}

static CK_RV
change_pin(CK_SESSION_HANDLE s, const char *old, const char *new)
{
	return p11->C_SetPIN(s, p11_in(old), strlen(old), p11_in(new),
	    strlen(new));
}

/* In and out again, since a login is the process' own. */
static CK_RV
try_pin(CK_SESSION_HANDLE s, const char *pin)
{
	CK_RV rv = p11_try_login(s, CKU_USER, pin);

	return rv != CKR_OK ? rv : p11->C_Logout(s);
}

static CK_RV
init_again(CK_SLOT_ID slot, const char *pin)
{
	CK_RV rv = p11->C_CloseAllSessions(slot);

	return rv != CKR_OK ? rv : p11_try_init_token(slot, pin, pin);
}

static CK_RV
obey(char what, CK_SESSION_HANDLE *s, CK_ULONG *value)
{
	static CK_SLOT_ID empty;

	switch (what) {
	case 'a': return add(*s, "old");
	case 'r': return relabel(*s);
	case 'd': return delete_one(*s);
	case 'c': *value = p11_count_label(*s, "old"); return CKR_OK;
	case 'p': return change_pin(*s, P11_USER_PIN, OTHER_PIN);
	case 'P': return change_pin(*s, OTHER_PIN, P11_USER_PIN);
	case 'o': return try_pin(*s, P11_USER_PIN);
	case 'n': return try_pin(*s, OTHER_PIN);
	case 'i': return init_again(p11_slot, P11_SO_PIN);
	case 'e': *value = empty = p11_empty_slot(); return CKR_OK;
	case '1': return init_again(empty, "first so pin");
	case '2': return init_again(empty, "second so pin");
	default: return CKR_GENERAL_ERROR;
	}
}

static int
serve(void)
{
	CK_SESSION_HANDLE s = p11_open_rw();
	struct answer answer = { 0, 0 };
	char what;

	while (read(STDIN_FILENO, &what, 1) == 1) {
		answer.rv = obey(what, &s, &answer.value);
		if (write(STDOUT_FILENO, &answer, sizeof(answer)) !=
		    (ssize_t)sizeof(answer))
			return 1;
	}
	return 0;
}

static int
other_process(const char *slot, const char *role)
{
	int failed;

	p11_load();
	p11_slot = strtoul(slot, NULL, 10);
	assert_ok(p11->C_Initialize(NULL));
	if (strcmp(role, "serve") == 0)
		failed = serve();
	else if (strcmp(role, "read") == 0)
		failed = read_objects();
	else
		failed = write_objects(role);
	assert_ok(p11->C_Finalize(NULL));
	return failed;
}

/* --- what this one does */

struct process {
	pid_t pid;
	int to, from;
};

static void
exec_self(const char *role)
{
	char slot[32];

	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	(void)execl(self, self, slot, role, (char *)NULL);
	_exit(errno);
}

static pid_t
start(const char *role)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)alarm(90);
		exec_self(role);
	}
	assert_true(pid > 0);
	return pid;
}

static struct process
start_server(void)
{
	struct process p;
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	if ((p.pid = fork()) == 0) {
		(void)alarm(90);
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		exec_self("serve");
	}
	assert_true(p.pid > 0);
	(void)close(in[0]);
	(void)close(out[1]);
	p.to = in[1];
	p.from = out[0];
	return p;
}

static void
ended_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
stop_server(struct process *p)
{
	(void)close(p->to);
	(void)close(p->from);
	ended_well(p->pid);
}

static void
tell(const struct process *p, char what)
{
	assert_int_equal(write(p->to, &what, 1), 1);
}

static struct answer
hear(const struct process *p)
{
	struct answer answer;

	assert_int_equal(read(p->from, &answer, sizeof(answer)),
	    (ssize_t)sizeof(answer));
	return answer;
}

static CK_RV
ask(const struct process *p, char what)
{
	tell(p, what);
	return hear(p).rv;
}

static void
eight_write_while_others_search(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	pid_t pids[WRITERS + READERS];
	CK_ULONG seen = 0, n = 0;
	char label[16];
	size_t i;

	for (i = 0; i < WRITERS; i++) {
		(void)snprintf(label, sizeof(label), "writer %zu", i);
		pids[i] = start(label);
	}
	for (; i < P11_COUNT(pids); i++)
		pids[i] = start("read");
	/* a writer that failed would make this wait for good */
	for (i = 0; i < 3000 && n < WRITERS * EACH; i++) {
		n = all_data(s);
		assert_true(n >= seen);
		seen = n;
		(void)usleep(20000);
	}
	for (i = 0; i < P11_COUNT(pids); i++)
		ended_well(pids[i]);
	assert_int_equal(all_data(s), WRITERS * EACH);
	for (i = 0; i < WRITERS; i++) {
		(void)snprintf(label, sizeof(label), "writer %zu", i);
		assert_int_equal(p11_count_label(s, label), EACH);
	}
}

static void
changes_are_seen_at_the_next_call(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct process other = start_server();
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "old");
	CK_OBJECT_HANDLE object;

	assert_int_equal(p11_count_label(s, "old"), 0);
	assert_ok(ask(&other, 'a'));
	object = p11_find_one(s, &label, 1);
	p11_assert_attr(s, object, CKA_LABEL, "old", 3);
	assert_ok(ask(&other, 'r'));
	/* the handle is of the same object still */
	p11_assert_attr(s, object, CKA_LABEL, "new", 3);
	assert_int_equal(p11_count_label(s, "old"), 0);
	assert_int_equal(p11_count_label(s, "new"), 1);
	assert_ok(ask(&other, 'd'));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(s, object, CKA_LABEL));
	assert_rv(CKR_OBJECT_HANDLE_INVALID, p11->C_DestroyObject(s, object));
	assert_int_equal(p11_count_label(s, "new"), 0);
	/* and the other way round */
	assert_ok(add(s, "old"));
	tell(&other, 'c');
	assert_int_equal(hear(&other).value, 1);
	p11_destroy(s, p11_find_one(s, &label, 1));
	tell(&other, 'c');
	assert_int_equal(hear(&other).value, 0);
	stop_server(&other);
}

/* From here on, each process needs the TPM. */
static void
a_changed_pin_refuses_the_old_one_in_all(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct process one = start_server(), two = start_server();

	assert_ok(ask(&two, 'o'));
	assert_ok(try_pin(s, P11_USER_PIN));
	assert_ok(ask(&one, 'p'));
	assert_rv(CKR_PIN_INCORRECT, try_pin(s, P11_USER_PIN));
	assert_rv(CKR_PIN_INCORRECT, ask(&one, 'o'));
	assert_rv(CKR_PIN_INCORRECT, ask(&two, 'o'));
	assert_ok(try_pin(s, OTHER_PIN));
	assert_ok(ask(&one, 'n'));
	assert_ok(ask(&two, 'n'));
	assert_rv(CKR_PIN_INCORRECT, ask(&two, 'p'));
	assert_ok(ask(&two, 'P'));
	assert_rv(CKR_PIN_INCORRECT, ask(&one, 'n'));
	assert_ok(try_pin(s, P11_USER_PIN));
	stop_server(&one);
	stop_server(&two);
}

static void
a_token_made_anew_elsewhere(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	struct process other = start_server();
	CK_OBJECT_HANDLE data;
	struct p11_pair pair;
	CK_BYTE in[32] = { 0 }, out[64];
	CK_ULONG n = sizeof(out);

	p11_login(s, CKU_USER);
	pair = p11_ec_pair(s, NID_X9_62_prime256v1, true, "before");
	data = p11_create_data(s, "before", true, false);
	assert_ok(p11->C_SignInit(s, &ecdsa, pair.private));
	assert_ok(ask(&other, 'i'));
	assert_rv(CKR_OBJECT_HANDLE_INVALID, p11_get_rv(s, data, CKA_LABEL));
	assert_int_equal(p11_state(s), CKS_RW_PUBLIC_SESSION);
	assert_rv_in(p11->C_Sign(s, in, 32, out, &n), CKR_USER_NOT_LOGGED_IN,
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(CKR_KEY_HANDLE_INVALID,
	    p11->C_SignInit(s, &ecdsa, pair.private));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(s, pair.public, CKA_EC_POINT));
	assert_rv(CKR_USER_NOT_LOGGED_IN, p11->C_Logout(s));
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED,
	    p11_try_login(s, CKU_USER, P11_USER_PIN));
	assert_int_equal(p11_count(s, NULL, 0), 0);
	p11_init_pin(p11_slot, P11_USER_PIN);
	p11_login(s, CKU_USER);
	stop_server(&other);
}

/* At once, with different PINs: one has a token then, and it is whole. */
static void
one_of_two_gets_the_empty_slot(void **state)
{
	struct process one = start_server(), two = start_server();
	CK_SESSION_HANDLE s;
	CK_ULONG slot;
	CK_RV a, b;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		tell(&one, 'e');
		slot = hear(&one).value;
		tell(&two, 'e');
		assert_int_equal(hear(&two).value, slot);
		tell(i % 2 ? &two : &one, i % 2 ? '2' : '1');
		tell(i % 2 ? &one : &two, i % 2 ? '1' : '2');
		a = hear(&one).rv;
		b = hear(&two).rv;
		assert_true((a == CKR_OK) != (b == CKR_OK));
		assert_rv_in(a == CKR_OK ? b : a, CKR_FUNCTION_FAILED,
		    CKR_PIN_INCORRECT);
		s = p11_open(slot, CKF_RW_SESSION);
		assert_ok(p11_try_login(s, CKU_SO, a == CKR_OK ?
		    "first so pin" : "second so pin"));
		assert_rv(CKR_USER_ALREADY_LOGGED_IN, p11_try_login(s, CKU_SO,
		    "whatever"));
		assert_ok(p11->C_CloseAllSessions(slot));
	}
	stop_server(&one);
	stop_server(&two);
}

int
main(int argc, char **argv)
{
	/* a TPM without a resource manager has room for few at a time */
	const struct CMUnitTest direct[] = {
		P11_PUBLIC_TEST(changes_are_seen_at_the_next_call),
	};
	const struct CMUnitTest managed[] = {
		P11_PUBLIC_TEST(eight_write_while_others_search),
		P11_PUBLIC_TEST(changes_are_seen_at_the_next_call),
		P11_PUBLIC_TEST(a_changed_pin_refuses_the_old_one_in_all),
		P11_PUBLIC_TEST(a_token_made_anew_elsewhere),
		P11_PUBLIC_TEST(one_of_two_gets_the_empty_slot),
	};

	self = argv[0];
	if (argc == 3)
		return other_process(argv[1], argv[2]);
	if (!p11_has_resource_manager())
		return cmocka_run_group_tests(direct, p11_setup,
		    p11_teardown);
	return cmocka_run_group_tests(managed, p11_setup, p11_teardown);
}
