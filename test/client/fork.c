/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server's master logs in and signs, then forks a worker, which initialises
 * for itself and signs too; the master goes on.  fork-nginx.sh runs it, with
 * a key id 01 labelled "tls" in the first token.
 */

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway.h"

static void
sign(const char *who)
{
	CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
	CK_BYTE digest[32] = { 1 }, sig[64];
	CK_ULONG n = sizeof(sig), count;

	CALL(CKR_OK, C_SignInit(session, &m,
	    look_up(CKO_PRIVATE_KEY, 1, "tls", &count)));
	CALL(CKR_OK, C_Sign(session, digest, sizeof(digest), sig, &n));
	printf("%s signed\n", who);
	fflush(stdout);
}

static void
log_in(void)
{
	initialize();
	open_session();
	CALL(CKR_OK, C_Login(session, CKU_USER, (CK_UTF8CHAR *)PIN, 6));
}

static void
worker(CK_SESSION_HANDLE masters)
{
	CK_INFO info;
	CK_SESSION_INFO about;

	CALL(CKR_CRYPTOKI_NOT_INITIALIZED, C_GetInfo(&info));
	CALL(CKR_CRYPTOKI_NOT_INITIALIZED, C_Finalize(NULL));
	log_in();
	sign("the worker");
	CALL(CKR_SESSION_HANDLE_INVALID, C_GetSessionInfo(masters, &about));
	puts("the worker finds the handle of the master dead");
	fflush(stdout);
	CALL(CKR_OK, C_Finalize(NULL));
	_exit(0);
}

int
main(void)
{
	pid_t child;
	int status;

	load(false);
	initialize();
	slot = slot_at(0, false);
	open_session();
	CALL(CKR_OK, C_Login(session, CKU_USER, (CK_UTF8CHAR *)PIN, 6));
	sign("the master");
	child = fork();
	want(child >= 0);
	if (!child)
		worker(session);
	want(waitpid(child, &status, 0) == child);
	sign("the master again");
	want(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	leave();
	return 0;
}
