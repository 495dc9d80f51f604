#!/bin/bash
# gateway.sh: an IoT gateway's registration and configuration daemon, by
# gateway.c, in a plain OpenSSL and in one whose default engine is the module.

client_tpm=${GATEWAY_TPM---rm}  # another process signs during rotation
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

build()
{
	# shellcheck disable=SC2046
	cc -std=c11 -D_GNU_SOURCE -Wall -g -I"$tap_top/src" \
	    $(pkg-config --cflags p11-kit-1) -o gateway \
	    "$tap_top"/test/client/gateway{,_calls}.c -lcrypto -ldl
}

# The public key of a raw point, for OpenSSL.
spki()          # POINT-FILE
{
	{
		xxd -r -p <<<3059301306072a8648ce3d020106082a8648ce3d030107034200
		cat "$1"
	} | plain pkey -pubin -inform DER
}

# r and s as the SEQUENCE that OpenSSL reads.
der_signature() # RAW-FILE
{
	local hex

	hex=$(xxd -p -c 64 "$1")
	printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
	    "${hex:0:64}" "${hex:64}" >asn1
	plain asn1parse -genconf asn1 -noout -out "$1.der"
}

start_up()
{
	says 'six cycles: load, look around, unload; the UUID stays' \
	    '^uuid [0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]' \
	    ./gateway cycles
	uuid=$(grep uuid "$tap_out")
	says 'a token is made on the last slot' '^slot ' \
	    ./gateway make-token gate
	first=$(cat "$tap_out")
	ok 'a second token too' ./gateway make-token other
	ok 'six cycles over three slots' ./gateway cycles
	is '... the UUID is the same' "$(grep uuid "$tap_out")" "$uuid"
	is '... the first slot has the id it had' \
	    "$(head -n 1 "$tap_out" | cut -d' ' -f1,2)" "$first"
	is '... each serial number is of one slot, six times seen' \
	    "$(grep -o 'serial [0-9a-f][0-9a-f]*' "$tap_out" | sort |
	    uniq -c | awk '{ print $1 }' | xargs)" '6 6'
	./gateway cycles | grep -v uuid | sort -u >before
	ok 'the first token is made anew' ./gateway make-again
	./gateway cycles | grep -v uuid | sort -u >after
	is '... slot ids stay' "$(cut -d' ' -f2 after | xargs)" \
	    "$(cut -d' ' -f2 before | xargs)"
	p11 --slot "${first#slot }" --login --login-type so --so-pin $so_pin \
	    --init-pin --new-pin $pin >pin.log 2>&1
}

keys()
{
	ok 'key pairs by both templates' ./gateway key-pairs
	for id in 01 02; do
		ok "signs 32 bytes with id $id" ./gateway sign "$id"
		ok '... OpenSSL verifies' eval 'spki point.$id >pub &&
		    der_signature raw && plain pkeyutl -verify -pubin \
		        -inkey pub -in digest -sigfile raw.der'
	done
	says 'enumeration reads attributes between two finds' \
	    '^public 3 private 3 certificates 0' ./gateway enumerate
	ok 'certificates, with more or fewer attributes, ids twice' \
	    ./gateway certificates
}

# A thousand objects that are never destroyed, on a TPM of three slots.
ecies()
{
	ok 'a thousand derived secrets of 32 bytes' ./gateway ecies 1000
	ok '... are the one of the peer' eval 'spki point.01 >pub &&
	    plain pkeyutl -derive -inkey peer.key -peerkey pub |
	    cmp - secret'
	says '300 peers, or more until a secret begins with a zero byte' \
	    '^[0-9]{3,} peers, [1-9]' ./gateway peers 300
}

make_peer()
{
	plain genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	    -out peer.key
	plain pkey -in peer.key -pubout -outform DER | tail -c 65 >peer.point
}

# Killed before each call in turn, and run again.
killed()        # STEP ARGUMENT...
{
	local n rc

	for ((n = 1; n < 100; n++)); do
		(GATEWAY_KILL=$n exec ./gateway "$@") 2>&1
		rc=$?
		[ $rc -ne 0 ] || break
		[ $rc -eq 137 ] || return
		./gateway "$@" || return
		[ "$1" != rotate ] || ./gateway drop 7 9 || return
	done
	echo "killed $((n - 1)) times"
	[ "$n" -gt 10 ]
}

rotation()
{
	rm -f stop started
	background signer.log ./gateway sign-on
	ok 'another process signs with id 01' await test -e started
	ok 'rotation, killed between any two calls, is done when run again' \
	    killed rotate
	tail -n 1 "$tap_out" | sed 's/^/# /'
	touch stop
	wait "${background_pids[-1]}"
	is '... and the other process went on' "$? $(cat signer.log)" \
	    '0 signatures many'
	ok 'deletion of the old, killed the same, is done when run again' \
	    killed drop 1 3
	says '... and the new stands, alone' \
	    '^public 3 private 3 certificates 1' ./gateway enumerate
	ok '... and signs' ./gateway sign 7
}

not_locked()
{
	tpm2_getcap properties-variable >variable &&
	    grep -A1 inLockout variable | grep -q 'inLockout: *0' &&
	    grep -q 'TPM2_PT_LOCKOUT_COUNTER: 0x0$' variable
}

logins()
{
	ok 'logged in already is said; a wrong PIN five times, then right' \
	    ./gateway daemon-login
	ok '... and the TPM has not counted it' not_locked
}

default_engine()
{
	engine_conf default
	./gateway drop 1 3 >/dev/null
	./gateway drop 2 3 >/dev/null
	ok 'inside an OpenSSL whose default engine is the module: key pairs' \
	    ./gateway key-pairs
	ok '... signs' ./gateway sign 1
	ok '... enumerates' ./gateway enumerate
	make_peer
	ok '... derives' ./gateway ecies 20
	spki point.01 >pub
	ok '... the secret of the peer' eval \
	    'plain pkeyutl -derive -inkey peer.key -peerkey pub | cmp - secret'
	ok '... certificates' ./gateway certificates
	ok '... a third token' ./gateway make-token third
	unset OPENSSL_CONF
}

build || {
	tap_fail 'gateway.c is built'
	done_testing
}
head -c 32 /dev/urandom >digest
make_peer
plain req -new -x509 -key peer.key -subj /CN=client -outform DER -out cert.der
start_up
keys
ecies
rotation
logins
default_engine
done_testing
