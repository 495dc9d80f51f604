/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/reserve.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/fork.h"
#include "util/lock.h"
#include "util/mem.h"

/*
 * A page of its own, because the kernel can empty it in a child by the very
 * fork: what the parent is going to give out is nowhere else.
 */
struct page {
	size_t len;		/* the unused ones are the first of bytes */
	unsigned forks;		/* fork_count when they came */
	uint8_t bytes[RESERVE_LEN];
};

struct reserve {
	struct lock *lock;
	struct page *page;
};

static size_t
page_size(void)
{
	long size = sysconf(_SC_PAGESIZE);

	return size > 0 ? (size_t)size : sizeof(struct page);
}

static CK_RV
page_new(struct page **out)
{
	size_t size = page_size();
	void *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return CKR_HOST_MEMORY;
	/* as far as kernel and limits allow, like secret.h */
	(void)mlock(p, size);
	(void)madvise(p, size, MADV_DONTDUMP);
	(void)madvise(p, size, MADV_WIPEONFORK);
	*out = p;
	return CKR_OK;
}

CK_RV
reserve_new(struct reserve **out)
{
	struct reserve *r;
	CK_RV rv;

	if ((r = mem_alloc(1, sizeof(*r))) == NULL)
		return CKR_HOST_MEMORY;
	if ((rv = lock_new(&r->lock)) != CKR_OK ||
	    (rv = page_new(&r->page)) != CKR_OK)
		goto out;
	*out = r;
	r = NULL;
out:
	reserve_free(&r);
	return rv;
}

static void
page_free(struct page **page)
{
	if (*page == NULL)
		return;
	wipe(*page, sizeof(**page));
	(void)munmap(*page, page_size());
	*page = NULL;
}

void
reserve_free(struct reserve **r)
{
	if (*r == NULL)
		return;
	lock_free(&(*r)->lock);
	page_free(&(*r)->page);
	mem_free(*r);
	*r = NULL;
}

void
reserve_abandon(struct reserve **r)
{
	if (*r != NULL)
		page_free(&(*r)->page);
	*r = NULL;
}

void
reserve_drop(struct reserve *r)
{
	lock_take(r->lock);
	wipe(r->page, sizeof(*r->page));
	lock_release(r->lock);
}

/* The last n bytes that are there, at most. */
static size_t
take_kept(struct reserve *r, uint8_t *out, size_t n)
{
	struct page *p = r->page;
	size_t taken;

	lock_take(r->lock);
	if (p->forks != fork_count())
		wipe(p, sizeof(*p));
	taken = n < p->len ? n : p->len;
	p->len -= taken;
	memcpy(out, p->bytes + p->len, taken);
	wipe(p->bytes + p->len, taken);
	lock_release(r->lock);
	return taken;
}

/* Another thread may have kept some meanwhile: the newer ones replace them. */
static void
keep(struct reserve *r, const uint8_t *rest, size_t n)
{
	struct page *p = r->page;

	lock_take(r->lock);
	wipe(p, sizeof(*p));
	memcpy(p->bytes, rest, n);
	p->len = n;
	p->forks = fork_count();
	lock_release(r->lock);
}

CK_RV
reserve_take(struct reserve *r, struct tpm *t, uint8_t *out, size_t n)
{
	uint8_t portion[RESERVE_LEN];
	size_t taken = take_kept(r, out, n), got;
	CK_RV rv = CKR_OK;

	for (out += taken, n -= taken; n > 0; out += taken, n -= taken) {
		if ((rv = tpm_random_portion(t, portion, sizeof(portion),
		    &got)) != CKR_OK)
			break;
		taken = n < got ? n : got;
		memcpy(out, portion, taken);
		if (taken < got)
			keep(r, portion + taken, got - taken);
	}
	wipe(portion, sizeof(portion));
	return rv;
}
