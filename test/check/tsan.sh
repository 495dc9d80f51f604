#!/bin/bash
# tsan.sh: 8 threads opening, searching, signing, digesting, creating,
# destroying and closing, and all else that test/api/test_threads.c does, with
# the thread sanitizer in the module and in the test: it has nothing to say.
#
# The build of its own is in build/tsan, and only what is needed; it is kept,
# so that later runs are quick. P11_SECONDS (10) is how long they go on.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
tree=$tap_top/build/tree dir=$tap_top/build/tsan
[ -x "$tree/configure" ] || tree=$tap_top
program=test/api/test_threads

build()
{
	mkdir -p "$dir" && cd "$dir" || return
	[ -e Makefile ] || "$tree/configure" -q --enable-sanitizers=thread \
	    CFLAGS='-g1 -O0' || return
	make -j"$(nproc)" src/tpm2_cryptoki.la && make "$program"
}

threads()
{
	TSAN_OPTIONS=halt_on_error=0:exitcode=66 \
	P11_SECONDS=${P11_SECONDS:-10} \
	P11_MODULE=$dir/src/.libs/tpm2_cryptoki.so \
	    "$tap_top/tools/with-tpm" -- "$dir/$program"
}

said_nothing()
{
	! grep -A 30 'WARNING: ThreadSanitizer' "$tap_dir/said"
}

# Else it would have nothing to say whatever happened.
is_watched()
{
	nm -D "$dir/src/.libs/tpm2_cryptoki.so" | grep -q __tsan_read
}

unset TPM2_CRYPTOKI_BUILDDIR
ok 'the module and the test are built with the thread sanitizer' build
ok 'the module is watched' is_watched
ok 'eight threads go through all of it' threads
cp "$tap_out" "$tap_dir/said"
ok 'the thread sanitizer has nothing to say' said_nothing
done_testing
