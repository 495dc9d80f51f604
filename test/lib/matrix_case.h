/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_MATRIX_CASE_H
#define LIB_MATRIX_CASE_H

#include "matrix.h"
#include "matrix_use.h"

/*
 * One case of the matrix: begun, tried on rows, ended, which fails the test
 * if an answer was wrong. All answers are looked at, and counted.
 */
void matrix_case_begin(const char *name);
void matrix_case_end(void);

/* An answer is right if the case wants it and the function may give it.
 * want is a list of names without CKR_; detail is for the message. */
void matrix_judge(const struct matrix_row *row, const char *detail,
    const char *want, CK_RV rv);

/* One call with right arguments but for what bend does to them. */
void matrix_try(const struct matrix_row *row, const char *detail,
    const char *want, void (*bend)(struct matrix_args *a, CK_ULONG n),
    CK_ULONG n);

/* Is nothing here for the function to do? Then it may also say so. */
bool matrix_is_stub(const struct matrix_row *row);
#define OR_STUB(row, want) (matrix_is_stub(row) ? \
	want " FUNCTION_NOT_SUPPORTED MECHANISM_INVALID" : want)

#define EACH_ROW(row, n) \
	for (row = matrix_rows(&(n)); (n)-- > 0; row++)

/* Group fixtures; the teardown prints the count. */
int matrix_setup(void **state);
int matrix_teardown(void **state);

#endif
