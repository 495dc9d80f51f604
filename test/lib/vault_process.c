/* SPDX-License-Identifier: BSD-2-Clause */
#include "vault_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct order {
	enum vault_what what;
	char a[160], b[160];
};

static char *self;

static CK_RV
search(void)
{
	CK_ULONG count;
	CK_RV rv = vault_search(&count);

	return rv == CKR_OK && count != 1 ? CKR_DATA_INVALID : rv;
}

static CK_RV
obey(const struct order *o)
{
	switch (o->what) {
	case VAULT_USER: return vault_try(CKU_USER, o->a);
	case VAULT_SO: return vault_try(CKU_SO, o->a);
	case VAULT_SET_PIN: return vault_set_pin(o->a, o->b);
	case VAULT_SET_SO_PIN: return vault_set_so_pin(o->a, o->b);
	case VAULT_INIT_PIN: return vault_init_pin(o->a, o->b);
	case VAULT_FLAGS: return vault_flags();
	case VAULT_SEARCH: return search();
	}
	return CKR_GENERAL_ERROR;
}

/* No cmocka there, so a failed assertion exits. */
static void
serve(const char *slot)
{
	struct order o;
	CK_RV rv;

	p11_load();
	p11_slot = strtoul(slot, NULL, 10);
	assert_ok(p11->C_Initialize(NULL));
	while (read(STDIN_FILENO, &o, sizeof(o)) == (ssize_t)sizeof(o)) {
		rv = obey(&o);
		assert_int_equal(write(STDOUT_FILENO, &rv, sizeof(rv)),
		    (ssize_t)sizeof(rv));
	}
	assert_ok(p11->C_Finalize(NULL));
}

void
vault_main(int argc, char **argv)
{
	self = argv[0];
	if (argc != 2)
		return;
	(void)alarm(90);
	serve(argv[1]);
	exit(0);
}

static void
exec_self(int in, int out)
{
	char slot[32];

	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)execl(self, self, slot, (char *)NULL);
	_exit(errno);
}

struct vault_process
vault_start(void)
{
	struct vault_process p;
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	if ((p.pid = fork()) == 0)
		exec_self(in[0], out[1]);
	assert_true(p.pid > 0);
	(void)close(in[0]);
	(void)close(out[1]);
	p.to = in[1];
	p.from = out[0];
	return p;
}

void
vault_stop(struct vault_process *p)
{
	int status;

	(void)close(p->to);
	(void)close(p->from);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_int_equal(status, 0);
}

void
vault_tell(const struct vault_process *p, enum vault_what what,
    const char *a, const char *b)
{
	struct order o = { .what = what };

	(void)snprintf(o.a, sizeof(o.a), "%s", a == NULL ? "" : a);
	(void)snprintf(o.b, sizeof(o.b), "%s", b == NULL ? "" : b);
	assert_int_equal(write(p->to, &o, sizeof(o)), (ssize_t)sizeof(o));
}

CK_RV
vault_hear(const struct vault_process *p)
{
	CK_RV rv;

	assert_int_equal(read(p->from, &rv, sizeof(rv)),
	    (ssize_t)sizeof(rv));
	return rv;
}

CK_RV
vault_ask(const struct vault_process *p, enum vault_what what, const char *a,
    const char *b)
{
	vault_tell(p, what, a, b);
	return vault_hear(p);
}

CK_RV
vault_once(enum vault_what what, const char *a, const char *b)
{
	struct vault_process p;
	CK_RV rv;

	vault_pause();
	p = vault_start();
	rv = vault_ask(&p, what, a, b);
	vault_stop(&p);
	vault_resume();
	return rv;
}
