/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench make-keys			the floor's, in BENCH_DIR
 * bench make-token			of the module BENCH_MODULE
 * bench make-key ec|rsa|aes		in that token
 * bench fill FROM TO			objects into its token
 * bench flush				what a dead process left in the TPM
 * bench unlock				the TPM after it was switched off
 * bench initialize			C_Initialize and C_Finalize, for strace
 * bench work CONTESTANT TEST		one round of one contestant
 * bench compare PATH SUFFIX TEST...	all rounds; lines of a report
 *
 * test/bench/run calls it and has the environment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

const struct contestant *
contestant_for(enum who who, const struct test *t)
{
	if (who == FLOOR)
		return t->op == OP_SEARCH || t->how == START ? NULL :
		    &floor_contestant;
	return t->op == OP_TCTI ? NULL : &module_contestant;
}

static void
compare_all(const char *path, const char *suffix, char **ids)
{
	for (; *ids != NULL; ids++)
		compare(test_find(*ids), path, suffix);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "make-keys") == 0 && argc == 2)
		floor_make_keys();
	else if (strcmp(what, "make-token") == 0 && argc == 2)
		make_token();
	else if (strcmp(what, "make-key") == 0 && argc == 3)
		make_key(argv[2]);
	else if (strcmp(what, "fill") == 0 && argc == 4)
		fill_token(strtoul(argv[2], NULL, 10),
		    strtoul(argv[3], NULL, 10));
	else if (strcmp(what, "flush") == 0 && argc == 2)
		floor_flush();
	else if (strcmp(what, "unlock") == 0 && argc == 2)
		floor_unlock();
	else if (strcmp(what, "initialize") == 0 && argc == 2)
		initialize_marked();
	else if (strcmp(what, "work") == 0 && argc == 4)
		work(who_find(argv[2]), test_find(argv[3]));
	else if (strcmp(what, "compare") == 0 && argc > 4)
		compare_all(argv[2], argv[3], argv + 4);
	else
		die("how to call it says test/bench/main.c");
	return 0;
}
