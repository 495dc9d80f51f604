/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <yaml.h>

#include "util/env.h"
#include "yaml/config_keys.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	struct view text;
	struct config *config;
};

/* As much of a name as a message quotes. */
enum { QUOTE_MAX = 40 };

static CK_RV
refuse_at(const struct reader *r, const yaml_mark_t *at, const char *why)
{
	log_error("%s:%zu:%zu: %s", (char *)r->config->file.data,
	    at->line + 1, at->column + 1, why);
	return CKR_FUNCTION_FAILED;
}

static CK_RV
refuse(const struct reader *r, const char *why)
{
	return refuse_at(r, &r->event.start_mark, why);
}

/* Line and column of a byte; a column is a letter, not a byte. */
static yaml_mark_t
mark_of(struct view text, size_t offset)
{
	yaml_mark_t at = { .index = offset, .line = 0, .column = 0 };
	size_t i;

	for (i = 0; i < offset && i < text.len; i++) {
		if (text.data[i] == '\n') {
			at.line++;
			at.column = 0;
		} else if ((text.data[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

static CK_RV
yaml_rc(const struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t at = p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		return CKR_HOST_MEMORY;
	/* what is no text at all is met before there are lines */
	if (p->error == YAML_READER_ERROR)
		at = mark_of(r->text, p->problem_offset);
	return refuse_at(r, &at, p->problem != NULL ? p->problem : "no YAML");
}

static CK_RV
next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->parser, &r->event))
		return yaml_rc(r);
	return CKR_OK;
}

static struct view
scalar_view(const struct reader *r)
{
	return view_of(r->event.data.scalar.value,
	    r->event.data.scalar.length);
}

/* A scalar that is what it looks like. */
static bool
is_plain(const struct reader *r)
{
	return r->event.type == YAML_SCALAR_EVENT &&
	    r->event.data.scalar.anchor == NULL &&
	    r->event.data.scalar.tag == NULL;
}

static CK_RV
unknown_key(const struct reader *r)
{
	struct view name = view_sub(scalar_view(r), 0, QUOTE_MAX);
	struct buf why = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = buf_set(&why, view_str("unknown key \""))) != CKR_OK ||
	    (rv = buf_append(&why, name)) != CKR_OK ||
	    (rv = buf_append(&why, view_str("\", not one of"))) != CKR_OK)
		goto out;
	for (i = 0; i < CONFIG_KEYS; i++)
		if ((rv = buf_append(&why, view_str(i == 0 ? " " :
		    ", "))) != CKR_OK || (rv = buf_append(&why,
		    view_str(config_name((enum config_key)i)))) != CKR_OK)
			goto out;
	/* the name may have one of its own, which would end the message */
	for (i = 0; i < why.len; i++)
		if (why.data[i] == '\0')
			why.data[i] = '?';
	if ((rv = buf_append(&why, view_of("", 1))) == CKR_OK)
		rv = refuse(r, (char *)why.data);
out:
	buf_free(&why);
	return rv;
}

static CK_RV
read_key(const struct reader *r, enum config_key *key)
{
	if (!is_plain(r))
		return refuse(r, "no key: a word without tag, anchor or "
		    "brackets");
	*key = config_key_of(scalar_view(r));
	if (*key == CONFIG_KEYS)
		return unknown_key(r);
	if (r->config->origin[*key].source == CONFIG_FILE)
		return refuse(r, "a key that stands twice");
	return CKR_OK;
}

static CK_RV
wrong_value(const struct reader *r, enum config_key key)
{
	const yaml_mark_t *at = &r->event.start_mark;

	log_error("%s:%zu:%zu: %s: %s", (char *)r->config->file.data,
	    at->line + 1, at->column + 1, config_name(key),
	    config_right(key));
	return CKR_FUNCTION_FAILED;
}

static CK_RV
read_value(const struct reader *r, enum config_key key, unsigned line)
{
	CK_RV rv;

	if (!is_plain(r))
		return wrong_value(r, key);
	rv = config_set(r->config, key, scalar_view(r), CONFIG_FILE, line);
	if (rv == CKR_DATA_INVALID)
		return wrong_value(r, key);
	/* from here on, so that it shows what is wrong further down */
	if (rv == CKR_OK && key == CONFIG_LOG &&
	    env_get(config_variable(key)) == NULL)
		log_set(r->config->log);
	return rv;
}

/* The mapping that has just begun, up to its end. */
static CK_RV
read_map(struct reader *r)
{
	enum config_key key = CONFIG_KEYS;
	unsigned line;
	CK_RV rv;

	if (r->event.type != YAML_MAPPING_START_EVENT ||
	    r->event.data.mapping_start.anchor != NULL ||
	    r->event.data.mapping_start.tag != NULL)
		return refuse(r, "no mapping of keys to values, such as "
		    "\"log: error\"");
	for (;;) {
		if ((rv = next(r)) != CKR_OK ||
		    r->event.type == YAML_MAPPING_END_EVENT)
			return rv;
		line = (unsigned)r->event.start_mark.line + 1;
		if ((rv = read_key(r, &key)) != CKR_OK ||
		    (rv = next(r)) != CKR_OK ||
		    (rv = read_value(r, key, line)) != CKR_OK)
			return rv;
	}
}

/* A document without content, as when all is commented out. */
static bool
is_nothing(const struct reader *r)
{
	return is_plain(r) && scalar_view(r).len == 0 &&
	    r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static CK_RV
read_document(struct reader *r)
{
	CK_RV rv;

	if (r->event.data.document_start.version_directive != NULL ||
	    r->event.data.document_start.tag_directives.start !=
	    r->event.data.document_start.tag_directives.end)
		return refuse(r, "a directive; there is no use for one");
	if ((rv = next(r)) != CKR_OK ||
	    (!is_nothing(r) && (rv = read_map(r)) != CKR_OK) ||
	    (rv = next(r)) != CKR_OK)	/* the document's end */
		return rv;
	return next(r);
}

static CK_RV
read_stream(struct reader *r)
{
	CK_RV rv;

	if ((rv = next(r)) != CKR_OK || (rv = next(r)) != CKR_OK)
		return rv;
	if (r->event.type == YAML_DOCUMENT_START_EVENT &&
	    (rv = read_document(r)) != CKR_OK)
		return rv;
	return r->event.type == YAML_STREAM_END_EVENT ? CKR_OK :
	    refuse(r, "a second document; all keys go into one");
}

CK_RV
config_read(struct view text, struct config *c)
{
	struct reader r = { .text = text, .config = c };
	CK_RV rv;

	/* libyaml asserts that there is a text */
	if (text.len == 0)
		return CKR_OK;
	if (!yaml_parser_initialize(&r.parser))
		return CKR_HOST_MEMORY;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, text.data, text.len);
	rv = read_stream(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return rv;
}
