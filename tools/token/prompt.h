/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_PROMPT_H
#define TOOL_PROMPT_H

#include "util/buf.h"

/*
 * Ask for a secret on the terminal, whatever stdin and stdout are, without
 * showing what is typed. A signal that ends or stops the program first gets
 * the terminal back as it was; after a stop the question comes again.
 */

/* Is there a terminal to ask at? */
bool prompt_possible(void);

/*
 * CKR_FUNCTION_CANCELED at the end of input without a line, CKR_PIN_LEN_RANGE
 * for more than SECRET_MAX bytes, CKR_DEVICE_REMOVED without a terminal.
 */
enum { SECRET_MAX = 1024 };
CK_RV prompt_ask(const char *question, struct buf *secret) MUST_CHECK;

#endif
