# tap.sh: for test scripts, which begin with
#
#	. "$(dirname "$0")/../lib/tap.sh"
#
# and say what they prove, one line a check:
#
#	ok 'what it proves' COMMAND...          COMMAND succeeds
#	fails 'what it proves' COMMAND...       COMMAND fails (not by a signal)
#	says 'what it proves' REGEX COMMAND...  its output matches, and it succeeds
#	is 'what it proves' GOT WANTED          two strings are the same
#	skip 'why'
#	done_testing                            last; the exit status
#
# What a failed check ran and what came of it follows on "# " lines; COMMAND may
# be a shell function.  $tap_out is a file with the output of the last
# COMMAND, $tap_dir a private directory; it goes away at the end.

tap_passed=0 tap_failed=0 tap_skipped=0
# shellcheck disable=SC2034     # for the scripts
tap_top=$(cd "$(dirname "$0")/../.." && pwd)
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/tap.XXXXXX") || exit 1
tap_out=$tap_dir/.out
trap 'rm -rf "$tap_dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

tap_pass()
{
	tap_passed=$((tap_passed + 1))
	echo "ok - $1"
}

tap_fail()      # NAME COMMENT...
{
	tap_failed=$((tap_failed + 1))
	echo "not ok - $1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# Runs a command with its output in $tap_out; the status is in $tap_rc.
tap_run()
{
	"$@" >"$tap_out" 2>&1 </dev/null
	tap_rc=$?
}

tap_fail_run()  # NAME COMPLAINT COMMAND...
{
	tap_name=$1 tap_why=$2
	shift 2
	tap_fail "$tap_name" "command: $*" "$tap_why" 'output:' \
	    "$(tail -n 40 "$tap_out")"
}

ok()
{
	tap_name=$1
	shift
	tap_run "$@"
	if [ $tap_rc -eq 0 ]; then
		tap_pass "$tap_name"
	else
		tap_fail_run "$tap_name" "exit status: $tap_rc" "$@"
	fi
}

fails()
{
	tap_name=$1
	shift
	tap_run "$@"
	if [ $tap_rc -gt 0 ] && [ $tap_rc -lt 126 ]; then
		tap_pass "$tap_name"
	else
		tap_fail_run "$tap_name" "exit status: $tap_rc" "$@"
	fi
}

says()
{
	tap_name=$1 tap_regex=$2
	shift 2
	tap_run "$@"
	if [ $tap_rc -ne 0 ]; then
		tap_fail_run "$tap_name" "exit status: $tap_rc" "$@"
	elif grep -Eq -e "$tap_regex" "$tap_out"; then
		tap_pass "$tap_name"
	else
		tap_fail_run "$tap_name" "wanted: $tap_regex" "$@"
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		tap_pass "$1"
	else
		tap_fail "$1" "got:    $2" "wanted: $3"
	fi
}

skip()
{
	tap_skipped=$((tap_skipped + 1))
	echo "skip - $1"
}

done_testing()
{
	if [ $((tap_passed + tap_failed + tap_skipped)) -eq 0 ]; then
		tap_fail 'the script checks something'
	fi
	[ $tap_failed -eq 0 ]
	exit
}
