/* SPDX-License-Identifier: BSD-2-Clause */
#include "finding.h"

#include <string.h>

#include "fail.h"
#include "util/log.h"

static void
keep(void *arg, const char *line)
{
	struct text *logged = arg;

	text_str(logged, line);
	text_str(logged, "\n");
}

void
findings_begin(struct doctor *d, struct tool *t)
{
	d->tool = t;
	d->logged = TEXT_EMPTY;
	d->reachable = false;
	d->handle_count = 0;
	log_divert(keep, &d->logged);
	if (t->json)
		json_list(&t->writer, NULL);
}

void
findings_end(struct doctor *d)
{
	log_divert(NULL, NULL);
	text_free(&d->logged);
	if (d->tool->json)
		json_end(&d->tool->writer);
}

/* The next line of the log, without its newline; empty: no more. */
static struct view
next_line(struct view *rest)
{
	const uint8_t *end = rest->len == 0 ? NULL :
	    memchr(rest->data, '\n', rest->len);
	struct view line = VIEW_EMPTY;

	if (end != NULL) {
		line = view_sub(*rest, 0, (size_t)(end - rest->data));
		*rest = view_sub(*rest, line.len + 1, rest->len);
	}
	return line;
}

static void
todo_plain(struct text *out, struct view line)
{
	text_str(out, "      ");
	text_add(out, line);
	text_str(out, "\n");
}

static void
plain(struct doctor *d, enum mark mark, const char *what,
    const struct text *words, const char *todo)
{
	static const char *const marks[] = { "ok  ", "warn", "FAIL" };
	struct view line, rest = buf_view(&d->logged.bytes);
	struct text *out = &d->tool->out;

	text_fmt(out, "%s  ", marks[mark]);
	text_str(out, what);
	text_str(out, ": ");
	text_add(out, buf_view(&words->bytes));
	text_str(out, "\n");
	if (mark == MARK_OK)
		return;
	while ((line = next_line(&rest)).len != 0)
		todo_plain(out, line);
	if (todo != NULL)
		todo_plain(out, view_str(todo));
}

static void
json(struct doctor *d, enum mark mark, const char *what,
    const struct text *words, const char *todo)
{
	static const char *const marks[] = { "ok", "warn", "FAIL" };
	struct view line, rest = buf_view(&d->logged.bytes);
	struct json *j = &d->tool->writer;

	json_object(j, NULL);
	json_str(j, "result", marks[mark]);
	json_str(j, "what", what);
	json_text(j, "words", buf_view(&words->bytes));
	if (mark != MARK_OK) {
		json_list(j, "log");
		while ((line = next_line(&rest)).len != 0)
			json_text(j, NULL, line);
		json_end(j);
		if (todo != NULL)
			json_str(j, "todo", todo);
	}
	json_end(j);
}

void
found(struct doctor *d, enum mark mark, const char *what,
    const struct text *words, const char *todo)
{
	struct tool *t = d->tool;

	if (t->out.rv == CKR_OK)
		t->out.rv = words->rv;
	if (t->json)
		json(d, mark, what, words, todo);
	else
		plain(d, mark, what, words, todo);
	if (mark == MARK_FAIL)
		t->wrong = true;
	text_free(&d->logged);
}

void
found_str(struct doctor *d, enum mark mark, const char *what,
    const char *words, const char *todo)
{
	struct text text = TEXT_EMPTY;

	text_str(&text, words);
	found(d, mark, what, &text, todo);
	text_free(&text);
}

void
found_rv(struct doctor *d, const char *what, CK_RV rv)
{
	const char *todo, *why = reason_of(rv, &todo);

	found_str(d, MARK_FAIL, what, why, todo);
}
