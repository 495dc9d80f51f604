#!/bin/bash
# pkcs11-tool-keys.sh: OpenSC's pkcs11-tool makes and uses keys; plain
# OpenSSL checks the results.

# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"
curves='prime256v1 secp384r1 secp521r1'

# What stands before the point in a SubjectPublicKeyInfo.  OpenSC 0.23 fails
# to --read-object an EC public key under OpenSSL 3 (its issue 3200).
declare -A spki=(
	[prime256v1]=3059301306072a8648ce3d020106082a8648ce3d030107034200
	[secp384r1]=3076301006072a8648ce3d020106052b81040022036200
	[secp521r1]=30819b301006072a8648ce3d020106052b8104002303818600)
declare -A id=([prime256v1]=01 [secp384r1]=02 [secp521r1]=03 [rsa]=04)

public_key()    # LABEL <WHAT --keypairgen SAID
{
	local point

	if [ "$1" = rsa ]; then
		user --read-object --type pubkey --id 04 -o rsa.der
		return
	fi
	point=$(sed -nE 's/^ *EC_POINT: *04(81..|..)(04)/\2/p')
	xxd -r -p <<<"${spki[$1]}$point" >"$1.der"
}

key_pair()      # LABEL TYPE
{
	user --keypairgen --key-type "$2" --id "${id[$1]}" --label "$1" |
	    tee made && public_key "$1" <made &&
	plain pkey -pubin -inform DER -in "$1.der" -out "$1.pub"
}

make_keys()
{
	local curve

	for curve in $curves; do
		says "a key pair on $curve is made in the TPM to stay there" \
		    'always sensitive, never extractable, local' \
		    key_pair "$curve" "EC:$curve"
	done
	says 'an RSA 2048 key pair is made in the TPM to stay there' \
	    'always sensitive, never extractable, local' \
	    key_pair rsa rsa:2048
	says 'the public half is on the curve that was asked for' \
	    'NIST CURVE: P-384' plain pkey -pubin -in secp384r1.pub -noout \
	    -text_pub
	says 'all halves are there in a new process' '^ *8$' \
	    eval 'user --list-objects | grep -c "Key Object"'
	ok 'RSA 4096, which the TPM lacks, is refused by its code' eval \
	    '! user --keypairgen --key-type rsa:4096 >out 2>&1 &&
	    grep CKR_KEY_SIZE_RANGE out'
	ok 'a curve that the TPM lacks is refused by its code' eval \
	    '! user --keypairgen --key-type EC:secp256k1 >out 2>&1 &&
	    grep 0x140 out'
	is '... and neither left half a key' \
	    "$(user --list-objects 2>&1 | grep -c 'Key Object')" 8
}

# Signs message or digest in the TPM, verifies with OpenSSL and the module.
round_trip()    # KEY MECHANISM INPUT OPENSSL-COMMAND... -- OPTION...
{
	local key=$1 mechanism=$2 input=$3 verify=() format=()

	shift 3
	while [ "$1" != -- ]; do
		verify+=("$1")
		shift
	done
	shift
	[ "$key" = rsa ] || format=(--signature-format openssl)
	rm -f sig
	user --sign -m "$mechanism" --id "${id[$key]}" -i "$input" -o sig \
	    "${format[@]}" "$@" &&
	plain "${verify[@]}" || return
	[ "$key" != rsa ] ||
	    user --verify -m "$mechanism" --id "${id[$key]}" -i "$input" \
	    --signature-file sig "$@" 2>&1 | grep 'Signature is valid'
}

sign_ec()
{
	local curve h

	for curve in $curves; do
		for h in 1 224 256 384 512; do
			ok "$curve: ECDSA-SHA$h" \
			    round_trip $curve "ECDSA-SHA$h" text dgst \
			    "-sha$h" -verify $curve.pub -signature sig text --
		done
		for h in 1 256 384 512; do
			ok "$curve: ECDSA over a digest of SHA-$h" \
			    round_trip $curve ECDSA "text.sha$h" pkeyutl \
			    -verify -pubin -inkey $curve.pub -sigfile sig \
			    -in "text.sha$h" --
		done
	done
	ok 'prime256v1: the module verifies what it signed' eval \
	    'user --sign -m ECDSA-SHA256 --id 01 -i text -o sig &&
	    user --verify -m ECDSA-SHA256 --id 01 -i text \
	        --signature-file sig | grep "Signature is valid"'
	ok '... and refuses it for another text' eval \
	    'user --verify -m ECDSA-SHA256 --id 01 -i text.sha256 \
	        --signature-file sig 2>&1 | grep "Invalid signature"'
}

sign_rsa()
{
	local h opt=(pkeyutl -verify -pubin -inkey rsa.pub -sigfile sig -in)
	local pss=(-sigopt rsa_padding_mode:pss -sigopt)

	for h in 1 224 256 384 512; do
		ok "RSA: SHA$h-RSA-PKCS" round_trip rsa "SHA$h-RSA-PKCS" text \
		    dgst "-sha$h" -verify rsa.pub -signature sig text --
	done
	for h in 1 256 384 512; do
		ok "RSA: SHA$h-RSA-PKCS-PSS" \
		    round_trip rsa "SHA$h-RSA-PKCS-PSS" text \
		    dgst "-sha$h" "${pss[@]}" rsa_pss_saltlen:digest \
		    -verify rsa.pub -signature sig text --
	done
	for h in 0 20 222; do
		ok "RSA: PSS with a salt of $h bytes" \
		    round_trip rsa SHA256-RSA-PKCS-PSS text dgst -sha256 \
		    "${pss[@]}" rsa_pss_saltlen:$h -verify rsa.pub \
		    -signature sig text -- --salt-len $h
	done
	ok 'RSA: PSS with another hash in its mask' \
	    round_trip rsa SHA256-RSA-PKCS-PSS text dgst -sha256 "${pss[@]}" \
	    rsa_mgf1_md:sha512 -verify rsa.pub -signature sig text \
	    -- --mgf MGF1-SHA512
	ok 'RSA: PSS over a digest' round_trip rsa RSA-PKCS-PSS text.sha256 \
	    "${opt[@]}" text.sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt \
	    digest:sha256 -- --hash-algorithm SHA256
	ok 'RSA: PKCS #1 v1.5 over any bytes' \
	    round_trip rsa RSA-PKCS text.sha1 "${opt[@]}" text.sha1 --
	ok 'RSA: X.509 over a block' round_trip rsa RSA-X-509 block \
	    pkeyutl -verifyrecover -pubin -inkey rsa.pub -in sig \
	    -pkeyopt rsa_padding_mode:none -out recovered --
	ok '... which recovers the block' cmp block recovered
}

decrypted()     # MECHANISM OPTION... -- OPENSSL-OPTION...
{
	local mechanism=$1 options=() input=text.sha256

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	[ "$mechanism" != RSA-X-509 ] || input=block
	rm -f clear
	plain pkeyutl -encrypt -pubin -inkey rsa.pub -in $input -out cipher \
	    "$@" &&
	user --decrypt -m "$mechanism" --id 04 -i cipher -o clear \
	    "${options[@]}" &&
	cmp clear $input
}

decrypt()
{
	local h

	ok 'RSA: decrypts PKCS #1 v1.5' decrypted RSA-PKCS --
	ok 'RSA: decrypts a raw block' decrypted RSA-X-509 -- \
	    -pkeyopt rsa_padding_mode:none
	for h in 1 224 256 384 512; do
		[ $h != 1 ] || alg=SHA-1
		[ $h = 1 ] || alg=SHA$h
		ok "RSA: decrypts OAEP with SHA-$h" decrypted RSA-PKCS-OAEP \
		    --hash-algorithm $alg -- -pkeyopt rsa_padding_mode:oaep \
		    -pkeyopt rsa_oaep_md:sha$h
	done
	ok 'RSA: decrypts OAEP with another hash in its mask' \
	    decrypted RSA-PKCS-OAEP --hash-algorithm SHA256 --mgf MGF1-SHA1 \
	    -- -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 \
	    -pkeyopt rsa_mgf1_md:sha1
	head -c 256 /dev/zero >cipher
	fails 'RSA: OAEP of nonsense is refused' user --decrypt \
	    -m RSA-PKCS-OAEP --hash-algorithm SHA256 --id 04 -i cipher
}

same_secret()   # CURVE MECHANISM
{
	rm -f mine theirs
	plain genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$1" \
	    -out peer.key &&
	plain pkey -in peer.key -pubout -outform DER -out peer.der &&
	plain pkeyutl -derive -inkey peer.key -peerkey "$1.pub" -out theirs &&
	user --derive -m "$2" --id "${id[$1]}" -i peer.der -o mine &&
	[ -s mine ] && cmp mine theirs
}

derive()
{
	local curve

	for curve in $curves; do
		ok "$curve: the TPM derives the secret of the peer" \
		    same_secret $curve ECDH1-DERIVE
		ok "$curve: ... with the cofactor too" \
		    same_secret $curve ECDH1-COFACTOR-DERIVE
	done
	fails 'a peer on another curve is refused' user --derive \
	    -m ECDH1-DERIVE --id 01 -i secp384r1.der -o mine
}

# Keys that OpenSSL made go into the TPM; files and ids are named alike.
write_key()     # ID TYPE... -- OPTION...
{
	local new=$1 type=()

	shift
	while [ "$1" != -- ]; do
		type+=("$1")
		shift
	done
	shift
	plain genpkey "${type[@]}" -outform DER -out "$new.der" &&
	plain pkey -in "$new.der" -pubout -out "$new.pub" &&
	user --write-object "$new.der" --type privkey --id "$new" \
	    --label "in $new" "$@"
}

signs_for()     # ID MECHANISM
{
	rm -f sig
	user --sign -m "$2" --id "$1" -i text -o sig \
	    --signature-format openssl &&
	plain dgst -sha256 -verify "$1.pub" -signature sig text
}

write_private()
{
	says 'an RSA key is written, and is no longer to be seen' \
	    '^ *Access: *sensitive$' write_key 21 -algorithm RSA -pkeyopt \
	    rsa_keygen_bits:2048 -- --usage-sign --usage-decrypt
	ok '... and signs' signs_for 21 SHA256-RSA-PKCS
	says '... one that says nothing of its uses too' \
	    'Usage: *decrypt, sign, unwrap' write_key 22 -algorithm RSA \
	    -pkeyopt rsa_keygen_bits:2048 --
	ok '... and decrypts' eval 'plain pkeyutl -encrypt -pubin -inkey \
	    22.pub -in text -out cipher && user --decrypt -m RSA-PKCS \
	    --id 22 -i cipher -o clear && cmp clear text'
	says 'an EC key is written' '^ *Access: *sensitive$' write_key 23 \
	    -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -- --usage-sign \
	    --usage-derive
	ok '... and signs' signs_for 23 ECDSA-SHA256
	ok '... and derives what OpenSSL derives' eval \
	    'cp 23.pub prime256v1.pub; id[prime256v1]=23
	    same_secret prime256v1 ECDH1-DERIVE'
	fails 'one that is to be extractable is refused' write_key 24 \
	    -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -- --extractable
	fails 'RSA 4096 is refused' write_key 24 -algorithm RSA -pkeyopt \
	    rsa_keygen_bits:4096 --
	is '... and neither left anything' \
	    "$(user --list-objects 2>&1 | grep -c 'label: *in ')" 3
}

# What keys may do is as pkcs11-tool asks, but for those that would both wrap
# and decrypt.
wrap()
{
	says 'a pair that wraps' '^ *Usage: *wrap$' user --keypairgen \
	    --key-type rsa:2048 --id 31 --label wraps --usage-wrap
	says 'one that was to wrap and decrypt does not wrap' \
	    '^ *Usage: *encrypt$' user --keypairgen --key-type rsa:2048 \
	    --id 32 --label both --usage-wrap --usage-decrypt
	says 'an AES key that wraps' '^ *Usage: *wrap, unwrap$' \
	    user --keygen --key-type AES:32 --id 33 --label aes --usage-wrap
	says 'one of no stated use encrypts' '^ *Usage: *encrypt, decrypt$' \
	    user --keygen --key-type AES:32 --id 34 --label data
	head -c 16 /dev/urandom >k16
	ok 'a secret that may leave' user --write-object k16 --type secrkey \
	    --id 35 --label leaves --key-type AES:16 --extractable
	ok '... leaves under the pair' user --wrap -m RSA-PKCS --id 31 \
	    --application-id 35 -o wrapped
	says '... and comes back' "VALUE: *$(xxd -p k16)" user --unwrap \
	    -m RSA-PKCS --id 31 -i wrapped --key-type AES: \
	    --application-id 36 --application-label back --extractable
	fails '... but not one that stays' user --wrap -m RSA-PKCS --id 31 \
	    --application-id 33 -o other
	fails '... and not by a key that does not wrap' user --wrap \
	    -m RSA-PKCS --id 32 --application-id 35 -o other
}

rest()
{
	says 'pkcs11-tool --test finds no errors' '^No errors' user --test
	ok '... and finds nothing to say against a mechanism' eval \
	    '! grep -iE "fail|error: |unsupp|not supp|ERR" "$tap_out"'
	ok 'pkcs11-tool --test-ec passes' user --session-rw --test-ec \
	    --id 77 --key-type EC:prime256v1
	ok 'a forked child initialises for itself' \
	    p11 --login --pin $pin --test-fork
	is '64 bytes are drawn at random' \
	    "$(user --generate-random 64 | wc -c)" 64
	ok '100,000 do not repeat' eval 'user --generate-random 100000 >r &&
	    test "$(split -b 32 --filter="xxd -p -c 32" r | sort |
	    uniq -d | wc -l)" = 0 && test "$(wc -c <r)" = 100000'
	ok 'nothing is left in the TPM' eval \
	    'tpm2_getcap handles-transient >out &&
	    tpm2_getcap handles-loaded-session >>out && ! grep . out'
	user --delete-object --type privkey --label rsa >/dev/null 2>&1
	labelled_rsa()  # TYPE
	{
		user --list-objects --type "$1" | grep -cE 'label: +rsa$'
	}
	is 'a deleted private key leaves the public one' \
	    "$(labelled_rsa privkey) $(labelled_rsa pubkey)" '0 1'
	fails '... and does not sign' user --sign -m SHA256-RSA-PKCS \
	    --id 04 -i text -o sig
}

make_token
echo 'a text to sign' >text
for h in 1 224 256 384 512; do
	plain dgst "-sha$h" -binary -out "text.sha$h" text
done
{ printf '\0\1\0'; head -c 252 /dev/urandom; echo; } >block
make_keys
sign_ec
sign_rsa
decrypt
derive
write_private
wrap
rest
done_testing
