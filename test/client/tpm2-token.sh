#!/bin/bash
# tpm2-token.sh: the admin tool makes, shows and deletes tokens; its words,
# JSON and man page agree with what it does.

# shellcheck source=../lib/tool.sh
. "$(dirname "$0")/../lib/tool.sh"

man_page=$tap_top/tools/tpm2-token.1

# The commands, as help has them and as the man page has them.
commands_of_help()
{
	tool help | sed -nE 's/^  ([a-z]+( [a-z]+)?) .*/\1/p'
}

commands_of_man()
{
	sed -n '/^\.Sh COMMANDS/,/^\.Sh OPTIONS/s/^\.Ss //p' "$man_page"
}

# The options of a command, likewise; those of all are not repeated there.
options_of_help()       # COMMAND
{
	# shellcheck disable=SC2086
	tool help $1 | grep -oE '^  --[a-z-]+' | tr -d ' ' |
	    grep -vxE -e '--(json|help)' | sort
}

options_of_man()        # COMMAND
{
	awk -v want=".Ss $1" '/^\.S[hs] / { on = $0 == want }
	    on && after && /^\.Fl/ { print "-" $2 }
	    /^Options:/ { after = 1 } /^\.S[hs] / { after = 0 }' "$man_page" |
	    sort
}

described_in_man()
{
	sed -n '/^\.Sh OPTIONS/,/^\.Sh ENVIRONMENT/p' "$man_page" |
	    grep -E '^(\.It )?Fl|^\.It Fl' | grep -oE 'Fl -[a-z-]+' |
	    sed 's/^Fl /-/' | sort -u
}

all_options()
{
	commands_of_help | while read -r command; do
		options_of_help "$command"
	done | cat - <(printf '%s\n' --json --help) | sort -u
}

options_agree()
{
	local command bad=0

	while read -r command; do
		diff <(options_of_help "$command") \
		    <(options_of_man "$command") >diff.out && continue
		echo "$command:"
		cat diff.out
		bad=1
	done < <(commands_of_help)
	return $bad
}

the_manual()
{
	ok 'help lists the commands that the man page has' \
	    diff <(commands_of_help) <(commands_of_man)
	is '... and these are fourteen' "$(commands_of_help | wc -l)" 14
	ok 'each command has the options that the man page gives it' \
	    options_agree
	ok 'each option is described in the man page, and no other' \
	    diff <(all_options) <(described_in_man)
	ok 'the man page is well-formed' mandoc -Tlint -W warning "$man_page"
	ok 'no help is wider than a terminal' eval '! {
	    tool help; commands_of_help | while read -r c; do
	    tool help $c; done; } | grep -E "^.{81}"'
	says '--version' '^tpm2-token [0-9]+\.[0-9]+\.[0-9]+$' \
	    tool --version
	is '--help and help say the same' "$(tool --help)" "$(tool help)"
	is '... about a command too' "$(tool pin change --help)" \
	    "$(tool help pin change)"
}

misuse()
{
	ok 'no command' refused 2 'no command; |no command: '
	ok 'a command that is none' refused 2 'no such command' nonsense
	ok 'half a command' refused 2 'no such command' pin
	ok 'help about nothing' refused 2 'no such command' help nonsense
	ok 'an option that is none' refused 2 '^tpm2-token: --bogus: no' \
	    list --bogus
	ok '... and its value is not repeated' eval \
	    'refused 2 "no such option" list --bogus=geheim &&
	    ! grep geheim err'
	ok 'a letter' refused 2 '^tpm2-token: -x: no such option' list -x1234
	ok 'an option of another command' refused 2 \
	    '^tpm2-token: --label: this command has no' list --label x
	ok 'an option without its value' refused 2 'label: needs a value' \
	    init --label
	ok 'a flag with a value' refused 2 '--json: takes no value' \
	    list --json=1
	ok 'an option twice' refused 2 '--label: given twice' \
	    init --label a --label b
	ok 'a word too many' refused 2 'a word too many' show a b
	ok 'a word where none belongs' refused 2 'takes no word' list a
	ok 'a TOKEN that is missing' refused 2 'needs a TOKEN' show
	ok 'a FILE that is missing' refused 2 'needs the name of a FILE' \
	    backup
	ok 'misuse is JSON too' eval 'status=2 json \
	    ".error.code == \"CKR_ARGUMENTS_BAD\" and
	    (.error.message | contains(\"--label\"))" list --label x'
}

nothing_there()
{
	is 'no store: nothing is listed' "$(tool list)" ''
	ok '... in JSON an empty list' json '. == []' list
	ok '... verify has nothing to complain of' json '. == []' verify
	ok '... no token is found' refused 1 'token gate: there is no such' \
	    show gate
	ok '... no backup is made' refused 1 'store: there is none yet' \
	    backup b
	is '... and no store was made by all that' \
	    "$(ls "$TPM2_CRYPTOKI_STORE")" ''
}

bad_wishes()
{
	ok 'init needs a label' refused 2 'init: needs --label' init
	ok '... of a byte at least' refused 2 '--label: has 1 to 32' \
	    init --label ''
	ok '... and 32 at most' refused 2 '--label: has 1 to 32' \
	    init --label 123456789012345678901234567890123
	ok '... in UTF-8' refused 2 '--label: is not UTF-8' \
	    init --label $'\xff'
	ok 'tries are a number' refused 2 '--so-tries: is a number' \
	    init --label x --so-tries 0
	ok '... below 256' refused 2 '--user-tries: is a number' \
	    init --label x --user-tries 256
	ok 'the guard is one of two' refused 2 '--guard: is index or' \
	    init --label x --guard dog
	ok 'rollback is a switch' refused 2 '--rollback: is on or off' \
	    init --label x --rollback maybe
	ok 'PCRs are a list' refused 2 '--pcrs: is a list of registers' \
	    init --label x --pcrs sha256:99
	ok 'PCRs need the index' refused 1 'PCRs need PINs that are counted' \
	    init --label x "${by_so[@]}" --guard lockout --pcrs sha256:7
	ok 'a slot or a serial' refused 2 'not both' \
	    init --slot 1 --serial 1
	ok 'a slot that is not there' refused 1 'token 9: there is no such' \
	    init --slot 9
	ok 'a PIN that is too short' refused 1 'a PIN has 4 to 128 bytes' \
	    init --label x --so-pin-file <(echo 123)
	is '... and nothing was made by all that' "$(tool list)" ''
}

making()
{
	says 'init makes a token' '^gate: slot 1, serial [0-9a-f]{16}$' \
	    init gate
	serial=$(tool list --json | jq -r '.[0].serial')
	says '... which is listed' "^ +1  gate   $serial  set$" tool list
	ok '... in JSON too' json ". == [{slot: 1, label: \"gate\",
	    serial: \"$serial\", user_pin_set: true}]" list
	ok '... a second time only under another name' refused 1 \
	    'there is a token of this label' init --label gate "${by_so[@]}"
	ok 'init tells in JSON what it made' json \
	    '.slot == 2 and .label == "zwei € \\ \"2\""' \
	    init --label 'zwei € \ "2"' "${by_so[@]}"
	says '... it has no PIN for the user' ' 2  zwei € .x5c "2" .* not set$' \
	    tool list
	says 'PKCS#11 programs see the token' 'token label *: gate' \
	    p11 --list-slots
	ok '... and its PINs are right there' user --list-objects
}

showing()
{
	says 'show tells of a token' '^content: +in order, 0 objects$' \
	    tool show gate
	ok '... by its serial' json '.label == "gate"' show "$serial"
	ok '... by its slot' json '.label == "gate"' show slot:1
	ok '... not by a number alone' refused 1 'no such token' show 1
	ok '... in JSON' json '.so_pin.set and .so_pin.limit == 10 and
	    .user_pin.count == 0 and .counter.used and
	    .srk.handle == "0x81000001" and .content.objects == 0 and
	    .content.error == null' show gate
	ok 'wishes are seen to' json '.so_pin.limit == 3 and
	    .user_pin.limit == 5 and .pcrs == "sha256:0,7" and
	    (.counter.used | not)' show wishes
	ok 'the guard of the TPM is said' json \
	    '.user_pin.guard == "lockout"' show soft
	says '... in words' "^user PIN: +set; the TPM's own lockout counts" \
	    tool show soft
}

# Which only a program can make.
odd_label()
{
	ok 'a label of any bytes' p11 --init-token --so-pin $so_pin \
	    --label $'a\xff\x1b[31m"'
	says '... is listed without harm' \
	    '^ +[0-9]+  a.xff.x1b\[31m"  ' tool list
	ok '... in JSON that is valid, with its bytes' json \
	    '.[0].label == "a\ufffd\u001b[31m\"" and
	    .[0].label_hex == "61ff1b5b33316d22"' list
	ok '... and found by it' tool show $'a\xff\x1b[31m"'
}

again()
{
	ok 'a token is initialised anew by its slot, with its SO PIN' \
	    tool init --slot 2 --label gate "${by_so[@]}"
	ok '... not with another' refused 1 'SO PIN of .*wrong; 9 tries' \
	    init --slot 2 --so-pin-file wrong.pin
	ok 'a label of two tokens is refused, with both' eval 'refused 1 \
	    "more than one token.* slot:1 \(.* slot:2 \(" show gate &&
	    ! grep slot:3 err'
	ok '... and their serials do' json '.slot == 1' show "$serial"
	ok 'without --label it keeps its label' json \
	    ".label == \"gate\" and .serial == \"$serial\"" \
	    init --serial "$serial" "${by_so[@]}"
	is '... and has lost the PIN of its user' \
	    "$(tool list --json | jq '.[0].user_pin_set')" false
}

deleting()
{
	ok 'delete wants the right SO PIN' refused 1 'SO PIN of gate: .*wrong' \
	    delete slot:2 --so-pin-file wrong.pin
	ok '... or --force, not both' refused 2 '--force goes without' \
	    delete slot:2 --force "${by_so[@]}"
	ok '... with it the token goes' tool delete slot:2 "${by_so[@]}"
	ok '... it alone' json 'map(.slot) == [1, 3, 4]' list
	ok '--force needs no PIN' json '.label == "soft"' \
	    delete soft --force
	ok '... and a number is not used again' json '.slot == 5' \
	    init --label five "${by_so[@]}"
	for name in slot:1 wishes five; do
		ok "$name goes" tool delete $name "${by_so[@]}"
	done
	is 'nothing is left in the TPM' \
	    "$(tpm2_getcap handles-nv-index | grep -ci 0x1a5)" 0
}

the_manual
misuse
nothing_there
bad_wishes
making
ok 'a token of other wishes' init wishes --so-tries 3 --user-tries 5 \
    --pcrs sha256:7,0 --rollback off
ok 'a token that the TPM guards' init soft --guard lockout
showing
again
deleting
odd_label
done_testing
