/* SPDX-License-Identifier: BSD-2-Clause */
#include "script.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const CK_FLAGS hints = CKF_SO_PIN_COUNT_LOW | CKF_SO_PIN_FINAL_TRY |
    CKF_SO_PIN_LOCKED | CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY |
    CKF_USER_PIN_LOCKED;
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

/* FNV-1a; who edits the store does not do it to fool this test. */
uint64_t
script_sum(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	while (len-- > 0)
		sum = (sum ^ *p++) * UINT64_C(0x100000001b3);
	return sum;
}

static void
put(struct script_answer *a, uint64_t sum)
{
	assert_true(a->count < SCRIPT_OBJECTS);
	a->sum[a->count++] = sum;
}

static CK_RV
sum_attribute(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, uint64_t *sum)
{
	static CK_BYTE value[8192];
	CK_ATTRIBUTE a = { type, value, sizeof(value) };
	CK_RV rv;

	rv = p11->C_GetAttributeValue(s, object, &a, 1);
	*sum = script_sum(*sum, &type, sizeof(type));
	if (rv == CKR_OK)
		*sum = script_sum(*sum, value, a.ulValueLen);
	return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	    rv == CKR_ATTRIBUTE_SENSITIVE ? CKR_OK : rv;
}

static CK_RV
sum_object(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object, uint64_t *sum)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_VALUE,
		CKA_ID, CKA_KEY_TYPE, CKA_EC_POINT, CKA_EC_PARAMS,
		CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_TRUSTED,
		CKA_MODIFIABLE, CKA_DESTROYABLE, CKA_SENSITIVE,
		CKA_EXTRACTABLE, CKA_SIGN, CKA_VERIFY, CKA_DERIVE,
		CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
		CKA_APPLICATION, CKA_UNIQUE_ID, CKA_PUBLIC_KEY_INFO
	};
	size_t i;
	CK_RV rv = CKR_OK;

	*sum = UINT64_C(0xcbf29ce484222325);
	for (i = 0; i < P11_COUNT(types) && rv == CKR_OK; i++)
		rv = sum_attribute(s, object, types[i], sum);
	return rv;
}

/* An object that is found and cannot be read counts as not found. */
static void
find_all(CK_SESSION_HANDLE s, struct script_answer *a)
{
	CK_OBJECT_HANDLE found[SCRIPT_OBJECTS];
	CK_ULONG i, n = 0;
	uint64_t sum;

	if ((a->rv = p11->C_FindObjectsInit(s, NULL, 0)) != CKR_OK)
		return;
	a->rv = p11->C_FindObjects(s, found, SCRIPT_OBJECTS, &n);
	assert_ok(p11->C_FindObjectsFinal(s));
	for (i = 0; i < n; i++)
		if (sum_object(s, found[i], &sum) == CKR_OK)
			put(a, sum);
}

static CK_RV
find_key(CK_SESSION_HANDLE s, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *key)
{
	CK_ATTRIBUTE t[] = { P11_NUM(CKA_CLASS, class),
		P11_STR(CKA_LABEL, "pair") };
	CK_ULONG n = 0;
	CK_RV rv;

	if ((rv = p11->C_FindObjectsInit(s, t, 2)) != CKR_OK)
		return rv;
	rv = p11->C_FindObjects(s, key, 1, &n);
	assert_ok(p11->C_FindObjectsFinal(s));
	return rv == CKR_OK && n == 0 ? CKR_OBJECT_HANDLE_INVALID : rv;
}

/* Whatever key signs: its signature is right, or it is refused. */
static CK_RV
sign(CK_SESSION_HANDLE s)
{
	CK_OBJECT_HANDLE private, public;
	struct p11_bytes signature = { .len = sizeof(signature.data) };
	CK_RV rv;

	if ((rv = find_key(s, CKO_PRIVATE_KEY, &private)) != CKR_OK ||
	    (rv = find_key(s, CKO_PUBLIC_KEY, &public)) != CKR_OK ||
	    (rv = p11->C_SignInit(s, &ecdsa, private)) != CKR_OK ||
	    (rv = p11->C_Sign(s, p11_in("digest"), 6, signature.data,
	    &signature.len)) != CKR_OK)
		return rv;
	assert_ok(p11_verify(s, &ecdsa, public, "digest", 6, &signature));
	return CKR_OK;
}

static void
token_info(CK_SLOT_ID slot, struct script_answer *a)
{
	CK_TOKEN_INFO info;
	uint64_t sum;

	memset(&info, 0, sizeof(info));
	if ((a->rv = p11->C_GetTokenInfo(slot, &info)) != CKR_OK)
		return;
	/* counts of sessions are ours */
	info.flags &= ~hints;
	sum = script_sum(7, info.label, sizeof(info.label));
	sum = script_sum(sum, info.serialNumber, sizeof(info.serialNumber));
	put(a, script_sum(sum, &info.flags, sizeof(info.flags)));
}

static void
as_user(CK_SESSION_HANDLE s, CK_SLOT_ID slot, struct script_answer *a)
{
	a[USER_LOGIN].rv = p11_try_login(s, CKU_USER, P11_USER_PIN);
	if (a[USER_LOGIN].rv != CKR_OK)
		return;
	token_info(slot, &a[USER_INFO]);
	find_all(s, &a[USER_FIND]);
	a[USER_SIGN].rv = sign(s);
	a[USER_LOGOUT].rv = p11->C_Logout(s);
}

static void
as_so(CK_SESSION_HANDLE s, struct script_answer *a)
{
	a[SO_LOGIN].rv = p11_try_login(s, CKU_SO, P11_SO_PIN);
	if (a[SO_LOGIN].rv != CKR_OK)
		return;
	find_all(s, &a[SO_FIND]);
	a[SO_LOGOUT].rv = p11->C_Logout(s);
}

static void
ask_token(CK_SLOT_ID slot, struct script_answer *a)
{
	CK_SESSION_HANDLE s;

	token_info(slot, &a[INFO]);
	if ((a[PUBLIC_FIND].rv = p11->C_OpenSession(slot,
	    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &s)) != CKR_OK)
		return;
	find_all(s, &a[PUBLIC_FIND]);
	as_user(s, slot, a);
	as_so(s, a);
	assert_ok(p11->C_CloseSession(s));
}

/* What is not come to counts as refused. */
static void
blank(struct script_answer a[STEPS])
{
	size_t i;

	memset(a, 0, STEPS * sizeof(a[0]));
	for (i = 0; i < STEPS; i++)
		a[i].rv = CKR_FUNCTION_CANCELED;
}

/* A token that nobody made opens to nobody; the empty slot has none. */
static void
ask_strange(CK_SLOT_ID slot)
{
	struct script_answer a[STEPS];

	blank(a);
	if (p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &(CK_SESSION_HANDLE){ 0 }) != CKR_OK)
		return;
	assert_ok(p11->C_CloseAllSessions(slot));
	ask_token(slot, a);
	assert_int_not_equal(a[PUBLIC_FIND].rv, CKR_OK);
	assert_int_not_equal(a[USER_LOGIN].rv, CKR_OK);
	assert_int_not_equal(a[SO_LOGIN].rv, CKR_OK);
}

static void
ask_all(struct script_answers *out)
{
	CK_SLOT_ID slots[8];
	CK_ULONG i, n = P11_COUNT(slots);

	assert_ok(p11->C_Initialize(NULL));
	out->slots.rv = p11->C_GetSlotList(CK_FALSE, slots, &n);
	for (i = 0; i < n && out->slots.rv == CKR_OK; i++)
		if (slots[i] >= 1 && slots[i] <= SCRIPT_TOKENS)
			ask_token(slots[i], out->of[slots[i] - 1]);
		else
			ask_strange(slots[i]);
	assert_ok(p11->C_Finalize(NULL));
}

/* The log is the module's alone. */
void
script_play(struct script_answers *out, const char *log_path)
{
	int real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	int fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
	    0600);
	size_t t;

	memset(out, 0, sizeof(*out));
	for (t = 0; t < SCRIPT_TOKENS; t++)
		blank(out->of[t]);
	assert_true(fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	ask_all(out);
	assert_true(dup2(real, STDERR_FILENO) >= 0);
	(void)close(fd);
	(void)close(real);
}

bool
script_said(const char *log_path)
{
	struct stat st;

	return stat(log_path, &st) == 0 && st.st_size > 0;
}

static bool
has_sum(const struct script_answer *a, uint64_t sum)
{
	unsigned i;

	for (i = 0; i < a->count; i++)
		if (a->sum[i] == sum)
			return true;
	return false;
}

static enum outcome
compare_step(const struct script_answer *want,
    const struct script_answer *got)
{
	unsigned i;

	if (got->rv != CKR_OK)
		return want->rv == got->rv ? SAME : REFUSED;
	if (want->rv != CKR_OK)
		return WRONG;
	for (i = 0; i < got->count; i++)
		if (!has_sum(want, got->sum[i]))
			return WRONG;
	return got->count == want->count ? SAME : TOLD;
}

/*
 * The columns that C_GetTokenInfo gives are not checked before the device key
 * is there; then, who looks is refused.
 */
static bool
may_be_wrong(enum step step, const struct script_answer *got)
{
	return step == INFO && got[PUBLIC_FIND].rv != CKR_OK &&
	    got[USER_LOGIN].rv != CKR_OK && got[SO_LOGIN].rv != CKR_OK;
}

static enum outcome
compare_token(const struct script_answer *want,
    const struct script_answer *got, bool said)
{
	enum outcome worst = SAME, one;
	size_t k;

	for (k = 0; k < STEPS; k++) {
		one = compare_step(&want[k], &got[k]);
		if (one == WRONG && may_be_wrong((enum step)k, got))
			one = REFUSED;
		if (one == WRONG || (one == TOLD && !said)) {
			print_message("step %zu: %s, %u things, not %u\n", k,
			    p11_rv_name(got[k].rv), got[k].count,
			    want[k].count);
			return WRONG;
		}
		if (one < worst)
			worst = one;
	}
	return worst;
}

enum outcome
script_compare(const struct script_answers *want,
    const struct script_answers *got, const char *log_path)
{
	const bool said = script_said(log_path);
	enum outcome worst = SAME, one;
	size_t t;

	for (t = 0; t < SCRIPT_TOKENS; t++) {
		one = compare_token(want->of[t], got->of[t], said);
		if (one == WRONG)
			return WRONG;
		if (one < worst)
			worst = one;
	}
	return worst;
}
