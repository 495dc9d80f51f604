/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/crypto.h"
#include "tpm/nv.h"
#include "util/mem.h"

/* Free places for NV indices of ours, and those that are taken. */

#define PLACES_TRIED 16

static CK_RV
random_place(enum tpm_index_kind kind, TPM2_HANDLE *handle)
{
	uint16_t n;
	CK_RV rv;

	if ((rv = crypto_random(&n, sizeof(n))) == CKR_OK)
		*handle = nv_first(kind) + n % NV_PLACES;
	return rv;
}

/* The TPM answers with the first handle that it has from there on. */
static CK_RV
is_taken(struct tpm *t, TPM2_HANDLE handle, bool *taken)
{
	struct capability a = { .kind = TPM2_CAP_HANDLES, .first = handle,
	    .count = 1 };
	const struct call c = { .command = &get_capability, .args = &a };
	const TPML_HANDLE *l = &a.data.data.handles;
	CK_RV rv;

	if ((rv = tpm_call(t, &c)) == CKR_OK)
		*taken = l->count > 0 && l->handle[0] == handle;
	return rv;
}

CK_RV
nv_pick(struct tpm *t, enum tpm_index_kind kind, TPM2_HANDLE *handle)
{
	bool taken = true;
	TPM2_HANDLE place;
	unsigned i;
	CK_RV rv;

	for (i = 0; i < PLACES_TRIED && taken; i++)
		if ((rv = random_place(kind, &place)) != CKR_OK ||
		    (rv = is_taken(t, place, &taken)) != CKR_OK)
			return rv;
	if (taken)
		return CKR_DEVICE_MEMORY;
	*handle = place;
	return CKR_OK;
}

struct list {
	struct tpm_index *items;
	size_t count;
	size_t room;
};

/* CKR_DATA_INVALID: it is none of ours. */
static CK_RV
recall(const struct nv *found, struct tpm_index *i)
{
	struct nv known = NV_EMPTY;
	CK_RV rv;

	if ((rv = nv_recall(buf_view(&found->public_area), true, &i->kind,
	    &known)) != CKR_OK)
		return rv;
	i->handle = found->handle;
	i->written = view_equal(buf_view(&found->name),
	    buf_view(&known.name));
	buf_move(&i->public_area, &known.public_area);
	buf_move(&i->name, &known.name);
	return CKR_OK;
}

/* In a TPM that forgets or repeats handles room is what it told before. */
static CK_RV
add(struct list *l, struct tpm *t, TPM2_HANDLE handle)
{
	struct nv found = NV_EMPTY;
	CK_RV rv;

	if ((rv = nv_look(t, handle, &found)) == CKR_OK &&
	    l->count < l->room &&
	    (rv = recall(&found, &l->items[l->count])) == CKR_OK)
		l->count++;
	nv_free(&found);
	/* Gone since its handle was told, or somebody else's. */
	return rv == CKR_OBJECT_HANDLE_INVALID || rv == CKR_DATA_INVALID ?
	    CKR_OK : rv;
}

static bool
in_our_range(TPM2_HANDLE handle)
{
	return handle >= nv_first(0) && handle < nv_first(TPM_INDEX_KINDS);
}

static CK_RV
grow(struct list *l, size_t by)
{
	struct tpm_index *more = mem_alloc(l->count + by + 1, sizeof(*more));
	size_t i;

	if (more == NULL)
		return CKR_HOST_MEMORY;
	for (i = 0; i < l->count; i++)
		more[i] = l->items[i];
	mem_free(l->items);
	l->items = more;
	l->room = l->count + by;
	return CKR_OK;
}

static CK_RV
take(struct list *l, struct tpm *t, struct capability *a)
{
	const TPML_HANDLE *told = &a->data.data.handles;
	size_t i;
	CK_RV rv;

	if ((rv = grow(l, told->count)) != CKR_OK)
		return rv;
	for (i = 0; i < told->count; i++) {
		if (told->handle[i] < a->first)
			continue;
		a->first = told->handle[i] + 1;
		if (!in_our_range(told->handle[i])) {
			a->more = TPM2_NO;
			break;
		}
		if ((rv = add(l, t, told->handle[i])) != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

CK_RV
tpm_index_list(struct tpm *t, struct tpm_index **out, size_t *count)
{
	struct capability a = { .kind = TPM2_CAP_HANDLES,
	    .first = nv_first(0), .count = TPM2_MAX_CAP_HANDLES,
	    .more = TPM2_YES };
	const struct call c = { .command = &get_capability, .args = &a };
	struct list l = { NULL, 0, 0 };
	unsigned round;
	CK_RV rv = CKR_OK;

	for (round = 0; round < CAPABILITY_ROUNDS && a.more == TPM2_YES;
	    round++)
		if ((rv = tpm_call(t, &c)) != CKR_OK ||
		    (rv = take(&l, t, &a)) != CKR_OK)
			goto out;
	*out = l.items;
	*count = l.count;
	l = (struct list){ NULL, 0, 0 };
out:
	tpm_index_list_free(&l.items, l.count);
	return rv;
}

void
tpm_index_list_free(struct tpm_index **list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		buf_free(&(*list)[i].public_area);
		buf_free(&(*list)[i].name);
	}
	mem_free(*list);
	*list = NULL;
}
