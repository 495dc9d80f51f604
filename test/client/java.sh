#!/bin/bash
# java.sh: Java's keytool with the token as its key store, by SunPKCS11.

client_tpm=--rm
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

configure()
{
	make_token
	cat >java.cfg <<-END
	name = TPM
	library = $P11_MODULE
	slotListIndex = 0
	END
}

keys()          # ARGUMENT...
{
	timeout 60 keytool -J-XX:TieredStopAtLevel=1 -J-Xshare:auto "$@" \
	    -keystore NONE -storetype PKCS11 -storepass "$store_pin" \
	    -providerClass sun.security.pkcs11.SunPKCS11 \
	    -providerArg java.cfg -providerName SunPKCS11-TPM
}

# KEY is the alias, and the name in the certificate.
requests()      # KEY OPTION...
{
	local key=$1

	shift
	rm -f csr
	keys -certreq -alias "$key" "$@" -file csr &&
	plain req -in csr -noout -verify
}

self_signed()   # KEY
{
	keys -exportcert -rfc -alias "$1" >"$1.pem" &&
	plain verify -CAfile "$1.pem" -check_ss_sig "$1.pem"
}

issue()         # CA KEY
{
	plain req -new -newkey rsa:2048 -nodes -keyout soft.key \
	    -subj /CN=soft -out soft.csr &&
	keys -gencert -alias "$1" -rfc -infile soft.csr -outfile soft.pem &&
	plain verify -partial_chain -CAfile "$1.pem" soft.pem
}

generate()
{
	local key ca='-ext bc:c=ca:true'

	says 'the token is an empty key store' 'contains 0 entries' keys -list
	# shellcheck disable=SC2086
	ok 'an EC P-256 key pair' keys -genkeypair -alias ec -keyalg EC \
	    -groupname secp256r1 -dname CN=ec $ca
	ok 'an EC P-384 key pair' keys -genkeypair -alias p384 -keyalg EC \
	    -groupname secp384r1 -dname CN=p384 $ca
	ok 'an RSA key pair' keys -genkeypair -alias rsa -keyalg RSA \
	    -keysize 2048 -dname CN=rsa $ca
	says 'a new process finds the three' 'contains 3 entries' keys -list
	is '... as private keys, each with its certificate' \
	    "$(grep -c PrivateKeyEntry "$tap_out")" 3
	is '... which the TPM made to keep' "$(user --list-objects \
	    --type privkey | grep -c 'always sensitive, never extr.*local')" 3
	for key in ec p384 rsa; do
		ok "$key: the certificate by itself verifies" self_signed $key
		ok "$key: a request" requests $key
		ok "$key: a certificate for another" issue $key
	done
	ok 'rsa: a request with SHA-512' requests rsa -sigalg SHA512withRSA
	ok 'rsa: a request with PSS' requests rsa -sigalg RSASSA-PSS
}

change()
{
	plain req -new -x509 -newkey rsa:2048 -nodes -keyout ca.key \
	    -subj /CN=ca -out ca.pem 2>/dev/null
	keys -certreq -alias ec -file ec.csr
	plain x509 -req -in ec.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
	    -days 5 -out ec.crt 2>/dev/null
	cat ca.pem >>ec.crt
	ok "a CA's answer to a request replaces the certificate of the key" \
	    keys -importcert -noprompt -alias ec -file ec.crt
	says '... and makes a chain of two' 'chain length: 2' \
	    keys -list -v -alias ec
	ok 'the key signs after that' requests ec
	ok 'an entry is deleted' keys -delete -alias rsa
	says '... and gone' '^keytool error.*Alias <rsa> does not exist' \
	    eval '! keys -list -alias rsa'
	is '... with its private key' "$(user --list-objects --type privkey |
	    grep -c RSA)" 0
	says 'a wrong PIN is refused' 'CKR_PIN_INCORRECT' eval \
	    '! store_pin=000000 keys -v -list'
}

store_pin=$pin
configure
generate
change
done_testing
