/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/caps_note.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The kernel draws a UUID at each start of the machine. */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LEN 36

struct note {
	char boot[BOOT_ID_LEN];
	struct tpm_caps caps;
};

/* All zeros where there is none: then all starts look alike. */
static void
read_boot(char boot[BOOT_ID_LEN])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	memset(boot, 0, BOOT_ID_LEN);
	if (fd < 0)
		return;
	if (read(fd, boot, BOOT_ID_LEN) != BOOT_ID_LEN)
		memset(boot, 0, BOOT_ID_LEN);
	(void)close(fd);
}

/*
 * What was asked of one TPM is no answer for another, nor for another layout
 * of the answer.
 */
static CK_RV
note_name(const struct tpm_parent *parent, struct buf *name)
{
	CK_RV rv;

	if ((rv = buf_set(name, view_str("tpm-caps-2-"))) != CKR_OK ||
	    (rv = hex_append(buf_view(&parent->name), name)) != CKR_OK)
		return rv;
	return buf_append(name, view_of("", 1));
}

static void
take(const struct note *note, struct tpm_caps *caps, bool *fresh)
{
	char boot[BOOT_ID_LEN];

	read_boot(boot);
	*caps = note->caps;
	caps->manufacturer[sizeof(caps->manufacturer) - 1] = 0;
	caps->vendor[sizeof(caps->vendor) - 1] = 0;
	*fresh = memcmp(boot, note->boot, sizeof(boot)) == 0;
}

CK_RV
caps_note_get(struct store *store, const struct tpm_parent *parent,
    struct tpm_caps *caps, bool *found, bool *fresh)
{
	struct buf name = BUF_EMPTY, bytes = BUF_EMPTY;
	struct note note;
	CK_RV rv;

	*found = *fresh = false;
	if ((rv = note_name(parent, &name)) != CKR_OK ||
	    (rv = store_note_get(store, (char *)name.data, &bytes)) != CKR_OK)
		goto out;
	if (bytes.len == sizeof(note)) {
		memcpy(&note, bytes.data, sizeof(note));
		take(&note, caps, fresh);
		*found = true;
	}
out:
	buf_free(&name);
	buf_free(&bytes);
	return rv;
}

void
caps_note_put(struct store *store, const struct tpm_parent *parent,
    const struct tpm_caps *caps)
{
	struct buf name = BUF_EMPTY;
	struct note note;

	memset(&note, 0, sizeof(note));
	read_boot(note.boot);
	note.caps = *caps;
	if (note_name(parent, &name) == CKR_OK)
		(void)!store_note_put(store, (char *)name.data,
		    view_of(&note, sizeof(note)));
	buf_free(&name);
}
