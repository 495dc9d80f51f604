#!/bin/bash
# unprivileged.sh: somebody who is nobody, but in the TPM's group, does all
# that a user does: directly and through tpm2-abrmd; out of the group the TPM
# is out of reach, and that is said by a code.

# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
PATH=$PATH:/usr/sbin:/sbin
group=54321 nobody=65534
module=${TPM2_CRYPTOKI_BUILDDIR:-$tap_top}/src/.libs/tpm2_cryptoki.so
module=${P11_MODULE:-$module}

if [ "$(id -u)" -ne 0 ]; then
	skip 'only root can be somebody else'
	done_testing
	exit
fi

pids=()
take_down()
{
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	rm -rf "$tap_dir"
}
trap take_down EXIT

await()         # TEST...
{
	local i

	for ((i = 0; i < 500; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.02
	done
	return 1
}

start()         # NAME COMMAND...
{
	local log=$tap_dir/$1.log

	shift
	setpriv --pdeathsig KILL -- "$@" </dev/null >"$log" 2>&1 &
	pids+=($!)
}

# The sockets are the group's, as a device node is.
start_tpm()
{
	chmod 755 "$tap_dir"
	mkdir -m 700 "$tap_dir/state"
	mkdir -m 755 "$tap_dir/run"
	install -m 644 "$module" "$tap_dir/module.so"
	start swtpm swtpm socket --tpm2 --tpmstate "dir=$tap_dir/state" \
	    --server "type=unixio,path=$tap_dir/run/tpm,mode=0660,gid=$group" \
	    --ctrl "type=unixio,path=$tap_dir/run/tpm.ctrl,mode=0660,gid=$group" \
	    --flags not-need-init,startup-clear
	await test -S "$tap_dir/run/tpm.ctrl"
}

bus_has_name()
{
	dbus-send --bus="unix:path=$tap_dir/run/bus" --print-reply \
	    --dest=org.freedesktop.DBus / \
	    org.freedesktop.DBus.NameHasOwner \
	    string:com.intel.tss2.Tabrmd | grep -q 'boolean true'
}

# Who may talk to it is the bus's affair: the group, and root who owns it.
start_resource_manager()
{
	cat >"$tap_dir/bus.conf" <<-END
	<busconfig>
	  <type>session</type>
	  <listen>unix:path=$tap_dir/run/bus</listen>
	  <auth>EXTERNAL</auth>
	  <policy context="default">
	    <allow user="*"/>
	    <allow send_destination="*" eavesdrop="true"/>
	    <allow eavesdrop="true"/>
	    <allow own="*"/>
	  </policy>
	</busconfig>
	END
	start dbus dbus-daemon --config-file="$tap_dir/bus.conf" --nofork \
	    --nopidfile
	await test -S "$tap_dir/run/bus"
	chgrp $group "$tap_dir/run/bus" && chmod 660 "$tap_dir/run/bus"
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$tap_dir/run/bus
	start abrmd tpm2-abrmd --session --allow-root \
	    --tcti="swtpm:path=$tap_dir/run/tpm"
	await bus_has_name
}

# As nobody, in that group or in none.
as()            # GROUP TCTI ARGUMENT...
{
	local in=$1 tcti=$2 home=$tap_dir/home-${2%%:*}

	shift 2
	[ -d "$home" ] || install -d -o $nobody -g $nobody -m 700 "$home"
	cd "$home" || return
	setpriv --reuid=$nobody --regid=$nobody --groups="$in" -- env -i \
	    PATH="$PATH" HOME="$home" TPM2_CRYPTOKI_TCTI="$tcti" \
	    DBUS_SESSION_BUS_ADDRESS="unix:path=$tap_dir/run/bus" \
	    pkcs11-tool --module "$tap_dir/module.so" "$@"
}

work()          # TCTI
{
	local user=(--token-label mine --login --pin user-pin-1)

	as $group "$1" --init-token --slot-index 0 --label mine \
	    --so-pin so-pin-1 &&
	as $group "$1" --token-label mine --login --login-type so \
	    --so-pin so-pin-1 --init-pin --pin user-pin-1 &&
	as $group "$1" "${user[@]}" --keypairgen --key-type EC:prime256v1 \
	    --id 01 &&
	printf %32s x >"$tap_dir/digest" && chmod 644 "$tap_dir/digest" &&
	as $group "$1" "${user[@]}" --sign --mechanism ECDSA --id 01 \
	    --input-file "$tap_dir/digest" --output-file sig &&
	as $group "$1" "${user[@]}" --verify --mechanism ECDSA --id 01 \
	    --input-file "$tap_dir/digest" --signature-file sig
}

# A code, not a signal: the module loads, and finds no token to log in to.
refused()       # TCTI
{
	local rc

	as $nobody "$1" --show-info || return
	as $nobody "$1" --token-label mine --login --pin user-pin-1 \
	    --list-objects >out 2>&1
	rc=$?
	cat out
	[ $rc -eq 1 ] && grep -qE 'No slot|CKR_' out
}

direct=swtpm:path=$tap_dir/run/tpm
managed=tabrmd:bus_type=session,bus_name=com.intel.tss2.Tabrmd

ok 'a TPM for a group starts' start_tpm
ok 'nobody in the group does all that a user does' work "$direct"
ok 'nobody out of the group gets a code' refused "$direct"
ok 'tpm2-abrmd for a group starts' start_resource_manager
ok 'the same through tpm2-abrmd' work "$managed"
ok 'out of the group likewise' refused "$managed"
done_testing
