/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/tables.h"

#include <stdbool.h>
#include <string.h>

#define ENTRY(name) .name = name,

static CK_FUNCTION_LIST table_2_40 = {
	.version = { 2, 40 },
	CRYPTOKI_FUNCTIONS_2_40(ENTRY)
};

static CK_FUNCTION_LIST_3_0 table_3_0 = {
	.version = { 3, 0 },
	CRYPTOKI_FUNCTIONS_2_40(ENTRY)
	CRYPTOKI_FUNCTIONS_3_0(ENTRY)
};

static CK_FUNCTION_LIST_3_2 table_3_2 = {
	.version = { 3, 2 },
	CRYPTOKI_FUNCTIONS_2_40(ENTRY)
	CRYPTOKI_FUNCTIONS_3_0(ENTRY)
	CRYPTOKI_FUNCTIONS_3_2(ENTRY)
};

static CK_UTF8CHAR name[] = "PKCS 11";

/*
 * The first is the default, for who names no version. A table begins with all
 * that an earlier version's has, so who reads it as 3.0 finds 3.0; 3.1 added
 * no function and so has no table.
 */
static CK_INTERFACE interfaces[] = {
	{ (void *)name, &table_3_2, 0 },
	{ (void *)name, &table_3_0, 0 },
	{ (void *)name, &table_2_40, 0 },
};

/* Each table begins with its version. */
static const CK_VERSION *
version_of(const CK_INTERFACE *interface)
{
	return interface->pFunctionList;
}

CK_VERSION
tables_newest_version(void)
{
	return *version_of(&interfaces[0]);
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	if (list == NULL)
		return CKR_ARGUMENTS_BAD;
	*list = &table_2_40;
	return CKR_OK;
}

CK_RV
C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
	bool fits;

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	fits = *count >= ARRAY_LEN(interfaces);
	*count = ARRAY_LEN(interfaces);
	if (list == NULL)
		return CKR_OK;
	if (!fits)
		return CKR_BUFFER_TOO_SMALL;
	memcpy(list, interfaces, sizeof(interfaces));
	return CKR_OK;
}

static bool
is_wanted(const CK_INTERFACE *interface, const CK_UTF8CHAR *wanted,
    const CK_VERSION *version, CK_FLAGS flags)
{
	const CK_VERSION *is = version_of(interface);

	if (wanted != NULL && strcmp((const char *)wanted,
	    (const char *)name) != 0)
		return false;
	if (version != NULL && (version->major != is->major ||
	    version->minor != is->minor))
		return false;
	return (interface->flags & flags) == flags;
}

CK_RV
C_GetInterface(CK_UTF8CHAR_PTR wanted, CK_VERSION_PTR version,
    CK_INTERFACE_PTR_PTR out, CK_FLAGS flags)
{
	size_t i;

	if (out == NULL)
		return CKR_ARGUMENTS_BAD;
	for (i = 0; i < ARRAY_LEN(interfaces); i++) {
		if (is_wanted(&interfaces[i], wanted, version, flags)) {
			*out = &interfaces[i];
			return CKR_OK;
		}
	}
	return CKR_FUNCTION_FAILED;
}
