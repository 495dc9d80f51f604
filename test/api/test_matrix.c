/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every function by every misuse that it can be subject to. What a misuse
 * means is said here by code; what a function may answer is the standard's
 * list (test/lib/matrix.c): an answer must be in both.
 */
#include <string.h>

#include "matrix_case.h"
#include "p11_object.h"

static const CK_ULONG bad_handles[] = MATRIX_BAD_HANDLES;
static CK_ATTRIBUTE many[10000];

/* Pointers that are none of NULL, lengths of 0, no slot or session. */
static struct matrix_args
harmless_args(void)
{
	static CK_BYTE bytes[8192];
	static CK_ULONG len, number;
	static CK_MECHANISM m = { CKM_SHA256, NULL, 0 };
	static CK_OBJECT_CLASS class = CKO_DATA;
	static CK_ATTRIBUTE a = { CKA_CLASS, &class, sizeof(class) };

	len = 0;
	return (struct matrix_args){ .m = &m, .in = bytes, .out = bytes,
		.out_len = &len, .sig = bytes, .tmpl = &a, .tmpl2 = &a,
		.count = 1, .count2 = 1, .made = &number, .made2 = &number,
		.info = bytes };
}

static void
not_initialised(void **state)
{
	const struct matrix_row *row;
	struct matrix_args a;
	size_t n;

	(void)state;
	matrix_case_begin("not initialised");
	EACH_ROW(row, n) {
		a = harmless_args();
		matrix_judge(row, "", matrix_may(row,
		    CKR_CRYPTOKI_NOT_INITIALIZED) ?
		    "CRYPTOKI_NOT_INITIALIZED" : "OK BUFFER_TOO_SMALL",
		    matrix_call(row, &a));
		memset(&a, 0, sizeof(a));
		matrix_judge(row, " and all 0", matrix_may(row,
		    CKR_CRYPTOKI_NOT_INITIALIZED) ?
		    "CRYPTOKI_NOT_INITIALIZED ARGUMENTS_BAD" :
		    "ARGUMENTS_BAD", matrix_call(row, &a));
	}
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Finalize(NULL));
	matrix_case_end();
}

static void
not_initialised_any_more(void **state)
{
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_Finalize(NULL));
	not_initialised(state);
}

static void
initialise_and_finalize(void **state)
{
	CK_C_INITIALIZE_ARGS args = { 0 };
	CK_BYTE byte = 0;

	(void)state;
	matrix_case_begin("C_Initialize and C_Finalize");
	args.pReserved = &byte;
	assert_rv_in(p11->C_Initialize(&args), CKR_ARGUMENTS_BAD,
	    CKR_CRYPTOKI_ALREADY_INITIALIZED);
	assert_rv(CKR_CRYPTOKI_ALREADY_INITIALIZED, p11->C_Initialize(NULL));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Finalize(&byte));
	matrix_case_end();
}

static void
bad_handle(const struct matrix_row *row, CK_ULONG h, const char *want)
{
	struct matrix_args a = harmless_args();

	a.h = h;
	matrix_judge(row, "", want, matrix_call(row, &a));
}

static void
bad_slots_and_sessions(void **state)
{
	const struct matrix_row *row;
	CK_ULONG closed;
	size_t i, n;

	(void)state;
	matrix_case_begin("bad slot or session");
	closed = p11_open_rw();
	assert_ok(p11->C_CloseSession(closed));
	EACH_ROW(row, n) {
		/* 0 may be a slot */
		for (i = row->takes == M_SLOT; row->takes != M_NOTHING &&
		    i < P11_COUNT(bad_handles); i++)
			bad_handle(row, bad_handles[i], row->takes == M_SLOT ?
			    "SLOT_ID_INVALID" : "SESSION_HANDLE_INVALID");
		if (row->takes == M_SESSION)
			bad_handle(row, closed, "SESSION_HANDLE_INVALID");
	}
	matrix_case_end();
}

static void
null_pointers(void **state)
{
	static const char *const names[] = { " mechanism", " in", " out",
		" length", " template", " second template", " handle",
		" second handle", " second input", " info" };
	const struct matrix_row *row;
	unsigned bit;
	size_t n;

	(void)state;
	matrix_case_begin("NULL");
	EACH_ROW(row, n)
		for (bit = 0; bit < P11_COUNT(names); bit++) {
			if ((row->must & (1u << bit)) != 0)
				matrix_try(row, names[bit], OR_STUB(row,
				    "ARGUMENTS_BAD PIN_INCORRECT"),
				    matrix_null, 1u << bit);
			if ((row->query & (1u << bit)) != 0 &&
			    !matrix_is_stub(row))
				matrix_try(row, names[bit], "OK "
				    "OPERATION_NOT_INITIALIZED "
				    "STATE_UNSAVEABLE", matrix_null,
				    1u << bit);
		}
	matrix_case_end();
}

/* A NULL mechanism ends what runs, and there it is no error. */
static void
null_mechanisms(void **state)
{
	const struct matrix_row *row;
	struct matrix_args a;
	size_t n;

	(void)state;
	matrix_case_begin("NULL mechanism of an Init");
	EACH_ROW(row, n) {
		if (!row->inits || row->use == U_FIND || matrix_is_stub(row))
			continue;
		(void)matrix_begin(row, false, &a);
		assert_ok(matrix_call(row, &a));
		matrix_null(&a, M_MECH);
		matrix_judge(row, ", running", "OK ARGUMENTS_BAD",
		    matrix_call(row, &a));
		matrix_judge(row, ", not running", "OK ARGUMENTS_BAD "
		    "OPERATION_NOT_INITIALIZED", matrix_call(row, &a));
		matrix_end(&a);
	}
	matrix_case_end();
}

/* Is this a step of an operation that another function begins? */
static bool
goes_on(const struct matrix_row *row)
{
	return row->takes == M_SESSION && !row->inits &&
	    matrix_may(row, CKR_OPERATION_NOT_INITIALIZED) &&
	    row->use != U_ASYNC && row->use != U_PUBLIC;
}

static void
nothing_begun(void **state)
{
	const struct matrix_row *row;
	struct matrix_args a;
	CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
	size_t n;

	(void)state;
	matrix_case_begin("no operation");
	EACH_ROW(row, n) {
		if (!goes_on(row))
			continue;
		(void)matrix_begin(row, false, &a);
		matrix_judge(row, "", "OPERATION_NOT_INITIALIZED",
		    matrix_call(row, &a));
		/* one of another kind is none for this */
		if (row->use == U_DIGEST)
			assert_ok(p11->C_FindObjectsInit(a.h, NULL, 0));
		else
			assert_ok(p11->C_DigestInit(a.h, &sha256));
		matrix_judge(row, " of its kind", "OPERATION_NOT_INITIALIZED",
		    matrix_call(row, &a));
		matrix_end(&a);
	}
	matrix_case_end();
}

static void
begun_twice(void **state)
{
	const struct matrix_row *row;
	struct matrix_args a;
	size_t n;

	(void)state;
	matrix_case_begin("begun twice");
	EACH_ROW(row, n) {
		if (!row->inits || matrix_is_stub(row))
			continue;
		(void)matrix_begin(row, false, &a);
		matrix_judge(row, ", first", "OK", matrix_call(row, &a));
		matrix_judge(row, "", "OPERATION_ACTIVE", matrix_call(row, &a));
		matrix_end(&a);
	}
	matrix_case_end();
}

static void
bend_key(struct matrix_args *a, CK_ULONG n)
{
	a->key = n;
}

#define WANT "KEY_HANDLE_INVALID OBJECT_HANDLE_INVALID " \
	"WRAPPING_KEY_HANDLE_INVALID UNWRAPPING_KEY_HANDLE_INVALID"

static void
bad_objects(void **state)
{
	const struct matrix_row *row;
	CK_OBJECT_HANDLE gone = p11_create_data(matrix_keeper(), "gone",
	    false, false);
	size_t i, n;

	(void)state;
	matrix_case_begin("bad object");
	p11_destroy(matrix_keeper(), gone);
	EACH_ROW(row, n) {
		if ((row->has & (M_KEY | M_OBJECT)) == 0)
			continue;
		for (i = 0; i < P11_COUNT(bad_handles); i++)
			matrix_try(row, "", OR_STUB(row, WANT), bend_key,
			    bad_handles[i]);
		if (matrix_is_stub(row))
			continue;
		matrix_try(row, " destroyed", WANT, bend_key, gone);
		if ((row->has & M_KEY) != 0)
			matrix_try(row, " that is no key", "KEY_HANDLE_INVALID "
			    "KEY_TYPE_INCONSISTENT KEY_INDIGESTIBLE "
			    "KEY_FUNCTION_NOT_PERMITTED "
			    "WRAPPING_KEY_HANDLE_INVALID "
			    "UNWRAPPING_KEY_HANDLE_INVALID", bend_key,
			    matrix_data());
	}
	matrix_case_end();
}

static void
bend_mechanism(struct matrix_args *a, CK_ULONG n)
{
	*a->m = (CK_MECHANISM){ n, NULL, 0 };
}

static void
bend_parameter(struct matrix_args *a, CK_ULONG n)
{
	a->m->pParameter = NULL;
	a->m->ulParameterLen = n;
}

static void
bad_mechanisms(void **state)
{
	const struct matrix_row *row;
	CK_MECHANISM_TYPE other;
	size_t n;

	(void)state;
	matrix_case_begin("mechanism");
	EACH_ROW(row, n) {
		if (!row->inits && (row->must & M_MECH) == 0)
			continue;
		if (row->use == U_FIND)
			continue;
		matrix_try(row, " that is none", OR_STUB(row,
		    "MECHANISM_INVALID"), bend_mechanism, 0x7fffffff);
		matrix_try(row, " -1", OR_STUB(row, "MECHANISM_INVALID"),
		    bend_mechanism, CK_UNAVAILABLE_INFORMATION);
		other = row->use == U_DIGEST ? CKM_ECDSA : CKM_SHA256;
		matrix_try(row, " for other things", OR_STUB(row,
		    "MECHANISM_INVALID TEMPLATE_INCOMPLETE"), bend_mechanism,
		    other);
		matrix_try(row, " without its parameter", OR_STUB(row,
		    "MECHANISM_PARAM_INVALID ARGUMENTS_BAD"), bend_parameter,
		    8);
		matrix_try(row, " with a parameter of any length", OR_STUB(row,
		    "MECHANISM_PARAM_INVALID ARGUMENTS_BAD"), bend_parameter,
		    CK_UNAVAILABLE_INFORMATION);
	}
	matrix_case_end();
}

static void
bend_in_len(struct matrix_args *a, CK_ULONG n)
{
	a->in_len = n;
}

static void
bend_sig_len(struct matrix_args *a, CK_ULONG n)
{
	a->sig_len = n;
}

static void
bend_null_in(struct matrix_args *a, CK_ULONG n)
{
	a->in = NULL;
	a->in_len = n;
}

/* Nothing at the end of the address space is so long. */
static void
lengths_of_input(void **state)
{
	static const char want[] = "ARGUMENTS_BAD DATA_LEN_RANGE "
	    "ENCRYPTED_DATA_LEN_RANGE SIGNATURE_LEN_RANGE PIN_LEN_RANGE "
	    "PIN_INCORRECT SAVED_STATE_INVALID RANDOM_SEED_NOT_SUPPORTED "
	    "WRAPPED_KEY_LEN_RANGE HOST_MEMORY";
	static const char any[] = "OK DATA_LEN_RANGE DATA_INVALID "
	    "ENCRYPTED_DATA_LEN_RANGE ENCRYPTED_DATA_INVALID "
	    "SIGNATURE_LEN_RANGE SIGNATURE_INVALID PIN_LEN_RANGE "
	    "PIN_INCORRECT SAVED_STATE_INVALID RANDOM_SEED_NOT_SUPPORTED "
	    "WRAPPED_KEY_LEN_RANGE ARGUMENTS_BAD OPERATION_NOT_INITIALIZED "
	    "KEY_FUNCTION_NOT_PERMITTED";
	const struct matrix_row *row;
	size_t n;

	(void)state;
	matrix_case_begin("length of input");
	EACH_ROW(row, n) {
		if ((row->has & M_INLEN) == 0 || matrix_is_stub(row))
			continue;
		matrix_try(row, " 0", any, bend_in_len, 0);
		matrix_try(row, " -1", want, bend_in_len,
		    CK_UNAVAILABLE_INFORMATION);
		matrix_try(row, " 0 at NULL", any, bend_null_in, 0);
		matrix_try(row, " -1 at NULL", want, bend_null_in,
		    CK_UNAVAILABLE_INFORMATION);
		if ((row->has & M_SIGLEN) == 0)
			continue;
		matrix_try(row, " 0 (second)", any, bend_sig_len, 0);
		matrix_try(row, " -1 (second)", want, bend_sig_len,
		    CK_UNAVAILABLE_INFORMATION);
	}
	matrix_case_end();
}

static void
bend_out_len(struct matrix_args *a, CK_ULONG n)
{
	*a->out_len = n;
}

/* The input is none for some: of a signature, or nothing was encrypted. */
#define ANY "OK DATA_LEN_RANGE SIGNATURE_INVALID STATE_UNSAVEABLE " \
	"OPERATION_NOT_INITIALIZED ENCRYPTED_DATA_LEN_RANGE"

/* A buffer of the length that the caller names is written no further. */
static void
lengths_of_output(void **state)
{
	const struct matrix_row *row;
	size_t n;

	(void)state;
	matrix_case_begin("length of output");
	EACH_ROW(row, n) {
		if (((row->query & M_OUT) == 0 && (row->query & M_INFO) ==
		    0) || matrix_is_stub(row))
			continue;
		matrix_try(row, " 0", "BUFFER_TOO_SMALL " ANY, bend_out_len,
		    0);
		matrix_try(row, " -1", ANY, bend_out_len,
		    CK_UNAVAILABLE_INFORMATION);
	}
	matrix_case_end();
}

static void
bend_count(struct matrix_args *a, CK_ULONG n)
{
	a->count = n;
}

static void
bend_many(struct matrix_args *a, CK_ULONG different)
{
	static CK_BYTE no;
	size_t i;

	for (i = 0; i < P11_COUNT(many); i++)
		many[i] = (CK_ATTRIBUTE){ different ? CKA_VENDOR_DEFINED + i :
			CKA_TOKEN, &no, 1 };
	a->tmpl = many;
	a->count = P11_COUNT(many);
}

/* The right template and, after it, one attribute more. */
static void
bend_more(struct matrix_args *a, CK_ULONG type)
{
	static CK_BYTE no, x[] = { 'x' };

	memcpy(many, a->tmpl, a->count * sizeof(*many));
	many[a->count] = (CK_ATTRIBUTE){ type, type == CKA_MODIFIABLE ? &no :
		x, 1 };
	if (type == CKA_MODIFIABLE)
		many[a->count + 1] = many[a->count];
	if (type == CKA_LABEL)		/* again, of another value */
		many[a->count + 1] = (CK_ATTRIBUTE){ type, &no, 1 };
	a->count += type == CKA_MODIFIABLE || type == CKA_LABEL ? 2 : 1;
	a->tmpl = many;
}

static void
bend_value_len(struct matrix_args *a, CK_ULONG n)
{
	memcpy(many, a->tmpl, a->count * sizeof(*many));
	many[a->count] = (CK_ATTRIBUTE){ CKA_LABEL, many, n };
	a->tmpl = many;
	a->count++;
}

static void
templates(void **state)
{
	const struct matrix_row *row;
	size_t n;

	(void)state;
	matrix_case_begin("template");
	EACH_ROW(row, n) {
		if ((row->has & M_MAKES) == 0)
			continue;
		matrix_try(row, " of -1 entries", OR_STUB(row,
		    "ARGUMENTS_BAD HOST_MEMORY"), bend_count,
		    CK_UNAVAILABLE_INFORMATION);
		matrix_try(row, " of 10,000 equal entries", OR_STUB(row,
		    "TEMPLATE_INCONSISTENT TEMPLATE_INCOMPLETE "
		    "ATTRIBUTE_READ_ONLY OK"), bend_many, 0);
		matrix_try(row, " of 10,000 unknown entries", OR_STUB(row,
		    "ATTRIBUTE_TYPE_INVALID TEMPLATE_INCONSISTENT "
		    "TEMPLATE_INCOMPLETE"), bend_many, 1);
		matrix_try(row, " with an unknown entry", OR_STUB(row,
		    "ATTRIBUTE_TYPE_INVALID"), bend_more,
		    CKA_VENDOR_DEFINED | 77);
		matrix_try(row, " that says two things", OR_STUB(row,
		    "TEMPLATE_INCONSISTENT"), bend_more, CKA_LABEL);
		matrix_try(row, " that says one thing twice", OR_STUB(row,
		    "TEMPLATE_INCONSISTENT OK ATTRIBUTE_READ_ONLY "
		    "ACTION_PROHIBITED"), bend_more, CKA_MODIFIABLE);
		matrix_try(row, " with a value of length -1", OR_STUB(row,
		    "ATTRIBUTE_VALUE_INVALID ARGUMENTS_BAD HOST_MEMORY"),
		    bend_value_len, CK_UNAVAILABLE_INFORMATION);
	}
	matrix_case_end();
}

/* Reading may ask for anything, and searching finds nothing by it. */
static void
templates_to_read_and_search(void **state)
{
	const struct matrix_row *row;
	size_t n;

	(void)state;
	matrix_case_begin("10,000 entries to read or search by");
	EACH_ROW(row, n) {
		if ((row->must & M_TMPL) == 0 || (row->has & M_MAKES) != 0)
			continue;
		matrix_try(row, ", equal", "OK TEMPLATE_INCONSISTENT",
		    bend_many, 0);
		matrix_try(row, ", unknown", "OK ATTRIBUTE_TYPE_INVALID",
		    bend_many, 1);
		matrix_try(row, ", -1", "ARGUMENTS_BAD HOST_MEMORY", bend_count,
		    CK_UNAVAILABLE_INFORMATION);
	}
	matrix_case_end();
}

static int
load_only(void **state)
{
	(void)state;
	p11_load();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest before[] = {
		cmocka_unit_test(not_initialised),
		cmocka_unit_test(not_initialised_any_more),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initialise_and_finalize),
		cmocka_unit_test(bad_slots_and_sessions),
		cmocka_unit_test(null_pointers),
		cmocka_unit_test(null_mechanisms),
		cmocka_unit_test(nothing_begun),
		cmocka_unit_test(begun_twice),
		cmocka_unit_test(bad_objects),
		cmocka_unit_test(bad_mechanisms),
		cmocka_unit_test(lengths_of_input),
		cmocka_unit_test(lengths_of_output),
		cmocka_unit_test(templates),
		cmocka_unit_test(templates_to_read_and_search),
	};
	int failed = cmocka_run_group_tests(before, load_only, NULL);

	return failed + cmocka_run_group_tests(tests, matrix_setup,
	    matrix_teardown);
}
