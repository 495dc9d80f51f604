/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/profiles.h"

#include "object/object.h"
#include "token/cache.h"

static const CK_PROFILE_ID profiles[] = {
	CKP_BASELINE_PROVIDER,
	CKP_EXTENDED_PROVIDER,
	CKP_AUTHENTICATION_TOKEN,
	CKP_PUBLIC_CERTIFICATES_TOKEN,
};

static CK_RV
profile_add(struct objects *objects, CK_PROFILE_ID id)
{
	const struct object_plan plan = {
		.origin = OBJECT_GENERATED,
		.class = CKO_PROFILE,
		.key_type = CK_UNAVAILABLE_INFORMATION,
		.mechanism = CK_UNAVAILABLE_INFORMATION,
	};
	struct attrs given = ATTRS_EMPTY, attrs = ATTRS_EMPTY;
	struct tpm_blob none = TPM_BLOB_EMPTY;
	struct object *o;
	CK_RV rv;

	if ((rv = attrs_set_ulong(&given, CKA_PROFILE_ID, id)) != CKR_OK ||
	    (rv = object_build(&plan, &given, &attrs)) != CKR_OK ||
	    (rv = objects_add_session(objects, CK_INVALID_HANDLE, &o)) !=
	    CKR_OK)
		goto out;
	objects_decoded(objects, o, &attrs, &none);
out:
	attrs_free(&given);
	attrs_free(&attrs);
	return rv;
}

CK_RV
profiles_add(struct objects *objects)
{
	size_t i;
	CK_RV rv = CKR_OK;

	for (i = 0; i < ARRAY_LEN(profiles) && rv == CKR_OK; i++)
		rv = profile_add(objects, profiles[i]);
	return rv;
}
