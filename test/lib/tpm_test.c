/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm_test.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"

uint32_t bench_parent = TPM_SRK;

static char trace_file[64];
static char tcti[512];

static const char *
configured(void)
{
	const char *s = getenv("TPM2_CRYPTOKI_TCTI");

	return s != NULL ? s : "";
}

bool
behind_resource_manager(void)
{
	return strncmp(configured(), "tabrmd", 6) == 0;
}

const char *
traced_tcti(void)
{
	const char *lib = getenv("TCTI_TRACE_LIB");
	const char *dir = getenv("TPM2_CRYPTOKI_BUILDDIR");

	if (lib != NULL)
		(void)snprintf(tcti, sizeof(tcti), "%s:%s", lib, configured());
	else
		(void)snprintf(tcti, sizeof(tcti),
		    "%s/test/lib/.libs/libtcti-trace.so:%s",
		    dir != NULL ? dir : ".", configured());
	return tcti;
}

int
group_setup(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(trace_file, sizeof(trace_file),
	    "/tmp/tpm-trace.XXXXXX");
	if ((fd = mkstemp(trace_file)) < 0)
		return -1;
	(void)close(fd);
	(void)setenv("TCTI_TRACE_FILE", trace_file, 1);
	log_start();
	return crypto_start() == CKR_OK ? 0 : -1;
}

int
transient_setup(void **state)
{
	bench_parent = TPM_TRANSIENT;
	return group_setup(state);
}

unsigned
roots(void)
{
	return bench_parent == TPM_TRANSIENT ? 1 : 0;
}

int
group_teardown(void **state)
{
	(void)state;
	(void)unlink(trace_file);
	crypto_stop();
	return 0;
}

CK_RV
bench_open(struct bench *b, const char *how)
{
	CK_RV rv;

	if ((rv = tpm_new(how, &b->tpm)) != CKR_OK)
		return rv;
	return tpm_parent_provision(b->tpm, bench_parent, VIEW_EMPTY,
	    &b->parent);
}

int
bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	set_fault(NULL);
	if (bench_open(b, traced_tcti()) != CKR_OK)
		return -1;
	trace_reset();
	return 0;
}

int
bench_teardown(void **state)
{
	struct bench *b = *state;

	set_fault(NULL);
	tpm_free(&b->tpm);
	tpm_parent_free(&b->parent);
	free(b);
	return 0;
}

void
trace_reset(void)
{
	assert_int_equal(truncate(trace_file, 0), 0);
}

unsigned
trace_count(const char *command)
{
	FILE *f = fopen(trace_file, "r");
	char line[256];
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (command == NULL || (strncmp(line, command,
		    strlen(command)) == 0 && line[strlen(command)] == ' '))
			n++;
	(void)fclose(f);
	return n;
}

void
trace_print(const char *title)
{
	FILE *f = fopen(trace_file, "r");
	char line[256];

	assert_non_null(f);
	printf("# %s: %u commands\n", title, trace_count(NULL));
	while (fgets(line, sizeof(line), f) != NULL)
		printf("#   %s", line);
	(void)fclose(f);
}

void
set_fault(const char *fault)
{
	if (fault == NULL)
		(void)unsetenv("TCTI_TRACE_FAULT");
	else
		(void)setenv("TCTI_TRACE_FAULT", fault, 1);
}

unsigned
tpm_holds(const char *what)
{
	char line[256];
	unsigned n = 0;
	FILE *p;

	(void)snprintf(line, sizeof(line), "tpm2_getcap handles-%s", what);
	p = popen(line, "r");
	assert_non_null(p);
	while (fgets(line, sizeof(line), p) != NULL)
		n++;
	assert_int_equal(pclose(p), 0);
	return n;
}

void
assert_tpm_empty(void)
{
	if (behind_resource_manager())
		return;
	assert_int_equal(tpm_holds("transient"), 0);
	assert_int_equal(tpm_holds("loaded-session"), 0);
	assert_int_equal(tpm_holds("saved-session"), 0);
}

void
run(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (system(line) != 0)
		fail_msg("failed: %s", line);
}

static char own_dir[64];
static char own_tcti[128];
static pid_t own_pid;

const char *
own_tpm_start(void)
{
	char state[128], server[128], ctrl[128];

	if (own_dir[0] == '\0') {
		(void)snprintf(own_dir, sizeof(own_dir), "/tmp/own-tpm.XXXXXX");
		assert_non_null(mkdtemp(own_dir));
	}
	own_tpm_stop();
	(void)snprintf(state, sizeof(state), "dir=%s", own_dir);
	(void)snprintf(server, sizeof(server), "type=unixio,path=%s/tpm",
	    own_dir);
	(void)snprintf(ctrl, sizeof(ctrl), "type=unixio,path=%s/tpm.ctrl",
	    own_dir);
	if ((own_pid = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(127);
		(void)execlp("swtpm", "swtpm", "socket", "--tpm2",
		    "--tpmstate", state, "--server", server, "--ctrl", ctrl,
		    "--flags", "not-need-init,startup-clear", (char *)NULL);
		_exit(127);
	}
	(void)snprintf(own_tcti, sizeof(own_tcti), "swtpm:path=%s/tpm",
	    own_dir);
	own_tpm_run("for i in $(seq 500); do swtpm_ioctl --unix "
	    "${TPM2TOOLS_TCTI#*=}.ctrl -c >/dev/null 2>&1 && exit 0; "
	    "sleep 0.01; done; exit 1");
	return own_tcti;
}

void
own_tpm_stop(void)
{
	if (own_pid <= 0)
		return;
	(void)kill(own_pid, SIGTERM);
	(void)waitpid(own_pid, NULL, 0);
	own_pid = 0;
}

void
own_tpm_reset(void)
{
	own_tpm_run("swtpm_ioctl --unix ${TPM2TOOLS_TCTI#*=}.ctrl -i");
}

void
own_tpm_remove(void)
{
	own_tpm_stop();
	if (own_dir[0] != '\0')
		run("rm -rf %s", own_dir);
	own_dir[0] = '\0';
}

void
own_tpm_run(const char *command)
{
	run("export TPM2TOOLS_TCTI=%s; %s", own_tcti, command);
}

CK_RV
define_counter(const struct bench *b, struct view owner_auth,
    struct tpm_counter *c, uint64_t *value)
{
	CK_RV rv;

	do {
		if ((rv = tpm_counter_plan(b->tpm, c)) == CKR_OK)
			rv = tpm_counter_define(b->tpm, &b->parent,
			    owner_auth, c, value);
	} while (rv == CKR_OBJECT_HANDLE_INVALID);
	return rv;
}

CK_RV
undefine(const struct bench *b, struct view owner_auth,
    const struct buf *public_area)
{
	return tpm_index_undefine(b->tpm, &b->parent, owner_auth,
	    buf_view(public_area));
}

void
make_ec(const struct bench *b, uint16_t curve, struct tpm_key **out,
    struct buf *point)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_ok(tpm_create_ec(b->tpm, &b->parent, curve,
	    TPM_USE_SIGN | TPM_USE_DECRYPT, &blob, point));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, out));
	tpm_blob_free(&blob);
}

void
assert_signs(struct tpm_key *k, const struct buf *point, uint16_t curve,
    size_t digest_len)
{
	struct buf signature = BUF_EMPTY;
	struct pubkey *pub = NULL;
	uint8_t digest[128];

	assert_true(digest_len <= sizeof(digest));
	assert_ok(crypto_random(digest, sizeof(digest)));
	assert_ok(pubkey_ec(curve_by_tpm_id(curve), buf_view(point), &pub));
	assert_ok(tpm_key_ecdsa(k, view_of(digest, digest_len), &signature));
	assert_ok(pubkey_ecdsa_verify(pub, view_of(digest, digest_len),
	    buf_view(&signature)));
	buf_free(&signature);
	pubkey_free(&pub);
}
