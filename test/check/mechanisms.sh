#!/bin/bash
# mechanisms.sh: mechanisms.md is what the table of mechanisms gives.
#
# The program that prints it is that of TPM2_CRYPTOKI_BUILDDIR, else that of
# this tree; where it is not there (test/run builds the tests elsewhere) that
# of build/san.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
name=test/unit/test_mech_page
program=${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}/$name
[ -x "$program" ] || program=$tap_top/build/san/$name

as_committed()
{
	"$program" print | diff "$tap_top/mechanisms.md" - && return
	echo 'mechanisms.md is old; make mechanisms.md writes it anew'
	return 1
}

ok 'mechanisms.md is what the table gives' as_committed
done_testing
