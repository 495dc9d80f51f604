/* SPDX-License-Identifier: BSD-2-Clause */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway.h"

CK_FUNCTION_LIST *p11;
CK_SLOT_ID slot;
CK_SESSION_HANDLE session;

static void *library;
static long calls_left = -1;

void
want_(bool good, const char *what, CK_RV rv, int line)
{
	if (good)
		return;
	printf("line %d: %s (0x%lx)\n", line, what, rv);
	exit(1);
}

CK_RV
before_call(void)
{
	if (calls_left > 0 && --calls_left == 0)
		raise(SIGKILL);
	return CKR_OK;
}

void
shuffle(CK_ATTRIBUTE *t, size_t n)
{
	for (; n > 1; n--) {
		size_t i = (size_t)rand() % n;
		CK_ATTRIBUTE a = t[i];

		t[i] = t[n - 1];
		t[n - 1] = a;
	}
}

/* Newer libp11 tries C_GetInterface first. */
void
load(bool interface)
{
	CK_C_GetFunctionList list;
	CK_C_GetInterface get;
	CK_INTERFACE *found = NULL;
	CK_VERSION v3 = { 3, 0 };

	library = dlopen(getenv("P11_MODULE"), RTLD_NOW | RTLD_LOCAL);
	want(library);
	*(void **)&get = dlsym(library, "C_GetInterface");
	*(void **)&list = dlsym(library, "C_GetFunctionList");
	want(list && list(&p11) == CKR_OK && p11);
	if (!interface)
		return;
	want(get && get((CK_UTF8CHAR *)"PKCS 11", &v3, &found, 0) == CKR_OK);
	p11 = found->pFunctionList;
}

void
initialize(void)
{
	CK_C_INITIALIZE_ARGS args = { 0 };
	CK_INFO info;

	args.flags = CKF_OS_LOCKING_OK;
	CALL(CKR_OK, C_Initialize(&args));
	CALL(CKR_OK, C_GetInfo(&info));
}

void
leave(void)
{
	CALL(CKR_OK, C_Finalize(NULL));
	want(dlclose(library) == 0);
}

CK_SLOT_ID
slot_at(CK_ULONG place, bool last)
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = 0;

	CALL(CKR_OK, C_GetSlotList(CK_FALSE, NULL, &n));
	want(place < n && n <= COUNT(slots));
	CALL(CKR_OK, C_GetSlotList(CK_FALSE, slots, &n));
	return slots[last ? n - 1 - place : place];
}

void
open_session(void)
{
	CALL(CKR_OK, C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
	    NULL, NULL, &session));
}

void
enter(void)
{
	const char *kill_at = getenv("GATEWAY_KILL");

	load(false);
	initialize();
	slot = slot_at(0, false);
	open_session();
	CALL(CKR_OK, C_Login(session, CKU_USER, (CK_UTF8CHAR *)PIN, 6));
	if (kill_at)
		calls_left = atol(kill_at);
}

CK_OBJECT_HANDLE
find(CK_ATTRIBUTE *t, CK_ULONG n, CK_ULONG *count)
{
	CK_OBJECT_HANDLE found[8] = { 0 };

	shuffle(t, n);
	CALL(CKR_OK, C_FindObjectsInit(session, t, n));
	CALL(CKR_OK, C_FindObjects(session, found, COUNT(found), count));
	CALL(CKR_OK, C_FindObjectsFinal(session));
	return found[0];
}

/* The way the daemon finds anything: {CLASS, ID, LABEL}. */
CK_OBJECT_HANDLE
look_up(CK_OBJECT_CLASS class, CK_BYTE id, const char *label, CK_ULONG *n)
{
	CK_ATTRIBUTE t[] = {
		{ CKA_CLASS, &class, sizeof(class) }, { CKA_ID, &id, 1 },
		{ CKA_LABEL, (void *)label, strlen(label) },
	};

	return find(t, COUNT(t), n);
}

CK_ULONG
get(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *out, CK_ULONG size)
{
	CK_ATTRIBUTE a = { type, out, size };

	CALL(CKR_OK, C_GetAttributeValue(session, object, &a, 1));
	return a.ulValueLen;
}

void
save(const char *name, const void *data, size_t len)
{
	FILE *f = fopen(name, "wb");

	want(f && fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

size_t
slurp(const char *name, CK_BYTE *out, size_t size)
{
	FILE *f = fopen(name, "rb");
	size_t n;

	want(f);
	n = fread(out, 1, size, f);
	fclose(f);
	return n;
}
