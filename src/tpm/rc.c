/* SPDX-License-Identifier: BSD-2-Clause */
#include <tss2/tss2_rc.h>

#include "tpm/internal.h"
#include "util/log.h"

/*
 * What a code of the TPM (without the number of the handle, session or
 * parameter that it complains of) means, and what can be done about it.
 */
static const struct row {
	TSS2_RC rc;
	CK_RV rv;
	enum remedy remedy;
} rows[] = {
	{ TPM2_RC_RETRY, CKR_DEVICE_ERROR, REMEDY_WAIT },
	{ TPM2_RC_YIELDED, CKR_DEVICE_ERROR, REMEDY_WAIT },
	{ TPM2_RC_TESTING, CKR_DEVICE_ERROR, REMEDY_WAIT },
	{ TPM2_RC_NV_RATE, CKR_DEVICE_ERROR, REMEDY_WAIT },

	{ TPM2_RC_OBJECT_MEMORY, CKR_DEVICE_MEMORY, REMEDY_OBJECT_ROOM },
	{ TPM2_RC_OBJECT_HANDLES, CKR_DEVICE_MEMORY, REMEDY_OBJECT_ROOM },
	{ TPM2_RC_MEMORY, CKR_DEVICE_MEMORY, REMEDY_OBJECT_ROOM },
	{ TPM2_RC_SESSION_MEMORY, CKR_DEVICE_MEMORY, REMEDY_SESSION_ROOM },
	{ TPM2_RC_SESSION_HANDLES, CKR_DEVICE_MEMORY, REMEDY_SESSION_ROOM },
	{ TPM2_RC_CONTEXT_GAP, CKR_DEVICE_MEMORY, REMEDY_SESSION_ROOM },
	{ TPM2_RC_NV_SPACE, CKR_DEVICE_MEMORY, REMEDY_NONE },
	{ TPM2_RC_NV_DEFINED, CKR_OBJECT_HANDLE_INVALID, REMEDY_NONE },

	{ TPM2_RC_INITIALIZE, CKR_DEVICE_ERROR, REMEDY_RECONNECT },
	{ TPM2_RC_HANDLE, CKR_OK, REMEDY_RELOAD },
	{ TPM2_RC_REFERENCE_H0, CKR_DEVICE_ERROR, REMEDY_RELOAD },
	{ TPM2_RC_REFERENCE_H1, CKR_DEVICE_ERROR, REMEDY_RELOAD },
	{ TPM2_RC_REFERENCE_H2, CKR_DEVICE_ERROR, REMEDY_RELOAD },
	{ TPM2_RC_REFERENCE_S0, CKR_DEVICE_ERROR, REMEDY_RELOAD },
	{ TPM2_RC_REFERENCE_S1, CKR_DEVICE_ERROR, REMEDY_RELOAD },

	{ TPM2_RC_POLICY_FAIL, CKR_ACTION_PROHIBITED, REMEDY_NONE },
	/* A PCR, of any number, was extended since the policy looked. */
	{ TPM2_RC_PCR_CHANGED, CKR_ACTION_PROHIBITED, REMEDY_RELOAD },

	{ TPM2_RC_LOCKOUT, CKR_PIN_LOCKED, REMEDY_NONE },
	{ TPM2_RC_RANGE, CKR_ATTRIBUTE_VALUE_INVALID, REMEDY_NONE },
	{ TPM2_RC_CURVE, CKR_CURVE_NOT_SUPPORTED, REMEDY_NONE },
	{ TPM2_RC_KEY_SIZE, CKR_KEY_SIZE_RANGE, REMEDY_NONE },
};

/* Codes of the resource manager are the TPM's under another flag. */
static bool
is_tpm(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	return layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_RC_LAYER ||
	    layer == TSS2_RESMGR_TPM_RC_LAYER;
}

/* Part 2, 6.6: format one carries a number in bits 8-11 and 6. */
static TSS2_RC
strip(TSS2_RC rc)
{
	rc &= ~TSS2_RC_LAYER_MASK;
	return (rc & TPM2_RC_FMT1) != 0 ?
	    rc & ~(TPM2_RC_N_MASK | TPM2_RC_P) : rc;
}

static CK_RV
or_device_error(CK_RV rv)
{
	return rv != CKR_OK ? rv : CKR_DEVICE_ERROR;
}

static CK_RV
translate_tpm(struct trouble *w)
{
	TSS2_RC rc = strip(w->rc);
	CK_RV rv = CKR_OK;
	size_t i;

	if (rc == TPM2_RC_BAD_AUTH || rc == TPM2_RC_AUTH_FAIL) {
		w->denied = true;
		if (w->command->denied == CKR_USER_NOT_LOGGED_IN)
			w->text = "the owner hierarchy has a password: name "
			    "its file by owner_auth_file in the "
			    "configuration, or give it to tpm2-token";
		return or_device_error(w->command->denied);
	}
	/* A counted PIN that has reached its limit; else a use that the
	 * attributes of the entity do not allow at all. */
	if (rc == TPM2_RC_AUTH_UNAVAILABLE)
		return w->command->denied == CKR_PIN_INCORRECT ?
		    CKR_PIN_LOCKED : CKR_DEVICE_ERROR;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].rc == rc) {
			w->remedy = rows[i].remedy;
			rv = rows[i].rv;
		}
	if (rv == CKR_OK && (rc & TPM2_RC_FMT1) != 0)
		rv = w->command->refused;
	return or_device_error(rv);
}

/*
 * Below the TPM: a TCTI that complains has lost its other end; what SAPI
 * finds wrong with a response leaves its state machine stuck.
 */
static CK_RV
translate_stack(struct trouble *w)
{
	bool tcti = (w->rc & TSS2_RC_LAYER_MASK) == TSS2_TCTI_RC_LAYER;

	w->remedy = tcti && w->rc != TSS2_TCTI_RC_MALFORMED_RESPONSE ?
	    REMEDY_RECONNECT : REMEDY_DROP;
	if (w->rc == TSS2_TCTI_RC_MEMORY || w->rc == TSS2_ESYS_RC_MEMORY)
		return CKR_HOST_MEMORY;
	return CKR_DEVICE_ERROR;
}

CK_RV
trouble_rc(struct tpm *t, const struct command *c, TSS2_RC rc)
{
	t->trouble = (struct trouble){ .command = c, .rc = rc };
	log_debug("TPM2_%s: %s", c->name, Tss2_RC_Decode(rc));
	return is_tpm(rc) ? translate_tpm(&t->trouble) :
	    translate_stack(&t->trouble);
}

CK_RV
trouble_broken(struct tpm *t, const struct command *c, const char *text)
{
	t->trouble = (struct trouble){ .command = c, .text = text,
	    .remedy = REMEDY_DROP };
	return CKR_DEVICE_ERROR;
}

/* A wrong PIN is the user's affair, all else concerns who runs the machine. */
static enum log_level
level_of(const struct trouble *w, CK_RV rv)
{
	if ((w->command->flags & COMMAND_QUIET) != 0 && is_tpm(w->rc))
		return LOG_LEVEL_DEBUG;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED)
		return LOG_LEVEL_INFO;
	return LOG_LEVEL_ERROR;
}

void
trouble_log(const struct tpm *t, CK_RV rv)
{
	const struct trouble *w = &t->trouble;

	if (w->command != NULL)
		log_at(level_of(w, rv), "TPM2_%s failed: %s", w->command->name,
		    w->text != NULL ? w->text : Tss2_RC_Decode(w->rc));
}
