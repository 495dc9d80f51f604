/* SPDX-License-Identifier: BSD-2-Clause */
/* Slot and token management functions (PKCS#11 3.x, 5.5). */
#include "api/gate.h"
#include "api/trace.h"
#include "mech/mech.h"
#include "util/mem.h"

/* The slots into list, as many as there is room for; returns how many. */
static CK_ULONG
collect(const struct slots *slots, bool with_token, CK_SLOT_ID *list,
    CK_ULONG room)
{
	struct token *t;
	CK_ULONG n = 0;
	size_t cursor = 0;

	while ((t = slots_next(slots, with_token, &cursor)) != NULL) {
		if (list != NULL && n < room)
			list[n] = token_slot(t);
		n++;
	}
	return n;
}

/* The list changes with the size query only (5.5.1), or when none was. */
static CK_RV
look(struct slots *slots, const CK_SLOT_ID *list)
{
	size_t cursor = 0;

	if (list != NULL && slots_next(slots, false, &cursor) != NULL)
		return CKR_OK;
	return slots_refresh(slots);
}

CK_RV
C_GetSlotList(CK_BBOOL token_present, CK_SLOT_ID_PTR list,
    CK_ULONG_PTR count)
{
	struct gate g = GATE("C_GetSlotList");
	CK_ULONG n;
	CK_RV rv;

	trace_call(g.name, "present %d, room for %lu",
	    token_present, count == NULL ? 0 : *count);
	if ((rv = gate_library(&g)) != CKR_OK)
		return gate_leave(&g, rv);
	if (count == NULL)
		return gate_leave(&g, CKR_ARGUMENTS_BAD);
	if ((rv = look(g.slots, list)) != CKR_OK)
		return gate_leave(&g, rv);
	n = collect(g.slots, token_present != CK_FALSE, list, *count);
	if (list != NULL && n > *count)
		rv = CKR_BUFFER_TOO_SMALL;
	*count = n;
	return gate_leave(&g, rv);
}

CK_RV
C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
	struct gate g = GATE("C_GetSlotInfo");
	CK_RV rv;

	trace_call(g.name, "slot %lu", slot);
	if ((rv = gate_slot(&g, slot)) == CKR_OK)
		rv = info == NULL ? CKR_ARGUMENTS_BAD :
		    token_slot_info(g.token, info);
	return gate_leave(&g, rv);
}

CK_RV
C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	struct gate g = GATE("C_GetTokenInfo");
	CK_RV rv;

	trace_call(g.name, "slot %lu", slot);
	if ((rv = gate_slot(&g, slot)) == CKR_OK)
		rv = info == NULL ? CKR_ARGUMENTS_BAD :
		    token_info(g.token, info);
	return gate_leave(&g, rv);
}

/*
 * A TPM neither comes nor goes while a program runs, so there is never an
 * event; who blocks waits for C_Finalize.
 */
CK_RV
C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, void *reserved)
{
	struct gate g = GATE("C_WaitForSlotEvent");
	CK_RV rv;

	trace_call(g.name, "flags 0x%lx", flags);
	if ((rv = gate_library(&g)) != CKR_OK)
		return gate_leave(&g, rv);
	if (slot == NULL || reserved != NULL ||
	    (flags & ~(CK_FLAGS)CKF_DONT_BLOCK) != 0)
		return gate_leave(&g, CKR_ARGUMENTS_BAD);
	if ((flags & CKF_DONT_BLOCK) != 0)
		return gate_leave(&g, CKR_NO_EVENT);
	gate_wait_for_stop(&g);
	return gate_leave(&g, CKR_CRYPTOKI_NOT_INITIALIZED);
}

CK_RV
C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list,
    CK_ULONG_PTR count)
{
	struct gate g = GATE("C_GetMechanismList");
	const struct tpm_caps *caps;
	CK_MECHANISM_TYPE *all = NULL;
	CK_ULONG i, n, room;
	CK_RV rv;

	trace_call(g.name, "slot %lu", slot);
	if ((rv = gate_slot(&g, slot)) != CKR_OK)
		goto out;
	if (count == NULL) {
		rv = CKR_ARGUMENTS_BAD;
		goto out;
	}
	if ((rv = token_caps(g.token, &caps)) != CKR_OK)
		goto out;
	if ((all = mem_alloc(mech_count(), sizeof(*all))) == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	n = mech_list(caps, all);
	room = *count;
	*count = n;
	if (list != NULL && room < n)
		rv = CKR_BUFFER_TOO_SMALL;
	for (i = 0; list != NULL && rv == CKR_OK && i < n; i++)
		list[i] = all[i];
out:
	mem_free(all);
	return gate_leave(&g, rv);
}

CK_RV
C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
    CK_MECHANISM_INFO_PTR info)
{
	struct gate g = GATE("C_GetMechanismInfo");
	const struct tpm_caps *caps;
	const struct mech *m = NULL;
	CK_RV rv;

	trace_call(g.name, "slot %lu, %s",
	    slot, trace_mechanism(&(CK_MECHANISM){ .mechanism = type }));
	if ((rv = gate_slot(&g, slot)) != CKR_OK)
		return gate_leave(&g, rv);
	if (info == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if ((rv = token_caps(g.token, &caps)) == CKR_OK &&
	    (m = mech_find(type, caps)) == NULL)
		rv = CKR_MECHANISM_INVALID;
	if (rv == CKR_OK)
		mech_info(m, caps, info);
	return gate_leave(&g, rv);
}

CK_RV
C_InitToken(CK_SLOT_ID slot, CK_UTF8CHAR_PTR pin, CK_ULONG pin_len,
    CK_UTF8CHAR_PTR label)
{
	struct gate g = GATE("C_InitToken");
	CK_RV rv;

	trace_call(g.name, "slot %lu, PIN of %lu bytes", slot, pin_len);
	if ((rv = gate_slot(&g, slot)) == CKR_OK)
		rv = pin == NULL || label == NULL ? CKR_ARGUMENTS_BAD :
		    token_init(g.token, view_of(pin, pin_len), label);
	return gate_leave(&g, rv);
}

CK_RV
C_InitPIN(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR pin, CK_ULONG pin_len)
{
	struct gate g = GATE("C_InitPIN");
	CK_RV rv;

	trace_call(g.name, "session %lu, PIN of %lu bytes", session, pin_len);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = pin == NULL ? CKR_ARGUMENTS_BAD :
		    token_init_pin(g.token, view_of(pin, pin_len));
	return gate_leave(&g, rv);
}

CK_RV
C_SetPIN(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR old_pin,
    CK_ULONG old_len, CK_UTF8CHAR_PTR new_pin, CK_ULONG new_len)
{
	struct gate g = GATE("C_SetPIN");
	CK_RV rv;

	trace_call(g.name, "session %lu, PINs of %lu and %lu bytes",
	    session, old_len, new_len);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) != CKR_OK)
		return gate_leave(&g, rv);
	if (old_pin == NULL || new_pin == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (!session_is_rw(g.session))
		rv = CKR_SESSION_READ_ONLY;
	else
		rv = token_set_pin(g.token, view_of(old_pin, old_len),
		    view_of(new_pin, new_len));
	return gate_leave(&g, rv);
}
