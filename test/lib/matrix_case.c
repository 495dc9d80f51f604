/* SPDX-License-Identifier: BSD-2-Clause */
#include "matrix_case.h"

#include <stdlib.h>

static unsigned cases, calls, wrong;
static const char *case_name;
/* A call that never came back: cmocka jumps out of it at a signal, and then
 * C_Finalize would wait for it for good. */
static const char *inside, *inside_detail;

static void
end_if_crashed(void)
{
	if (inside == NULL)
		return;
	print_error("%s crashed in %s%s: no use going on\n", inside,
	    case_name, inside_detail);
	exit(1);
}

void
matrix_case_begin(const char *name)
{
	end_if_crashed();
	case_name = name;
	wrong = 0;
	cases++;
}

void
matrix_case_end(void)
{
	if (wrong != 0)
		fail_msg("%s: %u wrong answers", case_name, wrong);
}

void
matrix_judge(const struct matrix_row *row, const char *detail,
    const char *want, CK_RV rv)
{
	calls++;
	if (matrix_listed(want, rv) && matrix_may(row, rv))
		return;
	wrong++;
	print_error("%s, %s%s: %s, expected of %s\n", row->name, case_name,
	    detail, p11_rv_name(rv), want);
}

void
matrix_try(const struct matrix_row *row, const char *detail,
    const char *want, void (*bend)(struct matrix_args *a, CK_ULONG n),
    CK_ULONG n)
{
	struct matrix_args a;

	if (matrix_begin(row, true, &a)) {
		bend(&a, n);
		inside = row->name;
		inside_detail = detail;
		matrix_judge(row, detail, want, matrix_call(row, &a));
		inside = NULL;
	}
	matrix_end(&a);
}

bool
matrix_is_stub(const struct matrix_row *row)
{
	return (row->has & M_STUB) != 0 && !matrix_possible(row->use);
}

int
matrix_setup(void **state)
{
	(void)p11_setup(state);
	matrix_keys();
	return 0;
}

/* C_Initialize and C_Finalize have no row. */
int
matrix_teardown(void **state)
{
	size_t n;

	end_if_crashed();
	(void)matrix_rows(&n);
	print_message("%zu functions x %u cases, %u calls\n", n + 2, cases,
	    calls);
	return p11_teardown(state);
}
