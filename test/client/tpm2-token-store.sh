#!/bin/bash
# tpm2-token-store.sh: the admin tool finds what is wrong with the store, and
# brings it back: verify, backup, restore, reseal.

# shellcheck source=../lib/tool.sh
. "$(dirname "$0")/../lib/tool.sh"
file=$TPM2_CRYPTOKI_STORE/store.sqlite3

sql()
{
	sqlite3 "$file" "$@"
}

rows()
{
	sql "SELECT count(*) FROM object WHERE $1"
}

# Runs a command while an object's row is damaged; its id is in the file id.
damaged()       # WHERE COMMAND...
{
	local rc

	cp -a "$TPM2_CRYPTOKI_STORE" saved
	sql "SELECT min(id) FROM object WHERE $1" >id
	sql "UPDATE object SET body = zeroblob(length(body))
	    WHERE id = $(cat id)"
	shift
	"$@"
	rc=$?
	rm -rf "$TPM2_CRYPTOKI_STORE"
	mv saved "$TPM2_CRYPTOKI_STORE"
	return $rc
}

public_fault()
{
	local id

	id=$(cat id)
	status=1 json ".[0].ok == false and
	    any(.[0].faults[]; .what == \"object\" and .object == $id and
	    (.why | length) > 9)" verify gate &&
	! tool verify >out && cat out &&
	grep -q "^gate: object $id: DAMAGED: " out &&
	grep -q '^gate: [0-9]* faults' out && grep -q '^other: ok' out
}

private_fault()
{
	local id

	id=$(cat id)
	! tool verify gate "${by_user[@]}" >out && cat out &&
	grep -q "^gate: object $id: DAMAGED: " out
}

verifying()
{
	ok 'a store in order' json 'all(.[]; .ok) and length == 2 and
	    .[0].objects == 4' verify
	ok '... with the user'\''s PIN' json '.[0].ok and
	    .[0].objects == 4' verify gate "${by_user[@]}"
	says '... in words' '^gate: ok, 4 objects$' tool verify gate
	ok 'a damaged public object is named' damaged \
	    'is_private = 0' public_fault
	ok '... a private one with the user'\''s PIN' damaged \
	    'is_private = 1' private_fault
	ok '... and back all is in order' json '.[0].ok' verify gate \
	    "${by_user[@]}"
	sql "UPDATE token SET label = CAST(replace(CAST(label AS TEXT),
	    'gate', 'fake') AS BLOB)"
	ok 'an edited token is found' eval '! tool verify >out && cat out &&
	    grep "token: DAMAGED" out'
	sql "UPDATE token SET label = CAST(replace(CAST(label AS TEXT),
	    'fake', 'gate') AS BLOB)"
	ok 'a PIN needs a TOKEN' refused 2 'a PIN is of one token' \
	    verify --login
}

backing_up()
{
	ok 'backup copies the store' tool backup copy
	is '... without a word' "$(cat "$tap_out")" ''
	is '... for its owner alone' "$(stat -c %a copy)" 600
	ok '... into a new file' refused 1 'backup: there is a file of this' \
	    backup copy
	ok '... and says in JSON where' json \
	    ".store == \"$file\" and .backup == \"copy.2\"" backup copy.2
	ok '... in no directory that is not there' refused 1 '^tpm2-token: ' \
	    backup nowhere/copy
}

# The store as it was when it was backed up, which is an old copy by now.
restoring()
{
	user --keypairgen --key-type EC:prime256v1 --id 09 >/dev/null 2>&1
	is 'a key was made since' "$(rows 1)" 6
	ok 'what is no store is not put there' refused 1 \
	    'from: it is no store.*nothing was changed' \
	    restore gate --from so.pin "${by_so[@]}"
	is '... and nothing is lost' "$(rows 1)" 6
	ok 'a wrong PIN says that the store was replaced' refused 1 \
	    'SO PIN of gate: .* store has been replaced, .*now /' \
	    restore gate --from copy --so-pin-file wrong.pin
	fails '... the token refuses its old copy' \
	    p11 --token-label gate --login --pin $pin --list-objects
	ok '... which doctor tells' eval '! tool doctor >out && cat out &&
	    grep -A1 "^FAIL  gate: content: refused" out |
	    grep "restore"'
	ok '... and show' eval '! tool show gate >out && cat out &&
	    grep "^content: *REFUSED" out'
	ok 'restore accepts it, with the SO PIN' json '.label == "gate" and
	    (has("kept") | not)' restore gate "${by_so[@]}"
	is '... without the key' "$(rows 1)" 4
	ok '... in order' json '.[0].ok' verify gate "${by_user[@]}"
	ok '... and usable' user --keypairgen --key-type EC:prime256v1 \
	    --id 0a
	ok 'all in one step' json '.label == "gate" and
	    (.kept | startswith("/"))' restore gate --from copy.2 \
	    "${by_so[@]}"
	ok '... what was there is kept' test -s "$(jq -r .kept out)"
	ok '... and the token is as it was' user --list-objects
	ok 'a token that is not there' refused 1 \
	    'no such token; .*has been replaced' \
	    restore gone --from copy.2 "${by_so[@]}"
	tool restore gate "${by_so[@]}" >/dev/null 2>&1
	tool restore other "${by_so[@]}" >/dev/null 2>&1
}

pcr_step()
{
	tpm2_pcrextend "16:sha256=$(printf %064d "$1")"
}

resealing()
{
	ok 'a token bound to a register' init bound --pcrs sha256:16
	ok '... opens' tool verify bound "${by_user[@]}"
	ok 'the register changes' pcr_step 1
	ok '... and the user is out' refused 1 '^tpm2-token: bound: ' \
	    pin change bound "${by_user[@]}" --new-pin-file new.pin
	says '... told to reseal' 'error: .*PCR.*run tpm2-token reseal' \
	    cat err
	ok '... until the SO reseals' tool reseal bound "${by_so[@]}"
	ok '... then it opens' tool verify bound "${by_user[@]}"
	ok 'reseal wants the right SO PIN' refused 1 'SO PIN of bound: .*9' \
	    reseal bound --so-pin-file wrong.pin
	ok 'other registers' tool reseal bound "${by_so[@]}" \
	    --pcrs sha256:23
	ok '... are shown' json '.pcrs == "sha256:23"' show bound
	ok '... and the old one counts no more' eval \
	    'pcr_step 2 && tool verify bound "${by_user[@]}"'
	ok 'none' tool reseal bound "${by_so[@]}" --pcrs none
	ok '... are shown' json '.pcrs == ""' show bound
	ok 'no list of registers' refused 2 '--pcrs: is a list' \
	    reseal bound --pcrs 16
}

init gate >/dev/null
init other >/dev/null
for id in 01 02; do
	user --keypairgen --key-type EC:prime256v1 --id $id --label $id \
	    >/dev/null 2>&1
done
is 'there are keys to look at' "$(rows 1)" 4
verifying
backing_up
restoring
resealing
done_testing
