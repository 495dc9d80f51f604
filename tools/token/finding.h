/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_FINDING_H
#define TOOL_FINDING_H

#include "tool.h"

/*
 * The findings of doctor: a line "ok|warn|FAIL what: words" each, and below
 * what is not ok what to do. What the module logged while something was
 * looked at belongs to the finding, which then says the path, the device or
 * the line of the configuration.
 */
enum mark { MARK_OK, MARK_WARN, MARK_FAIL };

struct doctor {
	struct tool *tool;
	struct text logged;	/* lines of the log since the last finding */
	bool reachable;		/* the TPM answers */
	/* Of NV indices that tokens of this store have. */
	uint32_t handles[256];
	size_t handle_count;
};

/* From here on log lines are kept for the next finding; and no longer. */
void findings_begin(struct doctor *d, struct tool *t);
void findings_end(struct doctor *d);

/* todo may be NULL. The words are fit to be printed. */
void found(struct doctor *d, enum mark mark, const char *what,
    const struct text *words, const char *todo);
void found_str(struct doctor *d, enum mark mark, const char *what,
    const char *words, const char *todo);
/* A FAIL with the words for rv. */
void found_rv(struct doctor *d, const char *what, CK_RV rv);

void doctor_tpm(struct doctor *d);
void doctor_token(struct doctor *d);
/* After all tokens. */
void doctor_indices(struct doctor *d);

#endif
