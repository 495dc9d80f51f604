/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cryptoki_names.h"

CK_FUNCTION_LIST *p11;
CK_FUNCTION_LIST_3_0 *p11_3;
CK_SLOT_ID p11_slot;

static CK_SESSION_HANDLE session_of_test;

static void *
symbol(void *module, const char *name)
{
	void *address = dlsym(module, name);

	if (address == NULL)
		fail_msg("the module has no %s", name);
	return address;
}

/* Through an object pointer: C has no cast from data to function pointers. */
static void
load_3_0(void *module)
{
	CK_UTF8CHAR name[] = "PKCS 11";
	CK_C_GetInterface get;
	CK_VERSION version = { 3, 0 };
	CK_INTERFACE *interface = NULL;
	void *address = dlsym(module, "C_GetInterface");

	if (address == NULL)
		return;
	memcpy(&get, &address, sizeof(get));
	if (get(name, &version, &interface, 0) == CKR_OK)
		p11_3 = interface->pFunctionList;
}

void
p11_load(void)
{
	const char *path = getenv("P11_MODULE");
	void *module, *address;
	CK_C_GetFunctionList get;

	if (p11 != NULL)
		return;
	if (path == NULL)
		path = "src/.libs/tpm2_cryptoki.so";
	if ((module = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL)
		fail_msg("%s", dlerror());
	address = symbol(module, "C_GetFunctionList");
	memcpy(&get, &address, sizeof(get));
	assert_ok(get(&p11));
	assert_non_null(p11);
	load_3_0(module);
}

CK_SLOT_ID
p11_empty_slot(void)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = P11_COUNT(slots);
	CK_TOKEN_INFO info;

	assert_ok(p11->C_GetSlotList(CK_FALSE, NULL, &(CK_ULONG){ 0 }));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	assert_true(n > 0);
	assert_ok(p11->C_GetTokenInfo(slots[n - 1], &info));
	assert_int_equal(info.flags & CKF_TOKEN_INITIALIZED, 0);
	return slots[n - 1];
}

CK_RV
p11_try_init_token(CK_SLOT_ID slot, const char *pin, const char *label)
{
	CK_UTF8CHAR padded[32], copy[256];

	memset(padded, ' ', sizeof(padded));
	memcpy(padded, label, strlen(label));
	memcpy(copy, pin, strlen(pin));
	return p11->C_InitToken(slot, copy, strlen(pin), padded);
}

void
p11_init_token(CK_SLOT_ID slot, const char *pin, const char *label)
{
	assert_ok(p11_try_init_token(slot, pin, label));
}

void
p11_init_pin(CK_SLOT_ID slot, const char *pin)
{
	CK_SESSION_HANDLE session = p11_open(slot, CKF_RW_SESSION);
	CK_UTF8CHAR copy[256];

	memcpy(copy, pin, strlen(pin));
	p11_login(session, CKU_SO);
	assert_ok(p11->C_InitPIN(session, copy, strlen(pin)));
	assert_ok(p11->C_Logout(session));
	assert_ok(p11->C_CloseSession(session));
}

/* SoftHSM gives an initialised token another slot: it is found by label. */
static CK_SLOT_ID
slot_of(const char *label, CK_SLOT_ID slot)
{
	CK_SLOT_ID slots[64];
	CK_ULONG i, n = P11_COUNT(slots);
	CK_TOKEN_INFO info;

	if (getenv("SOFTHSM2_CONF") == NULL)
		return slot;
	assert_ok(p11->C_GetSlotList(CK_FALSE, NULL, &(CK_ULONG){ 0 }));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	for (i = 0; i < n; i++)
		if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    memcmp(info.label, label, strlen(label)) == 0)
			return slots[i];
	return slot;
}

CK_SLOT_ID
p11_make_token(const char *label)
{
	CK_SLOT_ID slot = p11_empty_slot();

	p11_init_token(slot, P11_SO_PIN, label);
	slot = slot_of(label, slot);
	p11_init_pin(slot, P11_USER_PIN);
	return slot;
}

int
p11_setup(void **state)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	(void)state;
	p11_load();
	assert_ok(p11->C_Initialize(&args));
	p11_slot = p11_make_token("test");
	return 0;
}

int
p11_teardown(void **state)
{
	(void)state;
	if (p11 != NULL)
		assert_ok(p11->C_Finalize(NULL));
	return 0;
}

int
p11_public(void **state)
{
	session_of_test = p11_open_rw();
	*state = &session_of_test;
	return 0;
}

int
p11_user(void **state)
{
	(void)p11_public(state);
	p11_login(session_of_test, CKU_USER);
	return 0;
}

int
p11_close(void **state)
{
	(void)state;
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	return 0;
}

CK_SESSION_HANDLE
p11_session(void **state)
{
	const CK_SESSION_HANDLE *session = *state;

	return *session;
}

CK_SESSION_HANDLE
p11_open(CK_SLOT_ID slot, CK_FLAGS flags)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

	assert_ok(p11->C_OpenSession(slot, CKF_SERIAL_SESSION | flags, NULL,
	    NULL, &session));
	assert_int_not_equal(session, CK_INVALID_HANDLE);
	return session;
}

CK_SESSION_HANDLE
p11_open_ro(void)
{
	return p11_open(p11_slot, 0);
}

CK_SESSION_HANDLE
p11_open_rw(void)
{
	return p11_open(p11_slot, CKF_RW_SESSION);
}

CK_RV
p11_try_login(CK_SESSION_HANDLE session, CK_USER_TYPE who, const char *pin)
{
	CK_UTF8CHAR copy[256];

	memcpy(copy, pin, strlen(pin));
	return p11->C_Login(session, who, copy, strlen(pin));
}

void
p11_login(CK_SESSION_HANDLE session, CK_USER_TYPE who)
{
	assert_ok(p11_try_login(session, who,
	    who == CKU_SO ? P11_SO_PIN : P11_USER_PIN));
}

CK_STATE
p11_state(CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info;

	assert_ok(p11->C_GetSessionInfo(session, &info));
	return info.state;
}

bool
p11_has_resource_manager(void)
{
	const char *tcti = getenv("TPM2_CRYPTOKI_TCTI");

	return tcti == NULL || strstr(tcti, "tabrmd") != NULL ||
	    strstr(tcti, "tpmrm") != NULL;
}

CK_FLAGS
p11_mechanism_flags(CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_INFO info;

	if (p11->C_GetMechanismInfo(p11_slot, type, &info) != CKR_OK)
		return 0;
	return info.flags;
}

const char *
p11_rv_name(CK_RV rv)
{
	static _Thread_local char number[2][32];
	static _Thread_local unsigned turn;
	const char *name = ckr_name(rv);

	if (name != NULL)
		return name;
	turn = !turn;
	(void)snprintf(number[turn], sizeof(number[turn]), "0x%lx", rv);
	return number[turn];
}

void
p11_assert_rv(const CK_RV *allowed, size_t n, CK_RV rv, const char *call,
    const char *file, int line)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rv == allowed[i])
			return;
	print_error("%s\n  gave %s, expected", call, p11_rv_name(rv));
	for (i = 0; i < n; i++)
		print_error(" %s", p11_rv_name(allowed[i]));
	print_error("\n");
	_fail(file, line);
}
