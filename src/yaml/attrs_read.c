/* SPDX-License-Identifier: BSD-2-Clause */
#include "yaml/attrs_yaml.h"

#include <limits.h>
#include <string.h>
#include <yaml.h>

#include "util/cryptoki_names.h"
#include "util/log.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
};

static CK_RV read_map(struct reader *r, unsigned depth, struct attrs *out);

static CK_RV
refuse_at(const yaml_mark_t *at, const char *why)
{
	log_info("attributes: line %zu, column %zu: %s", at->line + 1,
	    at->column + 1, why);
	return CKR_DATA_INVALID;
}

static CK_RV
refuse(const struct reader *r, const char *why)
{
	return refuse_at(&r->event.start_mark, why);
}

static CK_RV
yaml_rc(const yaml_parser_t *p)
{
	if (p->error == YAML_MEMORY_ERROR)
		return CKR_HOST_MEMORY;
	return refuse_at(&p->problem_mark,
	    p->problem != NULL ? p->problem : "no YAML");
}

static void
drop_event(struct reader *r)
{
	if (r->event.type == YAML_SCALAR_EVENT)
		wipe(r->event.data.scalar.value, r->event.data.scalar.length);
	yaml_event_delete(&r->event);
}

/*
 * libyaml frees without wiping. What can be reached of the text is wiped
 * here and in drop_event: input, decoded input, scalars not yet asked for.
 * Out of reach are outgrown beginnings of a scalar that libyaml enlarged.
 */
static void
drop_parser(struct reader *r)
{
	yaml_parser_t *p = &r->parser;
	yaml_token_t *t;

	drop_event(r);
	for (t = p->tokens.head; t != p->tokens.tail; t++)
		if (t->type == YAML_SCALAR_TOKEN)
			wipe(t->data.scalar.value, t->data.scalar.length);
	wipe(p->raw_buffer.start,
	    (size_t)(p->raw_buffer.end - p->raw_buffer.start));
	wipe(p->buffer.start, (size_t)(p->buffer.end - p->buffer.start));
	yaml_parser_delete(p);
}

static CK_RV
next(struct reader *r)
{
	drop_event(r);
	if (!yaml_parser_parse(&r->parser, &r->event))
		return yaml_rc(&r->parser);
	return CKR_OK;
}

static CK_RV
expect(struct reader *r, yaml_event_type_t type, const char *why)
{
	CK_RV rv;

	if ((rv = next(r)) != CKR_OK)
		return rv;
	return r->event.type == type ? CKR_OK : refuse(r, why);
}

static struct view
scalar_view(const struct reader *r)
{
	return view_of(r->event.data.scalar.value,
	    r->event.data.scalar.length);
}

/* A scalar as the writer gives it: without anchor, and not quoted. */
static bool
is_scalar(const struct reader *r)
{
	return r->event.type == YAML_SCALAR_EVENT &&
	    r->event.data.scalar.anchor == NULL &&
	    (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE ||
	    r->event.data.scalar.length == 0);
}

/* Neither quoted nor tagged. */
static bool
is_word(const struct reader *r)
{
	return is_scalar(r) && r->event.data.scalar.plain_implicit;
}

static bool
is_tagged(const struct reader *r, const char *tag)
{
	return is_scalar(r) && r->event.data.scalar.tag != NULL &&
	    strcmp((const char *)r->event.data.scalar.tag, tag) == 0;
}

static bool
is_text(const struct reader *r, const char *text)
{
	return view_equal(scalar_view(r), view_str(text));
}

/* A number of base 10 or 16 that a CK_ULONG of this machine holds. */
static bool
parse_number(struct view v, unsigned base, CK_ULONG *number)
{
	CK_ULONG value = 0;
	unsigned digit;
	size_t i;

	for (i = 0; i < v.len; i++) {
		if (v.data[i] >= '0' && v.data[i] <= '9')
			digit = (unsigned)v.data[i] - '0';
		else if (v.data[i] >= 'a' && v.data[i] <= 'f')
			digit = (unsigned)v.data[i] - 'a' + 10;
		else
			return false;
		if (digit >= base || value > (ULONG_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*number = value;
	return v.len > 0;
}

static CK_RV
read_key(const struct reader *r, CK_ATTRIBUTE_TYPE *type)
{
	struct view v = scalar_view(r);

	if (!is_word(r))
		return refuse(r, "no attribute name");
	/* a name that came later may stand as a number in an older text */
	if (view_equal(view_sub(v, 0, 2), view_str("0x"))) {
		if (!parse_number(view_sub(v, 2, v.len), 16, type))
			return refuse(r, "no attribute number");
		return CKR_OK;
	}
	if (!cka_from_name((const char *)v.data, type))
		return refuse(r, "unknown attribute name");
	return CKR_OK;
}

static CK_RV
read_ulong(const struct reader *r, CK_ULONG *number)
{
	if (is_word(r) && is_text(r, "-1")) {
		*number = CK_UNAVAILABLE_INFORMATION;
		return CKR_OK;
	}
	/* where a CK_ULONG is shorter, a number must not turn into that */
	if (!is_word(r) || !parse_number(scalar_view(r), 10, number) ||
	    *number == CK_UNAVAILABLE_INFORMATION)
		return refuse(r, "no number");
	return CKR_OK;
}

static CK_RV
read_bool(const struct reader *r, struct buf *value)
{
	CK_BBOOL yes = is_text(r, "true") ? CK_TRUE : CK_FALSE;

	if (!is_word(r) || (!yes && !is_text(r, "false")))
		return refuse(r, "neither true nor false");
	return buf_set(value, view_of(&yes, sizeof(yes)));
}

static CK_RV
read_number(const struct reader *r, struct buf *value)
{
	CK_ULONG number;
	CK_RV rv;

	if ((rv = read_ulong(r, &number)) != CKR_OK)
		return rv;
	return buf_set(value, view_of(&number, sizeof(number)));
}

static CK_RV
read_ulongs(struct reader *r, struct buf *value)
{
	CK_ULONG number;
	CK_RV rv;

	if (r->event.type != YAML_SEQUENCE_START_EVENT ||
	    r->event.data.sequence_start.anchor != NULL ||
	    r->event.data.sequence_start.tag != NULL)
		return refuse(r, "no list of numbers");
	for (;;) {
		if ((rv = next(r)) != CKR_OK ||
		    r->event.type == YAML_SEQUENCE_END_EVENT)
			return rv;
		if ((rv = read_ulong(r, &number)) != CKR_OK ||
		    (rv = buf_append(value, view_of(&number,
		    sizeof(number)))) != CKR_OK)
			return rv;
	}
}

/* yyyy-mm-dd to CK_DATE, which is the digits alone. */
static CK_RV
read_date(const struct reader *r, struct buf *value)
{
	struct view v = scalar_view(r);
	CK_ULONG digits;
	CK_RV rv;

	if (v.len != 10 || v.data[4] != '-' || v.data[7] != '-')
		return refuse(r, "no date");
	if ((rv = buf_append(value, view_sub(v, 0, 4))) != CKR_OK ||
	    (rv = buf_append(value, view_sub(v, 5, 2))) != CKR_OK ||
	    (rv = buf_append(value, view_sub(v, 8, 2))) != CKR_OK)
		return rv;
	if (!parse_number(buf_view(value), 10, &digits))
		return refuse(r, "no date");
	return CKR_OK;
}

static CK_RV
read_hex(const struct reader *r, struct buf *value)
{
	CK_RV rv = hex_parse(scalar_view(r), value);

	return rv == CKR_DATA_INVALID ? refuse(r, "no hexadecimal text") : rv;
}

static CK_RV
read_by_kind(struct reader *r, enum attr_kind kind, struct buf *value)
{
	switch (kind) {
	case ATTR_BOOL:
		return read_bool(r, value);
	case ATTR_ULONG:
		return read_number(r, value);
	case ATTR_ULONGS:
		return read_ulongs(r, value);
	case ATTR_DATE:
		if (is_tagged(r, "!date"))
			return read_date(r, value);
		break;
	case ATTR_BYTES:
	case ATTR_TEMPLATE:
		break;
	}
	return refuse(r, "a value of another kind");
}

/*
 * Any kind may stand as !hex: what an older version held for bytes, since it
 * did not know the attribute, has to stay readable.
 */
static CK_RV
read_value(struct reader *r, CK_ATTRIBUTE_TYPE type, struct attrs *out)
{
	yaml_mark_t at = r->event.start_mark;
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if (is_tagged(r, "!hex"))
		rv = read_hex(r, &value);
	else
		rv = read_by_kind(r, attr_kind(type), &value);
	if (rv != CKR_OK)
		goto out;
	rv = attrs_set(out, type, buf_view(&value));
	if (rv == CKR_ATTRIBUTE_VALUE_INVALID)
		rv = refuse_at(&at, "a value of the wrong length");
out:
	buf_free(&value);
	return rv;
}

static CK_RV
read_nested(struct reader *r, CK_ATTRIBUTE_TYPE type, unsigned depth,
    struct attrs *out)
{
	struct attrs nested = ATTRS_EMPTY;
	CK_RV rv;

	if (depth == ATTRS_DEPTH)
		return refuse(r, "too deep");
	if ((rv = read_map(r, depth + 1, &nested)) != CKR_OK)
		goto out;
	rv = attrs_set_template(out, type, &nested);
out:
	attrs_free(&nested);
	return rv;
}

/* The mapping that has just begun, up to its end. */
static CK_RV
read_map(struct reader *r, unsigned depth, struct attrs *out)
{
	CK_ATTRIBUTE_TYPE type;
	CK_RV rv;

	if (r->event.type != YAML_MAPPING_START_EVENT ||
	    r->event.data.mapping_start.anchor != NULL ||
	    r->event.data.mapping_start.tag != NULL)
		return refuse(r, "no mapping of attributes");
	for (;;) {
		if ((rv = next(r)) != CKR_OK ||
		    r->event.type == YAML_MAPPING_END_EVENT)
			return rv;
		if ((rv = read_key(r, &type)) != CKR_OK)
			return rv;
		if (attrs_has(out, type))
			return refuse(r, "an attribute that stands twice");
		if ((rv = next(r)) != CKR_OK)
			return rv;
		if (attr_kind(type) == ATTR_TEMPLATE)
			rv = read_nested(r, type, depth, out);
		else
			rv = read_value(r, type, out);
		if (rv != CKR_OK)
			return rv;
	}
}

static CK_RV
read_start(struct reader *r)
{
	CK_RV rv;

	if ((rv = expect(r, YAML_STREAM_START_EVENT, "no YAML")) != CKR_OK ||
	    (rv = expect(r, YAML_DOCUMENT_START_EVENT, "empty")) != CKR_OK)
		return rv;
	if (r->event.data.document_start.version_directive != NULL ||
	    r->event.data.document_start.tag_directives.start !=
	    r->event.data.document_start.tag_directives.end)
		return refuse(r, "a directive");
	return next(r);
}

static CK_RV
read_end(struct reader *r)
{
	CK_RV rv;

	if ((rv = expect(r, YAML_DOCUMENT_END_EVENT, "no end")) != CKR_OK)
		return rv;
	return expect(r, YAML_STREAM_END_EVENT, "a second document");
}

CK_RV
yaml_read_attrs(struct view text, struct attrs *out)
{
	struct attrs list = ATTRS_EMPTY;
	struct reader r;
	CK_RV rv;

	/* libyaml asserts that there is a text */
	if (text.data == NULL)
		return CKR_DATA_INVALID;
	memset(&r, 0, sizeof(r));
	if (!yaml_parser_initialize(&r.parser))
		return CKR_HOST_MEMORY;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, text.data, text.len);
	if ((rv = read_start(&r)) != CKR_OK ||
	    (rv = read_map(&r, 0, &list)) != CKR_OK ||
	    (rv = read_end(&r)) != CKR_OK)
		goto out;
	attrs_move(out, &list);
out:
	attrs_free(&list);
	drop_parser(&r);
	return rv;
}
