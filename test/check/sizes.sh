#!/bin/bash
# sizes.sh: no file over 600 lines, no function over 60.
#
# A function's body goes from a line that is `{` to the next that is `}`;
# its name is at column 0 before it (STYLE.md).  SRCDIR names another tree.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "${SRCDIR:-$tap_top}" || exit 1

files()         # what find understands
{
	find src test tools -type f ! -path '*/.*' "$@" -print0
}

# grep -I: binary files have no lines.
long_files()
{
	! files ! -name '*.l?' ! -name '*.o' | xargs -0 grep -HcI '' |
	    awk -F: '$NF > 600 { printf "%s has %d lines\n", $1, $NF }' |
	    grep .
}

long_functions()
{
	! files -name '*.[ch]' | xargs -0 -r awk '
	FNR == 1 { name = ""; body = 0 }
	/^[A-Za-z_][A-Za-z_0-9]*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^\{/ { body = FNR }
	/^\}/ {
		if (body && name != "" && FNR - body - 1 > 60)
			printf "%s:%d: %s has %d lines\n",
			    FILENAME, body, name, FNR - body - 1
		body = 0
		name = ""
	}' | grep .
}

# What the count above would not see.
hidden_functions()
{
	! files -name '*.[ch]' | xargs -0 -r grep -nHE \
	    '^[A-Za-z_][A-Za-z_0-9 *]*\([^;=]*\)[[:space:]]*\{[[:space:]]*$'
}

ok 'no file is longer than 600 lines' long_files
ok 'no function is longer than 60 lines' long_functions
ok 'the brace that opens a function is on its own line' hidden_functions
done_testing
