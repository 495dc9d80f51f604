/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tpm/internal.h"
#include "util/mem.h"

/*
 * A TCTI for tpm2-abrmd, "tabrmd:bus_type=system,bus_name=...", in place of
 * libtss2-tcti-tabrmd, which is GLib's: that starts a thread in the program,
 * prints on stderr, and cannot connect in the child of a process that used
 * it, so no server that forks could.
 *
 * Commands and responses go over a socket (abrmd_connect.c). Cancelling and
 * localities would be calls by the bus, and no version of tpm2-abrmd
 * implements them.
 */

#define NAME "tabrmd"
#define MAGIC UINT64_C(0x54504d3261627264)
#define HEADER 10
/* For who waits without a limit: longer than any command, and its queue. */
#define RESPONSE_MS 600000

struct abrmd {
	TSS2_TCTI_CONTEXT_COMMON_V2 common;
	int fd;
	bool sent;	/* a response is due */
	size_t got;	/* of it so far */
	uint8_t response[TPM2_MAX_RESPONSE_SIZE];
};

static struct abrmd *
of(TSS2_TCTI_CONTEXT *context)
{
	return (struct abrmd *)context;
}

static TSS2_RC
await(const struct abrmd *a, short events, int32_t timeout)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	bool forever = timeout == TSS2_TCTI_TIMEOUT_BLOCK;
	int n;

	do
		n = poll(&p, 1, forever ? RESPONSE_MS : timeout);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return TSS2_RC_SUCCESS;
	return n == 0 && !forever ? TSS2_TCTI_RC_TRY_AGAIN :
	    TSS2_TCTI_RC_IO_ERROR;
}

static bool
again(void)
{
	return errno == EINTR || errno == EAGAIN;
}

static TSS2_RC
transmit(TSS2_TCTI_CONTEXT *context, size_t size, const uint8_t *command)
{
	struct abrmd *a = of(context);
	size_t done = 0;
	ssize_t n;
	TSS2_RC rc;

	if (command == NULL)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (size < HEADER)
		return TSS2_TCTI_RC_BAD_VALUE;
	if (a->sent)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	while (done < size) {
		rc = await(a, POLLOUT, TSS2_TCTI_TIMEOUT_BLOCK);
		if (rc != TSS2_RC_SUCCESS)
			return rc;
		n = send(a->fd, command + done, size - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && !again())
			return TSS2_TCTI_RC_IO_ERROR;
		if (n > 0)
			done += (size_t)n;
	}
	a->sent = true;
	a->got = 0;
	return TSS2_RC_SUCCESS;
}

/* What the response's header says of its length; 0 before it is there. */
static size_t
announced(const struct abrmd *a)
{
	const uint8_t *p = a->response + 2;

	return a->got < HEADER ? 0 : (size_t)p[0] << 24 | (size_t)p[1] << 16 |
	    (size_t)p[2] << 8 | p[3];
}

/* One command is under way at most, so all that comes is its response. */
static TSS2_RC
fetch(struct abrmd *a, int32_t timeout)
{
	size_t len;
	ssize_t n;
	TSS2_RC rc;

	while (a->got < HEADER || a->got < announced(a)) {
		if ((rc = await(a, POLLIN, timeout)) != TSS2_RC_SUCCESS)
			return rc;
		n = recv(a->fd, a->response + a->got,
		    sizeof(a->response) - a->got, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && !again()))
			return TSS2_TCTI_RC_IO_ERROR;
		if (n > 0)
			a->got += (size_t)n;
		len = announced(a);
		if (a->got >= HEADER && (len < a->got ||
		    len > sizeof(a->response)))
			return TSS2_TCTI_RC_MALFORMED_RESPONSE;
	}
	return TSS2_RC_SUCCESS;
}

static TSS2_RC
receive(TSS2_TCTI_CONTEXT *context, size_t *size, uint8_t *response,
    int32_t timeout)
{
	struct abrmd *a = of(context);
	size_t room;
	TSS2_RC rc;

	if (size == NULL)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (timeout < TSS2_TCTI_TIMEOUT_BLOCK)
		return TSS2_TCTI_RC_BAD_VALUE;
	if (!a->sent)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	if ((rc = fetch(a, timeout)) != TSS2_RC_SUCCESS)
		return rc;
	room = *size;
	*size = a->got;
	if (response == NULL)
		return TSS2_RC_SUCCESS;
	if (room < a->got)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	memcpy(response, a->response, a->got);
	a->sent = false;
	return TSS2_RC_SUCCESS;
}

static void
finalize(TSS2_TCTI_CONTEXT *context)
{
	struct abrmd *a = of(context);

	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
}

static TSS2_RC
get_poll_handles(TSS2_TCTI_CONTEXT *context, TSS2_TCTI_POLL_HANDLE *handles,
    size_t *count)
{
	if (count == NULL)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (handles != NULL && *count < 1)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	*count = 1;
	if (handles != NULL)
		*handles = (TSS2_TCTI_POLL_HANDLE){ .fd = of(context)->fd,
		    .events = POLLIN };
	return TSS2_RC_SUCCESS;
}

static TSS2_RC
cancel(TSS2_TCTI_CONTEXT *context)
{
	(void)context;
	return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static TSS2_RC
set_locality(TSS2_TCTI_CONTEXT *context, uint8_t locality)
{
	(void)context;
	(void)locality;
	return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static TSS2_RC
make_sticky(TSS2_TCTI_CONTEXT *context, TPM2_HANDLE *handle, uint8_t sticky)
{
	(void)context;
	(void)handle;
	(void)sticky;
	return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static const TSS2_TCTI_CONTEXT_COMMON_V2 methods = {
	.v1 = {
		.magic = MAGIC,
		.version = 2,
		.transmit = transmit,
		.receive = receive,
		.finalize = finalize,
		.cancel = cancel,
		.getPollHandles = get_poll_handles,
		.setLocality = set_locality,
	},
	.makeSticky = make_sticky,
};

bool
abrmd_named(const char *tcti)
{
	size_t len = strlen(NAME);

	return strncmp(tcti, NAME, len) == 0 &&
	    (tcti[len] == '\0' || tcti[len] == ':');
}

CK_RV
abrmd_open(const char *tcti, TSS2_TCTI_CONTEXT **out)
{
	struct abrmd *a;
	CK_RV rv;

	if ((a = mem_alloc(1, sizeof(*a))) == NULL)
		return CKR_HOST_MEMORY;
	a->common = methods;
	if ((rv = abrmd_connect(tcti, &a->fd)) != CKR_OK)
		mem_free(a);
	else
		*out = (TSS2_TCTI_CONTEXT *)a;
	return rv;
}

void
abrmd_close(TSS2_TCTI_CONTEXT **context)
{
	if (*context == NULL)
		return;
	finalize(*context);
	mem_free(*context);
	*context = NULL;
}
