/* SPDX-License-Identifier: BSD-2-Clause */
#include "yaml/config.h"

#include <stddef.h>

#include "util/env.h"
#include "yaml/config_keys.h"

static const struct key {
	const char *name;
	const char *variable;	/* of the environment; NULL: none */
	const struct config_kind *kind;
	size_t where;
	const char *initial;
	const char *right;	/* what a value is */
} keys[CONFIG_KEYS] = {
	[CONFIG_TCTI] = { "tcti", "TPM2_CRYPTOKI_TCTI", &config_text,
	    offsetof(struct config, tcti), "",
	    "a line of text, such as device:/dev/tpmrm0" },
	[CONFIG_STORE] = { "store", "TPM2_CRYPTOKI_STORE", &config_path,
	    offsetof(struct config, store), "",
	    "an absolute path, written from / on" },
	[CONFIG_GROUP] = { "group", NULL, &config_group,
	    offsetof(struct config, group), "",
	    "the name of a group of this machine" },
	[CONFIG_LOG] = { "log", "TPM2_CRYPTOKI_LOG", &config_level,
	    offsetof(struct config, log), "none",
	    "one of none, error, info, debug, trace" },
	[CONFIG_OWNER_AUTH_FILE] = { "owner_auth_file", NULL, &config_path,
	    offsetof(struct config, owner_auth_file), "",
	    "an absolute path, written from / on" },
	[CONFIG_SRK] = { "srk", NULL, &config_handle,
	    offsetof(struct config, srk), "0x81000001",
	    "0x81000000 to 0x817fffff, or transient" },
	[CONFIG_PIN_GUARD] = { "pin_guard", NULL, &config_guard,
	    offsetof(struct config, pin_guard), "index",
	    "one of index, lockout" },
	[CONFIG_SO_TRIES] = { "so_tries", NULL, &config_tries,
	    offsetof(struct config, so_tries), "10",
	    "a number from 1 to 255" },
	[CONFIG_USER_TRIES] = { "user_tries", NULL, &config_tries,
	    offsetof(struct config, user_tries), "10",
	    "a number from 1 to 255" },
	[CONFIG_ROLLBACK] = { "rollback", NULL, &config_switch,
	    offsetof(struct config, rollback), "on",
	    "one of on, off" },
	[CONFIG_PCRS] = { "pcrs", NULL, &config_text,
	    offsetof(struct config, pcrs), "",
	    "a line of text, such as sha256:0,2,7" },
	[CONFIG_SOFTWARE_KEYS] = { "software_keys", NULL,
	    &config_permission, offsetof(struct config, software_keys),
	    "deny", "one of deny, allow" },
	[CONFIG_WRAP_AND_DECRYPT] = { "wrap_and_decrypt", NULL,
	    &config_permission, offsetof(struct config, wrap_and_decrypt),
	    "deny", "one of deny, allow" }
};

const char *
config_name(enum config_key key)
{
	return keys[key].name;
}

const char *
config_variable(enum config_key key)
{
	return keys[key].variable;
}

const char *
config_right(enum config_key key)
{
	return keys[key].right;
}

enum config_key
config_key_of(struct view name)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (view_equal(name, view_str(keys[i].name)))
			break;
	return (enum config_key)i;
}

CK_RV
config_set(struct config *c, enum config_key key, struct view value,
    enum config_source source, unsigned line)
{
	const struct key *k = &keys[key];
	CK_RV rv;

	if ((rv = k->kind->parse(c, k->where, value)) != CKR_OK)
		return rv;
	c->origin[key].source = source;
	c->origin[key].line = line;
	return CKR_OK;
}

CK_RV
config_value(const struct config *c, enum config_key key, struct buf *text)
{
	const struct key *k = &keys[key];
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = k->kind->format(c, k->where, &value)) != CKR_OK ||
	    (rv = buf_append(&value, view_of("", 1))) != CKR_OK)
		goto out;
	value.len--;
	buf_move(text, &value);
out:
	buf_free(&value);
	return rv;
}

static CK_RV
set_initial(struct config *c)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < CONFIG_KEYS && rv == CKR_OK; i++)
		rv = config_set(c, (enum config_key)i,
		    view_str(keys[i].initial), CONFIG_DEFAULT, 0);
	return rv;
}

/* NULL when the environment does not say. */
static const char *
said(enum config_key key)
{
	const char *value = NULL;
	enum log_level level;

	if (keys[key].variable != NULL)
		value = env_get(keys[key].variable);
	/* log_start has read this one already, in its way */
	if (key == CONFIG_LOG && value != NULL &&
	    !log_level_of(view_str(value), &level))
		value = log_word(LOG_LEVEL_ERROR);
	return value;
}

/* A program may have to live with what is in the environment: a value that
 * is wrong is told and left. */
static CK_RV
set_said(struct config *c)
{
	const char *value;
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < CONFIG_KEYS && rv == CKR_OK; i++) {
		if ((value = said((enum config_key)i)) == NULL)
			continue;
		rv = config_set(c, (enum config_key)i, view_str(value),
		    CONFIG_ENVIRONMENT, 0);
		if (rv == CKR_DATA_INVALID) {
			log_error("%s=%s is not %s, and is ignored",
			    keys[i].variable, value, keys[i].right);
			rv = CKR_OK;
		}
	}
	return rv;
}

CK_RV
config_defaults(struct config *out)
{
	struct config c = { .gid = -1 };
	CK_RV rv;

	if ((rv = set_initial(&c)) == CKR_OK)
		rv = set_said(&c);
	if (rv != CKR_OK)
		config_free(&c);
	*out = c;
	return rv;
}

CK_RV
config_load(struct config *out)
{
	struct config c = { .gid = -1 };
	CK_RV rv, rest = CKR_OK;

	if ((rv = set_initial(&c)) == CKR_OK &&
	    (rv = config_file_load(&c)) == CKR_OK)
		rv = set_said(&c);
	if (rv == CKR_OK) {
		*out = c;
		return CKR_OK;
	}
	config_free(&c);
	rest = config_defaults(out);
	return rest != CKR_OK ? rest : rv;
}

void
config_free(struct config *c)
{
	buf_free(&c->file);
	buf_free(&c->tcti);
	buf_free(&c->store);
	buf_free(&c->owner_auth_file);
	buf_free(&c->pcrs);
	buf_free(&c->group);
}
