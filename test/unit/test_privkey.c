/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/curve.h"
#include "crypto/privkey.h"

/* 1019 * 1021 = 1040399, of 20 bits; 5 * 831683 = 1 mod lcm(1018, 1020). */
static const uint8_t n[] = { 0x0f, 0xe0, 0x0f };
static const uint8_t p[] = { 0x03, 0xfb }, q[] = { 0x03, 0xfd };

static struct view
view(const uint8_t *bytes, size_t len)
{
	return view_of(bytes, len);
}
#define V(a) view(a, sizeof(a))
