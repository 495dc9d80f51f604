#!/bin/bash
# style.sh: what STYLE.md asks for and a script can see.
#
# SRCDIR in the environment names another tree to check.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "${SRCDIR:-$tap_top}" || exit 1

sources()
{
	find src test tools lib -type f -name '*.[ch]' -print0
}

texts()
{
	find src test tools lib -type f ! -path '*/.*' \
	    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.map' \
	    -o -name '*.in' -o -perm -u+x \) -print0
}

# Tabs go to columns of 8.
wide_lines()
{
	! sources | xargs -0 -r awk '{
		line = $0
		width = 0
		while ((tab = index(line, "\t")) > 0) {
			width += tab - 1
			width += 8 - width % 8
			line = substr(line, tab + 1)
		}
		width += length(line)
		if (width > 80)
			printf "%s:%d: %d columns\n", FILENAME, FNR, width
	}' | grep .
}

trailing_blanks()
{
	! texts | xargs -0 -r grep -nHIE '[[:blank:]]+$'
}

# A macro that returns or jumps hides the way out of a function.
leaving_macros()
{
	! sources | xargs -0 -r awk '
	FNR == 1 { macro = 0 }
	/^[ \t]*#[ \t]*define/ { macro = 1 }
	macro && /(^|[^A-Za-z0-9_"])(return|goto)([^A-Za-z0-9_"]|$)/ {
		printf "%s:%d: %s\n", FILENAME, FNR, $0
	}
	!/\\$/ { macro = 0 }' | grep .
}

# Written so that this file is no finding.
left_for_later()
{
	! texts | xargs -0 -r grep -nHIE '\b(T[O]DO|F[I]XME|X[X]X)\b'
}

unended_files()
{
	local file bad=0

	while IFS= read -r -d '' file; do
		[ -z "$(tail -c 1 "$file")" ] || {
			echo "$file"
			bad=1
		}
	done < <(sources)
	return "$bad"
}

# Only scripts; a built program may lie among them.
scripts_parse()
{
	local file bad=0

	while IFS= read -r -d '' file; do
		case $(head -c 11 "$file" | tr -d '\0') in
		'#!/bin/bash' | '#!/bin/sh'*) bash -n "$file" || bad=1 ;;
		esac
	done < <(find test tools .ci -type f -print0)
	return "$bad"
}

ok 'C lines fit 80 columns' wide_lines
ok 'no line ends in a blank' trailing_blanks
ok 'no macro returns or jumps' leaving_macros
ok 'nothing is left for later' left_for_later
ok 'C files end in a newline' unended_files
ok 'shell scripts parse' scripts_parse
done_testing
