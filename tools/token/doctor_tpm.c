/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "finding.h"
#include "token/machine.h"
#include "tpm/index.h"
#include "tpm/state.h"

/* What doctor asks the TPM about: is it there, is it in a good state, and
 * which NV indices in it belong to nobody. */

static struct tpm *
tpm_of(const struct doctor *d)
{
	return machine_tpm(slots_machine(d->tool->slots));
}

static void
add_caps(struct text *words, const struct tpm_caps *c)
{
	text_str(words, ": ");
	text_safe(words, view_str(c->manufacturer));
	text_str(words, " ");
	text_safe(words, view_str(c->vendor));
	text_fmt(words, ", firmware %08x%08x", c->firmware[0],
	    c->firmware[1]);
}

static bool
reachable(struct doctor *d)
{
	struct text words = TEXT_EMPTY;
	struct buf tcti = BUF_EMPTY;
	struct tpm_caps caps;
	CK_RV rv;

	if ((rv = tpm_tcti(tpm_of(d), &tcti)) == CKR_OK)
		text_safe(&words, buf_view(&tcti));
	if (rv == CKR_OK && (rv = tpm_caps_read(tpm_of(d), &caps)) == CKR_OK) {
		add_caps(&words, &caps);
		found(d, MARK_OK, "TPM", &words, NULL);
	} else
		found_str(d, MARK_FAIL, "TPM", "cannot be reached",
		    "which TPM is meant is said by tcti in the configuration "
		    "or by TPM2_CRYPTOKI_TCTI");
	text_free(&words);
	buf_free(&tcti);
	return rv == CKR_OK;
}

static void
look_at_lockout(struct doctor *d, const struct tpm_state *s)
{
	struct text words = TEXT_EMPTY;

	text_fmt(&words, "%u of %u failed authorisations of the whole TPM",
	    s->lockout_count, s->lockout_max);
	if (s->in_lockout)
		text_fmt(&words, "; one is forgiven every %u s",
		    s->lockout_interval);
	found(d, s->in_lockout ? MARK_FAIL : MARK_OK, "lockout", &words,
	    "wait, or as the owner of the lockout password: "
	    "tpm2_dictionarylockout -c");
	text_free(&words);
}

static void
look_at_owner(struct doctor *d, const struct tpm_state *s)
{
	struct buf auth = BUF_EMPTY;
	bool known;

	known = machine_owner_auth(slots_machine(d->tool->slots), &auth) ==
	    CKR_OK && auth.len != 0;
	buf_free(&auth);
	if (!s->owner_auth_set)
		found_str(d, MARK_OK, "owner", "the TPM's owner has no "
		    "password", NULL);
	else if (known)
		found_str(d, MARK_OK, "owner", "the TPM's owner has a "
		    "password, and one is given", NULL);
	else
		found_str(d, MARK_WARN, "owner", "the TPM's owner has a "
		    "password, and none is given", "to make and remove tokens "
		    "give --owner-auth-file, or owner_auth_file in the "
		    "configuration");
}

static void
look_at_room(struct doctor *d, const struct tpm_state *s)
{
	struct text words = TEXT_EMPTY;

	text_fmt(&words, "%u indices in use, %u of them counters; room for "
	    "%u persistent keys", s->nv_indices, s->nv_counters,
	    s->persistent_free);
	found(d, MARK_OK, "NV memory", &words, NULL);
	text_free(&words);
}

static void
look_at_srk(struct doctor *d)
{
	struct tpm_parent srk = TPM_PARENT_EMPTY;
	struct text words = TEXT_EMPTY;
	CK_RV rv;

	rv = machine_parent(slots_machine(d->tool->slots), &srk);
	if (rv == CKR_OK) {
		text_str(&words, "Name ");
		text_hex(&words, buf_view(&srk.name));
		found(d, MARK_OK, "SRK", &words, NULL);
	} else if (rv == CKR_USER_NOT_LOGGED_IN)
		found_str(d, MARK_WARN, "SRK", "it is not in the TPM, and the "
		    "owner's password is needed to make one", "give "
		    "--owner-auth-file");
	else if (rv == CKR_TOKEN_NOT_RECOGNIZED)
		found_str(d, MARK_FAIL, "SRK", "its handle holds something "
		    "else", "choose another one by srk in the configuration");
	else
		found_rv(d, "SRK", rv);
	tpm_parent_free(&srk);
	text_free(&words);
}

void
doctor_tpm(struct doctor *d)
{
	struct tpm_state s;
	CK_RV rv;

	if (!(d->reachable = reachable(d)))
		return;
	if ((rv = tpm_state_read(tpm_of(d), &s)) != CKR_OK) {
		found_rv(d, "TPM", rv);
		return;
	}
	look_at_lockout(d, &s);
	look_at_owner(d, &s);
	look_at_room(d, &s);
	look_at_srk(d);
}

static bool
is_known(const struct doctor *d, uint32_t handle)
{
	size_t i;

	for (i = 0; i < d->handle_count; i++)
		if (d->handles[i] == handle)
			return true;
	return false;
}

/* Those of one's own that are left over, as far as the store knows. */
static void
sweep(struct doctor *d)
{
	struct token *t = NULL, *next;
	struct text words = TEXT_EMPTY;
	size_t cursor = 0, left = 0;
	CK_RV rv;

	while ((next = slots_next(d->tool->slots, false, &cursor)) != NULL)
		t = next;
	if (t == NULL)
		return;
	if ((rv = token_refresh(t)) != CKR_OK ||
	    (rv = token_sweep(t, &left)) != CKR_OK) {
		found_rv(d, "sweep", rv);
		return;
	}
	text_fmt(&words, "%zu indices are left", left);
	found(d, left == 0 ? MARK_OK : MARK_WARN, "sweep", &words,
	    "the TPM did not let them go; try again with the owner's "
	    "password");
	text_free(&words);
}

void
doctor_indices(struct doctor *d)
{
	struct tpm_index *list = NULL;
	struct text words = TEXT_EMPTY;
	size_t i, count = 0, strangers = 0;
	CK_RV rv;

	if (!d->reachable)
		return;
	if (given(d->tool, OPTION_SWEEP))
		sweep(d);
	if ((rv = tpm_index_list(tpm_of(d), &list, &count)) != CKR_OK) {
		found_rv(d, "NV indices", rv);
		return;
	}
	for (i = 0; i < count; i++) {
		if (is_known(d, list[i].handle))
			continue;
		text_fmt(&words, "%s0x%08x", strangers++ == 0 ? "" : ", ",
		    list[i].handle);
	}
	if (strangers != 0) {
		text_str(&words, strangers == 1 ? " is of no token in this "
		    "store" : " are of no token in this store");
		found(d, MARK_WARN, "NV indices", &words, "they are another "
		    "store's, or left over: --sweep removes those that this "
		    "store made");
	}
	tpm_index_list_free(&list, count);
	text_free(&words);
}
