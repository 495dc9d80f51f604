#!/bin/bash
# bench.sh: the bench runs, and its table and its JSON hold together. How
# fast anything is does not matter here.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
builddir=${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}
unset P11_MODULE                # the bench takes that of the build tree
out=$tap_dir/out

# Selects from the rows of report.json.
rows()          # COLUMNS [WHERE]
{
	sqlite3 -separator ' ' :memory: "
	    CREATE TABLE row AS SELECT
	        value->>'id' AS id, value->>'path' AS path,
	        value->>'unit' AS unit, value->>'floor' AS floor,
	        value->>'module' AS module, value->>'other' AS other,
	        value->>'of_floor' AS of_floor,
	        value->>'of_other' AS of_other, value->>'rounds' AS rounds
	    FROM json_each(readfile('$out/report.json'), '\$.rows');
	    SELECT $1 FROM row WHERE ${2:-1};"
}

none()          # WHERE: no row is such
{
	rows 'id, path, floor, module, other, of_floor, of_other' "$1" \
	    >"$tap_dir/such" || return
	! grep . "$tap_dir/such"
}

# What DESIGN.md and the README promise figures for.
wanted()
{
	local id

	for id in ecdsa_p256 rsa2048_sign rsa2048_decrypt ecdh_p256 tls13 \
	    cold cpu_ecdsa_p256 commands_cold; do
		echo "$id direct"
		echo "$id abrmd"
	done
	for id in aes_cbc_1k aes_cbc_64k hmac_sha256 random_32 random_1k \
	    threads_{1,2,8} memory_{rss,peak,growth} start \
	    {start,search,cold,fill}_{10,100}; do
		echo "$id direct"
	done
	echo processes_1 abrmd
	echo processes_4 abrmd
	echo load_libraries load
	echo load_relocations load
	echo load_syscalls load
}

missing_rows()
{
	! comm -13 <(rows 'id, path' | sort) <(wanted | sort) | grep .
}

ok 'the bench can be built' make -s -C "$builddir" bench-programs
ok 'a quick run succeeds' "$tap_top/test/bench/run" --quick --out "$out"
cat "$out/log" 2>/dev/null | sed 's/^/# /'
is 'the JSON is valid' "$(sqlite3 :memory: \
    "SELECT json_valid(readfile('$out/report.json'))")" 1
is 'it says what was run' "$(sqlite3 :memory: \
    "SELECT readfile('$out/report.json')->>'size'")" quick
ok 'no row is missing' missing_rows
is 'no row is there twice' "$(rows 'count(*) - count(DISTINCT id || path)')" 0
is 'the table has a line for each' \
    "$(grep -cE '^(direct|abrmd|load) ' "$out/report.txt")" "$(rows 'count(*)')"
ok 'all figures are numbers or nothing' none "
    typeof(floor) NOT IN ('null', 'integer', 'real') OR
    typeof(module) NOT IN ('null', 'integer', 'real') OR
    typeof(other) NOT IN ('null', 'integer', 'real') OR rounds < 1"
ok 'this module has a figure for all but AES and the bare TCTI' none "
    module IS NULL AND id NOT LIKE '%aes%' AND id <> 'cpu_tcti'"
ok 'ratios are there where both sides are' none "
    (of_floor IS NULL AND floor > 0 AND module > 0) OR
    (of_other IS NULL AND other > 0 AND module > 0)"
ok 'and not where one is missing' none "
    (of_floor IS NOT NULL AND (floor IS NULL OR module IS NULL)) OR
    (of_other IS NOT NULL AND (other IS NULL OR module IS NULL))"
ok 'a ratio over 1 is the better one' none "
    unit IN ('commands', 'calls', 'libraries', 'relocations') AND
    of_other > 1 AND module > other"
if command -v gnuplot >/dev/null; then
	ok 'a plot is drawn' grep -q '</svg>' "$out/report.svg"
else
	skip 'no gnuplot'
fi
fails 'a module that is not there is refused' \
    "$tap_top/test/bench/run" --quick --module /nonexistent --out "$out"
done_testing
