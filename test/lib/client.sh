# client.sh: tap.sh for scripts that run other people's programs with the
# module.  Such a script begins with
#
#	client_tpm=--rm         # or nothing: one process at a time
#	. "$(dirname "$0")/../lib/client.sh"
#
# and finds itself under tools/with-tpm, in an empty private directory, with
# P11_MODULE in the environment and no configuration of anybody's.
#
#	p11 ARGUMENT...         pkcs11-tool with the module
#	user ARGUMENT...        the same, logged in to the token "gate"
#	make_token              initialises the token "gate" with its PINs
#	engine_conf [default]   openssl.cnf with libp11's engine (as the default)
#	uri LABEL [ATTRIBUTE]   the PKCS#11 URI of a private key
#	free_port               prints a port of 127.0.0.1 that nobody has
#	background LOG COMMAND  starts a server, which ends with the script
#	await COMMAND...        polls until COMMAND succeeds, 20 s at most

# shellcheck shell=bash disable=SC2034,SC2154
if [ "${CLIENT_INSIDE-}" != "$0" ]; then
	# shellcheck disable=SC2086
	CLIENT_INSIDE=$0 exec "$(dirname "$0")/../../tools/with-tpm" \
	    ${client_tpm-} -- "$0" "$@"
fi
unset CLIENT_INSIDE

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh" 2>/dev/null || . "$(dirname "$0")/../lib/tap.sh"
PATH=$PATH:/usr/sbin:/sbin
so_pin=87654321 pin=123456
background_pids=()

clean_up()
{
	local pid

	for pid in "${background_pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	cd / && rm -rf "$tap_dir"
}

trap clean_up EXIT
cd "$tap_dir" || exit 1
export HOME=$tap_dir XDG_CONFIG_HOME=$tap_dir/xdg LC_ALL=C
unset OPENSSL_CONF P11_KIT_SERVER_ADDRESS SSH_AUTH_SOCK "${!PKCS11_@}"

p11()
{
	pkcs11-tool --module "$P11_MODULE" "$@"
}

user()
{
	p11 --token-label gate --login --pin $pin "$@"
}

make_token()
{
	p11 --init-token --label gate --so-pin $so_pin >token.log 2>&1 &&
	p11 --token-label gate --login --login-type so --so-pin $so_pin \
	    --init-pin --new-pin $pin >>token.log 2>&1 &&
	echo -n $pin >user.pin && return
	echo 'Bail out: no token'
	sed 's/^/# /' token.log
	tap_fail 'a token can be initialised'
	done_testing
}

engine_conf()   # [default]
{
	cat >openssl.cnf <<-END
	openssl_conf = init
	[init]
	engines = engines
	[engines]
	pkcs11 = pkcs11
	[pkcs11]
	engine_id = pkcs11
	dynamic_path = $(openssl version -e | cut -d'"' -f2)/pkcs11.so
	MODULE_PATH = $P11_MODULE
	PIN = $pin
	${1:+default_algorithms = ALL}
	init = ${1:+1}${1:-0}
	[req]
	distinguished_name = dn
	[dn]
	END
	sed -i 's/^init = 1.*/init = 1/' openssl.cnf
	export OPENSSL_CONF=$tap_dir/openssl.cnf
}

uri()           # LABEL [MORE]
{
	echo "pkcs11:token=gate;object=$1;type=private;${2-}pin-value=$pin"
}

# Only plain OpenSSL: the software peer.
plain()
{
	OPENSSL_CONF=/dev/null openssl "$@"
}

free_port()
{
	local port

	while port=$((20000 + RANDOM % 12000)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

background()    # LOG COMMAND...
{
	local log=$1

	shift
	"$@" >"$log" 2>&1 </dev/null &
	background_pids+=($!)
}

await()
{
	local end=$((SECONDS + 20))

	while [ $SECONDS -lt $end ]; do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	return 1
}
