/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "tpm/internal.h"

#include <cmocka.h>

struct judgement {
	const char *tcti;
	bool sole;
	bool reaps;
};

/* Only of those that are known to be ours alone anything may be flushed. */
static void
a_resource_manager_is_told_by_the_string(void **state)
{
	static const struct judgement rows[] = {
		{ "swtpm:path=/run/tpm", true, false },
		{ "swtpm", true, false },
		{ "mssim:host=localhost,port=2321", true, false },
		{ "libtss2-tcti-swtpm.so.0:path=/x", true, false },
		{ "/usr/lib/libtss2-tcti-mssim.so.0", true, false },
		{ "device:/dev/tpm0", true, false },
		{ "device:/dev/tpm1", true, false },
		{ "device:/dev/tpmrm0", false, true },
		{ "device:/dev/tpmrm1", false, true },
		{ "device", false, false },
		{ "device:/dev/tpmfoo", false, false },
		{ "device:/dev/tpm", false, false },
		{ "device:/dev/vtpmx", false, false },
		{ "tabrmd", false, true },
		{ "tabrmd:bus_type=session", false, true },
		{ "libtss2-tcti-tabrmd.so.0:bus_type=session", false, true },
		{ "cmd:tpm2_send", false, false },
		{ "", false, false },
		{ "/opt/libtcti-trace.so:swtpm:path=/x", true, false },
		{ "libtcti-trace.so:tabrmd:bus_type=session", false, true },
		{ "/opt/libtcti-trace.so:device:/dev/tpmrm0", false, true },
		{ "pcap:device:/dev/tpm0", true, false },
		{ "pcap:/opt/libtcti-trace.so:mssim", true, false },
		{ "cmd:run swtpm:path=x.so:y", false, false },
	};
	struct tcti_kind kind;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		kind = tcti_judge(rows[i].tcti);
		if (kind.sole != rows[i].sole || kind.reaps != rows[i].reaps)
			fail_msg("%s: sole %d, reaps %d", rows[i].tcti,
			    kind.sole, kind.reaps);
	}
}

static void
the_configured_tcti_wins(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(tcti_choose(view_str("swtpm:path=/x"), &out),
	    CKR_OK);
	assert_string_equal((const char *)out.data, "swtpm:path=/x");
	buf_free(&out);
}

static void
a_device_that_is_not_there_is_told_before_the_tss_tries(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(tcti_choose(view_str("device:/dev/does-not-exist"),
	    &out), CKR_DEVICE_REMOVED);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resource_manager_is_told_by_the_string),
		cmocka_unit_test(the_configured_tcti_wins),
		cmocka_unit_test(
		    a_device_that_is_not_there_is_told_before_the_tss_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
