#!/bin/bash
# openssl-default-engine.sh: libp11's engine is OpenSSL's default for every
# algorithm (default_algorithms = ALL), so the module itself runs inside an
# OpenSSL that would come back to it.  Each operation is one that dies in a
# module which uses the default library context.

client_tpm=--rm
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"
declare -A curve=([p256]=prime256v1 [p384]=secp384r1 [p521]=secp521r1)
declare -A id=([p256]=01 [p384]=02 [p521]=03)

make_keys()
{
	local key

	make_token
	for key in p256 p384 p521; do
		user --keypairgen --key-type "EC:${curve[$key]}" \
		    --id "${id[$key]}" --label $key
	done >keys.log 2>&1
	user --keypairgen --key-type rsa:2048 --id 04 --label rsa \
	    >>keys.log 2>&1
	engine_conf default
	echo 'a text to sign' >text
	plain dgst -sha256 -binary -out digest text
}

# Asks a program that does nothing but read openssl.cnf.
in_effect()
{
	cat >default.c <<-END
	#include <openssl/engine.h>
	#include <openssl/evp.h>
	#include <openssl/ec.h>
	#include <string.h>

	int
	main(void)
	{
		ENGINE *ec, *rsa;

		OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
		ec = ENGINE_get_default_EC();
		rsa = ENGINE_get_default_RSA();
		return !ec || !rsa || strcmp(ENGINE_get_id(ec), "pkcs11") ||
		    strcmp(ENGINE_get_id(rsa), "pkcs11");
	}
	END
	cc -Wno-deprecated-declarations -o default default.c -lcrypto &&
	    ./default
}

certify()       # KEY
{
	openssl req -new -engine pkcs11 -keyform engine -key "$(uri "$1")" \
	    -subj "/CN=$1" -out "$1.csr" &&
	plain req -in "$1.csr" -noout -verify &&
	openssl req -new -x509 -engine pkcs11 -keyform engine \
	    -key "$(uri "$1")" -subj "/CN=$1" -days 30 -out "$1.pem" \
	    -addext basicConstraints=critical,CA:TRUE &&
	plain verify -CAfile "$1.pem" -check_ss_sig "$1.pem" &&
	plain x509 -in "$1.pem" -noout -pubkey -out "$1.pub"
}

issue()         # CA
{
	plain req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout leaf.key -subj /CN=leaf -out leaf.csr &&
	openssl x509 -req -in leaf.csr -CA "$1.pem" -engine pkcs11 \
	    -CAkeyform engine -CAkey "$(uri "$1")" -CAcreateserial -days 3 \
	    -out leaf.pem &&
	plain verify -CAfile "$1.pem" leaf.pem
}

signed()        # KEY OPTION...
{
	local key=$1

	shift
	rm -f sig
	openssl dgst -sha256 "$@" -engine pkcs11 -keyform engine \
	    -sign "$(uri "$key")" -out sig text &&
	plain dgst -sha256 "$@" -verify "$key.pub" -signature sig text
}

verified()      # KEY: by the token's public key
{
	openssl dgst -sha256 -engine pkcs11 -keyform engine -signature sig \
	    -verify "pkcs11:token=gate;object=$1;type=public" text
}

same_secret()   # KEY
{
	rm -f mine theirs
	plain genpkey -algorithm EC -out peer.key \
	    -pkeyopt "ec_paramgen_curve:${curve[$1]}" &&
	plain pkey -in peer.key -pubout -out peer.pub &&
	plain pkeyutl -derive -inkey peer.key -peerkey "$1.pub" -out theirs &&
	openssl pkeyutl -derive -engine pkcs11 -keyform engine \
	    -inkey "$(uri "$1")" -peerkey peer.pub -out mine &&
	[ -s mine ] && cmp mine theirs
}

decrypted()     # OPTION...
{
	rm -f clear
	plain pkeyutl -encrypt -pubin -inkey rsa.pub -in text -out cipher \
	    "$@" &&
	openssl pkeyutl -decrypt -engine pkcs11 -keyform engine \
	    -inkey "$(uri rsa)" -in cipher -out clear "$@" &&
	cmp clear text
}

keys()
{
	local key

	for key in p256 p384 p521 rsa; do
		ok "$key: a request and a certificate" certify $key
		ok "$key: a certificate for another" issue $key
		ok "$key: dgst" signed $key
		ok "$key: verifies" verified $key
		ok "$key: pkeyutl -sign" eval 'rm -f sig
		    openssl pkeyutl -sign -engine pkcs11 -keyform engine \
		        -inkey "$(uri $key)" -in digest -out sig &&
		    plain pkeyutl -verify -pubin -inkey $key.pub -in digest \
		        -sigfile sig'
		[ $key = rsa ] ||
		    ok "$key: the secret of the peer" same_secret $key
	done
	ok 'rsa: PSS' signed rsa -sigopt rsa_padding_mode:pss
	ok 'rsa: PSS with a salt as long as the digest' signed rsa \
	    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
	ok 'rsa: decrypts PKCS #1 v1.5' decrypted
	ok 'rsa: decrypts OAEP' decrypted -pkeyopt rsa_padding_mode:oaep \
	    -pkeyopt rsa_oaep_md:sha256
}

# OpenSSL reaches the whole module inside this process: everything that it
# does in pkcs11-tool, with the same openssl.cnf.
whole_module()
{
	ok 'pkcs11-tool with the same openssl.cnf: a login and all of --test' \
	    eval 'user --test | grep "No errors"'
	ok '... an EC key pair is made and used' \
	    user --session-rw --test-ec --id 77 --key-type EC:secp384r1
	ok '... an RSA key pair is made' \
	    user --keypairgen --key-type rsa:2048 --id 78 --label more
	ok '... random numbers' user --generate-random 32
	ok '... a token is initialised, with its user PIN' eval \
	    'p11 --init-token --slot-index 1 --label two --so-pin $so_pin &&
	    p11 --token-label two --login --login-type so --so-pin $so_pin \
	        --init-pin --new-pin $pin &&
	    p11 --token-label two --login --pin $pin --change-pin \
	        --new-pin 4321'
}

serve()         # KEY
{
	rm -f server.log
	background server.log env OPENSSL_CONF=/dev/null openssl s_server \
	    -key leaf.key -cert leaf.pem -accept 127.0.0.1:0 -naccept 1 \
	    -rev -CAfile "$1.pem" -Verify 1 -verify_return_error
	await grep -q '^ACCEPT' server.log &&
	port=$(sed -n 's/^ACCEPT .*://p' server.log)
}

client()        # VERSION KEY: a client certificate from the TPM
{
	issue "$2" && serve "$2" &&
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

tls()
{
	local version key

	for version in tls1_2 tls1_3; do
		for key in p256 p521 rsa; do
			ok "$version client with $key" client $version $key
		done
	done
}

make_keys
ok 'the engine is the default for EC and RSA' in_effect
keys
whole_module
tls
done_testing
