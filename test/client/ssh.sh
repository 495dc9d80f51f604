#!/bin/bash
# ssh.sh: OpenSSH logs in with keys in the TPM, to an sshd of its own.

client_tpm=--rm         # the agent keeps its connection
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"

make_keys()
{
	make_token
	user --keypairgen --key-type EC:prime256v1 --id 01 --label p256
	user --keypairgen --key-type EC:secp384r1 --id 02 --label p384
	user --keypairgen --key-type EC:secp521r1 --id 03 --label p521
	user --keypairgen --key-type rsa:2048 --id 04 --label rsa
} >keys.log 2>&1

# What asks for the PIN.  ssh-agent runs it from a directory of its own.
write_askpass()
{
	printf '#!/bin/sh\necho "$*" >>%s/asked\necho %s\n' "$PWD" $pin \
	    >askpass
	chmod 700 askpass
	export SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=:0
}

# Root's sshd wants its directory for privilege separation.
start_sshd()
{
	local _

	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f host_key
	for _ in 1 2 3 4 5; do
		port=$(free_port)
		cat >sshd_config <<-END
		ListenAddress 127.0.0.1:$port
		HostKey $PWD/host_key
		PidFile none
		AuthorizedKeysFile $PWD/authorized_keys
		AuthenticationMethods publickey
		StrictModes no
		UsePAM no
		LogLevel VERBOSE
		END
		background sshd.log "$(command -v sshd)" -D -e -f sshd_config
		await eval '! kill -0 "${background_pids[-1]}" 2>/dev/null ||
		    (exec 3<>/dev/tcp/127.0.0.1/$port)' &&
		    kill -0 "${background_pids[-1]}" && break
	done
	sed "s/^/[127.0.0.1]:$port /" host_key.pub >known_hosts
}

log_in()        # OPTION...
{
	: >asked
	timeout 30 ssh -F /dev/null -p "$port" \
	    -o UserKnownHostsFile="$PWD/known_hosts" \
	    -o PasswordAuthentication=no -o BatchMode=no "$@" \
	    "$(id -un)@127.0.0.1" echo 'logged in' >ssh.out 2>ssh.log
	cat ssh.out ssh.log
	[ ! -s ssh.out ] || sed -n 's/.*Accepted publickey.*: /with /p' \
	    sshd.log | tail -n 1
}

public_keys()
{
	# ssh-keygen prints a message of its own for no EC keys at all
	ok 'ssh-keygen -D lists the keys, without login' eval \
	    'SSH_ASKPASS=/bin/false ssh-keygen -D "$P11_MODULE" \
	        >all_keys 2>keygen.log </dev/null; test -s all_keys'
	is '... all four' "$(cut -d' ' -f1 all_keys | sort | xargs)" \
	    'ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 ssh-rsa'
	is '... and says nothing else' "$(cat keygen.log)" ''
	cp all_keys authorized_keys
}

direct()
{
	local type

	for type in nistp256 nistp384 nistp521 ssh-rsa; do
		grep "$type" all_keys >authorized_keys
		says "ssh -I logs in with $type" '^logged in' \
		    log_in -I "$P11_MODULE"
		is '... and asks for the PIN once' \
		    "$(grep -c "PIN for 'gate'" asked)" 1
		is '... says nothing of its own' \
		    "$(grep -vc '^Warning: ' ssh.log)" 0
	done
	grep ssh-rsa all_keys >authorized_keys
	for type in rsa-sha2-256 rsa-sha2-512; do
		says "ssh -I logs in with $type" '^logged in' log_in \
		    -I "$P11_MODULE" -o PubkeyAcceptedAlgorithms=$type
	done
	: >authorized_keys
	fails 'no key is authorized: no login' eval \
	    'log_in -I "$P11_MODULE" | grep "^logged in"'
	cp all_keys authorized_keys
	sed -i "s/^echo.*$/echo 000000/" askpass
	fails 'a wrong PIN: no login' eval \
	    'log_in -I "$P11_MODULE" | grep "^logged in"'
	sed -i "s/^echo 000000$/echo $pin/" askpass
}

agent()
{
	background agent.log ssh-agent -D -a "$PWD/agent.sock" \
	    -P "$(realpath "$P11_MODULE")"
	export SSH_AUTH_SOCK=$PWD/agent.sock
	await test -S agent.sock
	ok 'ssh-add -s adds the token to the agent' \
	    ssh-add -s "$P11_MODULE"
	is '... all four keys' "$(ssh-add -l | grep -c SHA256:)" 4
	for type in nistp256 nistp521 ssh-rsa; do
		grep "$type" all_keys >authorized_keys
		says "ssh by the agent logs in with $type" '^logged in' log_in
		is '... and asks nobody' "$(cat asked)" ''
	done
	grep nistp256 all_keys >p256.pub
	ok 'the agent signs a file with a key that ssh-keygen is shown' eval \
	    'echo text >file && rm -f file.sig &&
	    ssh-keygen -q -Y sign -n file -f p256.pub file &&
	    ssh-keygen -Y check-novalidate -n file -s file.sig <file'
	ok 'ssh-add -e takes the token out' ssh-add -e "$P11_MODULE"
	fails '... with its keys' ssh-add -l
	ok '... and it can be added again' ssh-add -s "$P11_MODULE"
}

make_keys
write_askpass
start_sshd
public_keys
direct
agent
done_testing
