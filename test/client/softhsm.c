/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module and SoftHSM 2 in one process (softhsm.sh): the same keys, the
 * same input, the same output, over all vectors of test/data/vectors whose
 * mechanism both list; and pairs of the one that the other verifies with. A
 * mechanism that both list and that no case touched is a failure.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cryptoki_names.h"
#include "vectors_param.h"

#define PIN "user-pin-1"
#define SO_PIN "so-pin-1"
#define LIST_MAX 512

struct bytes {
	CK_ULONG len;
	CK_BYTE data[8192];
};

enum { OURS, THEIRS, SIDES };

static struct side {
	CK_FUNCTION_LIST *f;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE s;
	CK_MECHANISM_TYPE list[LIST_MAX];
	CK_ULONG n;
} sides[SIDES];

static CK_ULONG cases[LIST_MAX];	/* by place in the list of ours */
static CK_ULONG refused;		/* by SoftHSM alone */

#define OK(call) ok(call, #call, __LINE__)

static void
ok(CK_RV rv, const char *call, int line)
{
	if (rv != CKR_OK)
		fail_msg("line %d: %s: %s", line, call, ckr_name(rv));
}

static CK_BYTE *
in(const void *bytes)
{
	return (CK_BYTE *)(uintptr_t)bytes;
}

/* --- both modules */

static void
load(struct side *side, const char *path)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL), *address;
	CK_C_GetFunctionList get;

	if (module == NULL)
		fail_msg("%s", dlerror());
	address = dlsym(module, "C_GetFunctionList");
	assert_non_null(address);
	memcpy(&get, &address, sizeof(get));
	OK(get(&side->f));
	OK(side->f->C_Initialize(NULL));
}

/* The last slot, or after C_InitToken the one that has the label. */
static CK_SLOT_ID
find_slot(const struct side *side, const CK_UTF8CHAR *label)
{
	CK_SLOT_ID slots[16];
	CK_ULONG i, n = P11_COUNT(slots);
	CK_TOKEN_INFO info;

	OK(side->f->C_GetSlotList(CK_TRUE, NULL, &(CK_ULONG){ 0 }));
	OK(side->f->C_GetSlotList(CK_TRUE, slots, &n));
	assert_true(n > 0);
	for (i = 0; label != NULL && i < n; i++) {
		OK(side->f->C_GetTokenInfo(slots[i], &info));
		if (memcmp(info.label, label, sizeof(info.label)) == 0)
			return slots[i];
	}
	return slots[n - 1];
}

static void
make_token(struct side *side)
{
	CK_UTF8CHAR label[33] = "beside                          ";
	CK_FLAGS rw = CKF_SERIAL_SESSION | CKF_RW_SESSION;

	OK(side->f->C_InitToken(find_slot(side, NULL), in(SO_PIN),
	    strlen(SO_PIN), label));
	side->slot = find_slot(side, label);
	OK(side->f->C_OpenSession(side->slot, rw, NULL, NULL, &side->s));
	OK(side->f->C_Login(side->s, CKU_SO, in(SO_PIN), strlen(SO_PIN)));
	OK(side->f->C_InitPIN(side->s, in(PIN), strlen(PIN)));
	OK(side->f->C_Logout(side->s));
	OK(side->f->C_Login(side->s, CKU_USER, in(PIN), strlen(PIN)));
	side->n = LIST_MAX;
	OK(side->f->C_GetMechanismList(side->slot, side->list, &side->n));
}

static bool
lists(const struct side *side, CK_MECHANISM_TYPE type, CK_ULONG *place)
{
	CK_ULONG i;

	for (i = 0; i < side->n; i++)
		if (side->list[i] == type) {
			*place = i;
			return true;
		}
	return false;
}

static bool
both_list(CK_MECHANISM_TYPE type)
{
	CK_ULONG place;

	return lists(&sides[OURS], type, &place) &&
	    lists(&sides[THEIRS], type, &place);
}

static void
count(CK_MECHANISM_TYPE type)
{
	CK_ULONG place;

	if (lists(&sides[OURS], type, &place))
		cases[place]++;
}

/* --- one vector on one side */

static CK_RV
key_of(int i, struct vector_key *k, CK_OBJECT_HANDLE *key)
{
	CK_RV rv = CKR_OK;

	if (k->handles[i] == 0)
		rv = sides[i].f->C_CreateObject(sides[i].s, k->parts, k->n,
		    &k->handles[i]);
	*key = k->handles[i];
	return rv;
}

typedef CK_RV use_fn(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out);

static CK_RV
digest(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	CK_RV rv;

	(void)key;
	if ((rv = d->f->C_DigestInit(d->s, m)) != CKR_OK)
		return rv;
	return d->f->C_Digest(d->s, in(v->in), v->in_len, out->data,
	    &out->len);
}

static CK_RV
sign(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	CK_RV rv = d->f->C_SignInit(d->s, m, key);

	return rv != CKR_OK ? rv : d->f->C_Sign(d->s, in(v->in), v->in_len,
	    out->data, &out->len);
}

/* The output is the answer to a wrong signature. */
static CK_RV
verify(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	struct vector bad = *v;
	CK_RV rv;

	bad.out[bad.out_len / 2] ^= 0x10;
	if ((rv = d->f->C_VerifyInit(d->s, m, key)) != CKR_OK ||
	    (rv = d->f->C_Verify(d->s, in(v->in), v->in_len, in(v->out),
	    v->out_len)) != CKR_OK ||
	    (rv = d->f->C_VerifyInit(d->s, m, key)) != CKR_OK)
		return rv;
	out->len = 1;
	out->data[0] = d->f->C_Verify(d->s, in(v->in), v->in_len, bad.out,
	    bad.out_len) == CKR_OK;
	return CKR_OK;
}

static CK_RV
decrypt(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	CK_RV rv = d->f->C_DecryptInit(d->s, m, key);

	return rv != CKR_OK ? rv : d->f->C_Decrypt(d->s, in(v->out),
	    v->out_len, out->data, &out->len);
}

static CK_RV
encrypt(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	CK_RV rv = d->f->C_EncryptInit(d->s, m, key);

	return rv != CKR_OK ? rv : d->f->C_Encrypt(d->s, in(v->in),
	    v->in_len, out->data, &out->len);
}

/* What was encrypted, and after it what that decrypts to. */
static CK_RV
cipher(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	struct bytes back = { .len = sizeof(back.data) };
	CK_RV rv;

	if ((rv = encrypt(d, v, m, key, out)) != CKR_OK ||
	    (rv = decrypt(d, v, m, key, &back)) != CKR_OK)
		return rv;
	assert_true(out->len + back.len <= sizeof(out->data));
	memcpy(out->data + out->len, back.data, back.len);
	out->len += back.len;
	return CKR_OK;
}

/* The same where only whole keys are encrypted. SoftHSM adds zeros up to 8
 * bytes even before the padding of RFC 5649, which makes another key of it. */
static CK_RV
wrap(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BYTES(CKA_VALUE, v->in, v->in_len),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_OBJECT_HANDLE wrapped;
	CK_RV rv;

	if (v->in_len % 8 != 0)
		return CKR_KEY_SIZE_RANGE;
	if ((rv = d->f->C_CreateObject(d->s, template, P11_COUNT(template),
	    &wrapped)) != CKR_OK ||
	    (rv = d->f->C_WrapKey(d->s, m, key, wrapped, out->data,
	    &out->len)) != CKR_OK)
		return rv;
	assert_true(out->len + v->in_len <= sizeof(out->data));
	memcpy(out->data + out->len, v->in, v->in_len);
	out->len += v->in_len;
	return CKR_OK;
}

static CK_RV
derive(struct side *d, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct bytes *out)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_NUM(CKA_VALUE_LEN, v->out_len),
		P11_BOOL(CKA_TOKEN, 0),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_ATTRIBUTE value = { CKA_VALUE, out->data, sizeof(out->data) };
	CK_OBJECT_HANDLE made;
	CK_RV rv;

	if ((rv = d->f->C_DeriveKey(d->s, m, key, template,
	    P11_COUNT(template), &made)) == CKR_OK)
		rv = d->f->C_GetAttributeValue(d->s, made, &value, 1);
	out->len = value.ulValueLen;
	return rv;
}

/* "recover" is what SoftHSM has not. */
static const struct {
	const char *name;
	use_fn *run;
} uses[] = {
	{ "digest", digest },
	{ "sign", sign },
	{ "mac", sign },
	{ "verify", verify },
	{ "encrypt", encrypt },
	{ "decrypt", decrypt },
	{ "cipher", cipher },
	{ "aead", cipher },
	{ "derive", derive },
	{ "parts", derive },
};

static CK_RV
outcome(int i, use_fn *run, struct vector *v, struct bytes *out)
{
	CK_MECHANISM m = vector_mechanism(v);
	CK_OBJECT_HANDLE key = 0;
	CK_RV rv;

	out->len = sizeof(out->data);
	if (v->key != NULL && (rv = key_of(i, v->key, &key)) != CKR_OK)
		return rv;
	return run(&sides[i], v, &m, key, out);
}

static void
compare(struct vector *v, use_fn *run)
{
	struct bytes ours, theirs;
	CK_RV rv;

	/* it has fewer sizes of keys and fewer parameters */
	if (outcome(THEIRS, run, v, &theirs) != CKR_OK &&
	    (run != cipher || outcome(THEIRS, wrap, v, &theirs) != CKR_OK)) {
		refused++;
		return;
	}
	if ((rv = outcome(OURS, run, v, &ours)) != CKR_OK)
		fail_msg("%s: SoftHSM can, and we say %s", v->where,
		    ckr_name(rv));
	if (ours.len != theirs.len ||
	    memcmp(ours.data, theirs.data, ours.len) != 0)
		fail_msg("%s: not what SoftHSM gives", v->where);
	count(v->type);
}

static void
both_give_the_same(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < vectors_count(); i++) {
		struct vector *v = vectors_nth(i);

		for (j = 0; both_list(v->type) && j < P11_COUNT(uses); j++)
			if (strcmp(uses[j].name, v->use) == 0)
				compare(v, uses[j].run);
	}
}

/* --- pairs of the one, used by the other */

/* A public key on one side becomes one on the other. */
static CK_OBJECT_HANDLE
carry(const struct side *from, CK_OBJECT_HANDLE key, const struct side *to,
    CK_KEY_TYPE type, const CK_ATTRIBUTE_TYPE parts[2])
{
	CK_BYTE values[2][1024];
	CK_ATTRIBUTE template[] = {
		{ parts[0], values[0], sizeof(values[0]) },
		{ parts[1], values[1], sizeof(values[1]) },
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_NUM(CKA_KEY_TYPE, type),
		P11_BOOL(CKA_VERIFY, 1),
	};
	CK_OBJECT_HANDLE made;

	OK(from->f->C_GetAttributeValue(from->s, key, template, 2));
	OK(to->f->C_CreateObject(to->s, template, P11_COUNT(template),
	    &made));
	return made;
}

static void
signs(const struct side *a, CK_OBJECT_HANDLE private, const struct side *b,
    CK_OBJECT_HANDLE public, CK_MECHANISM *m)
{
	struct bytes signature = { .len = sizeof(signature.data) };
	CK_BYTE message[32];

	OK(a->f->C_GenerateRandom(a->s, message, sizeof(message)));
	OK(a->f->C_SignInit(a->s, m, private));
	OK(a->f->C_Sign(a->s, message, sizeof(message), signature.data,
	    &signature.len));
	OK(b->f->C_VerifyInit(b->s, m, public));
	OK(b->f->C_Verify(b->s, message, sizeof(message), signature.data,
	    signature.len));
	count(m->mechanism);
}

static CK_RSA_PKCS_PSS_PARAMS pss = { CKM_SHA256, CKG_MGF1_SHA256, 32 };

static const struct pair {
	CK_MECHANISM_TYPE make;
	CK_KEY_TYPE type;
	CK_ATTRIBUTE_TYPE parts[2];
	CK_ATTRIBUTE size;		/* what the public template has */
	CK_MECHANISM sign[3];
} pairs[] = {
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA,
	    { CKA_MODULUS, CKA_PUBLIC_EXPONENT },
	    { CKA_MODULUS_BITS, &(CK_ULONG){ 2048 }, sizeof(CK_ULONG) },
	    { { CKM_SHA256_RSA_PKCS, NULL, 0 },
	    { CKM_SHA256_RSA_PKCS_PSS, &pss, sizeof(pss) },
	    { CKM_RSA_PKCS_PSS, &pss, sizeof(pss) } } },
	{ CKM_EC_KEY_PAIR_GEN, CKK_EC, { CKA_EC_PARAMS, CKA_EC_POINT },
	    { CKA_EC_PARAMS,
	    (void *)(uintptr_t)"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
	    { { CKM_ECDSA, NULL, 0 } } },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS,
	    { CKA_EC_PARAMS, CKA_EC_POINT },
	    { CKA_EC_PARAMS, (void *)(uintptr_t)"\x06\x03\x2b\x65\x70", 5 },
	    { { CKM_EDDSA, NULL, 0 } } },
};

static void
pair_of(const struct side *a, const struct side *b, const struct pair *p)
{
	CK_MECHANISM make = { p->make, NULL, 0 }, m;
	CK_ATTRIBUTE public[] = { p->size, P11_BOOL(CKA_VERIFY, 1) };
	CK_ATTRIBUTE private[] = { P11_BOOL(CKA_SIGN, 1) };
	CK_OBJECT_HANDLE pub, priv, other;
	size_t i;

	OK(a->f->C_GenerateKeyPair(a->s, &make, public, P11_COUNT(public),
	    private, P11_COUNT(private), &pub, &priv));
	count(p->make);
	other = carry(a, pub, b, p->type, p->parts);
	for (i = 0; i < P11_COUNT(p->sign) && p->sign[i].mechanism != 0; i++) {
		m = p->sign[i];
		signs(a, priv, b, other, &m);
	}
}

static void
each_verifies_what_the_other_signs(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(pairs); i++) {
		if (!both_list(pairs[i].make))
			continue;
		pair_of(&sides[OURS], &sides[THEIRS], &pairs[i]);
		pair_of(&sides[THEIRS], &sides[OURS], &pairs[i]);
	}
}

/* --- secrets of the one in the other */

static const struct {
	CK_MECHANISM_TYPE make;
	CK_KEY_TYPE type;
	CK_MECHANISM_TYPE mac;		/* that tells whether they are one */
} secrets[] = {
	{ CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, CKM_SHA256_HMAC },
	{ CKM_AES_KEY_GEN, CKK_AES, CKM_AES_CMAC },
};

static void
mac_of(const struct side *d, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key,
    struct bytes *out)
{
	CK_MECHANISM m = { type, NULL, 0 };

	out->len = sizeof(out->data);
	OK(d->f->C_SignInit(d->s, &m, key));
	OK(d->f->C_Sign(d->s, in("message"), 7, out->data, &out->len));
	count(type);
}

static void
secret_of(const struct side *a, const struct side *b, size_t i)
{
	CK_BYTE value[32];
	CK_MECHANISM m = { secrets[i].make, NULL, 0 };
	CK_ATTRIBUTE make[] = {
		P11_NUM(CKA_VALUE_LEN, sizeof(value)),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_ATTRIBUTE create[] = {
		P11_BYTES(CKA_VALUE, value, sizeof(value)),
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, secrets[i].type),
		P11_BOOL(CKA_SIGN, 1),
	};
	CK_OBJECT_HANDLE own, other;
	struct bytes one, two;

	OK(a->f->C_GenerateKey(a->s, &m, make, P11_COUNT(make), &own));
	OK(a->f->C_GetAttributeValue(a->s, own, create, 1));
	OK(b->f->C_CreateObject(b->s, create, P11_COUNT(create), &other));
	mac_of(a, secrets[i].mac, own, &one);
	mac_of(b, secrets[i].mac, other, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	count(secrets[i].make);
}

static void
secrets_of_one_serve_in_the_other(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(secrets); i++) {
		if (!both_list(secrets[i].make))
			continue;
		secret_of(&sides[OURS], &sides[THEIRS], i);
		secret_of(&sides[THEIRS], &sides[OURS], i);
	}
}

/* --- the count */

static void
no_common_mechanism_is_left_out(void **state)
{
	CK_ULONG i, common = 0, all = 0, missing = 0;

	(void)state;
	for (i = 0; i < sides[OURS].n; i++) {
		if (!both_list(sides[OURS].list[i]))
			continue;
		common++;
		all += cases[i];
		if (cases[i] == 0) {
			print_error("%s: both list it, and no case has it\n",
			    ckm_name(sides[OURS].list[i]));
			missing++;
		}
	}
	print_message("%lu mechanisms x %lu cases; %lu refused by SoftHSM\n",
	    common, all, refused);
	assert_true(common > 0);
	assert_int_equal(missing, 0);
}

static int
setup(void **state)
{
	const char *data = getenv("TEST_DATA");
	char path[512];

	(void)state;
	assert_non_null(data);
	(void)snprintf(path, sizeof(path), "%s/vectors", data);
	vectors_load(path);
	load(&sides[OURS], getenv("P11_MODULE"));
	load(&sides[THEIRS], getenv("SOFTHSM2_MODULE"));
	make_token(&sides[OURS]);
	make_token(&sides[THEIRS]);
	return 0;
}

static int
teardown(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SIDES; i++)
		OK(sides[i].f->C_Finalize(NULL));
	vectors_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_give_the_same),
		cmocka_unit_test(each_verifies_what_the_other_signs),
		cmocka_unit_test(secrets_of_one_serve_in_the_other),
		cmocka_unit_test(no_common_mechanism_is_left_out),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
