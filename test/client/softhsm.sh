#!/bin/bash
# softhsm.sh: SoftHSM 2 beside the module, by softhsm.c: for every mechanism
# that both list the same output, or what the one makes the other takes.

# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

build()
{
	# shellcheck disable=SC2046
	cc -std=c11 -D_GNU_SOURCE -Wall -g -I"$tap_top/src" \
	    -I"$tap_top/test/lib" \
	    $(pkg-config --cflags p11-kit-1 cmocka) -o beside \
	    "$tap_top/test/client/softhsm.c" \
	    "$tap_top"/test/lib/vectors{,_param}.c \
	    "$tap_top/src/util/cryptoki_names.c" -lcmocka -ldl
}

find_module()
{
	local path

	for path in /usr/lib/softhsm /usr/lib/*/softhsm /usr/lib64/softhsm; do
		[ -e "$path/libsofthsm2.so" ] || continue
		export SOFTHSM2_MODULE=$path/libsofthsm2.so
		return
	done
	return 1
}

mkdir tokens
printf 'directories.tokendir = %s\n' "$tap_dir/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$tap_dir/softhsm2.conf
echo 'software_keys: allow' >>"$TPM2_CRYPTOKI_CONFIG"

ok 'softhsm.c is built' build
ok 'SoftHSM is there' find_module
says 'what both list gives the same in both' \
    '[1-9][0-9]* mechanisms x [1-9][0-9]* cases' ./beside
grep 'mechanisms x' "$tap_out" | sed 's/^/# /'
done_testing
