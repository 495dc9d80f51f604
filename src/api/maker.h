/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_MAKER_H
#define API_MAKER_H

#include "api/gate.h"
#include "token/keys.h"

/* Enter, as a session that makes or changes objects. */
CK_RV gate_maker(struct gate *g, CK_SESSION_HANDLE session,
    struct maker *by) MUST_CHECK;

#define TEMPLATE(list, count) ((struct template){ (list), (count) })

#endif
