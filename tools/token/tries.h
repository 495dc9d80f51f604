/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_TRIES_H
#define TOOL_TRIES_H

#include "tool.h"

/* What is known of a PIN, in words and as a JSON object. */
bool tries_locked(const struct token_pin_state *p);
void tries_text(struct text *out, const struct token_pin_state *p);
void tries_json(struct json *j, const char *key,
    const struct token_pin_state *p);

#endif
