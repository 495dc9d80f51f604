/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"

#include <string.h>

#include "token/pin.h"
#include "util/cryptoki_names.h"

#define DIGITS_(n)	#n
#define DIGITS(n)	DIGITS_(n)
#define DOCTOR		"tpm2-token doctor tells more"

/* All codes that the module's layers answer. What they log at level error
 * stands on stderr before this, with path, device or line. */
static const struct reason {
	CK_RV rv;
	const char *why;
	const char *todo;
} reasons[] = {
	{ CKR_HOST_MEMORY, "out of memory", NULL },
	{ CKR_DEVICE_REMOVED, "the TPM cannot be reached", DOCTOR },
	{ CKR_DEVICE_ERROR, "the TPM failed or refuses it, or the store is "
	    "damaged, was edited or is an old copy", DOCTOR },
	{ CKR_DEVICE_MEMORY, "there is no room left, in the TPM or on the "
	    "disk", DOCTOR },
	{ CKR_TOKEN_NOT_PRESENT, "there is no such token",
	    "tpm2-token list shows those that there are" },
	{ CKR_TOKEN_NOT_RECOGNIZED, "this TPM has not what the token needs: "
	    "it is another TPM, or it was cleared, or its owner removed an "
	    "NV index", DOCTOR },
	{ CKR_TOKEN_WRITE_PROTECTED, "the store cannot be written by this "
	    "user", "write as its owner or group, or set TPM2_CRYPTOKI_STORE" },
	{ CKR_FUNCTION_FAILED, "it cannot be done now: another process has "
	    "been writing to the store for too long, or a file cannot be "
	    "read", "try again; " DOCTOR },
	{ CKR_FUNCTION_CANCELED, "nothing was entered", NULL },
	{ CKR_FUNCTION_NOT_SUPPORTED, "neither this TPM nor this token knows "
	    "it: it takes PINs that are counted by an NV index",
	    "tpm2-token show tells what counts the token's PINs" },
	{ CKR_FUNCTION_REJECTED, "there is a file of this name already",
	    "choose another name" },
	{ CKR_PIN_INCORRECT, "the PIN is wrong", "try again" },
	{ CKR_PIN_LOCKED, "the PIN is locked, after too many wrong tries",
	    "see tpm2-token help pin unlock" },
	{ CKR_PIN_LEN_RANGE, "a PIN has " DIGITS(PIN_MIN) " to "
	    DIGITS(PIN_MAX) " bytes", "choose another one" },
	{ CKR_PIN_INVALID, "this cannot be a PIN", "choose another one" },
	{ CKR_USER_PIN_NOT_INITIALIZED, "the user has no PIN yet",
	    "tpm2-token pin reset sets one" },
	{ CKR_USER_NOT_LOGGED_IN, "the TPM owner's password is missing or "
	    "wrong", "give --owner-auth-file, --owner-auth-env or "
	    "--owner-auth-fd, or owner_auth_file in the configuration" },
	{ CKR_DATA_INVALID, "what is there cannot be read: a damaged row, or "
	    "registers that this TPM has not", DOCTOR },
	{ CKR_TEMPLATE_INCONSISTENT, "PCRs need PINs that are counted by an "
	    "NV index", "leave out --guard lockout or --pcrs" },
	{ CKR_ACTION_PROHIBITED, "PCRs that the token is bound to have "
	    "other values now", "after a change that you know of: tpm2-token "
	    "reseal" },
	{ CKR_ENCRYPTED_DATA_INVALID, "the NV index is not the one that the "
	    "PIN was set with: its owner made it anew",
	    "have the SO set the PIN: tpm2-token pin reset" },
	{ CKR_OBJECT_HANDLE_INVALID, "it is not there any more", "try again" },
	{ CKR_SESSION_EXISTS, "the token is in use", "try again" },
	{ CKR_ARGUMENTS_BAD, "the module does not take this", NULL },
	{ CKR_GENERAL_ERROR, "this should not happen", "please report it, with "
	    "what TPM2_CRYPTOKI_LOG=debug prints" }
};

const char *
reason_of(CK_RV rv, const char **todo)
{
	const char *name = ckr_name(rv);
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].rv == rv) {
			*todo = reasons[i].todo;
			return reasons[i].why;
		}
	}
	*todo = DOCTOR;
	return name != NULL ? name : "a code that is not known";
}

CK_RV
fail_as(struct tool *t, const char *what, CK_RV rv, const char *why,
    const char *todo)
{
	if (t->failed != CKR_OK)
		return rv;
	t->failed = rv;
	text_str(&t->trouble, what);
	text_str(&t->trouble, ": ");
	text_str(&t->trouble, why);
	if (todo != NULL) {
		text_str(&t->trouble, "; ");
		text_str(&t->trouble, todo);
	}
	return rv;
}

CK_RV
fail(struct tool *t, const char *what, CK_RV rv)
{
	const char *todo, *why = reason_of(rv, &todo);

	return fail_as(t, what, rv, why, todo);
}

CK_RV
misused(struct tool *t, const char *what, const char *why)
{
	t->misuse = true;
	return fail_as(t, what, CKR_ARGUMENTS_BAD, why, NULL);
}

/* What the store knows of the tries; false: nothing. */
static bool
tries_left(struct tool *t, enum store_role role, uint32_t *left)
{
	struct token_state s;

	if (token_refresh(t->token) != CKR_OK ||
	    token_state_read(t->token, &s) != CKR_OK ||
	    s.pins[role].limit == 0)
		return false;
	*left = s.pins[role].limit > s.pins[role].count ?
	    s.pins[role].limit - s.pins[role].count : 0;
	return true;
}

static CK_RV
wrong_pin(struct tool *t, enum store_role role, const char *what)
{
	struct text todo = TEXT_EMPTY;
	uint32_t left;
	CK_RV rv;

	if (!tries_left(t, role, &left))
		return fail(t, what, CKR_PIN_INCORRECT);
	if (left == 0)
		return fail(t, what, CKR_PIN_LOCKED);
	text_fmt(&todo, left == 1 ? "one try is left" :
	    "%u tries are left", left);
	text_add(&todo, view_of("", 1));
	if ((rv = todo.rv) == CKR_OK)
		rv = fail_as(t, what, CKR_PIN_INCORRECT, "the PIN is wrong",
		    (const char *)todo.bytes.data);
	text_free(&todo);
	return rv;
}

static bool
is_about_pin(CK_RV rv)
{
	return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
	    rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID ||
	    rv == CKR_USER_PIN_NOT_INITIALIZED;
}

CK_RV
fail_pin(struct tool *t, enum store_role role, CK_RV rv)
{
	struct text what = TEXT_EMPTY;
	const char *words;

	if (!is_about_pin(rv))
		return fail(t, tool_name(t), rv);
	text_str(&what, role == STORE_SO ? "SO PIN of " : "user PIN of ");
	text_str(&what, tool_name(t));
	text_add(&what, view_of("", 1));
	if (what.rv != CKR_OK) {
		rv = what.rv;
		goto out;
	}
	words = (const char *)what.bytes.data;
	rv = rv == CKR_PIN_INCORRECT ? wrong_pin(t, role, words) :
	    fail(t, words, rv);
out:
	text_free(&what);
	return rv;
}
