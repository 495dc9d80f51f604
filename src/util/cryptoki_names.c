/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/cryptoki_names.h"

#include <string.h>

#include "util/result.h"

struct constant {
	CK_ULONG value;
	const char *name;
};

#define X(constant) { constant, #constant },

static const struct constant return_values[] = {
#include "util/ckr.def"
};

static const struct constant mechanisms[] = {
#include "util/ckm.def"
};

static const struct constant attributes[] = {
#include "util/cka.def"
};

static const struct constant object_classes[] = {
#include "util/cko.def"
};

static const struct constant key_types[] = {
#include "util/ckk.def"
};

#undef X

static const char *
name_of(const struct constant *table, size_t len, CK_ULONG value)
{
	for (size_t i = 0; i < len; i++)
		if (table[i].value == value)
			return table[i].name;
	return NULL;
}

const char *
ckr_name(CK_RV rv)
{
	return name_of(return_values, ARRAY_LEN(return_values), rv);
}

const char *
ckm_name(CK_MECHANISM_TYPE mechanism)
{
	return name_of(mechanisms, ARRAY_LEN(mechanisms), mechanism);
}

const char *
cka_name(CK_ATTRIBUTE_TYPE type)
{
	return name_of(attributes, ARRAY_LEN(attributes), type);
}

const char *
cko_name(CK_OBJECT_CLASS class)
{
	return name_of(object_classes, ARRAY_LEN(object_classes), class);
}

const char *
ckk_name(CK_KEY_TYPE type)
{
	return name_of(key_types, ARRAY_LEN(key_types), type);
}

bool
cka_from_name(const char *name, CK_ATTRIBUTE_TYPE *out)
{
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		if (strcmp(attributes[i].name, name) == 0) {
			*out = attributes[i].value;
			return true;
		}
	return false;
}
