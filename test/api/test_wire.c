/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to the TPM, broken at every command of every hot operation: what
 * comes back altered, cut, late or refused is noticed or made up for; never
 * is a wrong result taken for a right one, and the next call works.
 *
 * WIRE_STEP: each how-many-th byte of the responses is altered (4; behind a
 * resource manager, where all takes longer, 32); all of their headers are, and
 * of deeds that take many commands each 16th of those.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_deeds.h"
#include "p11_trace.h"

#define COMMANDS_MAX 64
/* What a TPM's response begins with: tag, size, code. */
#define HEADER 10

static struct p11_traced commands[COMMANDS_MAX];
static CK_ULONG step;

static struct tally {
	unsigned tried;
	unsigned made_up_for;	/* a right result all the same */
	unsigned refused;
} tally;

static int
setup(void **state)
{
	const char *s = getenv("WIRE_STEP");

	p11_trace_start();
	step = s != NULL ? strtoul(s, NULL, 10) :
	    p11_has_resource_manager() ? 32 : 4;
	(void)p11_setup(state);
	p11_deeds_setup();
	return 0;
}

static int
teardown(void **state)
{
	p11_deeds_end();
	p11_trace_stop();
	return p11_teardown(state);
}

/* What the deed sends to the TPM in the state that it leaves itself. */
static CK_ULONG
learn(const struct p11_deed *d)
{
	CK_ULONG n;

	p11_trace_fault("%s", "");
	assert_ok(d->run());
	assert_ok(d->run());
	p11_trace_clear();
	p11_trace_bytes(true);
	assert_ok(d->run());
	p11_trace_bytes(false);
	n = p11_trace_take(commands, COMMANDS_MAX);
	assert_true(n > 0);
	return n;
}

static void
works(const struct p11_deed *d, const char *after)
{
	CK_RV rv;

	p11_trace_fault("%s", "");
	if ((rv = d->run()) != CKR_OK)
		fail_msg("%s does not work after %s: %s", d->name, after,
		    p11_rv_name(rv));
}

/* The deed with this fault at its nth command, and once more without. */
static CK_RV
meet(const struct p11_deed *d, CK_ULONG nth, const char *fault)
{
	char all[128];
	CK_RV rv;

	(void)snprintf(all, sizeof(all), "*:%lu:%s", nth + 1, fault);
	p11_trace_fault("%s", all);
	rv = d->run();
	tally.tried++;
	if (rv == P11_WRONG)
		fail_msg("%s: a wrong result with %s", d->name, all);
	if (rv == CKR_OK)
		tally.made_up_for++;
	else
		tally.refused++;
	works(d, all);
	return rv;
}

static void
report(const struct p11_deed *d, CK_ULONG n)
{
	print_message("%s: %lu commands, %u faults: %u made up for, "
	    "%u refused\n", d->name, n, tally.tried, tally.made_up_for,
	    tally.refused);
	tally = (struct tally){ .tried = 0 };
}

static CK_ULONG
step_of(CK_ULONG n, CK_ULONG byte)
{
	if (byte < HEADER)
		return 1;
	return n > 8 ? 16 * step : step;
}

static void
each_bit_position_of_each_response_is_turned(void **state)
{
	const struct p11_deed *d;
	CK_ULONG i, byte, n;
	char fault[32];

	(void)state;
	for (d = p11_deeds; d->name != NULL; d++) {
		n = learn(d);
		for (i = 0; i < n; i++)
			for (byte = 0; byte < commands[i].len;
			    byte += step_of(n, byte)) {
				(void)snprintf(fault, sizeof(fault), "bit%lu",
				    byte * 8 + (byte + i) % 8);
				(void)meet(d, i, fault);
			}
		report(d, n);
	}
}

static void
responses_of_a_wrong_length_are_refused(void **state)
{
	const struct p11_deed *d;
	CK_ULONG i, k, n;
	char fault[32];

	(void)state;
	for (d = p11_deeds; d->name != NULL; d++) {
		n = learn(d);
		for (i = 0; i < n; i++) {
			const CK_ULONG cuts[] = { 1, commands[i].len / 2,
			    commands[i].len - HEADER,
			    commands[i].len - HEADER + 1,
			    commands[i].len - 1, commands[i].len };

			for (k = 0; k < P11_COUNT(cuts); k++) {
				(void)snprintf(fault, sizeof(fault), "cut%lu",
				    cuts[k]);
				(void)meet(d, i, fault);
			}
			(void)meet(d, i, "long1");
			(void)meet(d, i, "long1000");
			(void)meet(d, i, "long4096");
		}
		report(d, n);
	}
}

/* Each command of each deed is answered so, n times in a row. */
static void
answer(const struct p11_deed *d, CK_ULONG nth, const char *code, unsigned n,
    bool must_work)
{
	char all[128];
	size_t len = 0;
	unsigned i;
	CK_RV rv;

	for (i = 0; i < n; i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len,
		    "%s*:%lu:%s", i == 0 ? "" : ",", nth + 1 + i, code);
	p11_trace_fault("%s", all);
	rv = d->run();
	tally.tried++;
	if (rv == CKR_OK)
		tally.made_up_for++;
	else
		tally.refused++;
	if (rv == P11_WRONG || (must_work && rv != CKR_OK))
		fail_msg("%s, %s: %s", d->name, all, p11_rv_name(rv));
	works(d, all);
}

static void
a_busy_tpm_is_waited_for(void **state)
{
	static const char *const codes[] = {
		"0x922",	/* RETRY */
		"0x908",	/* YIELDED */
		"0x90a",	/* TESTING */
		"0x920",	/* NV_RATE */
	};
	const struct p11_deed *d;
	CK_ULONG i, n;
	size_t k;

	(void)state;
	for (d = p11_deeds; d->name != NULL; d++) {
		n = learn(d);
		for (i = 0; i < n; i++) {
			for (k = 0; k < P11_COUNT(codes); k++)
				answer(d, i, codes[k], 3, true);
			answer(d, i, "slow20", 1, true);
		}
		report(d, n);
	}
}

static void
other_refusals_pass(void **state)
{
	static const char *const codes[] = {
		"0x902",	/* OBJECT_MEMORY */
		"0x903",	/* SESSION_MEMORY */
		"0x904",	/* MEMORY */
		"0x905",	/* SESSION_HANDLES */
		"0x906",	/* OBJECT_HANDLES */
		"0x901",	/* CONTEXT_GAP */
		"0x910",	/* REFERENCE_H0 */
		"0x918",	/* REFERENCE_S0 */
		"0x921",	/* LOCKOUT */
		"0x101",	/* FAILURE */
		"0x143",	/* COMMAND_CODE */
		"0x18b",	/* HANDLE, the first */
		"0xa0008",	/* TCTI: TRY_AGAIN */
	};
	const struct p11_deed *d;
	CK_ULONG i, n;
	size_t k;

	(void)state;
	for (d = p11_deeds; d->name != NULL; d++) {
		n = learn(d);
		for (i = 0; i < n; i++)
			for (k = 0; k < P11_COUNT(codes); k++)
				answer(d, i, codes[k], 1, false);
		report(d, n);
	}
}

static void
a_lost_answer_is_made_up_for(void **state)
{
	const struct p11_deed *d;
	CK_ULONG i, n;

	(void)state;
	for (d = p11_deeds; d->name != NULL; d++) {
		n = learn(d);
		for (i = 0; i < n; i++)
			answer(d, i, "drop", 1, false);
		report(d, n);
	}
}

static int
unbroken(void **state)
{
	(void)state;
	p11_trace_fault("%s", "");
	return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, unbroken)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(responses_of_a_wrong_length_are_refused),
		TEST(a_busy_tpm_is_waited_for),
		TEST(other_refusals_pass),
		TEST(a_lost_answer_is_made_up_for),
		TEST(each_bit_position_of_each_response_is_turned),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
