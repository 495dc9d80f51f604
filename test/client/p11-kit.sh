#!/bin/bash
# p11-kit.sh: the module by p11-kit: configured as a user's module, and
# remote, with p11-kit's server between client and module.

# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

# p11-kit reads no user's configuration for root, so to it we are not root.
nobody()
{
	if [ ! -e nobody.so ]; then
		echo 'unsigned getuid(void); unsigned getuid(void)
		    { return 65534; }' >nobody.c
		cc -shared -fPIC -o nobody.so nobody.c || return
	fi
	LD_PRELOAD=$PWD/nobody.so "$@"
}

# A machine without a TPM lists its other modules as before.
no_tpm()
{
	TPM2_CRYPTOKI_TCTI=swtpm:path=/nonexistent \
	    TPM2_CRYPTOKI_STORE=$PWD/nothing nobody p11-kit list-modules
}

configured()
{
	mkdir -p xdg/pkcs11/modules
	echo 'user-config: only' >xdg/pkcs11/pkcs11.conf
	echo "module: $P11_MODULE" >xdg/pkcs11/modules/tpm2.module
	says 'p11-kit lists the module by its configuration' '^tpm2:' \
	    nobody p11-kit list-modules
	says '... with the library it is' 'description: Cryptoki for TPM 2.0' \
	    nobody p11-kit list-modules
	says '... and the token' 'token: gate' nobody p11-kit list-modules
	says '... initialised, with a user PIN' 'user-pin-initialized' \
	    nobody p11-kit list-modules
	says 'GnuTLS finds the token through p11-kit' \
	    '^pkcs11:model=.*;token=gate$' nobody p11tool --list-token-urls
	ok 'GnuTLS signs through p11-kit, by URI alone' nobody env \
	    GNUTLS_PIN=$pin p11tool --batch --login --test-sign \
	    'pkcs11:token=gate;object=ec;type=private'
	echo 'module: p11-kit-trust.so' >xdg/pkcs11/modules/zz.module
	says 'without a TPM the modules after this one are listed' '^zz:' \
	    no_tpm
	says '... and this one too' '^tpm2:' no_tpm
	ok '... without a complaint' eval '! no_tpm 2>&1 | grep "^p11-kit:"'
	rm xdg/pkcs11/modules/zz.module
}

proxied()
{
	proxy=$(pkg-config --variable=proxy_module p11-kit-1)
	says 'the proxy module shows the token' 'token label *: gate' \
	    nobody pkcs11-tool --module "$proxy" --list-slots
	ok 'the proxy module signs' eval 'nobody pkcs11-tool --module "$proxy" \
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
	says '... and the mechanisms that p11-kit can carry' \
	    '^ *ECDSA, .*hw, sign' \
	    p11 --token-label gate --list-mechanisms
	says 'the public key is listed without login' 'label: *ec' \
	    p11 --token-label gate --list-objects
	is '... and it alone' \
	    "$(p11 --token-label gate --list-objects | grep -c ' Object')" 1
	fails 'a wrong PIN is refused there too' \
	    p11 --token-label gate --login --pin 000000 --list-objects
	ok 'signs' eval 'user --sign -m ECDSA --id 01 -i text.sha256 -o sig \
	    --signature-format openssl &&
	    plain dgst -sha256 -verify ec.pub -signature sig text'
	ok 'digests' eval \
	    'p11 --hash -m SHA256 -i text | cmp - text.sha256'
	ok 'makes an RSA key pair' \
	    user --keypairgen --key-type rsa:2048 --id 04 --label rsa
	ok '... decrypts with it' eval '
	    user --read-object --type pubkey --id 04 -o rsa.der &&
	    plain pkeyutl -encrypt -pubin -keyform DER -inkey rsa.der \
	        -in text -out cipher -pkeyopt rsa_padding_mode:oaep &&
	    user --decrypt -m RSA-PKCS-OAEP --hash-algorithm SHA-1 --id 04 \
	        -i cipher -o clear && cmp clear text'
	head -c 4000 /dev/urandom >data
	ok 'carries an object of 4,000 bytes there and back' eval \
	    'user --write-object data --type data --label data &&
	    user --read-object --type data --label data -o back &&
	    cmp data back'
	for i in 1 2 3 4; do
		user --sign -m ECDSA --id 01 -i text.sha256 -o "sig$i" \
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
plain dgst -sha256 -binary -out text.sha256 text
user --keypairgen --key-type EC:prime256v1 --id 01 --label ec >key.log 2>&1
p11tool --provider "$P11_MODULE" --export --outfile ec.pub \
    'pkcs11:token=gate;object=ec;type=public' >>key.log 2>&1
ok 'an EC key is there to be used' plain pkey -pubin -in ec.pub -noout
configured
proxied
remote
done_testing
