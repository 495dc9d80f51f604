#!/bin/bash
# nss.sh: NSS with the module in its database: certutil, cmsutil, and TLS by
# selfserv and tstclnt, keys in the TPM.

client_tpm=--rm
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

db()            # PROGRAM ARGUMENT...
{
	local program=$1

	shift
	timeout 60 "$program" -d sql:db "$@"
}

on_token()      # ARGUMENT...: certutil on the token, logged in
{
	db certutil -h gate -f pins "$@"
}

configure()
{
	make_token
	mkdir db
	echo $pin >pins
	head -c 100 /dev/urandom >noise
	db certutil -N --empty-password
	ok 'modutil adds the module' timeout 60 modutil -dbdir sql:db \
	    -add tpm2 -libfile "$P11_MODULE" -force
	says '... and shows the token' 'Token Name: gate' \
	    timeout 60 modutil -dbdir sql:db -list tpm2
	says 'certutil finds no keys in it yet' 'no keys found' \
	    eval '! on_token -K'
}

requests()      # OPTION...
{
	rm -f csr
	on_token -R -s CN=request -z noise -a -o csr "$@" &&
	plain req -in csr -noout -verify
}

certify()       # KEY OPTION...: a CA's certificate, by itself
{
	local key=$1

	shift
	printf 'y\n-1\ny\n' >answers
	on_token -S -k "$@" -n "$key" -s "CN=localhost,O=$key" -x -2 \
	    -t CTu,Cu,u -z noise -m "$((++serial))" -g 2048 <answers &&
	on_token -L -n "gate:$key" -a >"$key.pem" &&
	plain verify -CAfile "$key.pem" -check_ss_sig "$key.pem"
}

keys()
{
	serial=0
	ok 'an EC key pair signs its request' requests -k ec -q nistp256
	ok 'an EC P-384 key pair too' requests -k ec -q secp384r1
	ok 'an RSA key pair too' requests -k rsa -g 2048
	ok 'an RSA key pair with PSS too' requests -k rsa -g 2048 --pss
	ok 'a certificate with an EC key' certify ec ec -q nistp256
	ok 'a certificate with an RSA key' certify rsa rsa
	is 'a new process finds six keys' \
	    "$(on_token -K | grep -c '^<')" 6
	is '... two with a certificate' \
	    "$(on_token -K | grep -c 'gate:')" 2
	is '... made in the TPM to stay' "$(user --list-objects \
	    --type privkey | grep -c 'never extractable, local')" 6
	says 'certutil validates a certificate of the token' 'is valid' \
	    db certutil -f pins -V -n gate:ec -u L
	says 'a wrong PIN is refused' SEC_ERROR_BAD_PASSWORD eval \
	    'echo 000000 >wrong; ! db certutil -h gate -f wrong -K'
}

signed_mail()   # KEY
{
	echo 'a text to sign' >text
	db cmsutil -S -N "gate:$1" -p $pin -i text -o "$1.cms" -G &&
	plain cms -verify -inform DER -in "$1.cms" -noverify
}

# An NSS server, an NSS client, both with keys in the TPM, both verified.
shake()         # VERSION KEY
{
	local port

	port=$(free_port)
	background server.log selfserv -p "$port" -d sql:db -n "gate:$2" \
	    -S "gate:$2" -w $pin -rr -v -V "$1:$1"
	await grep -q 'About to call accept' server.log
	printf 'GET / HTTP/1.0\r\n\r\n' >request
	timeout 20 tstclnt -h localhost -p "$port" -d sql:db -n "gate:$2" \
	    -w $pin -V "$1:$1" <request >client.log 2>&1
	kill "${background_pids[-1]}"
	cat client.log server.log
	grep -q 'HTTP/1.0 200 OK' client.log &&
	    grep -q 'Certificate Validated' server.log
}

mozilla_like()
{
	printf 'GET / HTTP/1.0\r\n\r\n' >request
	local port

	port=$(free_port)
	background server.log selfserv -p "$port" -d sql:db -n "gate:$1" \
	    -S "gate:$1" -w $pin
	await eval "(exec 3<>/dev/tcp/127.0.0.1/$port)"
	timeout 20 openssl s_client -connect "127.0.0.1:$port" \
	    -CAfile "$1.pem" -verify_return_error -quiet -ign_eof <request
	kill "${background_pids[-1]}"
}

use()
{
	local key version

	for key in ec rsa; do
		ok "$key: cmsutil signs a message" signed_mail $key
		says "$key: selfserv serves OpenSSL" 'HTTP/1.0 200 OK' \
		    mozilla_like $key
		for version in tls1.2 tls1.3; do
			ok "$key: $version, selfserv and tstclnt" \
			    shake $version $key
		done
	done
	ok 'a key is deleted with its certificate' on_token -F -n gate:rsa
	is '... five are left' "$(on_token -K | grep -c '^<')" 5
	ok 'modutil takes the module out' timeout 60 modutil -dbdir sql:db \
	    -delete tpm2 -force
}

configure
keys
use
done_testing
