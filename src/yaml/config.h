/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef YAML_CONFIG_H
#define YAML_CONFIG_H

#include "util/buf.h"
#include "util/log.h"

/*
 * The configuration, for the module and the tool alike: one YAML mapping of
 * the keys below to scalars. Read anew by each C_Initialize; the environment
 * wins over the file, the file over the default. lib/config.yaml.sample says
 * to a person what each key does.
 *
 * The file is the first of these that is there:
 *   $TPM2_CRYPTOKI_CONFIG, which has to be there if it is set
 *   $XDG_CONFIG_HOME/tpm2-cryptoki/config.yaml (or $HOME/.config/...),
 *   which counts as absent where this user may not look
 *   SYSCONFDIR/tpm2-cryptoki/config.yaml
 * A set-user-ID program reads the last one alone. A file that is not a
 * regular one, or that somebody else than root or this user could have
 * written, is refused: it names a TCTI, which is code, and where the owner's
 * password is. An empty file is a configuration.
 */
enum config_key {
	CONFIG_TCTI,		/* as tpm2-tss writes it; default: the first
				 * of /dev/tpmrm0, /dev/tpm0, tpm2-abrmd */
	CONFIG_STORE,		/* absolute path of the store's directory */
	CONFIG_GROUP,		/* name of the group that shares the store */
	CONFIG_LOG,		/* none, error, info, debug, trace */
	CONFIG_OWNER_AUTH_FILE,	/* absolute path: the owner's password */
	CONFIG_SRK,		/* 0x81000000 to 0x817fffff, or transient */
	CONFIG_PIN_GUARD,	/* index, lockout */
	CONFIG_SO_TRIES,	/* 1 to 255 */
	CONFIG_USER_TRIES,	/* 1 to 255 */
	CONFIG_ROLLBACK,	/* on, off */
	CONFIG_PCRS,		/* as tpm/pcr.h reads it; empty: none */
	CONFIG_SOFTWARE_KEYS,	/* deny, allow */
	CONFIG_WRAP_AND_DECRYPT,	/* deny, allow */
	CONFIG_KEYS
};

enum config_source { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT };

enum config_guard { GUARD_INDEX, GUARD_LOCKOUT };

struct config {
	struct buf file;	/* path of what was read; empty: none was */
	/* Lines of text, NUL-terminated behind len; empty: not given. */
	struct buf tcti;
	struct buf store;
	struct buf owner_auth_file;
	struct buf pcrs;
	struct buf group;
	int64_t gid;		/* of group; -1: none */
	enum log_level log;
	uint32_t srk;		/* 0: transient */
	enum config_guard pin_guard;
	uint32_t so_tries;
	uint32_t user_tries;
	bool rollback;
	bool software_keys;
	bool wrap_and_decrypt;
	struct {
		enum config_source source;
		unsigned line;	/* of its key in the file; 0: none */
	} origin[CONFIG_KEYS];
};

/*
 * The defaults, with what the environment says: a value that is wrong there
 * is logged and ignored (TPM2_CRYPTOKI_LOG as log_start has it).
 * CKR_HOST_MEMORY; *out can be given to config_free all the same.
 */
CK_RV config_defaults(struct config *out) MUST_CHECK;
/*
 * CKR_FUNCTION_FAILED when the file cannot be read, is another's, is no such
 * mapping, has an unknown key, one twice, or a value that its key has not:
 * logged as PATH:LINE:COLUMN with what would be right. *out is set all the
 * same, to the defaults, so that a person's tool can go on to say so.
 * The level that the file has for the log counts from its line on, unless
 * the environment has one: so log_start goes before.
 */
CK_RV config_load(struct config *out) MUST_CHECK;
void config_free(struct config *c);

/* The key as the file has it ("pin_guard"), the variable that overrides it
 * (NULL: none), and the value in force as text with a NUL. */
const char *config_name(enum config_key key);
const char *config_variable(enum config_key key);
CK_RV config_value(const struct config *c, enum config_key key,
    struct buf *text) MUST_CHECK;

/*
 * The directories in which a store is looked for, in their order: the
 * configured one alone, else $XDG_DATA_HOME (or $HOME/.local/share) and
 * /var/lib, each with /tpm2-cryptoki. Never a relative path. CKR_NO_EVENT
 * when there is no place with this index.
 */
CK_RV config_store_place(const struct config *c, unsigned index,
    struct buf *path) MUST_CHECK;

/*
 * The owner's password out of its file, without the newline at its end;
 * empty when none is configured. CKR_FUNCTION_FAILED when the file cannot be
 * read, or others may read it (logged, with the line that names it).
 */
CK_RV config_owner_auth(const struct config *c, struct buf *auth) MUST_CHECK;

#endif
