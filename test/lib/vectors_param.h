/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_VECTORS_PARAM_H
#define LIB_VECTORS_PARAM_H

#include "vectors.h"

/* The mechanism with its parameter, which lives until the next call. */
CK_MECHANISM vector_mechanism(const struct vector *v);

#endif
