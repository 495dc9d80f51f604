/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_RUNNING_H
#define API_RUNNING_H

#include "api/gate.h"
#include "session/operation.h"

/*
 * The C_ functions of operations differ in their name and their use only;
 * each calls one of these.
 */
struct part {
	CK_BYTE *data;
	CK_ULONG len;
};

CK_RV run_init(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const CK_MECHANISM *m, CK_OBJECT_HANDLE key);
CK_RV run_single(const char *name, enum mech_use use,
    CK_SESSION_HANDLE session, struct part in, CK_BYTE *out,
    CK_ULONG *out_len);
CK_RV run_update(const char *name, enum mech_use use,
    CK_SESSION_HANDLE session, struct part in, CK_BYTE *out,
    CK_ULONG *out_len);
CK_RV run_final(const char *name, enum mech_use use,
    CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len);

/* For a function that the standard has and no mechanism here provides:
 * everything that can be checked is, then the answer is rv. */
CK_RV run_unsupported(const char *name, CK_SESSION_HANDLE session, CK_RV rv);

#define PART(data, len) ((struct part){ (data), (len) })

#endif
