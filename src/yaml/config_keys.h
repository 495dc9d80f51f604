/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef YAML_CONFIG_KEYS_H
#define YAML_CONFIG_KEYS_H

#include "yaml/config.h"

/* What the files of the configuration share. */

/* config.c. The key that is called so; CONFIG_KEYS when none is. */
enum config_key config_key_of(struct view name);
/* What a value of this key is, for a person. */
const char *config_right(enum config_key key);
/*
 * Give a key its value and note where that is from. CKR_DATA_INVALID when
 * the key has no such value. c stays as it was on failure.
 */
CK_RV config_set(struct config *c, enum config_key key, struct view value,
    enum config_source source, unsigned line) MUST_CHECK;

/*
 * config_value.c: texts to values and back, for all keys of one kind. where
 * is the offset of the member of struct config.
 */
struct config_kind {
	/* CKR_DATA_INVALID; c stays as it was on failure. */
	CK_RV (*parse)(struct config *c, size_t where, struct view value);
	/* Appends; without a NUL. */
	CK_RV (*format)(const struct config *c, size_t where,
	    struct buf *text);
};
extern const struct config_kind config_text, config_path, config_group,
    config_level, config_handle, config_guard, config_tries, config_switch,
    config_permission;

/* config_read.c: text, which is that of the file c->file, over c. Codes as
 * config_load; then c may have some of it. */
CK_RV config_read(struct view text, struct config *c) MUST_CHECK;

/* config_place.c: where the file of the configuration is looked for, as
 * config_store_place; home says that the place is the user's own. */
CK_RV config_file_place(unsigned index, struct buf *path,
    bool *home) MUST_CHECK;

/* config_file.c: the first file that is there, over c; none is fine. Codes as
 * config_load; then c may have some of it. */
CK_RV config_file_load(struct config *c) MUST_CHECK;

#endif
