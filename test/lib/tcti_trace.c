/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libtcti-trace.so: a TCTI that hands on to another one, writes down what
 * passes and breaks it on demand. Used as
 *
 *	TPM2_CRYPTOKI_TCTI=/path/libtcti-trace.so:swtpm:path=...
 *
 * with, in the environment and read anew at each command, so that a test may
 * change them as it goes:
 *
 * TCTI_TRACE_FILE	a line is appended for each command: its name, the
 *			number of its handles, the response code, as in
 *			"Load 1 0x00000000"; a lost response is "lost"
 * TCTI_TRACE_RAW=1	two more lines, "> HEX" and "< HEX"
 * TCTI_TRACE_FAULT	COMMAND:N:WHAT, several with commas between: at the
 *			Nth such command from when the variable was set (0:
 *			each), WHAT happens:
 *			  flip	a bit in the middle of the response is turned
 *			  hmac	a bit of its last byte is turned
 *			  drop	the response is lost, TSS2_TCTI_RC_IO_ERROR
 *			  last=HEX  its last four bytes become this number
 *			  CODE	the command is not sent; this is its response
 *				code (0x...)
 *			  bitN	bit N of the response is turned, 0 is the first
 *			  cutN	the response loses its last N bytes
 *			  longN	it has N bytes more
 *			  slowN	it comes N milliseconds late
 *			  kill	SIGKILL before the command is sent
 *			  dead	SIGKILL after the TPM has run it
 *			  reset	the TPM is reset before the command is sent
 *			  power	it is reset after, and the response is lost
 *			COMMAND is a name, or * for any command
 * TCTI_TRACE_CTRL	swtpm's control socket, for the last two
 * TCTI_TRACE_LACKS	what this TPM is to have no more, several with commas
 *			between: cc:HEX a command, which is refused too, alg:HEX
 *			an algorithm, curve:HEX a curve; capabilities do not
 *			tell of them
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <tss2/tss2_tcti.h>
#include <tss2/tss2_tctildr.h>

#define MAGIC UINT64_C(0x7472616365746370)
#define FAULTS_MAX 8
#define HEADER 10

struct trace {
	TSS2_TCTI_CONTEXT_COMMON_V2 common;
	TSS2_TCTI_CONTEXT *inner;
	uint8_t command[TPM2_MAX_COMMAND_SIZE];
	size_t command_len;
	uint8_t response[TPM2_MAX_RESPONSE_SIZE];
	size_t response_len;
	int received;
	char what[32];		/* the fault of this command, or empty */
};

/* Of the process, so that counting goes on after a reconnect. */
static char set[512];		/* TCTI_TRACE_FAULT as last seen */
static unsigned seen[FAULTS_MAX];

static const struct name {
	TPM2_CC code;
	const char *name;
	unsigned handles;
} names[] = {
	{ TPM2_CC_Certify, "Certify", 2 },
	{ TPM2_CC_ContextLoad, "ContextLoad", 0 },
	{ TPM2_CC_ContextSave, "ContextSave", 1 },
	{ TPM2_CC_Create, "Create", 1 },
	{ TPM2_CC_CreateLoaded, "CreateLoaded", 1 },
	{ TPM2_CC_CreatePrimary, "CreatePrimary", 1 },
	{ TPM2_CC_ECDH_ZGen, "ECDH_ZGen", 1 },
	{ TPM2_CC_EncryptDecrypt, "EncryptDecrypt", 1 },
	{ TPM2_CC_EncryptDecrypt2, "EncryptDecrypt2", 1 },
	{ TPM2_CC_EvictControl, "EvictControl", 2 },
	{ TPM2_CC_FlushContext, "FlushContext", 0 },
	{ TPM2_CC_GetCapability, "GetCapability", 0 },
	{ TPM2_CC_GetRandom, "GetRandom", 0 },
	{ TPM2_CC_HMAC, "HMAC", 1 },
	{ TPM2_CC_HMAC_Start, "HMAC_Start", 1 },
	{ TPM2_CC_Import, "Import", 1 },
	{ TPM2_CC_Load, "Load", 1 },
	{ TPM2_CC_LoadExternal, "LoadExternal", 0 },
	{ TPM2_CC_NV_ChangeAuth, "NV_ChangeAuth", 1 },
	{ TPM2_CC_NV_DefineSpace, "NV_DefineSpace", 1 },
	{ TPM2_CC_NV_Increment, "NV_Increment", 2 },
	{ TPM2_CC_NV_Read, "NV_Read", 2 },
	{ TPM2_CC_NV_ReadPublic, "NV_ReadPublic", 1 },
	{ TPM2_CC_NV_UndefineSpace, "NV_UndefineSpace", 2 },
	{ TPM2_CC_NV_Write, "NV_Write", 2 },
	{ TPM2_CC_ObjectChangeAuth, "ObjectChangeAuth", 2 },
	{ TPM2_CC_PCR_Read, "PCR_Read", 0 },
	{ TPM2_CC_PolicyAuthorize, "PolicyAuthorize", 1 },
	{ TPM2_CC_PolicyAuthValue, "PolicyAuthValue", 1 },
	{ TPM2_CC_PolicyCommandCode, "PolicyCommandCode", 1 },
	{ TPM2_CC_PolicyGetDigest, "PolicyGetDigest", 1 },
	{ TPM2_CC_PolicyOR, "PolicyOR", 1 },
	{ TPM2_CC_PolicyPCR, "PolicyPCR", 1 },
	{ TPM2_CC_PolicyRestart, "PolicyRestart", 1 },
	{ TPM2_CC_PolicySecret, "PolicySecret", 2 },
	{ TPM2_CC_Quote, "Quote", 1 },
	{ TPM2_CC_ReadClock, "ReadClock", 0 },
	{ TPM2_CC_ReadPublic, "ReadPublic", 1 },
	{ TPM2_CC_RSA_Decrypt, "RSA_Decrypt", 1 },
	{ TPM2_CC_SelfTest, "SelfTest", 0 },
	{ TPM2_CC_SequenceComplete, "SequenceComplete", 1 },
	{ TPM2_CC_SequenceUpdate, "SequenceUpdate", 1 },
	{ TPM2_CC_Sign, "Sign", 1 },
	{ TPM2_CC_StartAuthSession, "StartAuthSession", 2 },
	{ TPM2_CC_Startup, "Startup", 0 },
	{ TPM2_CC_StirRandom, "StirRandom", 0 },
	{ TPM2_CC_TestParms, "TestParms", 0 },
	{ TPM2_CC_Unseal, "Unseal", 1 },
	{ TPM2_CC_VerifySignature, "VerifySignature", 1 },
};

static struct trace *
trace_of(TSS2_TCTI_CONTEXT *context)
{
	return (struct trace *)context;
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
put_be32(uint8_t *p, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static const struct name *
name_of(const struct trace *t)
{
	static struct name unknown;
	static char text[16];
	TPM2_CC code = be32(t->command + 6);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return &names[i];
	(void)snprintf(text, sizeof(text), "0x%08x", code);
	unknown.name = text;
	return &unknown;
}

/* What TCTI_TRACE_LACKS may name, and how GetCapability lists it. */
static const struct list {
	const char *prefix;
	TPM2_CAP kind;
	size_t item;		/* bytes of one */
	unsigned mask;		/* of what names it, in its first bytes */
} lists[] = {
	{ "cc:", TPM2_CAP_COMMANDS, 4, TPMA_CC_COMMANDINDEX_MASK },
	{ "alg:", TPM2_CAP_ALGS, 6, 0xffff },
	{ "curve:", TPM2_CAP_ECC_CURVES, 2, 0xffff },
};

static int
lacks(const struct list *l, unsigned id)
{
	const char *env = getenv("TCTI_TRACE_LACKS");
	size_t len = strlen(l->prefix);

	for (; env != NULL && *env != '\0'; env = strchr(env, ','),
	    env += env != NULL)
		if (strncmp(env, l->prefix, len) == 0 &&
		    strtoul(env + len, NULL, 16) == id)
			return 1;
	return 0;
}

/* Its first bytes as a number: all four of a command, two of the others. */
static unsigned
id_of(const struct list *l, const uint8_t *item)
{
	uint32_t id = l->item == 4 ? be32(item) :
	    (uint32_t)item[0] << 8 | item[1];

	return id & l->mask;
}

/* header, moreData, kind, count, items */
static void
edit_list(struct trace *t)
{
	const size_t begin = HEADER + 1 + 4 + 4;
	const struct list *l = lists;
	uint8_t *from, *to;
	uint32_t kept = 0;

	if (be32(t->command + 6) != TPM2_CC_GetCapability ||
	    t->response_len < begin)
		return;
	while (l < lists + 3 && l->kind != be32(t->response + HEADER + 1))
		l++;
	if (l == lists + 3)
		return;
	to = t->response + begin;
	for (from = to; from + l->item <= t->response + t->response_len;
	    from += l->item)
		if (!lacks(l, id_of(l, from))) {
			memmove(to, from, l->item);
			to += l->item;
			kept++;
		}
	put_be32(t->response + begin - 4, kept);
	t->response_len = (size_t)(to - t->response);
	put_be32(t->response + 2, (uint32_t)t->response_len);
}

/* Sets what when one of the faults is due at this command. */
static void
find_fault(struct trace *t)
{
	const char *faults = getenv("TCTI_TRACE_FAULT");
	char copy[sizeof(set)], *save = NULL, *one, *name, *nth, *what;
	unsigned i = 0;

	t->what[0] = '\0';
	if (faults == NULL)
		faults = "";
	if (strcmp(faults, set) != 0) {
		(void)snprintf(set, sizeof(set), "%s", faults);
		memset(seen, 0, sizeof(seen));
	}
	memcpy(copy, set, sizeof(copy));
	for (one = strtok_r(copy, ",", &save); one != NULL && i < FAULTS_MAX;
	    one = strtok_r(NULL, ",", &save), i++) {
		name = strsep(&one, ":");
		nth = strsep(&one, ":");
		what = one;
		if (what == NULL || (strcmp(name, "*") != 0 &&
		    strcmp(name, name_of(t)->name) != 0))
			continue;
		seen[i]++;
		if (atoi(nth) == 0 || (unsigned)atoi(nth) == seen[i])
			(void)snprintf(t->what, sizeof(t->what), "%s", what);
	}
	if (lacks(&lists[0], be32(t->command + 6)))
		(void)snprintf(t->what, sizeof(t->what), "0x143");
}

static size_t
add_hex(char *text, char mark, const uint8_t *data, size_t len)
{
	size_t i, n = 0;

	text[n++] = mark;
	text[n++] = ' ';
	for (i = 0; i < len; i++)
		n += (size_t)sprintf(text + n, "%02x", data[i]);
	text[n++] = '\n';
	return n;
}

static void
write_down(const struct trace *t, const char *outcome)
{
	static char text[2 * (TPM2_MAX_COMMAND_SIZE + TPM2_MAX_RESPONSE_SIZE) +
	    200];
	const struct name *name = name_of(t);
	const char *path = getenv("TCTI_TRACE_FILE");
	size_t n;
	int fd;

	if (path == NULL ||
	    (fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
	    0600)) < 0)
		return;
	n = (size_t)snprintf(text, sizeof(text), "%s %u %s\n", name->name,
	    name->handles, outcome);
	if (getenv("TCTI_TRACE_RAW") != NULL) {
		n += add_hex(text + n, '>', t->command, t->command_len);
		n += add_hex(text + n, '<', t->response, t->response_len);
	}
	if (write(fd, text, n) < 0)
		perror(path);
	(void)close(fd);
}

static int
replaces(const struct trace *t)
{
	return strncmp(t->what, "0x", 2) == 0;
}

/* Is this the fault? Then also the number at its end, when it has one. */
static int
is_fault(const struct trace *t, const char *what, size_t *number)
{
	size_t len = strlen(what);

	if (number == NULL)
		return strcmp(t->what, what) == 0;
	*number = 0;
	if (strncmp(t->what, what, len) != 0)
		return 0;
	*number = strtoul(t->what + len, NULL, 10);
	return 1;
}

/* CMD_INIT of swtpm's control channel, without flags: power off and on. */
static void
reset_tpm(void)
{
	static const uint8_t init[] = { 0, 0, 0, 2, 0, 0, 0, 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("TCTI_TRACE_CTRL");
	uint8_t result[4] = { 0xff };
	int fd;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	    path != NULL ? path : "");
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    write(fd, init, sizeof(init)) != sizeof(init) ||
	    read(fd, result, sizeof(result)) != sizeof(result) ||
	    be32(result) != 0)
		perror("TCTI_TRACE_CTRL");
	if (fd >= 0)
		(void)close(fd);
}

static void
before_command(const struct trace *t)
{
	if (is_fault(t, "kill", NULL))
		(void)kill(getpid(), SIGKILL);
	if (is_fault(t, "reset", NULL))
		reset_tpm();
}

static TSS2_RC
trace_transmit(TSS2_TCTI_CONTEXT *context, size_t size, const uint8_t *command)
{
	struct trace *t = trace_of(context);

	if (size < HEADER || size > sizeof(t->command))
		return TSS2_TCTI_RC_BAD_VALUE;
	memcpy(t->command, command, size);
	t->command_len = size;
	t->response_len = 0;
	t->received = 0;
	find_fault(t);
	before_command(t);
	return replaces(t) ? TSS2_RC_SUCCESS :
	    Tss2_Tcti_Transmit(t->inner, size, command);
}

static void
spoil_length(struct trace *t)
{
	size_t n, room = sizeof(t->response) - t->response_len;

	if (is_fault(t, "cut", &n))
		t->response_len -= n < t->response_len ? n : t->response_len;
	if (is_fault(t, "long", &n)) {
		n = n < room ? n : room;
		memset(t->response + t->response_len, 0, n);
		t->response_len += n;
	}
}

/* What happens to a response that is there; true: it gets lost. */
static int
spoil(struct trace *t)
{
	struct timespec ts;
	size_t n;

	if (is_fault(t, "dead", NULL))
		(void)kill(getpid(), SIGKILL);
	if (is_fault(t, "power", NULL))
		reset_tpm();
	if (is_fault(t, "flip", NULL))
		t->response[HEADER + (t->response_len - HEADER) / 2] ^= 1;
	if (is_fault(t, "hmac", NULL))
		t->response[t->response_len - 1] ^= 1;
	if (strncmp(t->what, "last=", 5) == 0)
		put_be32(t->response + t->response_len - 4,
		    (uint32_t)strtoul(t->what + 5, NULL, 16));
	if (is_fault(t, "bit", &n) && n / 8 < t->response_len)
		t->response[n / 8] ^= (uint8_t)(1u << n % 8);
	if (is_fault(t, "slow", &n)) {
		ts = (struct timespec){ (time_t)(n / 1000),
		    (long)(n % 1000) * 1000000 };
		(void)nanosleep(&ts, NULL);
	}
	spoil_length(t);
	return is_fault(t, "drop", NULL) || is_fault(t, "power", NULL);
}

static TSS2_RC
fetch(struct trace *t, int32_t timeout)
{
	char outcome[16];
	TSS2_RC rc;

	t->response_len = sizeof(t->response);
	if (replaces(t)) {
		memcpy(t->response, "\200\001\0\0\0\012", 6);
		put_be32(t->response + 6,
		    (uint32_t)strtoul(t->what, NULL, 16));
		t->response_len = HEADER;
	} else if ((rc = Tss2_Tcti_Receive(t->inner, &t->response_len,
	    t->response, timeout)) != TSS2_RC_SUCCESS) {
		t->response_len = 0;
		write_down(t, "lost");
		return rc;
	}
	edit_list(t);
	if (spoil(t)) {
		write_down(t, "lost");
		t->response_len = 0;
		return TSS2_TCTI_RC_IO_ERROR;
	}
	(void)snprintf(outcome, sizeof(outcome), "0x%08x",
	    be32(t->response + 6));
	write_down(t, outcome);
	t->received = 1;
	return TSS2_RC_SUCCESS;
}

static TSS2_RC
trace_receive(TSS2_TCTI_CONTEXT *context, size_t *size, uint8_t *response,
    int32_t timeout)
{
	struct trace *t = trace_of(context);
	TSS2_RC rc;

	if (!t->received && (rc = fetch(t, timeout)) !=
	    TSS2_RC_SUCCESS)
		return rc;
	if (response != NULL && *size < t->response_len)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	if (response != NULL)
		memcpy(response, t->response, t->response_len);
	*size = t->response_len;
	return TSS2_RC_SUCCESS;
}

static void
trace_finalize(TSS2_TCTI_CONTEXT *context)
{
	Tss2_TctiLdr_Finalize(&trace_of(context)->inner);
}

static TSS2_RC
trace_cancel(TSS2_TCTI_CONTEXT *context)
{
	return Tss2_Tcti_Cancel(trace_of(context)->inner);
}

static TSS2_RC
trace_get_poll_handles(TSS2_TCTI_CONTEXT *context,
    TSS2_TCTI_POLL_HANDLE *handles, size_t *count)
{
	return Tss2_Tcti_GetPollHandles(trace_of(context)->inner, handles,
	    count);
}

static TSS2_RC
trace_set_locality(TSS2_TCTI_CONTEXT *context, uint8_t locality)
{
	return Tss2_Tcti_SetLocality(trace_of(context)->inner, locality);
}

static TSS2_RC
trace_make_sticky(TSS2_TCTI_CONTEXT *context, TPM2_HANDLE *handle,
    uint8_t sticky)
{
	return Tss2_Tcti_MakeSticky(trace_of(context)->inner, handle, sticky);
}

/* tctildr unloads what it loaded when a connection closes; the counts stay. */
static void
stay_loaded(void)
{
	Dl_info info;

	if (dladdr(set, &info) != 0)
		(void)dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

static TSS2_RC
trace_init(TSS2_TCTI_CONTEXT *context, size_t *size, const char *conf)
{
	struct trace *t = trace_of(context);

	if (context == NULL) {
		*size = sizeof(*t);
		return TSS2_RC_SUCCESS;
	}
	stay_loaded();
	memset(t, 0, sizeof(*t));
	t->common.v1.magic = MAGIC;
	t->common.v1.version = 2;
	t->common.v1.transmit = trace_transmit;
	t->common.v1.receive = trace_receive;
	t->common.v1.finalize = trace_finalize;
	t->common.v1.cancel = trace_cancel;
	t->common.v1.getPollHandles = trace_get_poll_handles;
	t->common.v1.setLocality = trace_set_locality;
	t->common.makeSticky = trace_make_sticky;
	return Tss2_TctiLdr_Initialize(conf, &t->inner);
}

const TSS2_TCTI_INFO *Tss2_Tcti_Info(void);

const TSS2_TCTI_INFO *
Tss2_Tcti_Info(void)
{
	static const TSS2_TCTI_INFO info = {
		.version = 2,
		.name = "tcti-trace",
		.description = "Traces another TCTI and injects faults.",
		.config_help = "The other TCTI, as tctildr takes it.",
		.init = trace_init
	};

	return &info;
}
