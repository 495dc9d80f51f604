#!/bin/bash
# schema.sh: a store of each schema version ever released still works.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

if [ "${1-}" = inside ]; then
	work=$2
	trap - EXIT
	p11()
	{
		pkcs11-tool --module "$P11_MODULE" --token-label fixture "$@"
	}
	user()
	{
		p11 --login --pin fixture-user "$@"
	}
	set -e
	case $3 in
	read)
		user --read-object --type data --label note -o "$work/note"
		p11 --read-object --type data --label open -o "$work/open"
		[ "$(cat "$work/note" "$work/open")" = secretopen ]
		if p11 --list-objects | grep note; then exit 1; fi
		;;
	sign)
		head -c 32 /dev/urandom >"$work/digest"
		user --sign --mechanism ECDSA --id 01 -i "$work/digest" \
		    -o "$work/signature" --signature-format openssl
		p11 --read-object --type pubkey --label ec -o "$work/ec.der"
		openssl pkeyutl -verify -pubin -keyform DER \
		    -inkey "$work/ec.der" -in "$work/digest" \
		    -sigfile "$work/signature"
		;;
	rsa)
		echo signed >"$work/text"
		user --sign --mechanism SHA256-RSA-PKCS --id 02 \
		    -i "$work/text" -o "$work/rsa.sig"
		p11 --read-object --type pubkey --label rsa -o "$work/rsa.der"
		openssl dgst -sha256 -keyform DER -verify "$work/rsa.der" \
		    -signature "$work/rsa.sig" "$work/text"
		;;
	change)
		p11 --change-pin --pin fixture-user --new-pin another-pin
		if user --list-objects; then exit 1; fi
		p11 --login --pin another-pin --keypairgen \
		    --key-type EC:secp384r1 --id 03 --label new
		p11 --login --pin another-pin --list-objects | grep -q new
		;;
	esac
	exit 0
fi

self=$(realpath "$0")
PATH=$PATH:/usr/sbin:/sbin

inside()        # VERSION WHAT
{
	local copy=$tap_dir/$1

	if [ ! -d "$copy" ]; then
		cp -r "$tap_top/test/data/$1" "$copy"
		chmod 700 "$copy" "$copy"/*
		chmod 600 "$copy"/*/*
		mkdir "$copy.work"
	fi
	"$tap_top/tools/with-tpm" --keep "$copy" -- \
	    "$self" inside "$copy.work" "$2"
}

for store in "$tap_top"/test/data/store-*; do
	version=${store##*/}
	ok "$version: objects are read" inside "$version" read
	ok "$version: its EC key signs" inside "$version" sign
	ok "$version: its RSA key signs" inside "$version" rsa
	ok "$version: a PIN is changed and a key made" inside "$version" change
done
done_testing
