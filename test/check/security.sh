#!/bin/bash
# security.sh: the tests that SECURITY.md names are there.
#
# SRCDIR in the environment names another tree to check.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "${SRCDIR:-$tap_top}" || exit 1

# Prints "FILE FUNCTION" of each `dir/test_x: function`.
named()
{
	tr '\n' ' ' <SECURITY.md |
	    grep -oE '`[a-z]+/test_[a-z0-9_]+: [a-z0-9_]+`' |
	    tr -d '\140:'
}

some_are_named()
{
	[ "$(named | wc -l)" -ge 20 ]
}

all_are_there()
{
	local file function bad=0

	while read -r file function; do
		grep -qE "\b$function\b" "test/$file.c" 2>/dev/null || {
			echo "$file: $function"
			bad=1
		}
	done < <(named)
	return $bad
}

ok 'SECURITY.md names tests' some_are_named
ok 'each of them is there' all_are_there
done_testing
