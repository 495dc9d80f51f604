#!/bin/bash
# tpm2-token-doctor.sh: the admin tool tells what is wrong and what to do:
# TPM, access, owner, store, indices, configuration.

# shellcheck source=../lib/tool.sh
. "$(dirname "$0")/../lib/tool.sh"

# doctor finds something: exit status, a line of findings, a line below it.
finds()         # STATUS REGEX ADVICE [VARIABLE=VALUE...] [OPTION...]
{
	local status=$1 finding=$2 advice=$3 vars=() rc

	shift 3
	while [[ ${1-} = *=* ]]; do
		vars+=("$1")
		shift
	done
	env "${vars[@]}" "$tool_program" doctor "$@" >out 2>err
	rc=$?
	echo "status $rc"
	cat out err
	[ $rc = "$status" ] && [ ! -s err ] &&
	    ! grep -vE '^(ok  |warn|FAIL)  [^ ].*: |^      ' out &&
	    awk -v line="$finding" -v todo="$advice" '
	    /^[^ ]/ { found = $0 ~ line; if (found) seen = 1 }
	    /^ / && found && $0 ~ todo { told = 1 }
	    END { exit !(seen && (told || todo == "")) }' out
}

healthy()
{
	ok 'an empty machine is fine' finds 0 '^ok    store: none yet; ' ''
	init gate >/dev/null
	ok 'a token is fine' finds 0 '^ok    gate: content: in order' ''
	is '... without a warning' "$(grep -c '^warn' out)" 0
	ok '... by which TCTI is told' finds 0 \
	    "^ok    TPM: $TPM2_CRYPTOKI_TCTI: " ''
	ok '... in JSON' json 'all(.[]; .result == "ok" and
	    (.what | length) > 0 and (.words | length) > 0)' doctor
	ok 'without rollback it says so' finds 0 \
	    '^ok    gate: counter: index 0x01a5[89ab]... at [0-9]' ''
}

no_tpm()
{
	local none=TPM2_CRYPTOKI_TCTI=swtpm:path=/nonexistent

	ok 'no TPM' finds 1 '^FAIL  TPM: cannot be reached' \
	    'TPM2_CRYPTOKI_TCTI' $none
	ok '... and what the TSS says' finds 1 '^FAIL  TPM: cannot be reached' \
	    '/nonexistent: no TPM answers' $none
	ok '... tokens are not called damaged' finds 1 \
	    '^warn  gate: not looked at' '' $none
	ok '... JSON' eval "export $none; status=1 json 'any(.[];
	    .result == \"FAIL\" and .what == \"TPM\" and
	    (.log | length) > 0 and (.todo | length) > 0)' doctor; rc=\$?
	    export TPM2_CRYPTOKI_TCTI=$TPM2_CRYPTOKI_TCTI; [ \$rc = 0 ]"
	ok 'no such device' finds 1 '^FAIL  TPM: ' \
	    '/dev/tpm-not: there is no such TPM device' \
	    TPM2_CRYPTOKI_TCTI=device:/dev/tpm-not
	ok 'other commands say it in one line' eval "$none refused 1 \
	    'gate: the TPM cannot be reached; tpm2-token doctor' \
	    pin unlock gate --so"
	says 'show tells what the store knows' '^SRK: .*cannot be reached' \
	    eval "! $none tool show gate"
	ok 'list needs no TPM' env $none "$tool_program" list
}

# As somebody who may not.
access()
{
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

	if ! "${nobody[@]}" test -x "$tool_program" 2>/dev/null; then
		skip 'only root can be somebody else'
		return
	fi
	chmod 755 . && touch tpm n.yaml && chmod 644 n.yaml && chgrp daemon tpm && chmod 660 tpm
	echo '#!/bin/sh' >as_nobody
	echo "TPM2_CRYPTOKI_CONFIG=$PWD/n.yaml exec \
	    ${nobody[*]} $tool_program \"\$@\"" >>as_nobody
	chmod 755 as_nobody
	tool_program=$PWD/as_nobody
	ok 'a TPM of another group: which one to join' finds 1 \
	    '^FAIL  TPM: cannot be reached' 'join the group daemon' \
	    TPM2_CRYPTOKI_TCTI="device:$PWD/tpm"
	chmod 755 "$(dirname "$TPM2_CRYPTOKI_STORE")"
	chmod 755 "$(dirname "$(dirname "$TPM2_CRYPTOKI_STORE")")"
	chmod 711 "$TPM2_CRYPTOKI_STORE"
	ok 'a store of another user: who may' finds 1 \
	    '^FAIL  store: none that can be read' 'let this user read it' \
	    TPM2_CRYPTOKI_TCTI="$TPM2_CRYPTOKI_TCTI"
	chmod 755 "$TPM2_CRYPTOKI_STORE"
	chmod 644 "$TPM2_CRYPTOKI_STORE"/store.sqlite3*
	ok 'a store that can only be read: a warning' finds 1 \
	    '^warn  store: .* can be read but not written' 'owner or in its' \
	    TPM2_CRYPTOKI_TCTI="$TPM2_CRYPTOKI_TCTI"
	ok '... and to list needs no more' "$tool_program" list
	ok '... to change it does' eval '! "$tool_program" delete gate \
	    --force >out 2>&1; cat out; grep "^tpm2-token: .*gate: .*store cannot be written" out'
	chmod 700 "$TPM2_CRYPTOKI_STORE"
	chmod 600 "$TPM2_CRYPTOKI_STORE"/store.sqlite3*
	tool_program=${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}/tools/tpm2-token
}

the_owner()
{
	echo besitzer >owner.auth
	by_owner=(--owner-auth-file owner.auth)
	tpm2_changeauth -Q -c owner besitzer
	ok 'an owner with a password is a warning' finds 0 \
	    '^warn  owner: .*none is given' 'owner-auth-file'
	ok '... given, it is fine' finds 0 '^ok    owner: .*is given' '' \
	    "${by_owner[@]}"
	ok 'without it no token is made' refused 1 "owner's password is" \
	    init --label two "${by_so[@]}"
	ok '... nor with a wrong one' refused 1 "owner's password is" \
	    init --label two "${by_so[@]}" --owner-auth-file wrong.pin
	ok '... with it one is' init two "${by_owner[@]}"
	ok '... with that of the environment' env OWN=besitzer \
	    "$tool_program" init --label three "${by_so[@]}" \
	    --owner-auth-env OWN
	ok '... or of the configuration' eval \
	    'echo "owner_auth_file: $PWD/owner.auth" >o.yaml
	    TPM2_CRYPTOKI_CONFIG=$PWD/o.yaml init four'
	ok '... or of the terminal' talk log "$tool_program init \
	    --label five --so-pin-file so.pin" 'besitzer\n'
	says '... where it is asked for' "TPM owner's password: " cat log
	tool pin change gate --pin-file wrong.pin --new-pin-file new.pin \
	    >/dev/null 2>&1
	ok 'counts are a hint without it' json '.user_pin.from == "store" and
	    .user_pin.count == 1' pin status gate
	says '... in words' '1 of 10 wrong tries .*, as last seen; ' \
	    tool pin status gate
	ok '... with it the TPM'\''s' json '.user_pin.from == "tpm" and
	    .user_pin.count == 1' pin status gate "${by_owner[@]}"
	ok 'delete --force without it leaves indices' tool delete two --force
	ok '... which doctor tells' finds 0 \
	    '^warn  NV indices: 0x01a5.*0x01a5.*0x01a5' 'sweep'
	ok '... and sweeps with it' finds 0 '^ok    sweep: 0 ' '' --sweep \
	    "${by_owner[@]}"
	is '... so that none is left over' "$(grep -c 'NV indices:' out)" 0
	for token in three four five; do
		ok "$token goes" tool delete $token "${by_so[@]}" \
		    "${by_owner[@]}"
	done
	tpm2_changeauth -Q -c owner -p besitzer
}

index_of()      # so_pin|user_pin|counter
{
	tool show gate --json | jq -r ".$1.handle"
}

removed()
{
	tpm2_nvundefine -Q "$(index_of counter)"
	ok 'a counter that its owner removed' finds 1 \
	    '^FAIL  gate: counter: ' 'tpm2-token restore'
	ok '... restore makes a new one' tool restore gate "${by_so[@]}"
	ok '... and all is fine' finds 0 '^ok    gate: counter: ' ''
	tpm2_nvundefine -Q "$(index_of user_pin)"
	ok 'a PIN whose index is gone' finds 1 '^FAIL  gate: user PIN: ' \
	    'pin reset'
	ok '... which resets' tool pin reset gate "${by_so[@]}" \
	    --new-pin-file user.pin
	ok '... and all is fine' finds 0 '^ok    gate: user PIN: ' ''
	tpm2_clear -Q
	ok 'a TPM that was cleared' finds 1 '^FAIL  gate: SRK: ' \
	    'delete --force'
	ok '... show says it too' eval '! tool show gate >out && cat out &&
	    grep "^SRK: .*NOT FOUND" out'
	ok '... and the token can go' tool delete gate --force
}

config_file()   # TEXT
{
	printf '%s\n' "$1" >c.yaml
	export TPM2_CRYPTOKI_CONFIG=$PWD/c.yaml
}

configuration()
{
	ok 'config: all defaults but what the tests set' json '
	    (to_entries | map(select(.value.source != "default") | .key)) ==
	    ["tcti", "store"] and .tcti.variable == "TPM2_CRYPTOKI_TCTI" and
	    .so_tries.value == "10"' config
	is '... thirteen keys' "$(jq length out)" 13
	config_file $'# mine\nso_tries: 5\nlog: info'
	ok 'a key of the file, with its line' json '.so_tries ==
	    {value: "5", source: "file", file: env.TPM2_CRYPTOKI_CONFIG,
	    line: 2}' config
	says '... in words' "^so_tries: +5 +\($PWD/c.yaml:2\)$" tool config
	ok 'the environment wins' env TPM2_CRYPTOKI_LOG=debug bash -c \
	    '"$0" config | grep "^log: *debug *(TPM2_CRYPTOKI_LOG)"' \
	    "$tool_program"
	ok 'doctor names the file' finds 0 "^ok    configuration: .*c.yaml" ''
	config_file $'so_tries: 5\nso_tires: 6'
	ok 'a file with a mistake' refused 1 'configuration: it is not in' \
	    config
	says '... is told with its line' 'c.yaml:2:1: ' cat err
	ok '... and stops other commands' refused 1 'configuration: it' list
	ok '... not doctor' finds 1 '^FAIL  configuration: ' 'c.yaml:2:1: '
	ok 'what init does comes from it' eval 'config_file "user_tries: 4";
	    tool init --label four "${by_so[@]}" &&
	    json ".user_pin.limit == 4 and .so_pin.limit == 10" show four'
	unset TPM2_CRYPTOKI_CONFIG
}

# While it waits for a PIN that does not come yet.
closed_stderr()
{
	local pid rc

	mkfifo hold
	"$tool_program" restore four --so-pin-file hold 2>&- &
	pid=$!
	await test /proc/$pid/fd/2 -ef /dev/null
	rc=$?
	ls -l /proc/$pid/fd
	echo 1 >hold
	wait $pid
	return $rc
}

words()
{
	ok 'the log is at level error' eval 'tool show four 2>err;
	    TPM2_CRYPTOKI_TCTI=swtpm:path=/nonexistent tool init --label x \
	    "${by_so[@]}" 2>err; cat err;
	    grep -q "^tpm2-cryptoki: error: " err'
	ok '... unless somebody says otherwise' eval 'TPM2_CRYPTOKI_LOG=none \
	    TPM2_CRYPTOKI_TCTI=swtpm:path=/nonexistent tool init --label x \
	    "${by_so[@]}" 2>err; cat err; ! grep "^tpm2-cryptoki:" err &&
	    grep "^tpm2-token: x: the TPM cannot be reached; " err'
	ok 'output that nobody takes is a failure' eval \
	    '! tool list >/dev/full'
	ok 'a closed stderr does not become a file or the TPM' closed_stderr
}

healthy
no_tpm
access
the_owner
removed
configuration
words
done_testing
