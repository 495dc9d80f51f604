#!/bin/bash
# p11-kit.sh: the module by p11-kit: configured as a user's module, and
# remote, with p11-kit's server between client and module.

# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

configured()
{
	mkdir -p xdg/pkcs11/modules
	echo 'user-config: only' >xdg/pkcs11/pkcs11.conf
	echo "module: $P11_MODULE" >xdg/pkcs11/modules/tpm2.module
	says 'p11-kit lists the module by its configuration' '^tpm2:' \
	    p11-kit list-modules
	says '... with the library it is' \
	    'library-description: Cryptoki for TPM 2.0' p11-kit list-modules
	says '... and the token' 'token: gate' p11-kit list-modules
	says '... initialised, with a user PIN' 'user-pin-initialized' \
	    p11-kit list-modules
	says 'GnuTLS finds the token through p11-kit' \
	    '^pkcs11:model=.*;token=gate$' p11tool --list-token-urls
	ok 'GnuTLS signs through p11-kit, by URI alone' env GNUTLS_PIN=$pin \
	    p11tool --batch --login --test-sign \
	    'pkcs11:token=gate;object=ec;type=private'
}

proxied()
{
	proxy=$(pkg-config --variable=proxy_module p11-kit-1)
	says 'the proxy module shows the token' 'token label *: gate' \
	    pkcs11-tool --module "$proxy" --list-slots
	ok 'the proxy module signs' eval 'pkcs11-tool --module "$proxy" \
	    --token-label gate --login --pin $pin --sign -m ECDSA-SHA256 \
	    --id 01 -i text -o sig --signature-format openssl &&
	    plain dgst -sha256 -verify ec.pub -signature sig text'
}

# All of p11 goes to the server from here on.
start_server()
{
	background server.log p11-kit server --foreground --name "$PWD/sock" \
	    --provider "$P11_MODULE" 'pkcs11:'
	await test -S sock || return
	export P11_KIT_SERVER_ADDRESS=unix:path=$PWD/sock
	P11_MODULE=$(dirname "$(pkg-config --variable=proxy_module \
	    p11-kit-1)")/pkcs11/p11-kit-client.so
	test -e "$P11_MODULE"
}

remote()
{
	start_server || {
		tap_fail 'p11-kit serves the module' "$(cat server.log)"
		return
	}
	says 'a remote client sees the token' 'token label *: gate' \
	    p11 --list-slots
	says '... and the mechanisms' '^ *ECDH1-DERIVE.*derive' \
	    p11 --token-label gate --list-mechanisms
	says 'the public key is listed without login' 'label: *ec' \
	    p11 --token-label gate --list-objects
	is '... and it alone' \
	    "$(p11 --token-label gate --list-objects | grep -c ' Object')" 1
	fails 'a wrong PIN is refused there too' \
	    p11 --token-label gate --login --pin 000000 --list-objects
	ok 'signs' eval 'user --sign -m ECDSA-SHA256 --id 01 -i text -o sig \
	    --signature-format openssl &&
	    plain dgst -sha256 -verify ec.pub -signature sig text'
	ok 'digests' eval 'p11 --hash -m SHA256 -i text |
	    cmp - <(plain dgst -sha256 -binary text)'
	ok 'makes an RSA key pair' \
	    user --keypairgen --key-type rsa:2048 --id 04 --label rsa
	ok 'passes all of pkcs11-tool --test' eval \
	    'user --test | grep "No errors"'
	ok 'derives the secret of a peer' eval '
	    plain genpkey -algorithm EC -out peer.key \
	        -pkeyopt ec_paramgen_curve:P-256 &&
	    plain pkey -in peer.key -pubout -outform DER -out peer.der &&
	    plain pkeyutl -derive -inkey peer.key -peerkey ec.pub -out b &&
	    user --derive -m ECDH1-DERIVE --id 01 -i peer.der -o a &&
	    cmp a b'
	head -c 20000 /dev/urandom >data
	ok 'carries an object of 20,000 bytes there and back' eval \
	    'user --write-object data --type data --label data &&
	    user --read-object --type data --label data -o back &&
	    cmp data back'
	for i in 1 2 3 4; do
		user --sign -m ECDSA-SHA256 --id 01 -i text -o "sig$i" \
		    --signature-format openssl >"log$i" 2>&1 &
		clients[i]=$!
	done
	wait "${clients[@]}"
	ok 'four clients at once sign' eval 'for i in 1 2 3 4; do
	    plain dgst -sha256 -verify ec.pub -signature sig$i text || {
	        cat log$i; false; } || break; done'
	is 'the server said nothing of its own' \
	    "$(grep -v '^P11_KIT_SERVER_' server.log)" ''
}

make_token
echo 'a text to sign' >text
user --keypairgen --key-type EC:prime256v1 --id 01 --label ec >key.log 2>&1
p11tool --provider "$P11_MODULE" --export-pubkey --outfile ec.pub \
    'pkcs11:token=gate;object=ec;type=public' >>key.log 2>&1
ok 'an EC key is there to be used' plain pkey -pubin -in ec.pub -noout
configured
proxied
remote
done_testing
