#!/bin/bash
# tpm2-token-pin.sh: PINs are changed, reset and unlocked by the admin tool,
# and come from files, variables, descriptors and the terminal, never from
# the command line.

# shellcheck source=../lib/tool.sh
. "$(dirname "$0")/../lib/tool.sh"

# The count of wrong user PINs, as the TPM says.
count()         # so_pin|user_pin
{
	tool pin status gate --json | jq ".$1.count"
}

pin_is()        # PIN: by a PKCS#11 program
{
	p11 --token-label gate --login --pin "$1" --list-objects
}

changing()
{
	ok 'the user changes the PIN' \
	    tool pin change gate "${by_user[@]}" --new-pin-file new.pin
	is '... without a word' "$(cat "$tap_out")" ''
	ok '... the new one is right' pin_is 654321
	ok '... the old one is wrong' refused 1 \
	    'user PIN of gate: the PIN is wrong; 9 tries are left' \
	    pin change gate "${by_user[@]}" --new-pin-file new.pin
	is '... and was counted' "$(count user_pin)" 1
	ok 'JSON says which token it was' json \
	    '.label == "gate" and .slot == 1' \
	    pin change gate --pin-file new.pin --new-pin-file user.pin
	ok 'a new PIN that is too short' refused 1 'new user PIN: a PIN has' \
	    pin change gate "${by_user[@]}" --new-pin-file <(echo 1)
	ok '... or too long' refused 1 'new user PIN: a PIN has 4 to 128' \
	    pin change gate "${by_user[@]}" \
	    --new-pin-file <(printf %0129d 1)
	ok 'the SO changes the SO PIN' tool pin change gate --so \
	    "${by_so[@]}" --new-pin-file new.pin
	ok '... the old one is wrong' refused 1 'SO PIN of gate: .*9 tries' \
	    pin change gate --so "${by_so[@]}" --new-pin-file new.pin
	ok '... and back' tool pin change gate --so --so-pin-file new.pin \
	    --new-pin-file so.pin
	ok 'the user'\''s PIN does not go with --so' refused 2 'comes by a' \
	    pin change gate --so "${by_user[@]}"
	ok '... nor the SO'\''s without' refused 2 'goes with --so' \
	    pin change gate "${by_so[@]}"
}

resetting()
{
	ok 'the SO sets a first PIN of the user' tool pin reset empty \
	    "${by_so[@]}" --new-pin-file user.pin
	ok '... which is there then' json '.[1].user_pin_set' list
	ok 'without one there is nothing to change' eval \
	    'init none --json >/dev/null; tool init --slot 3 "${by_so[@]}" \
	    >/dev/null; refused 1 "user has no PIN yet; tpm2-token pin reset" \
	    pin change none "${by_user[@]}"'
	ok 'a wrong SO PIN resets nothing' refused 1 'SO PIN of gate: .*wrong' \
	    pin reset gate --so-pin-file wrong.pin --new-pin-file new.pin
	ok '... the old PIN is right' pin_is $pin
	ok 'a right one does' tool pin reset gate "${by_so[@]}" \
	    --new-pin-file new.pin
	ok '... the new PIN is right' pin_is 654321
	ok '... and back' tool pin reset gate "${by_so[@]}" \
	    --new-pin-file user.pin
}

locking()
{
	init few --user-tries 3 --so-tries 2 >/dev/null
	wrong=(pin change few --pin-file wrong.pin --new-pin-file new.pin)
	ok 'of three tries two are left' refused 1 '2 tries are left' \
	    "${wrong[@]}"
	ok '... then one' refused 1 'one try is left' "${wrong[@]}"
	ok '... then none' refused 1 'user PIN of few: the PIN is locked' \
	    "${wrong[@]}"
	ok '... for the right PIN too' refused 1 'the PIN is locked.*unlock' \
	    pin change few "${by_user[@]}" --new-pin-file new.pin
	ok '... pin status says so' json '.user_pin.locked and
	    .user_pin.count == 3 and .user_pin.from == "tpm" and
	    .user_pin.limit == 3 and (.so_pin.locked | not)' pin status few
	says '... in words' '^user PIN: +LOCKED; 3 of 3 wrong tries' \
	    tool pin status few
	ok '... and doctor fails' eval '! tool doctor >out && cat out &&
	    grep -A1 "^FAIL  few: user PIN: LOCKED" out |
	    grep -q "      tpm2-token pin unlock, by the SO"'
	ok 'the SO unlocks it' tool pin unlock few "${by_so[@]}"
	ok '... with the PIN as it was' tool pin change few "${by_user[@]}" \
	    --new-pin-file new.pin
	tool pin unlock few --so-pin-file wrong.pin >/dev/null 2>&1
	tool pin unlock few --so-pin-file wrong.pin >/dev/null 2>&1
	ok 'the SO PIN is locked after two' refused 1 'SO PIN of few: .*locked' \
	    pin unlock few "${by_so[@]}"
	ok '... the owner unlocks it' tool pin unlock few --so
	ok '... with the PIN as it was' tool pin unlock few "${by_so[@]}"
	ok '... which is not the SO'\''s to do' refused 2 '--so goes by the' \
	    pin unlock few --so "${by_so[@]}"
	says 'the lockout of the whole TPM never counted' \
	    '^ok    lockout: 0 of' tool doctor
}

# Where a PIN comes from, tried with a command that changes nothing.
check()         # OPTION...
{
	tool verify gate "$@"
}

sources()
{
	ok 'a file' check --pin-file user.pin
	ok '... without a newline at its end' eval \
	    'printf %s $pin >bare.pin; check --pin-file bare.pin'
	ok '... of which one is taken off' eval \
	    'printf "%s\n\n" $pin >two.pin; ! check --pin-file two.pin'
	ok '... which is a pipe' check --pin-file <(echo $pin)
	ok '... that is not there' refused 1 '^tpm2-token: --pin-file: No such' \
	    verify gate --pin-file nothing
	ok '... that all can read: with a word' eval \
	    'cp user.pin open.pin; chmod 644 open.pin;
	    check --pin-file open.pin 2>&1 | grep "open.pin: every user"'
	ok '... that is too long' refused 1 'pin-file: too long' \
	    verify gate --pin-file <(head -c 5000 /dev/zero)
	ok 'a variable' env THE_PIN=$pin "$tool_program" verify gate \
	    --pin-env THE_PIN
	ok '... that is not set' refused 1 'pin-env: the variable is not set' \
	    verify gate --pin-env THE_PIN
	ok 'a descriptor' eval 'check --pin-fd 7 7<user.pin'
	ok '... that is stdin' eval 'check --pin-fd 0 <user.pin'
	ok '... that is not open' refused 1 'pin-fd: Bad file desc' \
	    verify gate --pin-fd 77
	ok '... that is none' refused 2 '^tpm2-token: --pin-fd: takes the number' \
	    verify gate --pin-fd x
	ok 'one place is enough' refused 2 '--pin-fd: one place for one secret' \
	    verify gate --pin-fd 7 --pin-file user.pin
	ok 'without a terminal the ways are named' refused 1 \
	    'no terminal to ask at; give --pin-file, --pin-env or --pin-fd' \
	    verify gate --login
}

refusals()
{
	local option ways

	for option in pin so-pin new-pin owner-auth; do
		ways="use --$option-file, --$option-env or --$option-fd"
		ok "--$option is refused, with what to use" eval \
		    "refused 2 '--$option: a secret on the command.*$ways' \
		    verify gate --$option geheim && ! grep geheim err"
		ok '... also with =' eval \
		    "refused 2 'a secret on the command line' verify gate \
		    --$option=geheim && ! grep geheim err"
	done
	ok 'a PIN as a word is not repeated' eval \
	    'refused 2 "a word too many" pin change gate geheim &&
	    ! grep geheim err'
}

terminal()
{
	ok 'the user PIN is asked for' talk log \
	    "$tool_program verify gate --login" "$pin\n"
	says '... by its token' '^user PIN of gate: *.?$' cat log
	ok '... and never shown' eval '! grep $pin log'
	ok 'a wrong one' eval '! talk log \
	    "$tool_program verify gate --login" "000000\n"'
	says '... is told from a right one' 'the PIN is wrong; 9 tries' cat log
	ok 'a new PIN is asked for twice' talk log \
	    "$tool_program pin change gate" "$pin\n" '777777\n' '777777\n'
	says '... in these words' 'new user PIN of gate, again:' cat log
	ok '... and set' pin_is 777777
	ok 'two that differ' eval '! talk log \
	    "$tool_program pin reset gate" "$so_pin\n" "888888\n" "999999\n"'
	says '... are refused' 'two different ones; nothing was changed' \
	    cat log
	ok '... and nothing is set' pin_is 777777
	ok 'a token made at a terminal' talk log \
	    "$tool_program init --label typed" "$so_pin\n" "$so_pin\n"
	ok '... has the PIN that was typed' tool pin unlock typed "${by_so[@]}"
	ok 'nothing typed' eval '! talk log \
	    "$tool_program verify gate --login" "\004"'
	says '... is said' 'nothing was entered' cat log
	ok 'the terminal is asked though stdin is not it' talk log \
	    "$tool_program verify gate --login </dev/null" '777777\n'
}

# What the terminal is like after a signal, and whether the tool died of it.
signals()
{
	local after='echo status=$?; stty -a | grep -o -- "[-]*echo "'

	# shellcheck disable=SC2154
	for signal in INT:003:130 QUIT:034:131; do
		IFS=: read -r name key status <<<"$signal"
		talk log "trap : INT QUIT; $tool_program verify gate --login; \
		    $after" "\\$key" >/dev/null
		says "SIG$name at a prompt ends the tool" "status=$status" \
		    cat log
		says '... with the echo back' '^echo ' cat log
	done
	ok 'SIGTSTP brings the question again' talk log \
	    "trap : TSTP; $tool_program verify gate --login" '\032' \
	    '777777\n'
	is '... twice in all' "$(grep -o 'user PIN of gate:' log | wc -l)" 2
}

# All command lines of the machine, at each question.
asked()
{
	cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>lines
}

visible()
{
	local old=geheim-$RANDOM$RANDOM new=heikel-$RANDOM$RANDOM

	echo $old >old.pin
	tool pin reset gate "${by_so[@]}" --new-pin-file old.pin
	: >lines
	talk_hook=asked
	ok 'a PIN of letters is typed' talk log \
	    "$tool_program pin change gate" "$old\n" "$new\n" "$new\n"
	talk_hook=
	ok '... and in no list of processes' eval \
	    "grep -q 'pin change gate' lines && ! grep -E '$old|$new' lines"
	ok '... nor on the screen' eval "! grep -E '$old|$new' log"
}

init gate >/dev/null
tool init --label empty "${by_so[@]}" >/dev/null
changing
resetting
locking
sources
refusals
terminal
signals
visible
done_testing
