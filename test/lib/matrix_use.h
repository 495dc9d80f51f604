/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_MATRIX_USE_H
#define LIB_MATRIX_USE_H

#include "matrix.h"

/*
 * The world in which a row of the matrix is called: a token with the user
 * logged in and keys of each kind (of the session that matrix_keys leaves
 * open), and a spare token for what must not happen there.
 */
void matrix_keys(void);
CK_SLOT_ID matrix_spare(void);
/* A private key and a public data object, both of the token. */
CK_OBJECT_HANDLE matrix_private_key(void);
CK_OBJECT_HANDLE matrix_data(void);
/* Of matrix_keys: closing it ends the login and the keys. */
CK_SESSION_HANDLE matrix_keeper(void);

/*
 * Arguments that are right for a row, in a session of its own or on its slot.
 * With ready, the operation that the row goes on with has begun. False when
 * no mechanism of this token is for it. matrix_end after each, also then.
 */
bool matrix_begin(const struct matrix_row *row, bool ready,
    struct matrix_args *a);
void matrix_end(struct matrix_args *a);

/* Is some mechanism for this use? True where none is needed. */
bool matrix_possible(enum matrix_use use);

/* Handles that nobody ever has. */
#define MATRIX_BAD_HANDLES { 0, 0x7fffffff, CK_UNAVAILABLE_INFORMATION }

#endif
