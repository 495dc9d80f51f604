# tool.sh: client.sh for scripts that run tpm2-token, the admin tool.
#
#	tool ARGUMENT...        runs it
#	init LABEL [MORE...]    makes a token with $so_pin and $pin
#	refused STATUS REGEX ARGUMENT...
#	                        the tool fails so, says so on stderr in one line
#	                        of its own, and prints nothing
#	json EXPRESSION ARGUMENT...
#	                        the tool prints JSON of which jq's expression is
#	                        true; $status (0) is its exit status
#	talk LOG COMMAND ANSWER...
#	                        runs a shell command at a terminal of its own
#	                        and gives an answer whenever it asks for a PIN
#	                        or password; the dialogue is in LOG; before
#	                        each answer $talk_hook runs

# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=client.sh
. "$(dirname "$0")/../lib/client.sh"

tool_program=${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}/tools/tpm2-token
export tool_program
umask 077
echo $so_pin >so.pin
echo $pin >user.pin
echo 654321 >new.pin
echo 000000 >wrong.pin
by_so=(--so-pin-file so.pin)
by_user=(--pin-file user.pin)

tool()
{
	"$tool_program" "$@"
}

init()          # LABEL [MORE...]
{
	tool init --label "$1" "${by_so[@]}" "${by_user[@]}" "${@:2}"
}

refused()       # STATUS REGEX ARGUMENT...
{
	local status=$1 regex=$2 rc

	shift 2
	tool "$@" >out 2>err
	rc=$?
	echo "status $rc"
	cat out err
	[ $rc = "$status" ] && [ ! -s out ] &&
	    [ "$(grep -c '^tpm2-token: ' err)" = 1 ] &&
	    grep '^tpm2-token: ' err | grep -Eq -e "$regex"
}

json()          # EXPRESSION ARGUMENT...
{
	local expression=$1 rc

	shift
	tool "$@" --json >out 2>err
	rc=$?
	echo "status $rc"
	cat out err
	[ $rc = "${status:-0}" ] && [ "$(wc -l <out)" = 1 ] &&
	    iconv -f UTF-8 -t UTF-8 out >/dev/null &&
	    jq -e "$expression" out
}

# What is typed before a question is thrown away by it, so each is awaited.
talk()          # LOG COMMAND ANSWER...
{
	local log=$1 command=$2 part
	local -a answers=("${@:3}")

	: >"$log"
	coproc TALK { exec script -qefc "$command" /dev/null 2>&1; }
	exec {talk_in}>&"${TALK[1]}" {talk_out}<&"${TALK[0]}"
	talk_pid=$TALK_PID
	while IFS= read -r -t 60 -d : part <&"$talk_out"; do
		printf '%s:' "$part" >>"$log"
		[[ $part = *PIN* || $part = *password* ]] || continue
		[ ${#answers[@]} -gt 0 ] || continue
		${talk_hook-}
		printf '%b' "${answers[0]}" >&"$talk_in"
		answers=("${answers[@]:1}")
	done
	printf '%s' "$part" >>"$log"
	exec {talk_in}>&- {talk_out}<&-
	wait "$talk_pid"
}
