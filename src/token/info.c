/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "token/guard.h"
#include "token/internal.h"
#include "token/pin.h"
#include "token/tries.h"

/* Cryptoki's strings are blank-padded and have no terminator. */
static void
padded(uint8_t *field, size_t len, struct view text)
{
	memset(field, ' ', len);
	memcpy(field, text.data, text.len < len ? text.len : len);
}

CK_RV
token_caps(struct token *t, const struct tpm_caps **caps)
{
	return machine_caps(t->machine, t->store,
	    t->initialised ? &t->row.parent : NULL, caps);
}

/* As versions go: at most 255 each; the TPM's own numbers have 16 bits. */
static CK_VERSION
version_of(uint32_t firmware)
{
	CK_VERSION v;

	v.major = (CK_BYTE)((firmware >> 16) & 0xff);
	v.minor = (CK_BYTE)(firmware & 0xff);
	return v;
}

static void
info_row(const struct token *t, CK_TOKEN_INFO *info)
{
	padded(info->label, sizeof(info->label), view_str(""));
	padded(info->serialNumber, sizeof(info->serialNumber), view_str(""));
	if (!t->initialised)
		return;
	memcpy(info->label, t->row.label, sizeof(info->label));
	memcpy(info->serialNumber, t->row.serial, sizeof(info->serialNumber));
	info->flags |= CKF_TOKEN_INITIALIZED;
	if (t->row.pins[STORE_USER].set)
		info->flags |= CKF_USER_PIN_INITIALIZED;
	info->flags |= tries_flags(t, STORE_SO);
	info->flags |= tries_flags(t, STORE_USER);
	if (t->store != NULL && store_read_only(t->store))
		info->flags |= CKF_WRITE_PROTECTED;
}

/* Who guards PINs by the TPM's own lockout is told so. */
static void
info_model(const struct token *t, const struct tpm_caps *caps,
    CK_TOKEN_INFO *info)
{
	static const char lockout[] = " lockout";
	const size_t len = sizeof(lockout) - 1;

	padded(info->model, sizeof(info->model), view_str(caps->vendor));
	if (t->initialised && !guard_by_index(&t->row.pins[STORE_SO]))
		memcpy(info->model + sizeof(info->model) - len, lockout, len);
}

CK_RV
token_info(struct token *t, CK_TOKEN_INFO *info)
{
	const struct tpm_caps *caps;
	CK_RV rv;

	if ((rv = token_caps(t, &caps)) != CKR_OK)
		return rv == CKR_DEVICE_REMOVED && !t->initialised ?
		    CKR_TOKEN_NOT_PRESENT : rv;
	memset(info, 0, sizeof(*info));
	info->flags = CKF_RNG | CKF_LOGIN_REQUIRED;
	info_row(t, info);
	padded(info->manufacturerID, sizeof(info->manufacturerID),
	    view_str(caps->manufacturer));
	info_model(t, caps, info);
	info->ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
	info->ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
	info->ulSessionCount = t->sessions;
	info->ulRwSessionCount = t->rw_sessions;
	info->ulMaxPinLen = PIN_MAX;
	info->ulMinPinLen = PIN_MIN;
	info->ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->hardwareVersion.major = (CK_BYTE)(caps->revision / 100);
	info->hardwareVersion.minor = (CK_BYTE)(caps->revision % 100);
	info->firmwareVersion = version_of(caps->firmware[0]);
	padded(info->utcTime, sizeof(info->utcTime), view_str(""));
	return CKR_OK;
}

/*
 * The description begins with the device's UUID, by which gateways know
 * themselves. Without a TPM the slot is still there and says what it is; the
 * empty one has no token then.
 */
CK_RV
token_slot_info(struct token *t, CK_SLOT_INFO *info)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	memset(info, 0, sizeof(*info));
	rv = machine_uuid(t->machine, t->initialised ? &t->row.parent : NULL,
	    &text);
	if (rv == CKR_HOST_MEMORY)
		goto out;
	info->flags = CKF_TOKEN_PRESENT | CKF_HW_SLOT;
	if (rv != CKR_OK) {
		info->flags = CKF_HW_SLOT;
		buf_clear(&text);
	}
	if ((rv = buf_append(&text, view_str(text.len == 0 ? "TPM 2.0" :
	    " TPM 2.0"))) != CKR_OK)
		goto out;
	padded(info->slotDescription, sizeof(info->slotDescription),
	    buf_view(&text));
	padded(info->manufacturerID, sizeof(info->manufacturerID),
	    view_str("tpm2-cryptoki"));
out:
	buf_free(&text);
	return rv;
}
