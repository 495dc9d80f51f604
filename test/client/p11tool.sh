#!/bin/bash
# p11tool.sh: GnuTLS's p11tool administers a token, certtool signs with its
# keys, gnutls-serv and gnutls-cli shake hands with both keys in the TPM.

client_tpm=--rm
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"
export GNUTLS_PIN=$pin GNUTLS_SO_PIN=$so_pin
token=pkcs11:token=gate

p11t()
{
	p11tool --provider "$P11_MODULE" --batch "$@"
}

make()
{
	ok 'p11tool initialises a token' p11t --initialize --label gate \
	    --set-so-pin $so_pin pkcs11:
	ok '... and its user PIN' p11t --initialize-pin --set-pin $pin $token
	says '... and finds it by its URI' \
	    '^pkcs11:model=.+;manufacturer=.+;serial=[0-9a-f]+;token=gate$' \
	    p11t --list-token-urls
	url=$(cat "$tap_out")
	ok 'an EC key pair' p11t --login --generate-privkey ecdsa \
	    --curve secp256r1 --label ec --id 01 --outfile ec.pub $token
	ok 'an RSA key pair' p11t --login --generate-privkey rsa --bits 2048 \
	    --label rsa --id 04 --outfile rsa.pub $token
	ok 'an RSA key pair to sign only' p11t --login --generate-privkey rsa \
	    --bits 2048 --label signer --id 05 --mark-sign --outfile s.pub \
	    $token
	is 'the URI is the same in a later process' \
	    "$(p11t --list-token-urls)" "$url"
	ok 'plain OpenSSL reads the public key that was exported' \
	    plain pkey -pubin -in ec.pub -noout
}

objects()
{
	is 'the user sees six objects by the whole URI' \
	    "$(p11t --login --list-all "$url" | grep -c '^Object')" 6
	is 'the public sees three' \
	    "$(p11t --list-all $token | grep -c '^Object')" 3
	says 'a private key is marked as one that stays' \
	    'CKA_PRIVATE; CKA_NEVER_EXTRACTABLE; CKA_SENSITIVE' \
	    p11t --login --list-privkeys "$token;object=ec"
	ok 'the public key comes from the private one' eval \
	    'p11t --login --export-pubkey --outfile e.pub \
	        "$token;object=ec;type=private" && cmp e.pub ec.pub'
	for key in ec rsa signer; do
		says "p11tool --test-sign: $key" \
		    'against public key in the token... ok' \
		    p11t --login --test-sign "$token;object=$key;type=private"
	done
	says 'p11tool --test-sign: rsa with PSS' \
	    'against public key in the token... ok' p11t --login --test-sign \
	    --sign-params=rsa-pss "$token;object=rsa;type=private"
	is 'random numbers' "$(p11t --generate-random 32 $token | wc -c)" 32
	ok 'a label is set' p11t --login --set-label new \
	    "$token;object=signer;type=private"
	ok 'an id is set' p11t --login --set-id 77 \
	    "$token;object=new;type=private"
	says '... both are found' 'id=%77;object=new;type=private' \
	    p11t --login --list-privkeys "$token;id=%77"
	ok 'a key pair is deleted' eval 'p11t --login --delete \
	    "$token;object=new;type=private" && p11t --login --delete \
	    "$token;object=signer;type=public"'
	is '... and gone' \
	    "$(p11t --login --list-all $token | grep -c '^Object')" 4
	fails 'a wrong PIN is refused' env GNUTLS_PIN=000000 p11tool \
	    --provider "$P11_MODULE" --batch --login --list-privkeys $token
}

certify()       # KEY
{
	certtool --provider "$P11_MODULE" --generate-self-signed \
	    --load-privkey "$token;object=$1;type=private" \
	    --load-pubkey "$1.pub" --template template --outfile "$1.pem" &&
	plain verify -CAfile "$1.pem" -check_ss_sig "$1.pem"
}

certificates()
{
	local key

	cat >template <<-END
	cn = localhost
	dns_name = localhost
	expiration_days = 30
	ca
	signing_key
	cert_signing_key
	tls_www_server
	tls_www_client
	END
	for key in ec rsa; do
		ok "certtool signs a certificate with $key" certify $key
		ok "certtool signs a request with $key" eval \
		    'certtool --provider "$P11_MODULE" --generate-request \
		        --load-privkey "$token;object=$key;type=private" \
		        --load-pubkey "$key.pub" --template template \
		        --outfile csr && plain req -in csr -noout -verify'
		ok "p11tool writes the certificate of $key" p11t --login \
		    --write --load-certificate $key.pem --label $key \
		    --id "0$((${#key} * 3 - 5))" $token
	done
	ok 'a certificate is exported without login, the same' eval \
	    'p11t --export --outfile out.pem "$token;object=ec;type=cert" &&
	    cmp <(plain x509 -in out.pem) <(plain x509 -in ec.pem)'
	ok 'the SO writes a trusted certificate' p11t --so-login --write \
	    --load-certificate ec.pem --label trust --id 09 --mark-trusted \
	    --mark-ca $token
	is '... the only one that is listed as trusted' \
	    "$(p11t --list-all-trusted $token | grep -c 'CKA_TRUSTED')" 1
	fails 'the user cannot make one' p11t --login --write \
	    --load-certificate ec.pem --label mine --mark-trusted $token
	is '... and has not' \
	    "$(p11t --list-all-trusted $token | grep -c 'CKA_TRUSTED')" 1
	ok 'the SO deletes it' p11t --so-login --delete "$token;object=trust"
	is '... the others stay' \
	    "$(p11t --list-all-certs $token | grep -c '^Object')" 2
}

shake()         # KEY PRIORITY
{
	local port

	port=$(free_port)
	background server.log gnutls-serv --provider "$P11_MODULE" --echo \
	    --port "$port" --priority "$2" --x509cafile "$1.pem" \
	    --require-client-cert --verify-client-cert \
	    --x509keyfile "$token;object=$1;type=private" \
	    --x509certfile "$token;object=$1;type=cert"
	await eval "(exec 3<>/dev/tcp/127.0.0.1/$port)" || cat server.log
	(echo 'hello from the TPM'; sleep 0.5) | timeout 20 gnutls-cli \
	    --provider "$P11_MODULE" --priority "$2" --port "$port" \
	    --x509cafile "$1.pem" \
	    --x509keyfile "$token;object=$1;type=private" \
	    --x509certfile "$token;object=$1;type=cert" localhost \
	    >client.log 2>&1
	grep -hE '^(-|\*|Error|[|]<)' client.log server.log
	kill "${background_pids[-1]}"
	grep -q 'The certificate is trusted' client.log &&
	    grep -q 'The certificate is trusted' server.log &&
	    grep -q 'received cmd: hello from the TPM' server.log
}

tls()
{
	local key version

	for version in 1.2 1.3; do
		for key in ec rsa; do
			ok "TLS $version with $key: both sides verify" shake \
			    $key "NORMAL:-VERS-ALL:+VERS-TLS$version"
		done
	done
}

make
objects
certificates
tls
done_testing
