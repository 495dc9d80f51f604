/* SPDX-License-Identifier: BSD-2-Clause */
#include "vectors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cryptoki_names.h"

#define KEYS_MAX 64
#define VECTORS_MAX 1024

static struct vector_key *keys[KEYS_MAX];
static struct vector *vectors[VECTORS_MAX];
static size_t n_keys, n_vectors;

/* Where the reader is. */
static struct {
	char where[64];
	struct vector_key *key;
	struct vector *vector;
} at;

CK_ULONG
vector_hex(const char *text, CK_BYTE *out, CK_ULONG room)
{
	CK_ULONG n = 0;
	unsigned byte;

	if (strcmp(text, "-") == 0)
		return 0;
	for (; text[0] != '\0'; text += 2) {
		if (n == room || sscanf(text, "%2x", &byte) != 1 ||
		    text[1] == '\0')
			fail_msg("%s: no bytes: %s", at.where, text);
		out[n++] = (CK_BYTE)byte;
	}
	return n;
}

CK_MECHANISM_TYPE
vector_mechanism_by_name(const char *name)
{
	CK_MECHANISM_TYPE type;
	const char *is;

	for (type = 0; type < 0x5000; type++)
		if ((is = ckm_name(type)) != NULL && strcmp(is, name) == 0)
			return type;
	fail_msg("%s: no mechanism: %s", at.where, name);
	return 0;
}

static CK_KEY_TYPE
key_type(const char *name)
{
	CK_KEY_TYPE type;
	const char *is;

	for (type = 0; type < 0x80; type++)
		if ((is = ckk_name(type)) != NULL &&
		    strcmp(is + strlen("CKK_"), name) == 0)
			return type;
	fail_msg("%s: no key type: %s", at.where, name);
	return 0;
}

static CK_OBJECT_CLASS
class_of(const char *name)
{
	static const struct {
		const char *name;
		CK_OBJECT_CLASS class;
	} classes[] = {
		{ "public", CKO_PUBLIC_KEY },
		{ "private", CKO_PRIVATE_KEY },
		{ "secret", CKO_SECRET_KEY },
	};
	size_t i;

	for (i = 0; i < P11_COUNT(classes); i++)
		if (strcmp(classes[i].name, name) == 0)
			return classes[i].class;
	fail_msg("%s: no class: %s", at.where, name);
	return 0;
}

static void
add_part(struct vector_key *k, CK_ATTRIBUTE_TYPE type, const void *value,
    CK_ULONG len)
{
	CK_ATTRIBUTE *a = &k->parts[k->n++];

	assert_true(k->n <= P11_COUNT(k->parts));
	a->type = type;
	a->ulValueLen = len;
	a->pValue = malloc(len);
	assert_non_null(a->pValue);
	memcpy(a->pValue, value, len);
}

static void
key_line(struct vector_key *k, const char *name, const char *value)
{
	CK_ATTRIBUTE_TYPE attribute;
	CK_BYTE bytes[640];
	CK_ULONG number;

	if (strcmp(name, "class") == 0) {
		k->class = number = class_of(value);
		add_part(k, CKA_CLASS, &number, sizeof(number));
	} else if (strcmp(name, "type") == 0) {
		number = key_type(value);
		add_part(k, CKA_KEY_TYPE, &number, sizeof(number));
	} else if (cka_from_name(name, &attribute)) {
		number = vector_hex(value, bytes, sizeof(bytes));
		add_part(k, attribute, bytes, number);
	} else {
		fail_msg("%s: not of a key: %s", at.where, name);
	}
}

static struct vector_key *
key_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < n_keys; i++)
		if (strcmp(keys[i]->name, name) == 0)
			return keys[i];
	fail_msg("%s: no key: %s", at.where, name);
	return NULL;
}

static void
param_line(struct vector *v, char *value)
{
	char *rest = NULL, *word = strtok_r(value, " ", &rest);
	size_t i = 0;

	for (; word != NULL; word = strtok_r(NULL, " ", &rest)) {
		assert_true(i < VECTOR_WORDS);
		assert_true(strlen(word) < sizeof(v->param[i]));
		strcpy(v->param[i++], word);
	}
}

static void
vector_line(struct vector *v, const char *name, char *value)
{
	if (strcmp(name, "with") == 0)
		v->key = key_by_name(value);
	else if (strcmp(name, "param") == 0)
		param_line(v, value);
	else if (strcmp(name, "use") == 0)
		(void)snprintf(v->use, sizeof(v->use), "%s", value);
	else if (strcmp(name, "in") == 0)
		v->in_len = vector_hex(value, v->in, sizeof(v->in));
	else if (strcmp(name, "out") == 0)
		v->out_len = vector_hex(value, v->out, sizeof(v->out));
	else
		fail_msg("%s: not of a vector: %s", at.where, name);
}

static void
begin_key(const char *name)
{
	assert_true(n_keys < KEYS_MAX);
	at.key = keys[n_keys++] = calloc(1, sizeof(*at.key));
	assert_non_null(at.key);
	(void)snprintf(at.key->name, sizeof(at.key->name), "%s", name);
}

static void
begin_vector(const char *name)
{
	assert_true(n_vectors < VECTORS_MAX);
	at.vector = vectors[n_vectors++] = calloc(1, sizeof(*at.vector));
	assert_non_null(at.vector);
	at.vector->type = vector_mechanism_by_name(name);
	strcpy(at.vector->where, at.where);
}

static void
read_line(char *line)
{
	char *value = strchr(line, ' ');

	if (line[0] == '#')
		return;
	if (line[0] == '\0') {
		at.key = NULL;
		at.vector = NULL;
		return;
	}
	if (value == NULL)
		fail_msg("%s: one word", at.where);
	*value++ = '\0';
	if (at.key != NULL)
		key_line(at.key, line, value);
	else if (at.vector != NULL)
		vector_line(at.vector, line, value);
	else if (strcmp(line, "key") == 0)
		begin_key(value);
	else if (strcmp(line, "vector") == 0)
		begin_vector(value);
	else
		fail_msg("%s: no block begins so: %s", at.where, line);
}

static void
read_file(const char *dir, const char *name)
{
	char path[512], line[2048];
	unsigned number = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	assert_non_null(f);
	at.key = NULL;
	at.vector = NULL;
	while (fgets(line, sizeof(line), f) != NULL) {
		(void)snprintf(at.where, sizeof(at.where), "%.40s:%u", name,
		    ++number);
		line[strcspn(line, "\n")] = '\0';
		read_line(line);
	}
	(void)fclose(f);
}

static int
is_text(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 4 && strcmp(e->d_name + len - 4, ".txt") == 0;
}

void
vectors_load(const char *dir)
{
	struct dirent **files = NULL;
	int i, n = scandir(dir, &files, is_text, alphasort);

	assert_true(n > 0);
	for (i = 0; i < n; i++) {
		read_file(dir, files[i]->d_name);
		free(files[i]);
	}
	free(files);
}

void
vectors_free(void)
{
	CK_ULONG i;

	while (n_vectors > 0)
		free(vectors[--n_vectors]);
	while (n_keys > 0) {
		n_keys--;
		for (i = 0; i < keys[n_keys]->n; i++)
			free(keys[n_keys]->parts[i].pValue);
		free(keys[n_keys]);
	}
}

size_t
vectors_count(void)
{
	return n_vectors;
}

struct vector *
vectors_nth(size_t i)
{
	return vectors[i];
}
