/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_OBJECT_TEST_H
#define TEST_OBJECT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "object/object.h"
#include "object/rules.h"

#include <cmocka.h>

/* For test/unit/test_object_*: templates as programs write them. */
#define B(t, v) { (t), &(CK_BBOOL){ (v) }, sizeof(CK_BBOOL) }
#define U(t, v) { (t), &(CK_ULONG){ (v) }, sizeof(CK_ULONG) }
#define S(t, s) { (t), (char[]){ s }, sizeof(s) - 1 }
#define E(t) { (t), NULL, 0 }
/* Two arguments: the array and its count. */
#define T(...) (CK_ATTRIBUTE[]){ __VA_ARGS__ }, \
	sizeof((CK_ATTRIBUTE[]){ __VA_ARGS__ }) / sizeof(CK_ATTRIBUTE)
#define NONE CK_UNAVAILABLE_INFORMATION

#define P256 "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define P384 "\x06\x05\x2b\x81\x04\x00\x22"

/* One P-256 key as test data: certificate, SubjectPublicKeyInfo, names, the
 * point raw and as DER; and a number that can be an RSA modulus. */
struct test_data {
	struct buf cert;
	struct buf info;
	struct buf name;
	struct buf serial;
	struct buf raw;
	struct buf der;
	struct buf modulus;
};
extern struct test_data data;
#define D(t, b) { (t), data.b.data, data.b.len }

/* Group set-up and tear-down. */
int object_test_start(void **state);
int object_test_stop(void **state);

struct object_plan plan_of(enum object_origin origin, CK_OBJECT_CLASS class,
    CK_KEY_TYPE type);
/* object_build from a caller's array. */
CK_RV build(const struct object_plan *plan, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out);
/* The answer alone; on failure nothing may be left in the list. */
CK_RV try_build(const struct object_plan *plan, CK_ATTRIBUTE *tmpl,
    size_t count);
CK_RV try_create(CK_ATTRIBUTE *tmpl, size_t count);
/* Build and finish, which have to go well. */
void made(const struct object_plan *plan, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out);
void created(CK_ATTRIBUTE *tmpl, size_t count, struct attrs *out);
/* Only object_finish of a created object fails, with this. */
CK_RV try_finish(CK_ATTRIBUTE *tmpl, size_t count);
/* Both halves of a generated P-256 pair. */
void generated_pair(CK_ATTRIBUTE *pub, size_t pubs, CK_ATTRIBUTE *priv,
    size_t privs, struct attrs *a, struct attrs *b);
/* A session AES key with this policy. */
void secret(bool sensitive, bool extractable, struct attrs *out);

CK_RV change(const struct attrs *a, bool so, CK_ATTRIBUTE *tmpl,
    size_t count, struct attrs *out);
CK_RV copy(const struct attrs *a, bool so, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out);

void assert_flag(const struct attrs *a, CK_ATTRIBUTE_TYPE type, bool want);
void assert_number(const struct attrs *a, CK_ATTRIBUTE_TYPE type,
    CK_ULONG want);
void assert_value(const struct attrs *a, CK_ATTRIBUTE_TYPE type,
    struct view want);

#endif
