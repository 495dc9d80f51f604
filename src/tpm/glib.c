/* SPDX-License-Identifier: BSD-2-Clause */
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#include "tpm/internal.h"
#include "util/fork.h"
#include "util/log.h"
#include "util/mem.h"

/*
 * GLib, which comes with the TCTI of tpm2-abrmd and is not linked, hence
 * dlsym.
 */

/* 1 + fork_count of the process that first used the TCTI. */
static atomic_uint home;

/*
 * D-Bus calls of GLib go by a thread that it starts once and that a fork does
 * not take along; in the child they wait for a timeout of 25 s instead.
 */
bool
glib_usable(void)
{
	unsigned none = 0, here = fork_count() + 1;

	return atomic_compare_exchange_strong(&home, &none, here) ||
	    none == here;
}

/*
 * The TCTI reports a missing bus or daemon through g_log in the default
 * domain, which GLib prints on stderr. That must not be seen, and there is no
 * switch for it. So while it connects, messages of the default domain from
 * this thread go to our log; those of other threads are handed on.
 */
typedef void (*glib_log)(const char *domain, int level, const char *message,
    void *data);

enum { LEVEL_MASK = 0x3f };	/* ERROR to MESSAGE; the rest is not printed */

struct hush {
	void *library;
	unsigned (*set)(const char *, int, glib_log, void *);
	void (*remove)(const char *, unsigned);
	glib_log print;
	unsigned id;
	pthread_t thread;
};

static void
handler(const char *domain, int level, const char *message, void *data)
{
	const struct hush *h = data;

	if (!pthread_equal(h->thread, pthread_self()))
		h->print(domain, level, message, NULL);
	else
		log_error("tpm2-abrmd: %s", message);
}

/* POSIX wants a function's address to survive void *; ISO C has no cast. */
static void
find(void *library, const char *name, void *function)
{
	*(void **)function = dlsym(library, name);
}

struct hush *
glib_hush(void)
{
	struct hush *h;

	if ((h = mem_alloc(1, sizeof(*h))) == NULL)
		return NULL;
	h->thread = pthread_self();
	h->library = dlopen("libglib-2.0.so.0", RTLD_LAZY | RTLD_LOCAL);
	if (h->library == NULL)
		return h;
	find(h->library, "g_log_set_handler", &h->set);
	find(h->library, "g_log_remove_handler", &h->remove);
	find(h->library, "g_log_default_handler", &h->print);
	if (h->set != NULL && h->remove != NULL && h->print != NULL)
		h->id = h->set(NULL, LEVEL_MASK, handler, h);
	return h;
}

void
glib_unhush(struct hush *h)
{
	if (h == NULL)
		return;
	if (h->id != 0)
		h->remove(NULL, h->id);
	if (h->library != NULL)
		(void)dlclose(h->library);
	mem_free(h);
}
