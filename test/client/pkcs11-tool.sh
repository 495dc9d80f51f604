#!/bin/bash
# pkcs11-tool.sh: OpenSC's pkcs11-tool administers tokens, PINs and objects.

# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"
so=(--token-label gate --login --login-type so --so-pin)

# What pkcs11-tool itself prints for a slot.
own='^(Available slots:|Slot [0-9]+ \(0x[0-9a-f]+\): .*|'
own+='  (token (label|manufacturer|model|flags|state)|hardware version|'
own+='firmware version|serial num|pin min/max) *: .*|  \(empty\))$'

# pkcs11-tool with nothing in the environment but what is given.
bare()          # VARIABLE=VALUE... ARGUMENT...
{
	local vars=()

	while [[ ${1-} = *=* ]]; do
		vars+=("$1")
		shift
	done
	env -i "PATH=$PATH" "${vars[@]}" \
	    pkcs11-tool --module "$P11_MODULE" "$@" >out 2>err </dev/null
}

no_chatter()    # what bare ran said nothing of its own
{
	cat out err
	[ ! -s err ] && ! grep -vE "$own" out
}

quiet_list()    # VARIABLE=VALUE...
{
	bare "$@" --list-slots && no_chatter && grep -q '^Slot 0' out
}

pin_is()        # PIN
{
	p11 --token-label gate --login --pin "$1" --list-objects
}

refused()       # CODE COMMAND...: fails with status 1 and this code
{
	local code=$1 rc

	shift
	"$@" >out 2>&1
	rc=$?
	cat out
	[ $rc -eq 1 ] && grep -q "$code" out
}

no_tpm()
{
	rm -rf home && mkdir home
	bare HOME="$PWD/home" TPM2_CRYPTOKI_TCTI="$1" "${@:2}"
	cat out err
	! cat out err | grep -vE "$own" | grep -vE \
	    '^(Using slot 0 |No slot with |error: PKCS11 function |Aborting)' &&
	[ -z "$(find home -mindepth 1)" ]
}

no_tpm_log()
{
	! bare HOME="$PWD/home" TPM2_CRYPTOKI_LOG=error \
	    TPM2_CRYPTOKI_TCTI=swtpm:path=/nonexistent --generate-random 8
	cat err
}

slots()
{
	ok 'the slots are listed without a configuration, without chatter' \
	    quiet_list HOME="$PWD/home" TPM2_CRYPTOKI_TCTI="$TPM2_CRYPTOKI_TCTI"
	ok '... and with an empty store' quiet_list \
	    TPM2_CRYPTOKI_TCTI="$TPM2_CRYPTOKI_TCTI" \
	    TPM2_CRYPTOKI_STORE="$TPM2_CRYPTOKI_STORE"
	is '... which says that there is one slot, not initialised' \
	    "$(grep -c 'token state:   uninitialized' out)" 1
	ok 'no TPM: a listing says it in codes alone, and makes no store' \
	    no_tpm swtpm:path=/nonexistent --list-slots
	ok 'no TPM: initialising a token fails the same' \
	    no_tpm swtpm:path=/nonexistent --init-token --label x --so-pin 1234
	ok 'a TCTI that does not exist: the same' no_tpm nonsense: --list-slots
	says 'no TPM: with a log the TCTI is named' \
	    'swtpm:path=/nonexistent.*' no_tpm_log
	says 'the library gives its name' 'Cryptoki for TPM 2.0' p11 --show-info
}

tokens()
{
	ok 'a token is initialised' \
	    p11 --init-token --label gate --so-pin $so_pin
	ok 'a second one, on the last slot' \
	    p11 --init-token --slot-index 1 --label other --so-pin $so_pin
	ok 'the listing of three slots is still only pkcs11-tool'\''s own' \
	    quiet_list TPM2_CRYPTOKI_TCTI="$TPM2_CRYPTOKI_TCTI" \
	    TPM2_CRYPTOKI_STORE="$TPM2_CRYPTOKI_STORE"
	is 'the last slot is the one that is not initialised' \
	    "$(grep -A1 '^Slot 2' out | tail -n 1)" \
	    '  token state:   uninitialized'
	is 'serial numbers differ' \
	    "$(grep 'serial num' out | sort -u | grep -vc ': *0*$')" 2
	is 'each slot is described by the UUID of the TPM' \
	    "$(grep -cE '^Slot.* [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' \
	    out)" 3
	ok 'initialising again with a wrong SO PIN is refused' \
	    refused CKR_PIN_INCORRECT p11 --init-token --slot-index 1 \
	    --label third --so-pin 00000000
	ok '... and with the right one done' p11 --init-token --slot-index 1 \
	    --label third --so-pin $so_pin
	says '... which gives it the new label' 'label *: third' \
	    p11 --list-slots
}

pins()
{
	ok 'no user PIN yet: login says so' \
	    refused CKR_USER_PIN_NOT_INITIALIZED pin_is 123456
	ok 'a wrong SO PIN is refused' refused CKR_PIN_INCORRECT \
	    p11 "${so[@]}" 00000000 --init-pin --new-pin 123456
	ok 'a PIN that is too short is refused' refused CKR_PIN_LEN_RANGE \
	    p11 "${so[@]}" $so_pin --init-pin --new-pin 123
	ok 'the SO sets the user PIN' p11 "${so[@]}" $so_pin \
	    --init-pin --new-pin 1111
	ok '... which logs in' pin_is 1111
	ok 'a wrong PIN ends in status 1 and CKR_PIN_INCORRECT' \
	    refused CKR_PIN_INCORRECT pin_is 2222
	ok '... without chatter' test "$(grep -vcE \
	    '^(error: PKCS11 function C_Login failed: .*|Aborting\.)$' out)" = 0
	ok 'the user changes the PIN' p11 --token-label gate --login \
	    --pin 1111 --change-pin --new-pin 'pin of the user'
	ok '... the new one logs in' pin_is 'pin of the user'
	ok '... the old one does not' refused CKR_PIN_INCORRECT pin_is 1111
	ok 'a change with a wrong old PIN is refused' \
	    refused CKR_PIN_INCORRECT p11 --token-label gate --change-pin \
	    --pin 1111 --new-pin 3333
	ok 'the PIN of the SO is changed' p11 "${so[@]}" $so_pin \
	    --change-pin --new-pin 11223344
	ok '... the old one is refused' refused CKR_PIN_INCORRECT \
	    p11 "${so[@]}" $so_pin --init-pin --new-pin $pin
	ok '... the user is as before' pin_is 'pin of the user'
	ok 'the SO sets the forgotten PIN of the user' \
	    p11 "${so[@]}" 11223344 --init-pin --new-pin $pin
	ok '... the new one logs in' pin_is $pin
	ok '... the forgotten one does not' \
	    refused CKR_PIN_INCORRECT pin_is 'pin of the user'
	ok 'the SO PIN does not unlock as if it were the PIN of the user' \
	    refused CKR_PIN_INCORRECT p11 --token-label gate \
	    --unlock-pin --puk 11223344 --new-pin 3333
	ok 'the PIN itself does (C_SetPIN in a public session)' \
	    p11 --token-label gate --unlock-pin --puk $pin --new-pin 4444
	ok '... the new one logs in' pin_is 4444
	p11 "${so[@]}" 11223344 --init-pin --new-pin $pin >/dev/null 2>&1
}

read_back()     # TYPE FILE, by the user
{
	user --read-object --type "$1" --label "$1" -o back &&
	cmp back "$2"
}

objects()
{
	plain req -new -x509 -newkey rsa:2048 -nodes -keyout soft.key \
	    -subj /CN=soft -outform DER -out soft.der 2>/dev/null
	plain pkey -in soft.key -pubout -outform DER -out soft.pub
	head -c 3000 /dev/urandom >soft.data
	ok 'a certificate is written' user --write-object soft.der \
	    --type cert --id 51 --label cert
	ok '... and read without login' p11 --token-label gate --read-object \
	    --type cert --id 51 -o back
	ok '... the same' cmp back soft.der
	says '... with the subject shown' 'CN=soft' \
	    p11 --token-label gate --list-objects --type cert
	ok 'a public key is written' user --write-object soft.pub \
	    --type pubkey --id 51 --label pubkey
	ok '... and read the same' read_back pubkey soft.pub
	ok 'a private data object is written' user --write-object soft.data \
	    --type data --private --label data --application-label tests \
	    --application-id 1.2.3.4
	ok '... and read the same' read_back data soft.data
	says '... and is listed for the user' "label: *'data'" \
	    user --list-objects --type data
	is '... and not to the public' "$(p11 --token-label gate \
	    --list-objects --type data | grep -c Data)" 0
	ok 'an id is set' user --set-id 52 --type pubkey --id 51
	says "... and found" "ID: *52" \
	    user --list-objects --type pubkey --id 52
	for type in cert pubkey data; do
		ok "deletes: $type" \
		    user --delete-object --type $type --label $type
		is "... $type is gone" "$(user --list-objects --type $type \
		    2>&1 | grep -c Object)" 0
	done
}

digests()
{
	local h alg

	head -c 70000 /dev/urandom >big
	for h in 1 224 256 384 512; do
		[ $h != 1 ] || alg=SHA-1
		[ $h = 1 ] || alg=SHA$h
		plain dgst "-sha$h" -binary -out "big.sha$h" big
		ok "digests without login: $alg" eval \
		    "p11 --hash -m $alg -i big | cmp - big.sha$h"
	done
}

slots
tokens
pins
objects
digests
done_testing
