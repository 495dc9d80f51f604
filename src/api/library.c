/* SPDX-License-Identifier: BSD-2-Clause */
/* General-purpose functions (PKCS#11 3.x, 5.4). */
#include <string.h>

#include "api/gate.h"
#include "api/tables.h"
#include "api/version.h"

/* All four mutex callbacks, or none (5.4.1). */
static bool
callbacks_whole(const CK_C_INITIALIZE_ARGS *args)
{
	int given = (args->CreateMutex != NULL) + (args->DestroyMutex !=
	    NULL) + (args->LockMutex != NULL) + (args->UnlockMutex != NULL);

	return given == 0 || given == 4;
}

CK_RV
C_Initialize(void *init_args)
{
	const CK_C_INITIALIZE_ARGS *args = init_args;

	if (args != NULL && (args->pReserved != NULL ||
	    !callbacks_whole(args)))
		return CKR_ARGUMENTS_BAD;
	return gate_start(args);
}

CK_RV
C_Finalize(void *reserved)
{
	if (reserved != NULL)
		return CKR_ARGUMENTS_BAD;
	return gate_stop();
}

static void
padded(CK_UTF8CHAR *field, size_t len, const char *text)
{
	memset(field, ' ', len);
	memcpy(field, text, strlen(text));
}

CK_RV
C_GetInfo(CK_INFO_PTR info)
{
	struct gate g = GATE("C_GetInfo");
	CK_RV rv;

	if ((rv = gate_library(&g)) != CKR_OK)
		return gate_leave(&g, rv);
	if (info == NULL)
		return gate_leave(&g, CKR_ARGUMENTS_BAD);
	memset(info, 0, sizeof(*info));
	info->cryptokiVersion = tables_newest_version();
	padded(info->manufacturerID, sizeof(info->manufacturerID),
	    "tpm2-cryptoki");
	padded(info->libraryDescription, sizeof(info->libraryDescription),
	    "Cryptoki for TPM 2.0");
	info->libraryVersion.major = VERSION_MAJOR;
	info->libraryVersion.minor = VERSION_MINOR;
	return gate_leave(&g, CKR_OK);
}
