/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "util/cryptoki_names.h"
#include "util/log.h"

enum { LINE = 512, ATTRIBUTES_MAX = 40 };

bool
trace_wanted(void)
{
	return log_enabled(LOG_LEVEL_TRACE);
}

void
trace_call(const char *name, const char *fmt, ...)
{
	char args[LINE];
	va_list ap;

	if (!trace_wanted())
		return;
	va_start(ap, fmt);
	(void)vsnprintf(args, sizeof(args), fmt, ap);
	va_end(ap);
	log_trace("%s(%s)", name, args);
}

void
trace_template(const char *name, const CK_ATTRIBUTE *tmpl, CK_ULONG count)
{
	const char *known;
	CK_ULONG i;

	if (!trace_wanted() || tmpl == NULL)
		return;
	for (i = 0; i < count && i < ATTRIBUTES_MAX; i++) {
		known = cka_name(tmpl[i].type);
		log_trace("%s   0x%lx %s: %ld bytes", name, tmpl[i].type,
		    known == NULL ? "?" : known, (long)tmpl[i].ulValueLen);
	}
}

void
trace_answer(const char *name, CK_RV rv)
{
	const char *known;

	if (!trace_wanted())
		return;
	known = ckr_name(rv);
	log_trace("%s = %s (0x%lx)", name, known == NULL ? "?" : known, rv);
}

const char *
trace_mechanism(const CK_MECHANISM *m)
{
	const char *known = m == NULL ? "none" : ckm_name(m->mechanism);

	return known == NULL ? "?" : known;
}
