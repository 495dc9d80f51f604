#!/bin/bash
# symbols.sh: the module exports the standard's functions and nothing else,
# and needs no library that it should not.
#
# The module is P11_MODULE, else that of TPM2_CRYPTOKI_BUILDDIR, else that of
# this tree.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
module=${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}/src/.libs/tpm2_cryptoki.so
module=${P11_MODULE:-$module}
map=$tap_top/lib/tpm2_cryptoki.map
list=$tap_top/src/util/cryptoki_functions.h

exported()
{
	nm -D --defined-only "$module" | awk '$2 != "A" { print $NF }' |
	    sed 's/@.*//' | sort -u
}

# The functions of each version, as the one list has them.
standard()
{
	sed -nE 's/^[[:space:]]*X\((C_[A-Za-z0-9]+)\).*/\1/p' "$list" | sort -u
}

in_map()
{
	sed 's,/\*.*\*/,,; s/#.*//' "$map" | grep -oE '\bC_[A-Za-z0-9]+' |
	    sort -u
}

only_standard()
{
	local extra

	extra=$(comm -23 <(exported) <(standard))
	[ -z "$extra" ] && return
	echo 'exported, and not in the standard:'
	echo "$extra"
	return 1
}

# A map with a pattern is held by only_standard alone.
as_in_map()
{
	grep -q 'C_\*' "$map" || diff <(in_map) <(exported)
}

has_entry_points()
{
	local name bad=0

	for name in C_GetFunctionList C_GetInterfaceList C_GetInterface \
	    C_Initialize C_Finalize; do
		exported | grep -qx "$name" || {
			echo "$name is not exported"
			bad=1
		}
	done
	return "$bad"
}

lacks_libraries()
{
	! readelf -d "$module" | grep NEEDED |
	    grep -E 'fapi|curl|json|p11-kit|tabrmd|tcti-'
}

no_executable_stack()
{
	! readelf -lW "$module" | awk '$1 == "GNU_STACK" && /E /' | grep .
}

if [ ! -e "$module" ]; then
	tap_fail 'the module is there' "no file $module"
	done_testing
fi
ok 'only functions of the standard are exported' only_standard
ok 'the exports are those of the symbol map' as_in_map
ok 'the entry points are exported' has_entry_points
ok 'no FAPI, curl, json, p11-kit or single TCTI is needed' lacks_libraries
ok 'the stack is not executable' no_executable_stack
done_testing
