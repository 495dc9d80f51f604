/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/machine.h"

#include <string.h>

#include "crypto/uuid.h"
#include "token/caps_note.h"
#include "token/reserve.h"
#include "util/lock.h"
#include "util/mem.h"

struct machine {
	const struct config *config;
	struct tpm *tpm;	/* has a lock of its own */
	struct reserve *reserve;	/* so has this */
	struct lock *lock;	/* over the rest */
	bool has_caps;
	bool has_note;		/* in the store, or tried */
	struct tpm_caps caps;
	struct tpm_parent srk;	/* as a token or the TPM told it */
	bool has_owner_auth;	/* it was given, and this is it: */
	struct buf owner_auth;
};

CK_RV
machine_new(const struct config *config, struct machine **out)
{
	struct machine *m;
	CK_RV rv;

	if ((m = mem_alloc(1, sizeof(*m))) == NULL)
		return CKR_HOST_MEMORY;
	m->config = config;
	if ((rv = lock_new(&m->lock)) != CKR_OK ||
	    (rv = reserve_new(&m->reserve)) != CKR_OK ||
	    (rv = tpm_new((const char *)config->tcti.data,
	    &m->tpm)) != CKR_OK)
		goto out;
	*out = m;
	m = NULL;
out:
	machine_free(&m);
	return rv;
}

void
machine_free(struct machine **m)
{
	if (*m == NULL)
		return;
	tpm_free(&(*m)->tpm);
	reserve_free(&(*m)->reserve);
	lock_free(&(*m)->lock);
	tpm_parent_free(&(*m)->srk);
	buf_free(&(*m)->owner_auth);
	mem_free(*m);
	*m = NULL;
}

void
machine_abandon(struct machine **m)
{
	if (*m == NULL)
		return;
	tpm_abandon(&(*m)->tpm);
	reserve_abandon(&(*m)->reserve);
	if ((*m)->owner_auth.data != NULL)
		wipe((*m)->owner_auth.data, (*m)->owner_auth.len);
	*m = NULL;
}

struct tpm *
machine_tpm(const struct machine *m)
{
	return m->tpm;
}

struct reserve *
machine_reserve(const struct machine *m)
{
	return m->reserve;
}

const struct config *
machine_config(const struct machine *m)
{
	return m->config;
}

CK_RV
machine_set_owner_auth(struct machine *m, struct view auth)
{
	CK_RV rv;

	lock_take(m->lock);
	if ((rv = buf_set(&m->owner_auth, auth)) == CKR_OK)
		m->has_owner_auth = true;
	lock_release(m->lock);
	return rv;
}

/* Under the lock. */
static CK_RV
owner_auth(const struct machine *m, struct buf *auth)
{
	return m->has_owner_auth ?
	    buf_set(auth, buf_view(&m->owner_auth)) :
	    config_owner_auth(m->config, auth);
}

CK_RV
machine_owner_auth(struct machine *m, struct buf *auth)
{
	CK_RV rv;

	lock_take(m->lock);
	rv = owner_auth(m, auth);
	lock_release(m->lock);
	return rv;
}

bool
machine_present(const struct machine *m)
{
	return tpm_connect(m->tpm) == CKR_OK;
}

/* A transient parent is made by the owner, whenever it is needed. */
static CK_RV
tell_owner_auth(struct machine *m)
{
	struct buf owner = BUF_EMPTY;
	CK_RV rv;

	if ((rv = owner_auth(m, &owner)) == CKR_OK)
		rv = tpm_set_owner_auth(m->tpm, buf_view(&owner));
	buf_free(&owner);
	return rv;
}

CK_RV
machine_know(struct machine *m, const struct tpm_parent *parent)
{
	CK_RV rv = CKR_OK;

	lock_take(m->lock);
	if (m->srk.name.len == 0 &&
	    (rv = tpm_parent_copy(&m->srk, parent)) == CKR_OK &&
	    parent->handle == TPM_TRANSIENT)
		rv = tell_owner_auth(m);
	lock_release(m->lock);
	return rv;
}

/* Asks the TPM, unless a token's row has told it. */
static CK_RV
find_parent(struct machine *m)
{
	struct buf owner = BUF_EMPTY;
	CK_RV rv;

	if (m->srk.name.len != 0)
		return CKR_OK;
	if ((rv = owner_auth(m, &owner)) == CKR_OK)
		rv = tpm_parent_find(m->tpm, m->config->srk,
		    buf_view(&owner), &m->srk);
	buf_free(&owner);
	return rv;
}

CK_RV
machine_parent(struct machine *m, struct tpm_parent *parent)
{
	CK_RV rv;

	lock_take(m->lock);
	if ((rv = find_parent(m)) == CKR_OK)
		rv = tpm_parent_copy(parent, &m->srk);
	lock_release(m->lock);
	return rv;
}

CK_RV
machine_make_parent(struct machine *m, struct tpm_parent *parent)
{
	struct buf owner = BUF_EMPTY;
	CK_RV rv;

	lock_take(m->lock);
	if ((rv = owner_auth(m, &owner)) == CKR_OK &&
	    (m->config->srk != TPM_TRANSIENT ||
	    (rv = tpm_set_owner_auth(m->tpm, buf_view(&owner))) == CKR_OK))
		rv = tpm_parent_provision(m->tpm, m->config->srk,
		    buf_view(&owner), parent);
	lock_release(m->lock);
	buf_free(&owner);
	return rv;
}

static bool
same_firmware(struct machine *m)
{
	uint32_t now[2];

	/* a TPM that does not answer just now is no other one */
	return tpm_caps_firmware(m->tpm, now) != CKR_OK ||
	    memcmp(now, m->caps.firmware, sizeof(now)) == 0;
}

/* m->has_note: as of this start of the machine. */
static CK_RV
caps_from_note(struct machine *m, struct store *store,
    const struct tpm_parent *parent)
{
	bool found;
	CK_RV rv;

	if ((rv = caps_note_get(store, parent, &m->caps, &found,
	    &m->has_note)) != CKR_OK)
		return rv;
	m->has_caps = found && (m->has_note || same_firmware(m));
	return CKR_OK;
}

static CK_RV
caps_from_tpm(struct machine *m)
{
	CK_RV rv;

	if ((rv = tpm_caps_read(m->tpm, &m->caps)) == CKR_OK)
		m->has_caps = true;
	return rv;
}

static CK_RV
caps_find(struct machine *m, struct store *store,
    const struct tpm_parent *parent)
{
	bool notable = store != NULL && parent->name.len != 0;
	CK_RV rv;

	if ((notable && !m->has_caps && (rv = caps_from_note(m, store,
	    parent)) != CKR_OK) ||
	    (!m->has_caps && (rv = caps_from_tpm(m)) != CKR_OK))
		return rv;
	m->caps.software = machine_config(m)->software_keys;
	/* a store that cannot be written only means to ask again */
	if (notable && !m->has_note) {
		caps_note_put(store, parent, &m->caps);
		m->has_note = true;
	}
	return CKR_OK;
}

CK_RV
machine_caps(struct machine *m, struct store *store,
    const struct tpm_parent *parent, const struct tpm_caps **caps)
{
	CK_RV rv = CKR_OK;

	lock_take(m->lock);
	if (!m->has_caps || !m->has_note)
		rv = caps_find(m, store, parent != NULL ? parent : &m->srk);
	lock_release(m->lock);
	*caps = &m->caps;
	return rv;
}

CK_RV
machine_uuid(struct machine *m, const struct tpm_parent *parent,
    struct buf *text)
{
	CK_RV rv;

	if (parent != NULL && parent->name.len != 0)
		return uuid_v5(buf_view(&parent->name), text);
	lock_take(m->lock);
	if ((rv = find_parent(m)) == CKR_OK)
		rv = uuid_v5(buf_view(&m->srk.name), text);
	lock_release(m->lock);
	return rv;
}
