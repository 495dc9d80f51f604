/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_VECTORS_H
#define LIB_VECTORS_H

#include "p11.h"

/*
 * Known answers, as text in test/data/vectors. A file is blocks with an empty
 * line between them, a line is a name and words, bytes are hexadecimal ("-":
 * none), "#" begins a comment. A block is a key:
 *
 *	key NAME			what vectors call it
 *	class public|private|secret
 *	type KEY-TYPE			without CKK_
 *	CKA_... BYTES			any number of these
 *
 * or a vector:
 *
 *	vector CKM_...
 *	with NAME			the key; none for digests
 *	param KIND WORD...		see vectors_param.c
 *	use USE				see test_vectors.c
 *	in BYTES
 *	out BYTES
 */
#define VECTOR_WORDS 4

struct vector_key {
	char name[32];
	CK_OBJECT_CLASS class;
	CK_ATTRIBUTE parts[12];
	CK_ULONG n;
	/* made when first used: as the template comes, and a secret once
	 * more as one that may never leave (then it may be in the TPM) */
	CK_OBJECT_HANDLE handles[2];
};

struct vector {
	CK_MECHANISM_TYPE type;
	struct vector_key *key;		/* NULL: none */
	char use[16];
	char param[VECTOR_WORDS][512];	/* kind and words; kind "": none */
	CK_BYTE in[640];
	CK_ULONG in_len;
	CK_BYTE out[640];
	CK_ULONG out_len;
	char where[64];			/* file:line of its first line */
};

/* All of a directory, in the order of names; fails the test when something
 * cannot be read. */
void vectors_load(const char *dir);
void vectors_free(void);
size_t vectors_count(void);
struct vector *vectors_nth(size_t i);

/* Hexadecimal, at most room bytes. */
CK_ULONG vector_hex(const char *text, CK_BYTE *out, CK_ULONG room);
CK_MECHANISM_TYPE vector_mechanism_by_name(const char *name);

#endif
