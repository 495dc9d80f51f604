/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matrix, second half: every function in a session that may not (read
 * only, logged out), and every one with input and output in one place.
 */
#include <string.h>

#include "matrix_case.h"
#include "p11_object.h"

static CK_ATTRIBUTE longer[8];
static CK_BBOOL yes = CK_TRUE;

static void
add_true(struct matrix_args *a, CK_ATTRIBUTE_TYPE type)
{
	memcpy(longer, a->tmpl, a->count * sizeof(*longer));
	longer[a->count++] = (CK_ATTRIBUTE){ type, &yes, sizeof(yes) };
	a->tmpl = longer;
}

static void
read_only(struct matrix_args *a, CK_ULONG unused)
{
	CK_SESSION_INFO info;

	(void)unused;
	assert_ok(p11->C_GetSessionInfo(a->h, &info));
	assert_ok(p11->C_CloseSession(a->h));
	a->h = p11_open(info.slotID, 0);
}

static void
read_only_makes(struct matrix_args *a, CK_ULONG unused)
{
	read_only(a, unused);
	add_true(a, CKA_TOKEN);
}

static void
read_only_changes(struct matrix_args *a, CK_ULONG unused)
{
	read_only(a, unused);
	a->key = matrix_data();
}

static void
a_read_only_session(void **state)
{
	const struct matrix_row *row;
	size_t n;

	(void)state;
	matrix_case_begin("read-only session");
	EACH_ROW(row, n) {
		if (row->takes != M_SESSION ||
		    !matrix_may(row, CKR_SESSION_READ_ONLY))
			continue;
		if ((row->has & M_MAKES) != 0 &&
		    strcmp(row->name, "C_SetAttributeValue") != 0)
			matrix_try(row, " and a token object", OR_STUB(row,
			    "SESSION_READ_ONLY"), read_only_makes, 0);
		else if (row->use == U_OBJECT)
			matrix_try(row, " and a token object",
			    "SESSION_READ_ONLY", read_only_changes, 0);
		else if (row->use == U_PUBLIC)
			matrix_try(row, "", "SESSION_READ_ONLY", read_only,
			    0);
	}
	assert_int_equal(p11_count_label(matrix_keeper(), "on the token"), 1);
	matrix_case_end();
}

/* The same bytes, at an odd address, and the output over them. */
static void
in_place(struct matrix_args *a, CK_ULONG unused)
{
	(void)unused;
	memmove(a->out + 1, a->in, a->in_len);
	a->in = ++a->out;
	(*a->out_len)--;
}

static CK_RV
run(const struct matrix_row *row, bool over, struct p11_bytes *out)
{
	struct matrix_args a;
	CK_RV rv;

	memset(out, 0, sizeof(*out));
	(void)matrix_begin(row, true, &a);
	if (over)
		in_place(&a, 0);
	rv = matrix_call(row, &a);
	if (rv == CKR_OK) {
		out->len = *a.out_len;
		memcpy(out->data, a.out, out->len);
	}
	matrix_end(&a);
	return rv;
}

/* What differs at each call anyway is only as long. */
static bool
is_random(enum matrix_use use)
{
	return use == U_SIGN || use == U_MSG_SIGN || use == U_MSG_SIGN_BEGUN ||
	    use == U_ENCRYPT || use == U_DIGEST_ENCRYPT ||
	    use == U_SIGN_ENCRYPT || use == U_MSG_ENCRYPT ||
	    use == U_MSG_ENCRYPT_BEGUN;
}

static void
output_over_input(void **state)
{
	static struct p11_bytes apart, over;
	const struct matrix_row *row;
	size_t n;
	CK_RV rv;

	(void)state;
	matrix_case_begin("output over input");
	EACH_ROW(row, n) {
		if ((row->has & M_INLEN) == 0 || (row->query & M_OUT) == 0 ||
		    !matrix_possible(row->use))
			continue;
		rv = run(row, false, &apart);
		matrix_judge(row, "", p11_rv_name(rv) + 4,
		    run(row, true, &over));
		assert_int_equal(apart.len, over.len);
		if (!is_random(row->use))
			assert_memory_equal(apart.data, over.data, over.len);
	}
	matrix_case_end();
}

/* An unaligned input and output of ECDSA is right, too. */
static void
a_signature_over_its_input(void **state)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_SESSION_HANDLE s = matrix_keeper();
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_STR(CKA_LABEL, "token"),
	};
	CK_OBJECT_HANDLE public = p11_find_one(s, template, 2);
	CK_BYTE room[80] = { 0, 1, 2, 3 }, digest[32];
	CK_ULONG n = 64;

	(void)state;
	memcpy(digest, room + 1, 32);
	assert_ok(p11->C_SignInit(s, &ecdsa, matrix_private_key()));
	assert_ok(p11->C_Sign(s, room + 1, 32, room + 1, &n));
	assert_ok(p11->C_VerifyInit(s, &ecdsa, public));
	assert_ok(p11->C_Verify(s, digest, 32, room + 1, n));
}

static void
private_key(struct matrix_args *a, CK_ULONG unused)
{
	(void)unused;
	a->key = matrix_private_key();
}

static void
makes_private(struct matrix_args *a, CK_ULONG unused)
{
	(void)unused;
	add_true(a, CKA_PRIVATE);
}

static bool
uses_private_key(const struct matrix_row *row)
{
	return !row->inits && (row->use == U_SIGN || row->use == U_DECRYPT ||
	    row->use == U_SIGN_RECOVER || ((row->use == U_MSG_SIGN ||
	    row->use == U_MSG_SIGN_BEGUN) && matrix_possible(row->use)));
}

/* What began before the logout, and cannot go on. */
static void
begun_before_logout(CK_SESSION_HANDLE *sessions)
{
	static CK_BYTE in[32], out[512];
	const struct matrix_row *row;
	struct matrix_args a;
	CK_ULONG len;
	size_t n, i = 0;

	EACH_ROW(row, n) {
		if (!uses_private_key(row))
			continue;
		len = sizeof(out);
		a = (struct matrix_args){ .h = sessions[i++], .in = in,
			.in_len = 32, .out = out, .out_len = &len };
		matrix_judge(row, " since", "USER_NOT_LOGGED_IN "
		    "OPERATION_NOT_INITIALIZED", matrix_call(row, &a));
	}
}

static void
logged_out(void **state)
{
	static CK_SESSION_HANDLE sessions[64];
	const struct matrix_row *row;
	struct matrix_args a;
	size_t n, i = 0;

	(void)state;
	matrix_case_begin("logged out");
	EACH_ROW(row, n)
		if (uses_private_key(row)) {
			assert_true(matrix_begin(row, true, &a));
			assert_true(i < P11_COUNT(sessions));
			sessions[i++] = a.h;
		}
	assert_ok(p11->C_Logout(matrix_keeper()));
	begun_before_logout(sessions);
	EACH_ROW(row, n) {
		if ((row->has & (M_KEY | M_OBJECT)) != 0 &&
		    (row->inits || row->use == U_OBJECT ||
		    row->use == U_DERIVE || row->use == U_DECAPSULATE))
			matrix_try(row, ", private key", OR_STUB(row,
			    "KEY_HANDLE_INVALID OBJECT_HANDLE_INVALID "
			    "UNWRAPPING_KEY_HANDLE_INVALID "
			    "USER_NOT_LOGGED_IN"), private_key, 0);
		if ((row->has & M_MAKES) != 0 && (row->has & M_KEY) == 0 &&
		    strcmp(row->name, "C_SetAttributeValue") != 0)
			matrix_try(row, ", private object",
			    "USER_NOT_LOGGED_IN", makes_private, 0);
	}
	matrix_case_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_only_session),
		cmocka_unit_test(output_over_input),
		cmocka_unit_test(a_signature_over_its_input),
		cmocka_unit_test(logged_out),
	};

	return cmocka_run_group_tests(tests, matrix_setup, matrix_teardown);
}
