#!/bin/bash
# locked.sh: secrets in memory are locked and left out of core dumps, in a
# build as users have it. The sanitizer's build has no pool to look at.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
program=test/unit/test_secret
cd "${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}" || exit 1

runs()
{
	make -s "$program" >/dev/null &&
	    "./$program" >"$tap_dir/said" 2>&1
}

ok 'the test of secret memory passes in a plain build' runs
ok 'buffers are locked and not dumped' \
    grep -q 'OK \] buffers_are_locked_and_not_dumped' "$tap_dir/said"
done_testing
