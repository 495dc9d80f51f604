/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_GATEWAY_H
#define CLIENT_GATEWAY_H

/*
 * Under gateway.c: the module, loaded, with one slot and one session at hand.
 * What is not as it should be ends the process with a line and status 1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/cryptoki.h"

#define SO_PIN "87654321"
#define PIN "123456"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern CK_FUNCTION_LIST *p11;
extern CK_SLOT_ID slot;
extern CK_SESSION_HANDLE session;

void want_(bool good, const char *what, CK_RV rv, int line);
CK_RV before_call(void);

#define want(condition) want_(condition, #condition, 0, __LINE__)
#define CALL(rv, call) do { \
	CK_RV got_ = (before_call(), p11->call); \
	want_(got_ == (rv), #call " is not " #rv, got_, __LINE__); \
} while (0)

/* Load the module (newer libp11 tries C_GetInterface first) and initialise. */
void load(bool interface);
void initialize(void);
/* Finalise and unload. */
void leave(void);
/* Load, initialise, log the user in to the first token. */
void enter(void);
void open_session(void);
/* The slot at a place of the list, counted from its end if last. */
CK_SLOT_ID slot_at(CK_ULONG place, bool last);

void shuffle(CK_ATTRIBUTE *t, size_t n);
/* The first of *count objects. */
CK_OBJECT_HANDLE find(CK_ATTRIBUTE *t, CK_ULONG n, CK_ULONG *count);
/* The way the daemon finds anything: {CLASS, ID, LABEL}. */
CK_OBJECT_HANDLE look_up(CK_OBJECT_CLASS class, CK_BYTE id, const char *label,
    CK_ULONG *count);
/* One attribute; its length. */
CK_ULONG get(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *out,
    CK_ULONG size);

/* Whole files. */
void save(const char *name, const void *data, size_t len);
size_t slurp(const char *name, CK_BYTE *out, size_t size);

#endif
