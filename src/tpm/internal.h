/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_INTERNAL_H
#define TPM_INTERNAL_H

#include <stdatomic.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_sys.h>

#include "crypto/curve.h"
#include "crypto/digest.h"
#include "tpm/tpm.h"

/*
 * Inside of the TPM layer. From the bottom up:
 *
 *   tcti.c, connection.c	which TPM, and the way to it
 *   rc.c			what a foreign code means, and its remedy
 *   command.c, session.c, salt.c	one command, in the HMAC session
 *   flush.c, cache.c, sequence.c	what is loaded, what was left behind
 *   policy.c		a policy: its digest, and a session that satisfies it
 *   call.c		one command whatever it takes: all remedies
 *   nv.c index.c	NV indices
 *   primary.c		the storage key by template, and a transient parent
 *   parent.c create.c key.c seal.c pin.c mac.c ...	what the module asks for
 *
 * Everything above call.c expects the lock of struct tpm to be held; only
 * tpm_call and the functions of the public headers take it.
 */

#define SESSION_HASH TPM2_ALG_SHA256
#define SESSION_HASH_LEN 32

struct tpm_key;

/* A command's shape: how SAPI writes it and reads its response. */
struct command {
	const char *name;	/* "Sign", for the log */
	/* With one handle for each entity of the call, in their order. */
	TSS2_RC (*prepare)(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles,
	    void *args);
	/* NULL when nothing of the response is wanted. */
	TSS2_RC (*complete)(TSS2_SYS_CONTEXT *sys, void *args);
	unsigned flags;
	CK_RV denied;	/* a wrong authValue; CKR_OK: CKR_DEVICE_ERROR */
	CK_RV refused;	/* any other complaint about handle or parameter */
};

#define COMMAND_AUTH		1u /* the first entity authorises it */
#define COMMAND_SECRET_IN	2u /* encrypt its first parameter */
#define COMMAND_SECRET_OUT	4u /* encrypt the response's first parameter */
/*
 * Its authValue comes from a person and a wrong one may be counted: it is not
 * sent again, neither when it was denied nor when the answer got lost, since
 * a second try by ourselves could be the one that locks.
 */
#define COMMAND_ONCE		8u
/*
 * It is not sent again when the answer got lost, but its authValue was never
 * typed by anybody: one that is denied may be sent again.
 */
#define COMMAND_STEP		(COMMAND_ONCE | 64u)
#define COMMAND_QUIET		16u /* a refusal is an answer, not an error */
/*
 * Under a policy, encrypt by the connection's session beside it: into the
 * keys of the session that authorises goes the entity's authValue, even when
 * the policy does not ask for it, and we may not know it.
 */
#define COMMAND_APART		32u
#define COMMAND_MAKES		64u /* an object, which needs a place */
#define COMMAND_SESSION \
	(COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_SECRET_OUT)

/*
 * A MAC under way in the TPM. No blob brings it back: when it has to make
 * room it is saved (Part 1, 30), and what is lost with the TPM is lost.
 */
struct sequence {
	TPMS_CONTEXT context;
	bool saved;	/* context is what it is now */
	bool lost;
};

/*
 * An object that is loaded when a command needs it. parent and blob are
 * borrowed. handle 0: not loaded; else it is in the list of struct tpm.
 */
struct object {
	const struct tpm_parent *parent;
	const struct tpm_blob *blob;
	struct sequence *sequence;	/* NULL: it is loaded from its blob */
	struct buf name;
	TPM2_HANDLE handle;
	struct object *next;
};

/* What a command names by a handle: an object, or something at a fixed one. */
struct entity {
	struct object *object;	/* NULL: the three at the end */
	const struct tpm_parent *parent;	/* whose it is, or NULL */
	TPM2_HANDLE handle;
	struct view name;
	struct view auth;
};

#define ENTITIES_MAX 2

struct call {
	const struct command *command;
	struct entity entities[ENTITIES_MAX];
	size_t count;
	/* Whom the caller trusts to be the TPM's storage key; NULL: nobody. */
	const struct tpm_parent *parent;
	/* What authorises the first entity instead of its authValue; NULL:
	 * nothing does. Needs a parent. See policy.h. */
	const struct policy *policy;
	void *args;
};

struct session {
	TPM2_HANDLE handle;	/* 0: not open */
	struct buf key;		/* sessionKey; empty without a salt */
	uint8_t nonce_caller[SESSION_HASH_LEN];
	TPM2B_NONCE nonce_tpm;
	bool vouched;	/* salted to a parent that a caller trusts */
	bool proven;	/* a response HMAC was right: it is that TPM */
};

/* What can be done about a failed command, other than to report it. */
enum remedy {
	REMEDY_NONE,
	REMEDY_WAIT,		/* the TPM is busy: the same again, later */
	REMEDY_OBJECT_ROOM,	/* flush an object */
	REMEDY_SESSION_ROOM,	/* flush a session, or what shares its room */
	REMEDY_RELOAD,		/* our handles mean nothing any more */
	REMEDY_RECONNECT,	/* the connection is gone */
	REMEDY_DROP		/* none; and the connection is out of step */
};

/* The last failure, for who decides what to do about it. */
struct trouble {
	const struct command *command;
	TSS2_RC rc;
	const char *text;	/* instead of the code's, when not NULL */
	enum remedy remedy;
	bool denied;	/* a wrong authValue, or a wrong Name hashed with it */
	bool unsent;	/* the TPM has not seen the command */
};

/* How a TCTI is to be treated. */
struct tcti_kind {
	bool sole;	/* one client at a time: what we find there is stale */
	bool reaps;	/* a resource manager cleans up when we close */
	size_t room;	/* objects that it lets us have; 0: see the TPM */
};

struct connection {
	TSS2_TCTI_CONTEXT *tcti;
	bool own;		/* tcti is abrmd.c's, not tctildr's */
	ESYS_CONTEXT *esys;
	TSS2_SYS_CONTEXT *sys;	/* of esys; NULL: not open */
	/* Why the next command cannot be sent: one whose failure was nobody's
	 * affair has lost the connection. 0: it can. */
	TSS2_RC lost;
	struct tcti_kind kind;
};

/* A transient parent; all of them are the same key. */
struct primary {
	TPM2_HANDLE handle;	/* 0: not loaded */
	struct buf name;
};

struct tpm {
	atomic_uint refs;	/* the caller's and one for each key */
	atomic_bool gone;	/* tpm_free or tpm_abandon was called */
	struct lock *lock;	/* over all that follows */
	struct buf tcti;	/* as configured, with its NUL; may be empty */
	struct connection link;
	struct session session;
	struct buf owner_auth;	/* to make the primary with */
	struct primary primary;
	struct object *loaded;	/* the last used first */
	size_t room;		/* objects that fit, once we know; else 0 */
	unsigned evictions;	/* because of room */
	struct tpm_parent parent;	/* of the last vouched session */
	bool seen;		/* leftovers have been looked for */
	bool dirty;		/* a lost reply may have left something */
	bool stopped;		/* the TPM asked for TPM2_Startup */
	bool restarted;		/* and took it, when we connected */
	/* As far as we know. */
	atomic_bool lacks_encrypt_decrypt2;
	atomic_bool lacks_cmac;
	atomic_size_t input_buffer;	/* bytes that a command takes */
	struct trouble trouble;
};

/* tpm.c: CKR_DEVICE_REMOVED when the TPM was freed. */
CK_RV tpm_enter(struct tpm *t) MUST_CHECK;
void tpm_leave(struct tpm *t);
struct tpm *tpm_ref(struct tpm *t);
void tpm_unref(struct tpm *t);
/* Session and objects mean nothing any more; nothing is sent. */
void tpm_forget_state(struct tpm *t);

/* tcti.c: the TCTI to use, NUL-terminated, and what is known of it.
 * CKR_DEVICE_REMOVED, with advice in the log, when none can be used. */
CK_RV tcti_choose(struct view configured, struct buf *out) MUST_CHECK;
struct tcti_kind tcti_judge(const char *tcti);

/*
 * abrmd.c: the TCTI of tpm2-abrmd, for "tabrmd" and "tabrmd:...".
 * CKR_DEVICE_REMOVED, with advice in the log, when it cannot be reached.
 */
#define SYSTEM_BUS "/run/dbus/system_bus_socket"
bool abrmd_named(const char *tcti);
CK_RV abrmd_open(const char *tcti, TSS2_TCTI_CONTEXT **out) MUST_CHECK;
void abrmd_close(TSS2_TCTI_CONTEXT **context);
/* abrmd_connect.c: the socket to it, the caller's to close. */
CK_RV abrmd_connect(const char *tcti, int *fd) MUST_CHECK;

/* connection.c */
CK_RV connection_open(struct tpm *t) MUST_CHECK;
void connection_close(struct tpm *t);
void connection_abandon(struct connection *c);

/* rc.c: note a failure in t->trouble and translate it. */
CK_RV trouble_rc(struct tpm *t, const struct command *c,
    TSS2_RC rc) MUST_CHECK;
/* A response that breaks the rules or whose HMAC is wrong. */
CK_RV trouble_broken(struct tpm *t, const struct command *c,
    const char *text) MUST_CHECK;
void trouble_log(const struct tpm *t, CK_RV rv);

/*
 * command.c: send one command. When it needs a session, t->session is open.
 * Waits for a busy TPM; any other remedy is the caller's.
 */
CK_RV command_run(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, void *args) MUST_CHECK;
/*
 * The same, authorised by a policy session, which ends with it: its handle
 * is 0 once it is gone. An authValue of the entity is not used; what the
 * policy session encrypts needs an entity that has none.
 */
CK_RV command_run_policy(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, struct session *policy,
    void *args) MUST_CHECK;

/* The same, authorised by an empty password, which is no secret and takes no
 * session; the response proves nothing. */
CK_RV command_run_unlocked(struct tpm *t, const struct command *c,
    const struct entity *entities, size_t count, void *args) MUST_CHECK;

/* call.c: the same with every remedy; takes the lock. */
CK_RV tpm_call(struct tpm *t, const struct call *c) MUST_CHECK;

/*
 * session.c: have a session. With a parent it is salted to one that a caller
 * vouched for; without, any that is open will do, or the best there is.
 */
CK_RV session_open(struct tpm *t, const struct tpm_parent *parent) MUST_CHECK;
/* The same without any parent, not even the one before. */
CK_RV session_open_anyhow(struct tpm *t) MUST_CHECK;
void session_end(struct tpm *t);
void session_forget(struct tpm *t);
/* A salted policy session; s is empty. Its owner ends it by session_drop,
 * which sends nothing when it has ended already. */
CK_RV session_start_policy(struct tpm *t, const struct tpm_parent *parent,
    struct session *s) MUST_CHECK;
void session_drop(struct tpm *t, struct session *s);
/* A new nonceCaller, for each command that is sent. */
CK_RV session_renew_nonce(struct session *s) MUST_CHECK;
CK_RV session_hmac(const struct session *s, struct view auth,
    const struct view *parts, size_t count,
    uint8_t out[SESSION_HASH_LEN]) MUST_CHECK;
/* Parameter encryption in place (Part 1, 21.3). */
CK_RV session_encrypt(const struct session *s, struct view auth,
    uint8_t *data, size_t len) MUST_CHECK;
CK_RV session_decrypt(const struct session *s, struct view auth,
    uint8_t *data, size_t len) MUST_CHECK;

/*
 * salt.c: a random secret, and the form in which only parent's owner can read
 * it. label binds it to its use: a session's salt, the seed of a duplicate.
 */
enum salt_label { SALT_SECRET, SALT_DUPLICATE };
CK_RV salt_make(const struct tpm_parent *parent, enum salt_label label,
    struct buf *salt, TPM2B_ENCRYPTED_SECRET *secret) MUST_CHECK;
/* The public area of parent, once it is known to be what its Name names. */
CK_RV salt_parent(const struct tpm_parent *parent,
    TPM2B_PUBLIC *out) MUST_CHECK;

/* flush.c */
void flush_handle(struct tpm *t, TPM2_HANDLE handle);
void flush_leftovers(struct tpm *t, unsigned what);
#define FLUSH_OBJECTS	1u
#define FLUSH_SESSIONS	2u
#define FLUSH_SAVED	4u	/* sessions that somebody has saved */
/* Look for leftovers if handle, the first of its kind to be handed out, is
 * above lowest, which is what an empty TPM would have given. */
void flush_if_above(struct tpm *t, TPM2_HANDLE handle, TPM2_HANDLE lowest);

/* cache.c */
CK_RV object_init(struct object *o, const struct tpm_parent *parent,
    const struct tpm_blob *blob) MUST_CHECK;
/* Flushes it, takes the lock for that; o is as empty as before init. */
void object_free(struct tpm *t, struct object *o);
CK_RV object_load(struct tpm *t, struct object *o) MUST_CHECK;
/* Flush the object that was not used for longest, but none of keep's;
 * false when there is none. */
bool cache_evict(struct tpm *t, const struct call *keep);
/* As far as the number of places is known: have one, but by none of keep's. */
void cache_make_room(struct tpm *t, const struct call *keep);
/* A sequence that a command has made, or ended. */
void cache_add(struct tpm *t, struct object *o, TPM2_HANDLE handle);
void cache_remove(struct tpm *t, struct object *o);
bool cache_has(const struct tpm *t, TPM2_HANDLE handle);
/* All of it, with the primary. */
void cache_flush(struct tpm *t);
void cache_forget(struct tpm *t);

/* sequence.c: under the lock, for the cache. Nobody can do anything about a
 * sequence that cannot be saved: it is lost. */
void sequence_save(struct tpm *t, struct object *o);
/* CKR_DEVICE_ERROR when it is lost. */
CK_RV sequence_load(struct tpm *t, struct object *o) MUST_CHECK;

/*
 * input.c: data that comes in portions of t->input_buffer, which is what the
 * PC Client profile asks of a TPM. After a portion was refused: was it too
 * much? Then t->input_buffer is less now.
 */
bool input_was_too_much(struct tpm *t);

/* cmac.c: in portions; chain is zeros at first. in is whole blocks, with some
 * left for the last. */
CK_RV tpm_cmac_update(struct tpm_key *k, uint8_t chain[16],
    struct view in) MUST_CHECK;
CK_RV tpm_cmac_final(struct tpm_key *k, uint8_t chain[16], struct view in,
    struct buf *out) MUST_CHECK;

/* public.c: marshalled TPM2B_PUBLIC, CKR_DATA_INVALID when it is none. */
CK_RV public_read(struct view marshalled, TPM2B_PUBLIC *out) MUST_CHECK;
CK_RV public_write(const TPM2B_PUBLIC *p, struct buf *out) MUST_CHECK;
CK_RV public_name(struct view marshalled, struct buf *name) MUST_CHECK;
/* A storage key of this TPM: restricted, decrypt, fixedTPM; and not the EK,
 * which takes a policy to use: userWithAuth. */
bool public_is_storage(const TPM2B_PUBLIC *p);
const struct hash *public_hash(TPM2_ALG_ID alg);
/* TPM2_ALG_NULL for a hash that no TPM has. */
TPM2_ALG_ID public_alg(const struct hash *hash);
/* 04|X|Y; a TPM may have dropped leading zeros of the coordinates. */
CK_RV public_point(const struct curve *c, const TPMS_ECC_POINT *p,
    struct buf *out) MUST_CHECK;
CK_RV tpm2b_set(UINT16 *size, uint8_t *data, size_t room,
    struct view v) MUST_CHECK;
#define TPM2B_SET(b, field, v) \
	tpm2b_set(&(b)->size, (b)->field, sizeof((b)->field), (v))

/* parent.c: under the lock. CKR_TOKEN_NOT_RECOGNIZED when nothing is there. */
CK_RV parent_read(struct tpm *t, TPM2_HANDLE handle,
    struct tpm_parent *out) MUST_CHECK;
/* The same without the lock, and with every remedy. */
CK_RV parent_look(struct tpm *t, TPM2_HANDLE handle, TPM2B_PUBLIC *p,
    struct tpm_parent *out) MUST_CHECK;
CK_RV parent_compare(struct tpm *t, const struct tpm_parent *p) MUST_CHECK;
CK_RV parent_from(TPM2_HANDLE handle, const TPM2B_PUBLIC *p,
    struct tpm_parent *out) MUST_CHECK;
void parent_move(struct tpm_parent *to, struct tpm_parent *from);
struct entity parent_entity(const struct tpm_parent *p);

/* primary.c: the owner hierarchy, which auth authorises. */
struct entity owner_entity(struct view auth);
struct made_primary {
	TPM2_HANDLE handle;
	TPM2B_PUBLIC public_area;
};
extern const struct command create_primary;
/* Under the lock: the handle of a parent, a transient one made if need be. */
CK_RV parent_ready(struct tpm *t, const struct tpm_parent *p,
    TPM2_HANDLE *handle) MUST_CHECK;
bool is_transient(const struct tpm_parent *p);
void primary_flush(struct tpm *t);
void primary_forget(struct tpm *t);

/* key.c: a command whose first entity is the key, with the key's parent. */
CK_RV key_use(struct tpm_key *k, const struct command *command,
    void *args) MUST_CHECK;
/* CKR_KEY_FUNCTION_NOT_PERMITTED unless it is of this type and has the use
 * without being restricted. */
CK_RV key_allowed(const struct tpm_key *k, TPMI_ALG_PUBLIC type,
    TPMA_OBJECT use) MUST_CHECK;
const TPMT_PUBLIC *tpm_key_area(const struct tpm_key *k);
const struct tpm_parent *tpm_key_parent(const struct tpm_key *k);
struct tpm *tpm_key_home(const struct tpm_key *k);

/* seal.c: a sealed object with these attributes and this policy (may be
 * empty), and its secret, by policy (NULL: by blob->auth). */
CK_RV seal_create(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, struct view auth, TPMA_OBJECT attributes,
    struct view policy, struct tpm_blob *out) MUST_CHECK;
CK_RV seal_open(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, const struct command *command,
    const struct policy *policy, struct buf *secret) MUST_CHECK;
/*
 * By nothing but its policy: the role ADMIN too, or TPM2_ObjectChangeAuth
 * would take the authValue alone.
 */
#define SEAL_BY_POLICY	(TPMA_OBJECT_NODA | TPMA_OBJECT_ADMINWITHPOLICY)
extern const struct command unseal_once;
extern const struct command unseal_often;

/*
 * create.c: TPM2_Create with creation's template and data; out->auth becomes
 * auth. refused: what it means when the TPM does not like the template.
 */
struct creation {
	TPM2B_SENSITIVE_CREATE sensitive;
	TPM2B_PUBLIC public_area;	/* template, then what was made */
	TPM2B_PRIVATE private_area;
};
CK_RV create_object(struct tpm *t, const struct tpm_parent *parent,
    struct creation *creation, struct view auth, CK_RV refused,
    struct tpm_blob *out) MUST_CHECK;
/* The same with a fresh random authValue; wipes creation. */
CK_RV create_key(struct tpm *t, const struct tpm_parent *parent,
    struct creation *creation, CK_RV refused,
    struct tpm_blob *out) MUST_CHECK;
CK_RV create_auth(struct buf *auth) MUST_CHECK;

/*
 * template.c: the public area of a key, all but what follows from its value.
 * origin is one of the three sets of attributes; p is zero before.
 */
#define ORIGIN_KNOWN	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT)
#define ORIGIN_TPM	(ORIGIN_KNOWN | TPMA_OBJECT_SENSITIVEDATAORIGIN)
#define ORIGIN_IMPORT	((TPMA_OBJECT)0)
void template_rsa(TPMT_PUBLIC *p, TPMA_OBJECT origin, unsigned use,
    size_t bits, uint32_t exponent);
void template_ec(TPMT_PUBLIC *p, TPMA_OBJECT origin, unsigned use,
    uint16_t curve);
void template_aes(TPMT_PUBLIC *p, TPMA_OBJECT origin, unsigned use,
    size_t bits);
/* hash NULL: whichever a command names. size is in bytes. */
void template_hmac(TPMT_PUBLIC *p, TPMA_OBJECT origin,
    const struct hash *hash, size_t size);

/* duplicate.c: a sensitive area for nobody but parent to read, as TPM2_Import
 * takes it (Part 1, 23.3); name is that of the object. */
CK_RV duplicate_make(const struct tpm_parent *parent, struct view name,
    const TPMT_SENSITIVE *sensitive, TPM2B_PRIVATE *out,
    TPM2B_ENCRYPTED_SECRET *seed) MUST_CHECK;

/* blob.c */
void blob_move(struct tpm_blob *to, struct tpm_blob *from);
CK_RV blob_set_private(struct tpm_blob *b,
    const TPM2B_PRIVATE *p) MUST_CHECK;

/* caps.c */
struct capability {
	TPM2_CAP kind;
	UINT32 first;
	UINT32 count;
	TPMI_YES_NO more;
	TPMS_CAPABILITY_DATA data;
};
extern const struct command get_capability;
/* How often at most a TPM may say that there is more. */
#define CAPABILITY_ROUNDS 32

#endif
