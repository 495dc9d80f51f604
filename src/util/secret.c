/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/secret.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/fork.h"
#include "util/mem.h"
#include "util/result.h"

/*
 * Pages are locked and unlocked whole, so secrets share pages of their own:
 * arenas, cut into chunks of powers of two, which go to a list of their size
 * when they are given back and are never joined. What is longer than the
 * largest chunk has pages to itself. The first arena fits the 64 KiB that
 * old systems let everybody lock, so it is the keys of the start that have
 * it; nothing here fails because a page cannot be locked.
 *
 * The sanitizers see nothing within such pages, so for them each buffer is
 * one of the allocator's.
 */
#if defined(__SANITIZE_ADDRESS__)
enum { POOLED = 0 };
#else
enum { POOLED = 1 };
#endif

enum {
	CHUNK_MIN = 32,
	CLASSES = 10,		/* up to 16 KiB */
	CHUNK_MAX = CHUNK_MIN << (CLASSES - 1),
	ARENA_FIRST = 64 * 1024,
	ARENA = 256 * 1024
};

struct chunk {
	struct chunk *next;
};

struct arena {
	struct arena *next;
	size_t size;
	size_t used;
};

static struct {
	struct arena *arenas;	/* the newest first */
	struct chunk *spare[CLASSES];
	unsigned fork;		/* fork_count() of its owner */
} pool;

/* fork_count() + 1 of who is in the pool, 0 for nobody. */
static atomic_uint holder;

/* A thread of the parent may have been in the pool at the fork, and locked
 * pages are not inherited: the child begins with an empty one. */
static void
pool_enter(void)
{
	const unsigned me = fork_count() + 1;
	unsigned was = 0;

	while (!atomic_compare_exchange_weak(&holder, &was, me)) {
		if (was != 0 && was != me &&
		    atomic_compare_exchange_strong(&holder, &was, me))
			break;
		if (was != 0)
			(void)sched_yield();
		was = 0;
	}
	if (pool.fork != me - 1) {
		memset(&pool, 0, sizeof(pool));
		pool.fork = me - 1;
	}
}

static void
pool_leave(void)
{
	atomic_store(&holder, 0);
}

static void *
map_pages(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* both are promises to keep where the system lets us */
	(void)madvise(p, len, MADV_DONTDUMP);
	(void)!mlock(p, len);
	return p;
}

static size_t
whole_pages(size_t len)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return len > SIZE_MAX - page ? 0 : (len + page - 1) / page * page;
}

static size_t
class_of(size_t len)
{
	size_t class = 0;

	while ((size_t)CHUNK_MIN << class < len)
		class++;
	return class;
}

static void *
carve(size_t size)
{
	struct arena *a = pool.arenas;
	size_t room = a == NULL ? ARENA_FIRST : ARENA;
	void *p;

	if (a == NULL || a->size - a->used < size) {
		if ((a = map_pages(room)) == NULL)
			return NULL;
		a->next = pool.arenas;
		a->size = room;
		a->used = CHUNK_MIN;
		pool.arenas = a;
	}
	p = (uint8_t *)a + a->used;
	a->used += size;
	return p;
}

static void *
take_chunk(size_t len)
{
	const size_t class = class_of(len);
	struct chunk *c;

	pool_enter();
	if ((c = pool.spare[class]) != NULL) {
		pool.spare[class] = c->next;
		c->next = NULL;
	} else {
		c = carve((size_t)CHUNK_MIN << class);
	}
	pool_leave();
	return c;
}

static bool
is_ours(const void *p)
{
	const struct arena *a;
	uintptr_t at = (uintptr_t)p;

	for (a = pool.arenas; a != NULL; a = a->next)
		if (at > (uintptr_t)a && at - (uintptr_t)a < a->size)
			return true;
	return false;
}

static void
give_chunk(struct chunk *c, size_t len)
{
	const size_t class = class_of(len);

	pool_enter();
	/* not what a child inherited */
	if (is_ours(c)) {
		c->next = pool.spare[class];
		pool.spare[class] = c;
	}
	pool_leave();
}

void *
secret_alloc(size_t len)
{
	if (mem_fails_now())
		return NULL;
	if (len == 0)
		len = 1;
	if (!POOLED)
		return calloc(1, len);
	if (len <= CHUNK_MAX)
		return take_chunk(len);
	return whole_pages(len) == 0 ? NULL : map_pages(whole_pages(len));
}

void
secret_free(void *p, size_t len)
{
	if (p == NULL)
		return;
	if (len == 0)
		len = 1;
	explicit_bzero(p, len);
	if (!POOLED)
		free(p);
	else if (len <= CHUNK_MAX)
		give_chunk(p, len);
	else
		(void)munmap(p, whole_pages(len));
}

int
secret_is_pooled(void)
{
	return POOLED;
}
