/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "fail.h"

static void
origin_text(struct text *out, const struct config *c, enum config_key key)
{
	switch (c->origin[key].source) {
	case CONFIG_FILE:
		text_safe(out, buf_view(&c->file));
		text_fmt(out, ":%u", c->origin[key].line);
		break;
	case CONFIG_ENVIRONMENT:
		text_str(out, config_variable(key));
		break;
	case CONFIG_DEFAULT:
		text_str(out, "default");
		break;
	}
}

static void
key_plain(struct tool *t, enum config_key key, const struct buf *value)
{
	size_t start = t->out.bytes.len;

	text_fmt(&t->out, "%s:", config_name(key));
	text_pad(&t->out, start, 18);
	start = t->out.bytes.len;
	text_safe(&t->out, buf_view(value));
	text_pad(&t->out, start, 32);
	text_str(&t->out, "(");
	origin_text(&t->out, &t->config, key);
	text_str(&t->out, ")\n");
}

static void
key_json(struct tool *t, enum config_key key, const struct buf *value)
{
	static const char *const sources[] = {
		[CONFIG_DEFAULT] = "default",
		[CONFIG_FILE] = "file",
		[CONFIG_ENVIRONMENT] = "environment"
	};
	const struct config *c = &t->config;
	struct json *j = &t->writer;

	json_object(j, config_name(key));
	json_text(j, "value", buf_view(value));
	json_str(j, "source", sources[c->origin[key].source]);
	if (c->origin[key].source == CONFIG_FILE) {
		json_text(j, "file", buf_view(&c->file));
		json_number(j, "line", c->origin[key].line);
	}
	if (c->origin[key].source == CONFIG_ENVIRONMENT)
		json_str(j, "variable", config_variable(key));
	json_end(j);
}

static CK_RV
tell(struct tool *t, enum config_key key)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = config_value(&t->config, key, &value)) != CKR_OK)
		rv = fail(t, config_name(key), rv);
	else if (t->json)
		key_json(t, key, &value);
	else
		key_plain(t, key, &value);
	buf_free(&value);
	return rv;
}

CK_RV
run_config(struct tool *t)
{
	unsigned key;
	CK_RV rv;

	if ((rv = tool_configure(t)) != CKR_OK)
		return rv;
	if (t->json)
		json_object(&t->writer, NULL);
	for (key = 0; key < CONFIG_KEYS; key++)
		if ((rv = tell(t, (enum config_key)key)) != CKR_OK)
			return rv;
	if (t->json)
		json_end(&t->writer);
	return CKR_OK;
}
