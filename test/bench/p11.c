/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

CK_FUNCTION_LIST *p11;
CK_SLOT_ID p11_slot;

void
p11_check(CK_RV rv, const char *what)
{
	if (rv != CKR_OK)
		die("%s: 0x%08lx", what, rv);
}

CK_BYTE *
p11_in(const void *data)
{
	return (CK_BYTE *)(uintptr_t)data;
}

void
p11_load(void)
{
	const char *path = need_env("BENCH_MODULE");
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *address;
	CK_C_GetFunctionList get_function_list;

	if (library == NULL)
		die("%s", dlerror());
	if ((address = dlsym(library, "C_GetFunctionList")) == NULL)
		die("%s is no Cryptoki module", path);
	memcpy(&get_function_list, &address, sizeof(get_function_list));
	CHECK(get_function_list(&p11));
}

void
p11_initialize(void)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	CHECK(p11->C_Initialize(&args));
}

bool
p11_find_slot(void)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = COUNT(slots), i;
	CK_TOKEN_INFO info;

	CHECK(p11->C_GetSlotList(CK_TRUE, slots, &n));
	for (i = 0; i < n; i++)
		if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    memcmp(info.label, BENCH_LABEL " ",
		    strlen(BENCH_LABEL " ")) == 0) {
			p11_slot = slots[i];
			return true;
		}
	return false;
}

CK_SESSION_HANDLE
p11_session(CK_FLAGS flags)
{
	CK_SESSION_HANDLE session;

	CHECK(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION | flags, NULL,
	    NULL, &session));
	return session;
}

void
p11_login(CK_SESSION_HANDLE session, CK_USER_TYPE who)
{
	const char *pin = who == CKU_SO ? BENCH_SO_PIN : BENCH_PIN;

	CHECK(p11->C_Login(session, who, p11_in(pin), strlen(pin)));
}

CK_OBJECT_HANDLE
p11_find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label)
{
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, p11_in(label), strlen(label) },
	};
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
	CK_ULONG n = 0;

	CHECK(p11->C_FindObjectsInit(session, template, COUNT(template)));
	CHECK(p11->C_FindObjects(session, &object, 1, &n));
	CHECK(p11->C_FindObjectsFinal(session));
	if (n != 1)
		die("the token has no %s", label);
	return object;
}
