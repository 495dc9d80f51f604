#!/bin/bash
# layers.sh: the layers of ARCHITECTURE.md hold, by the #include lines.
#
# A folder of src includes its own headers and those of folders in lower
# layers, never those of a folder beside or above it.  Each foreign header
# has one home.  tools/ is above all layers and has no foreign header.
# SRCDIR in the environment names another tree to check.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "${SRCDIR:-$tap_top}" || exit 1


# From the top down, a layer a line.
layers='
api
session
token
mech object
fapi
store
tpm
crypto yaml
attr
util
'

# Prints the line, counted from the bottom, on which the folder is.
layer_of()      # FOLDER
{
	tac <<<"$layers" | awk -v f="$1" '{
		for (i = 1; i <= NF; i++)
			if ($i == f)
				print NR
	}'
}

# Prints the one folder that may include a foreign header.
home_of()       # HEADER
{
	case $1 in
	tss2/tss2_fapi.h | tss2_fapi.h) echo fapi ;;
	tss2/* | tss2_* | tss2-*) echo tpm ;;
	sqlite3*) echo store ;;
	yaml.h) echo yaml ;;
	openssl/*) echo crypto ;;
	esac
}

# Prints "FILE:LINE HEADER" for each #include in the folder.
includes()      # PATH
{
	find "$1" -name '*.[ch]' \
	    -exec grep -HnE '^[[:space:]]*#[[:space:]]*include' {} + |
	    sed -E 's/^([^:]*:[0-9]+):[^"<]*["<]([^">]*)[">].*/\1 \2/'
}

allowed()       # FOLDER HEADER
{
	local home to

	[[ $2 != *../* ]] || return 1
	to=$(layer_of "${2%%/*}")
	if [[ $2 = */* && -n $to ]]; then
		[ "$1" = "${2%%/*}" ] || [ "$(layer_of "$1")" -gt "$to" ]
		return
	fi
	home=$(home_of "$2")
	[ -z "$home" ] || [ "$home" = "$1" ]
}

check_folder()  # FOLDER PATH
{
	local place header bad=0

	while read -r place header; do
		allowed "$1" "$header" || {
			echo "$place: $1 must not include $header"
			bad=1
		}
	done < <(includes "$2")
	return "$bad"
}

all_placed()
{
	local folder bad=0

	for folder in src/*/; do
		folder=$(basename "$folder")
		[ -n "$(layer_of "$folder")" ] || {
			echo "src/$folder is in no layer"
			bad=1
		}
	done
	return "$bad"
}

none_loose()
{
	! find src -maxdepth 1 -name '*.[ch]' | grep .
}

ok 'every folder of src is in the table' all_placed
ok 'every file of src is in a folder' none_loose
for folder in src/*/; do
	folder=$(basename "$folder")
	ok "src/$folder includes only what is below it" \
	    check_folder "$folder" "src/$folder"
done
layers="tools$layers"
ok 'tools/ includes no foreign header' check_folder tools tools
done_testing
