#!/bin/bash
# openssl-engine.sh: OpenSSL through libp11's engine, keys in the TPM; plain
# OpenSSL is the other side.

client_tpm=--rm         # servers and clients have keys there at once
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

# openssl COMMAND with the engine for its private key LABEL.
with_key()      # COMMAND LABEL OPTION...
{
	local command=$1 key

	key=$(uri "$2")
	shift 2
	case $command in
	req | dgst) openssl "$command" -engine pkcs11 -keyform engine "$@" ;;
	x509) openssl x509 -engine pkcs11 -CAkeyform engine "$@" ;;
	pkeyutl)
		openssl pkeyutl -engine pkcs11 -keyform engine \
		    -inkey "$key" "$@" ;;
	esac
}

make_keys()
{
	make_token
	engine_conf
	for key in p256 p384 p521; do
		user --keypairgen --key-type "EC:${curve[$key]}" \
		    --id "${id[$key]}" --label $key
	done >keys.log 2>&1
	user --keypairgen --key-type rsa:2048 --id 04 --label rsa \
	    >>keys.log 2>&1
	echo 'a text to sign' >text
	for h in 1 256 384 512; do
		plain dgst "-sha$h" -binary -out "text.sha$h" text
	done
}

certify()       # KEY
{
	with_key req "$1" -new -key "$(uri "$1")" -subj "/CN=$1" \
	    -out "$1.csr" &&
	plain req -in "$1.csr" -noout -verify &&
	with_key req "$1" -new -x509 -key "$(uri "$1")" -subj "/CN=$1" \
	    -addext basicConstraints=critical,CA:TRUE -days 30 -out "$1.pem" &&
	plain verify -CAfile "$1.pem" -check_ss_sig "$1.pem" &&
	plain x509 -in "$1.pem" -noout -pubkey -out "$1.pub"
}

issue()         # CA: signs a certificate for a software key
{
	plain req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout leaf.key -subj /CN=leaf -out leaf.csr &&
	with_key x509 "$1" -req -in leaf.csr -CA "$1.pem" \
	    -CAkey "$(uri "$1")" -CAcreateserial -days 3 -out leaf.pem &&
	plain verify -CAfile "$1.pem" leaf.pem
}

certificates()
{
	local key

	for key in p256 p384 p521 rsa; do
		ok "$key: a request and a certificate verify" certify $key
	done
	for key in p256 rsa; do
		ok "$key: signs another's certificate" issue $key
	done
}

signed()        # KEY DIGEST OPTION...: dgst -sign, verified by OpenSSL
{
	local key=$1 h=$2

	shift 2
	rm -f sig
	with_key dgst "$key" "-$h" "$@" -sign "$(uri "$key")" -out sig text &&
	plain dgst "-$h" "$@" -verify "$key.pub" -signature sig text
}

verified_by_engine()    # KEY: a public key of the token
{
	with_key dgst "$1" -sha256 -signature sig \
	    -verify "pkcs11:token=gate;object=$1;type=public" text
}

sign()
{
	local key h pss=(-sigopt rsa_padding_mode:pss -sigopt)

	for key in p256 p384 p521 rsa; do
		for h in sha1 sha224 sha256 sha384 sha512; do
			ok "$key: dgst -$h" signed $key $h
		done
	done
	for h in digest max 0 20 222; do
		ok "rsa: PSS with a salt of $h" signed rsa sha256 \
		    "${pss[@]}" rsa_pss_saltlen:$h
	done
	ok 'rsa: PSS with another hash in its mask' signed rsa sha256 \
	    "${pss[@]}" rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha1
	for key in p256 rsa; do
		ok "$key: signs to verify" signed $key sha256
		ok "$key: the engine verifies with the token's public key" \
		    verified_by_engine $key
		sed -i 's/text/test/' text
		fails '... and refuses another text' verified_by_engine $key
		sed -i 's/test/text/' text
	done
}

signed_digest() # KEY DIGEST OPTION...: pkeyutl
{
	local key=$1 h=$2

	shift 2
	rm -f sig
	with_key pkeyutl "$key" -sign -in "text.$h" -out sig "$@" &&
	plain pkeyutl -verify -pubin -inkey "$key.pub" -sigfile sig \
	    -in "text.$h" "$@"
}

decrypted()     # OPTION...
{
	rm -f clear
	plain pkeyutl -encrypt -pubin -inkey rsa.pub -in text -out cipher \
	    "$@" &&
	with_key pkeyutl rsa -decrypt -in cipher -out clear "$@" &&
	cmp clear text
}

same_secret()   # KEY
{
	rm -f mine theirs
	plain genpkey -algorithm EC -out peer.key \
	    -pkeyopt "ec_paramgen_curve:${curve[$1]}" &&
	plain pkey -in peer.key -pubout -out peer.pub &&
	plain pkeyutl -derive -inkey peer.key -peerkey "$1.pub" -out theirs &&
	with_key pkeyutl "$1" -derive -peerkey peer.pub -out mine &&
	[ -s mine ] && cmp mine theirs
}

raw()
{
	local key h

	for key in p256 p384 p521; do
		ok "$key: pkeyutl -sign" signed_digest $key sha256
		ok "$key: pkeyutl -derive gives the secret of the peer" \
		    same_secret $key
	done
	for h in sha1 sha256 sha384 sha512; do
		ok "rsa: pkeyutl -sign with $h" \
		    signed_digest rsa $h -pkeyopt digest:$h
	done
	ok 'rsa: pkeyutl -sign without a DigestInfo' \
	    signed_digest rsa sha256 -pkeyopt rsa_padding_mode:pkcs1
	ok 'rsa: pkeyutl -sign with PSS' signed_digest rsa sha512 \
	    -pkeyopt digest:sha512 -pkeyopt rsa_padding_mode:pss \
	    -pkeyopt rsa_pss_saltlen:digest
	ok 'rsa: decrypts PKCS #1 v1.5' decrypted
	for h in sha1 sha256 sha512; do
		ok "rsa: decrypts OAEP with $h" decrypted -pkeyopt \
		    rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:$h
	done
	ok 'rsa: decrypts OAEP with a label' decrypted -pkeyopt \
	    rsa_padding_mode:oaep -pkeyopt rsa_oaep_label:0a0b0c
}

serve()         # VERSION KEY OPTION...: a server with its key in the TPM
{
	rm -f server.log
	background server.log openssl s_server -engine pkcs11 -keyform engine \
	    -key "$(uri "$2")" -cert "$2.pem" -accept 127.0.0.1:0 "-$1" \
	    "${@:3}"
	await grep -q '^ACCEPT' server.log &&
	port=$(sed -n 's/^ACCEPT .*://p' server.log)
}

shake()         # VERSION KEY: both keys in the TPM, both sides verified
{
	serve "$1" "$2" -naccept 1 -rev -CAfile "$2.pem" -Verify 1 \
	    -verify_return_error &&
	printf '%s\n' 'hello from the TPM' CLOSE |
	    timeout 20 openssl s_client -connect "127.0.0.1:$port" "-$1" \
	    -quiet -CAfile "$2.pem" -verify_return_error -cert "$2.pem" \
	    -engine pkcs11 -keyform engine -key "$(uri "$2")" \
	    >client.log 2>&1
	await eval '! kill -0 "${background_pids[-1]}"'
	cat client.log server.log
	grep -q 'MPT eht morf olleh' client.log &&
	    grep -q 'Verification: OK' server.log
}

one_request()
{
	printf 'GET / HTTP/1.0\r\n\r\n' |
	    timeout 30 openssl s_client -connect "127.0.0.1:$port" \
	    -CAfile p256.pem -verify_return_error -ign_eof -quiet 2>&1 |
	    grep -q '^HTTP/1.0 200 ok' && echo served
}

many()
{
	serve tls1_3 p256 -www || return
	unset OPENSSL_CONF
	export port
	export -f one_request
	seq 24 | xargs -P 8 -I{} bash -c one_request | grep -c served
}

tls()
{
	local version key

	for version in tls1_2 tls1_3; do
		for key in p256 p384 rsa; do
			ok "$version with $key: server and client verify" \
			    shake $version $key
		done
	done
	says '24 requests, 8 at a time, are served' '^24$' many
}

declare -A curve=([p256]=prime256v1 [p384]=secp384r1 [p521]=secp521r1)
declare -A id=([p256]=01 [p384]=02 [p521]=03)
make_keys
certificates
sign
raw
tls
done_testing
